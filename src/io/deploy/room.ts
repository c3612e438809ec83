import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entry, makeDirectory, type Owner, writeNew } from './disk.ts';
import { SPARE } from './names.ts';

/**
 * Room that is kept in reserve for going back: on a full disk a rollback gives it up, file by file, for the few that it
 * needs itself (its lock, its journal, the list of what it shows). Of what it shows nothing is written, for that lies there.
 */

/** Bytes of a file that holds some: the block of most file systems. */
const BLOCK = 4096;
/** A rollback makes some ten small files and folders. */
const FIXED = 16;
/** A release of many files needs a block for so many of its names … */
const NAMES_IN_BLOCK = 50;
/** … and where each name counts as a file (in memory), one file for each name, up to so many. */
const MOST_NAMES = 240;

/** Fills up what is kept for going back among releases of so many files. Nobody misses what can't be had now. */
export function keepRoom(
  { store, owner }: { readonly store: string; readonly owner: Owner },
  filesCount: number,
): void {
  const folder = join(store, SPARE);
  const full = FIXED + Math.ceil(filesCount / NAMES_IN_BLOCK);
  const empty = Math.min(filesCount, MOST_NAMES);
  try {
    makeDirectory(folder, owner);
    const there = new Set(readdirSync(folder));
    const fill = (kind: string, count: number, bytes: Buffer): void => {
      for (let n = 1; n <= count; n += 1) {
        const name = `${kind}${String(n).padStart(4, '0')}`;
        if (!there.has(name)) writeNew(join(folder, name), bytes, owner, []);
      }
    };
    fill('block', full, Buffer.alloc(BLOCK, '-'));
    fill('name', empty, Buffer.alloc(0));
  } catch {
    // The next deploy tries again.
  }
}

/** Gives up a little of it, what holds bytes first; false where there is none. */
export function giveRoom(store: string): boolean {
  const folder = join(store, SPARE);
  const name = entry(folder)?.isDirectory() ? readdirSync(folder).sort()[0] : undefined;
  if (name === undefined) return false;
  rmSync(join(folder, name), { recursive: true, force: true });
  return true;
}
