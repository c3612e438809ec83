import { copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapLimited } from '../parallel.ts';
import { environmentProblem, errno, errnoText, fsProblem, type Problem } from '../problem.ts';
import { asidePath, LEFTOVER } from './dist.ts';
import type { ReleasePlan } from './plan.ts';

const WRITE_AT_ONCE = 16;
/** Milliseconds after which a temporary file is nobody's any more, even if a process of its number runs. */
const ABANDONED_AFTER = 60 * 60 * 1000;

export interface WriteOptions {
  /** Of this process: temporary files carry it in their name. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One step that can be taken back: the file was put in place, or moved away. */
interface Done {
  readonly path: string;
  /** Where its old content waits; undefined where there was none. */
  readonly old: string | undefined;
}

/** One thing that a plan puts at a place: a text written beside it, or nothing where the file goes. */
interface Step {
  readonly path: string;
  /** undefined: the file is removed. */
  readonly parts: (() => Iterable<string>) | undefined;
  /** Where its text lies already. */
  readonly staged?: string | undefined;
}

/** Carries out one plan, see `applyPlans`. */
export function applyPlan(plan: ReleasePlan, options: WriteOptions): Promise<Problem | undefined> {
  return applyPlans([plan], options);
}

/**
 * Carries out plans, all of them or none. First every new file is written beside its place, which is where a
 * full disk shows; then all are renamed, what is no longer ours is moved away, and the manifests come last. If any
 * step fails, the ones before it are taken back, and the problem says so. Undefined: all went well.
 */
export async function applyPlans(plans: readonly ReleasePlan[], options: WriteOptions): Promise<Problem | undefined> {
  const temporary = (path: string, end: 'tmp' | 'old'): string => asidePath(path, options.pid, end);
  for (const plan of plans) await removeLeftovers(plan, options);
  const steps = [...plans.flatMap(fileSteps), ...plans.flatMap(removalSteps), ...plans.flatMap(manifestStep)];
  const written = steps.filter((step) => step.parts !== undefined);

  let at = '';
  let first: string | undefined;
  try {
    for (const folder of new Set(written.map((step) => dirname(step.path)))) {
      at = folder;
      await mkdir(folder, { recursive: true });
    }
    await mapLimited(written, WRITE_AT_ONCE, async ({ path, parts, staged }) => {
      // What was staged beside its place need not be rendered again.
      if (staged === temporary(path, 'tmp')) return;
      await writeParts(temporary(path, 'tmp'), parts?.() ?? []).catch((error: unknown) => {
        first ??= path;
        throw error;
      });
    });
  } catch (error) {
    const problem = fsProblem(error, 'cannot write', first ?? at);
    await Promise.all(written.map(({ path }) => rm(temporary(path, 'tmp'), { force: true }).catch(() => undefined)));
    return { ...problem, message: `${problem.message}. Nothing was changed.` };
  }

  const done: Done[] = [];
  try {
    for (const { path, parts } of steps) {
      at = path;
      const old = temporary(path, 'old');
      if (parts) done.push(await replace(path, temporary(path, 'tmp'), old));
      else if (await moveAway(path, old)) done.push({ path, old });
    }
  } catch (error) {
    const failed = await takeBack(done);
    await Promise.all(
      written.flatMap(({ path }) => [
        rm(temporary(path, 'tmp'), { force: true }).catch(() => undefined),
        // The one that failed may have kept its old content aside already; what could not be taken back keeps it.
        failed.has(path) ? undefined : rm(temporary(path, 'old'), { force: true }).catch(() => undefined),
      ]),
    );
    return afterFailure(fsProblem(error, 'cannot write', at), failed);
  }
  await mapLimited(done, WRITE_AT_ONCE, async ({ old }) => {
    if (old !== undefined) await rm(old, { force: true }).catch(() => undefined);
  });
  return undefined;
}

function fileSteps({ out, files }: ReleasePlan): Step[] {
  const changed = files.filter((file) => file.change !== 'unchanged');
  return changed.map((file) => {
    return { path: join(out, 'rules', file.fileName), parts: () => file.parts(), staged: file.staged };
  });
}

function removalSteps({ out, removed }: ReleasePlan): Step[] {
  return removed.map(({ fileName }) => ({ path: join(out, 'rules', fileName), parts: undefined }));
}

function manifestStep({ out, manifest: { text, changed } }: ReleasePlan): Step[] {
  if (!changed) return [];
  return [{ path: join(out, 'manifest.json'), parts: text === undefined ? undefined : () => [text] }];
}

/** Writes a new file, never through a link that somebody laid there. */
async function writeParts(path: string, parts: Iterable<string>): Promise<void> {
  await rm(path, { force: true });
  const handle = await open(path, 'wx', 0o644);
  try {
    for (const part of parts) await handle.writeFile(part);
  } finally {
    await handle.close();
  }
}

/** False where another build of this checkout has removed it already. */
async function moveAway(path: string, old: string): Promise<boolean> {
  try {
    await rename(path, old);
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Puts a written file in place by one rename, so that a reader sees the old or the new one, never none or a half. */
async function replace(path: string, written: string, old: string): Promise<Done> {
  const kept = await keep(path, old);
  await rename(written, path);
  return { path, old: kept ? old : undefined };
}

/** A second name for the old content, or a copy where the file system has no hard links; false where there is none. */
async function keep(path: string, old: string): Promise<boolean> {
  await rm(old, { force: true });
  try {
    await link(path, old);
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
  }
  await copyFile(path, old);
  return true;
}

/** Takes steps back, the last one first; gives the paths where that failed, and why. */
async function takeBack(done: readonly Done[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const { path, old } of [...done].reverse()) {
    try {
      if (old === undefined) await rm(path, { force: true });
      else await rename(old, path);
    } catch (error) {
      failed.set(path, errnoText(error));
    }
  }
  return failed;
}

function afterFailure(problem: Problem, failed: ReadonlyMap<string, string>): Problem {
  if (failed.size === 0) {
    return { ...problem, message: `${problem.message}. The files written before it were put back as they were.` };
  }
  const list = [...failed].map(([path, why]) => `${path} (${why})`).join(', ');
  return environmentProblem(
    `${problem.message}. These files could not be put back and now differ from the manifest: ${list}.`,
    `${problem.help ?? ''} Then build again: it compares every file and mends what differs.`.trim(),
  );
}

/** Deletes what a build that was killed left behind, but not what one that still runs is about to rename. */
async function removeLeftovers(plan: ReleasePlan, options: WriteOptions): Promise<void> {
  const staged = new Set(plan.files.map((file) => file.staged));
  for (const name of plan.leftovers) {
    const path = join(plan.out, name);
    if (staged.has(path)) continue;
    const pid = Number(LEFTOVER.exec(name.replace(/^rules\//, ''))?.[1]);
    const entry = await stat(path).catch(() => undefined);
    const recent = entry !== undefined && options.now - entry.mtimeMs < ABANDONED_AFTER;
    if (pid !== options.pid && recent && isRunning(pid)) continue;
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errno(error) === 'EPERM';
  }
}
