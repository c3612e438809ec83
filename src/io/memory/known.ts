import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Knowing a file again without reading it, as git does. A file whose content was read keeps it while its size,
 * times, inode and device stay, except where it was changed again within one tick of the clock: such a file is
 * read the next time too.
 */
export interface KnownFile {
  /** Below the folder that it belongs to, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** How it looked when its content was read. */
  readonly signature?: string;
}

/** Nanoseconds: times of common file systems come from a clock that ticks this often; those of some have whole seconds. */
const TICK = 20_000_000n;
const COARSE_TICK = 2_000_000_000n;
const SECOND = 1_000_000_000n;

/**
 * The same list where every file is known again by its looks; one with new signatures where some had to be read;
 * undefined where some file is not what it was. `now` in milliseconds since 1970.
 */
export function lookAgain<T extends KnownFile>(
  folder: string,
  files: readonly T[],
  now: number,
): readonly T[] | undefined {
  let learnt = false;
  const again: T[] = [];
  for (const file of files) {
    const path = join(folder, file.path);
    const before = look(path);
    if (!before) return undefined;
    if (before.text === file.signature) {
      again.push(file);
      continue;
    }
    if (sha256Of(path) !== file.sha256) return undefined;
    const { signature: _, ...rest } = file;
    const after = look(path);
    const settled = after?.text === before.text && before.settled(now);
    again.push((settled ? { ...rest, signature: before.text } : rest) as T);
    learnt ||= settled || file.signature !== undefined;
  }
  return learnt ? again : files;
}

/** All files below a folder, by path with `/`; none where there is no such folder. */
export function namesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

function look(path: string): { readonly text: string; settled(now: number): boolean } | undefined {
  const entry = entryOf(path);
  if (!entry?.isFile()) return undefined;
  const { mtimeNs, ctimeNs, size, ino, dev } = entry;
  const tick = mtimeNs % SECOND === 0n || ctimeNs % SECOND === 0n ? COARSE_TICK : TICK;
  const youngest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return {
    text: `${mtimeNs} ${ctimeNs} ${size} ${ino} ${dev}`,
    settled: (now) => youngest + tick <= BigInt(Math.trunc(now)) * 1_000_000n,
  };
}

function entryOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function sha256Of(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
