import type { Span } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';
import { isHandle } from '../model/handles.ts';

/** A source file and who must look at its changes. */
export interface OwnedFile {
  /** From the repository's root. */
  readonly path: string;
  /** Handles, in the order of their first mention; none is there twice. */
  readonly owners: readonly string[];
}

export interface Ownership {
  /** Files that somebody owns, sorted by path. */
  readonly files: readonly OwnedFile[];
  /** Owners without a handle, sorted, each with the first place that names it. */
  readonly unknown: readonly { readonly owner: string; readonly span: Span }[];
}

/** Who owns which source: the owners of its rules, or of its groups. A file that names none has none. */
export function ownership({ rules, tree, config }: Pick<Program, 'rules' | 'tree' | 'config'>): Ownership {
  const said = [
    ...rules.map(({ rule }) => ({ owner: rule.owner, span: rule.span, path: rule.group.file.path })),
    ...[...tree.byId.values()].map(({ written, span }) => ({
      owner: written?.owner?.value,
      span,
      path: span.file.path,
    })),
  ];
  const files = new Map<string, Set<string>>();
  const unknown = new Map<string, Span>();
  for (const { owner, span, path } of said) {
    if (owner === undefined || owner.trim() === '') continue;
    const handles = config.owners.get(owner) ?? (isHandle(owner) ? [owner] : undefined);
    if (handles === undefined && !unknown.has(owner)) unknown.set(owner, span);
    const owners = files.get(path) ?? new Set();
    for (const handle of handles ?? []) owners.add(handle);
    files.set(path, owners);
  }
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return {
    files: [...files]
      .filter(([, owners]) => owners.size > 0)
      .map(([path, owners]) => ({ path, owners: [...owners] }))
      .sort((a, b) => compare(a.path, b.path)),
    unknown: [...unknown].map(([owner, span]) => ({ owner, span })).sort((a, b) => compare(a.owner, b.owner)),
  };
}
