import { goGlob } from '../ground/go-glob.ts';

/** Whether a server's `rule_files` lead to the rule path, which the server may see in another place than we do. */
export type Coverage =
  /** `folder` is the rule path as the server sees it; `sure` is false where only the globs speak for it. */
  | { readonly kind: 'covered'; readonly folder: string; readonly sure: boolean }
  /** Names of rule files that no glob matches, though others are; all of them where nothing matches. */
  | { readonly kind: 'uncovered'; readonly folder: string | undefined; readonly missed: readonly string[] }
  /** Files of ours that are no rules would be loaded as such. */
  | { readonly kind: 'too-wide'; readonly folder: string; readonly loaded: readonly string[] };

export interface CoverageInput {
  /** The server's `rule_files`, absolute. */
  readonly globs: readonly string[];
  /** The rule path as we see it: as configured, and with links resolved. Absolute. */
  readonly rulePaths: readonly string[];
  /** Names of rule files that must be loaded, relative to the rule path. */
  readonly rules: readonly string[];
  /** What else of ours lies there, relative to the rule path. */
  readonly others: readonly string[];
  /** Paths of the files that the server has loaded, as it sees them. */
  readonly loaded: readonly string[];
}

/**
 * Finds the rule path as the server sees it: where we see it, else where it has files of ours loaded, else where a glob
 * leads whose last folders are called as ours, else the one place where globs lead.
 */
export function coverage({ globs, rulePaths, rules, others, loaded }: CoverageInput): Coverage {
  const matched = (path: string): boolean => globs.some((glob) => goGlob(glob, path));
  const missedIn = (folder: string): string[] => rules.filter((name) => !matched(join(folder, name)));
  const own = rulePaths.map(trimmed);
  const seen = loadedFolders(loaded, new Set(rules));
  const mounted = globs.flatMap((glob) => mountOf(glob, own[0] ?? ''));
  const ranked = [...new Set(mounted)].sort((a, b) => tail(b, own) - tail(a, own));
  const candidates = [...own, ...seen, ...ranked];
  const folder = candidates.find((candidate) => missedIn(candidate).length === 0);
  if (folder === undefined) {
    const partly = candidates
      .map((candidate) => ({ candidate, missed: missedIn(candidate) }))
      .filter(({ missed }) => missed.length < rules.length)
      .sort((a, b) => a.missed.length - b.missed.length)[0];
    return { kind: 'uncovered', folder: partly?.candidate, missed: partly?.missed ?? rules };
  }
  const wrong = others.filter((name) => matched(join(folder, name)));
  if (wrong.length > 0) return { kind: 'too-wide', folder, loaded: wrong };
  return { kind: 'covered', folder, sure: own.includes(folder) || seen.includes(folder) || tail(folder, own) > 0 };
}

/** The folders that hold loaded files of our names, the one with the most first. */
function loadedFolders(loaded: readonly string[], names: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const path of loaded) {
    const cut = path.lastIndexOf('/');
    if (cut < 0 || !names.has(path.slice(cut + 1))) continue;
    const folder = path.slice(0, cut);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([folder]) => folder);
}

/** The folder in which a glob finds files; its wildcards stand for what the rule path has at that place from its end. */
function mountOf(glob: string, rulePath: string): string[] {
  const parts = glob.split('/').slice(0, -1);
  const ours = rulePath.split('/');
  const filled = parts.map((part, index) => (/[*?[\\]/.test(part) ? ours.at(index - parts.length) : part));
  return parts.length === 0 || filled.includes(undefined) ? [] : [filled.join('/')];
}

/** How many folders two paths have in common, counted from their ends. */
function tail(path: string, others: readonly string[]): number {
  const mine = path.split('/').reverse();
  const common = others.map((other) => {
    const theirs = other.split('/').reverse();
    const end = mine.findIndex((part, index) => part === '' || part !== theirs[index]);
    return end < 0 ? mine.length : end;
  });
  return Math.max(0, ...common);
}

const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, '');

const join = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`;
