import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import { type Dist, digest, type ManifestRow, readOwn } from './dist.ts';
import type { ReleaseFile } from './stage.ts';
import { openStage, type Stage } from './stage.ts';

export interface PlannedFile extends ReleaseFile {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly change: 'created' | 'changed' | 'unchanged';
  /** Where its text lies already, if it was staged. */
  readonly staged?: string;
}

/** What a build does to `dist/`, as data: `apply` carries it out, `check` only looks at it. */
export interface ReleasePlan {
  readonly out: string;
  /** Every file of the release, sorted by name. */
  readonly files: readonly PlannedFile[];
  /** Files of ours that the release has no more. */
  readonly removed: readonly { readonly fileName: string; readonly groupId: string }[];
  /** Stale files that `--group` leaves as they are. */
  readonly left: readonly string[];
  /** Without a text it is removed: nothing is released from here any more. */
  readonly manifest: { readonly text: string | undefined; readonly changed: boolean };
  readonly leftovers: readonly string[];
}

type RenderManifest = (rows: readonly ManifestRow[]) => string;

/**
 * Compares a release with what is on disk. Reads and renders every file, once; writes nothing but what `stage`
 * puts aside, which whoever opened it discards.
 */
export async function planRelease(
  dist: Dist,
  release: readonly ReleaseFile[],
  renderManifest: RenderManifest,
  stage: Stage = openStage({ writing: false, pid: 0 }),
): Promise<ReleasePlan | Problem> {
  let at = join(dist.out, 'rules');
  try {
    const files: PlannedFile[] = [];
    for (const file of release) {
      const path = join(dist.out, 'rules', file.fileName);
      at = path;
      const entry = await lstat(path).catch(() => undefined);
      if (entry?.isDirectory()) {
        return environmentProblem(`${path} is a directory; a compiled file belongs there.`, 'Move it away.');
      }
      const { sha256, sizeBytes, same, path: staged } = stage.take(file, path, entry);
      files.push({
        fileName: file.fileName,
        groupId: file.groupId,
        ruleCount: file.ruleCount,
        parts: () => file.parts(),
        sizeBytes,
        sha256,
        change: same ? 'unchanged' : entry ? 'changed' : 'created',
        ...(staged !== undefined && { staged }),
      });
    }
    files.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
    const names = new Set(files.map((file) => file.fileName));
    const removed = dist.owned
      .filter((name) => !names.has(name))
      .map((fileName) => ({ fileName, groupId: groupIdOf(dist, fileName) }));
    const manifest = manifestOf(dist, files.map(rowOf), renderManifest);
    return { out: dist.out, files, removed, left: [], manifest, leftovers: dist.leftovers };
  } catch (error) {
    // What promtool is to judge is put elsewhere: there the disk may be full where here it isn't.
    const place = (error as { readonly path?: unknown }).path;
    const elsewhere = typeof place === 'string' && dirname(place) !== dirname(at) ? place : at;
    const problem = fsProblem(error, 'cannot write', elsewhere);
    return { ...problem, message: `${problem.message}. Nothing was changed.` };
  }
}

/**
 * The part of a plan that these groups need. Where a group's region grows, another's shrinks: a file
 * goes along if it has, or had, a rule of a name that a file which is written has or had, and so on
 * until no more follow; writing less could page twice or not at all. The manifest describes what is
 * then in `dist/`.
 */
export async function restrictPlan(
  dist: Dist,
  plan: ReleasePlan,
  groups: ReadonlySet<string>,
  renderManifest: RenderManifest,
): Promise<ReleasePlan | Problem> {
  try {
    const pending = new Map<string, { readonly groupId: string; readonly rules: ReadonlySet<string> }>();
    for (const file of plan.files) {
      if (file.change === 'unchanged') continue;
      const old = await readOwn(join(dist.out, 'rules', file.fileName));
      const rules = new Set([...ruleNames([...file.parts()].join('')), ...ruleNames(old?.toString('utf8') ?? '')]);
      pending.set(file.fileName, { groupId: file.groupId, rules });
    }
    for (const { fileName, groupId } of plan.removed) {
      const old = await readOwn(join(dist.out, 'rules', fileName));
      pending.set(fileName, { groupId, rules: ruleNames(old?.toString('utf8') ?? '') });
    }
    const chosen = closure(pending, groups);
    const rows: ManifestRow[] = [];
    for (const file of plan.files) {
      if (file.change === 'unchanged' || chosen.has(file.fileName)) rows.push(rowOf(file));
      else if (file.change === 'changed') rows.push(await rowOnDisk(dist, file.fileName));
    }
    for (const { fileName } of plan.removed) if (!chosen.has(fileName)) rows.push(await rowOnDisk(dist, fileName));
    return {
      ...plan,
      files: plan.files.filter((file) => file.change === 'unchanged' || chosen.has(file.fileName)),
      removed: plan.removed.filter((file) => chosen.has(file.fileName)),
      left: [...pending.keys()].filter((name) => !chosen.has(name)).sort(),
      manifest: manifestOf(dist, rows, renderManifest),
    };
  } catch (error) {
    return fsProblem(error, 'cannot read', join(dist.out, 'rules'));
  }
}

/** Every file that the plan changes, creates or removes, and the manifest where it changes: what makes `dist/` stale. */
export function staleFiles(plan: ReleasePlan): string[] {
  const names = plan.files.filter((file) => file.change !== 'unchanged').map((file) => file.fileName);
  const stale = [...names, ...plan.removed.map((file) => file.fileName)].sort();
  return plan.manifest.changed ? [...stale, 'manifest.json'] : stale;
}

/** Size and time of what is on disk, for `files`; undefined where it is gone. */
export async function fileStat(path: string): Promise<{ size: number; modified: Date } | undefined> {
  const entry = await stat(path).catch(() => undefined);
  return entry?.isFile() ? { size: entry.size, modified: entry.mtime } : undefined;
}

/** How many rules a compiled text has: our emitter writes each rule's name on a line of its own. */
export function countRules(text: string): number {
  return text.match(RULE_NAME)?.length ?? 0;
}

const RULE_NAME = /^ {6}- (?:alert|record): .*$/gm;

function ruleNames(text: string): Set<string> {
  return new Set(text.match(RULE_NAME) ?? []);
}

function closure(
  pending: ReadonlyMap<string, { readonly groupId: string; readonly rules: ReadonlySet<string> }>,
  groups: ReadonlySet<string>,
): Set<string> {
  const chosen = new Set<string>();
  const rules = new Set<string>();
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size;
    for (const [name, file] of pending) {
      if (chosen.has(name)) continue;
      if (!groups.has(file.groupId) && ![...file.rules].some((rule) => rules.has(rule))) continue;
      chosen.add(name);
      for (const rule of file.rules) rules.add(rule);
    }
  }
  return chosen;
}

function rowOf(file: PlannedFile): ManifestRow {
  const { groupId, ruleCount, sizeBytes, sha256 } = file;
  return { file: `rules/${file.fileName}`, group_id: groupId, rule_count: ruleCount, size_bytes: sizeBytes, sha256 };
}

async function rowOnDisk(dist: Dist, fileName: string): Promise<ManifestRow> {
  const bytes = (await readOwn(join(dist.out, 'rules', fileName))) ?? Buffer.alloc(0);
  const { sha256, size } = digest([bytes]);
  return {
    file: `rules/${fileName}`,
    group_id: groupIdOf(dist, fileName),
    rule_count: countRules(bytes.toString('utf8')),
    size_bytes: size,
    sha256,
  };
}

/** The group of a file on disk: as the manifest says, else as its name tells. */
export function groupIdOf(dist: Dist, fileName: string): string {
  const row = dist.rows.get(fileName);
  return row && row.group_id !== '' ? row.group_id : fileName.replace(/^group-/, '').replace(/\.yml$/, '');
}

function manifestOf(dist: Dist, rows: readonly ManifestRow[], render: RenderManifest): ReleasePlan['manifest'] {
  const text = render([...rows].sort((a, b) => (a.file < b.file ? -1 : 1)));
  return { text, changed: text !== dist.manifestText };
}
