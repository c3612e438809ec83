import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errno, fsProblem, type Problem } from '../problem.ts';
import { writeWhole } from '../write-file.ts';
import { HELD, STORE } from './names.ts';

/** A release that is not to come by the next run of a timer: for somebody rolled it back, or because it was tried and failed. */
export interface Hold {
  /** Its id. */
  readonly release: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it failed; undefined: it was rolled back, so that no other rollback leads to it either. */
  readonly failure?: string;
}

const MOST_FAILURE = 500; // UTF-16 units

/** What is held back in a rule path, oldest first; a line that can't be ours is passed over. */
export async function readHolds(rulePath: string): Promise<readonly Hold[] | Problem> {
  const path = join(rulePath, STORE, HELD);
  try {
    return (await readFile(path, 'utf8')).split('\n').flatMap((line) => {
      const [, release, since, failure] = /^([0-9a-f]{12}) (\d{1,15})(?: (.+))?$/.exec(line) ?? [];
      return release === undefined
        ? []
        : [{ release, since: Number(since), ...(failure !== undefined && { failure }) }];
    });
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return [];
    return fsProblem(error, 'cannot read', path);
  }
}

/** Holds exactly these back; none: nothing any more. The caller has the lock. */
export async function writeHolds(rulePath: string, holds: readonly Hold[], pid: number): Promise<Problem | undefined> {
  const path = join(rulePath, STORE, HELD);
  try {
    if (holds.length === 0) await rm(path, { force: true });
    else {
      await mkdir(join(rulePath, STORE), { recursive: true });
      const lines = holds.map(({ release, since, failure }) => {
        const why = failure?.replace(/\s+/g, ' ').slice(0, MOST_FAILURE).trim();
        return `${release} ${since}${why ? ` ${why}` : ''}\n`;
      });
      await writeWhole(path, lines.join(''), pid);
    }
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot write', path);
  }
}
