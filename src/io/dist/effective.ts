import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '../parallel.ts';
import { environmentProblem, errno, fsProblem, type Problem } from '../problem.ts';
import { readOwn } from './dist.ts';

const FOLDER = 'effective';
const AT_ONCE = 16;
/** What the folder's index begins with, by which we know it as ours. */
const MARK = '{"compiled_by":"rulewright"';
const OURS = /^(?:index|labels|bases)\.json$|^(?:rules|sets|targets)\/[^/]+\.json$/;
/** What we call the folder while it is not yet, or no longer, in place. */
const ASIDE = /^\.effective\.\d+\.(?:tmp|old)$/;
/** Milliseconds after which a folder aside is nobody's any more. */
const ABANDONED_AFTER = 60 * 60 * 1000;

/**
 * Makes `effective/` below an output directory hold exactly these files: all are written beside it,
 * then the folders change places, so that a reader never sees a half. Nothing is written where nothing
 * changed; no files at all remove the folder. `digest` of what lies there is compared byte by byte.
 */
export async function writeEffective(
  out: string,
  files: ReadonlyMap<string, string>,
  { pid, now }: { readonly pid: number; readonly now: number },
): Promise<Problem | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      await removeAbandoned(out, now);
      const problem = await putInPlace(out, files, pid);
      // The names of one folder with the index of another look like somebody else's; looked at again, they don't.
      if (!problem || tries > DOUBTS) return problem;
    } catch (error) {
      await rm(asidePlace(out, pid, 'tmp'), { recursive: true, force: true }).catch(() => undefined);
      // Another build of this checkout moved the folder away, or put its own there, between our look and our step.
      if (tries > MOST_TRIES || !RACES.has(errno(error))) {
        const problem = fsProblem(error, 'cannot write', join(out, FOLDER));
        const left = 'The rules were written; what is in effect was left as it was.';
        return { ...problem, message: `${problem.message}. ${left}` };
      }
    }
    // Not in step with the others.
    await sleep((pid % 7) * tries);
  }
}

async function putInPlace(out: string, files: ReadonlyMap<string, string>, pid: number): Promise<Problem | undefined> {
  const place = join(out, FOLDER);
  const [written, old] = [asidePlace(out, pid, 'tmp'), asidePlace(out, pid, 'old')];
  const there = await ourFiles(place);
  if (there && 'code' in there) return there;
  if (there && (await isSame(place, there, files))) return undefined;
  if (!there && files.size === 0) return undefined;
  await rm(written, { recursive: true, force: true });
  if (files.size > 0) await writeAll(written, files);
  await rm(old, { recursive: true, force: true });
  if (there) await rename(place, old);
  if (files.size > 0) {
    await rename(written, place).catch(async (error: unknown) => {
      // Where another build has put its own there meanwhile, that one stays.
      if (there) await rename(old, place).catch(() => undefined);
      throw error;
    });
  }
  await rm(old, { recursive: true, force: true });
  return undefined;
}

function asidePlace(out: string, pid: number, end: 'tmp' | 'old'): string {
  return join(out, `.${FOLDER}.${pid}.${end}`);
}

/** Builds at once that a checkout is expected to see, and then some. */
const MOST_TRIES = 20;
/** Looks that are taken again at a folder which seems to be somebody else's. */
const DOUBTS = 3;
const RACES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST']);

/** The files of a folder that is ours, sorted; undefined where there is none; a problem where it is somebody else's. */
async function ourFiles(place: string): Promise<readonly string[] | Problem | undefined> {
  const entry = await lstat(place).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!entry) return undefined;
  const foreign = environmentProblem(
    `${place} is not what rulewright wrote there: nothing in it is touched. The rules were written.`,
    'Move it away; the rules in effect are written there.',
  );
  if (!entry.isDirectory()) return foreign;
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const names = entries.flatMap((e) => (e.isDirectory() ? [] : [join(e.parentPath, e.name).slice(place.length + 1)]));
  if (names.length === 0) return [];
  const mark = (await readOwn(join(place, 'index.json')))?.subarray(0, MARK.length).toString('latin1');
  if (mark !== MARK || names.some((name) => !OURS.test(name.replaceAll('\\', '/')))) return foreign;
  return names.map((name) => name.replaceAll('\\', '/')).sort();
}

async function isSame(place: string, there: readonly string[], files: ReadonlyMap<string, string>): Promise<boolean> {
  if (there.length !== files.size || !there.every((name) => files.has(name))) return false;
  const same = await mapLimited(there, AT_ONCE, async (name) =>
    (await readOwn(join(place, name)))?.equals(Buffer.from(files.get(name) ?? '')),
  );
  return same.every((equal) => equal === true);
}

async function writeAll(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const sub of new Set([...files.keys()].map((path) => dirname(join(folder, path))))) {
    await mkdir(sub, { recursive: true });
  }
  await mapLimited([...files], AT_ONCE, ([path, text]) => writeFile(join(folder, path), text, { flag: 'wx' }));
}

/** What a build that was killed left behind; one that still runs is younger than that. */
async function removeAbandoned(out: string, now: number): Promise<void> {
  for (const name of (await readdir(out).catch(() => [])).filter((n) => ASIDE.test(n))) {
    const entry = await lstat(join(out, name)).catch(() => undefined);
    if (entry && now - entry.mtimeMs > ABANDONED_AFTER) await rm(join(out, name), { recursive: true, force: true });
  }
}
