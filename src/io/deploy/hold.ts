import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fsProblem, type Problem } from '../problem.ts';
import { entry, makeDirectory, readIfThere, remove, syncDirectory, writeNew } from './disk.ts';
import { HELD, STORE } from './names.ts';
import { inPlace, type Place } from './place.ts';

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
    return (readIfThere(path)?.toString('utf8') ?? '').split('\n').flatMap((line) => {
      const [, release, since, failure] = /^([0-9a-f]{12}) (\d{1,15})(?: (.+))?$/.exec(line) ?? [];
      return release === undefined
        ? []
        : [{ release, since: Number(since), ...(failure !== undefined && { failure }) }];
    });
  } catch (error) {
    return fsProblem(error, 'cannot read', path);
  }
}

/**
 * Holds exactly these back, and waits until that is on the disk; none: nothing any more. The caller has the lock. `room`:
 * a rollback does, which may use what is kept for it.
 */
export async function writeHolds(
  rulePath: string,
  holds: readonly Hold[],
  { room = false } = {},
): Promise<Problem | undefined> {
  try {
    inPlace(rulePath, (place) => put(place, holds), { room });
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot write', join(rulePath, STORE, HELD));
  }
}

function put({ store, owner }: Place, holds: readonly Hold[]): void {
  const path = join(store, HELD);
  if (holds.length === 0) {
    if (!entry(path)) return;
    remove(path);
  } else {
    // No other run writes it, for we have the lock; one that a dead run left is in nobody's way.
    const temporary = join(store, `.${HELD}.new`);
    makeDirectory(store, owner);
    const lines = holds.map(({ release, since, failure }) => {
      const why = failure?.replace(/\s+/g, ' ').slice(0, MOST_FAILURE).trim();
      return `${release} ${since}${why ? ` ${why}` : ''}\n`;
    });
    remove(temporary);
    writeNew(temporary, lines.join(''), owner);
    // Over what is no file (somebody made a folder of it) nothing could be renamed.
    if (entry(path)?.isFile() === false) remove(path);
    renameSync(temporary, path);
  }
  syncDirectory(store);
}
