import { renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errno, fsProblem, type Problem } from '../problem.ts';
import { entry, makeDirectory, remove, syncDirectory, writeNew } from './disk.ts';
import { HELD, STORE } from './names.ts';
import { placeOf } from './place.ts';

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

/** Holds exactly these back, and waits until that is on the disk; none: nothing any more. The caller has the lock. */
export async function writeHolds(rulePath: string, holds: readonly Hold[]): Promise<Problem | undefined> {
  const store = join(rulePath, STORE);
  const path = join(store, HELD);
  // No other run writes it, for we have the lock; one that a dead run left is in nobody's way.
  const temporary = join(store, `.${HELD}.new`);
  try {
    if (holds.length === 0) {
      if (!entry(path)) return undefined;
      remove(path);
    } else {
      const { owner } = placeOf(rulePath);
      makeDirectory(store, owner);
      const lines = holds.map(({ release, since, failure }) => {
        const why = failure?.replace(/\s+/g, ' ').slice(0, MOST_FAILURE).trim();
        return `${release} ${since}${why ? ` ${why}` : ''}\n`;
      });
      remove(temporary);
      writeNew(temporary, lines.join(''), owner);
      renameSync(temporary, path);
    }
    syncDirectory(store);
    return undefined;
  } catch (error) {
    discard(temporary);
    return fsProblem(error, 'cannot write', path);
  }
}

function discard(path: string): void {
  try {
    remove(path);
  } catch {
    // The next run does it.
  }
}
