import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errno, fsProblem, type Problem } from '../problem.ts';
import { writeWhole } from '../write-file.ts';
import { HELD, STORE } from './names.ts';

/** A release that somebody rolled back: it is not to come back by the next run of a timer. */
export interface Hold {
  /** Its id. */
  readonly release: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The hold of a rule path; undefined where there is none, or where what stands there can't be one. */
export async function readHold(rulePath: string): Promise<Hold | undefined | Problem> {
  const path = join(rulePath, STORE, HELD);
  try {
    const [release = '', since = ''] = (await readFile(path, 'utf8')).trim().split(' ');
    return /^[0-9a-f]{12}$/.test(release) && /^\d{1,15}$/.test(since) ? { release, since: Number(since) } : undefined;
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined;
    return fsProblem(error, 'cannot read', path);
  }
}

/** Holds a release back. The caller has the lock. */
export async function writeHold(rulePath: string, hold: Hold, pid: number): Promise<Problem | undefined> {
  const path = join(rulePath, STORE, HELD);
  try {
    await mkdir(join(rulePath, STORE), { recursive: true });
    await writeWhole(path, `${hold.release} ${hold.since}\n`, pid);
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot write', path);
  }
}

/** Holds nothing back any more. The caller has the lock. */
export async function dropHold(rulePath: string): Promise<Problem | undefined> {
  const path = join(rulePath, STORE, HELD);
  try {
    await rm(path, { force: true });
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot delete', path);
  }
}
