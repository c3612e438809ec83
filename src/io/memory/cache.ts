import { createHash } from 'node:crypto';
import { type FileHandle, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openRegular } from '../regular.ts';
import { isInside } from '../sources/walk.ts';
import { writeWhole } from '../write-file.ts';
import { cachePlace, isOurs, realOf } from './cache-place.ts';
import { prune } from './cache-prune.ts';

/**
 * What may be known again without being worked out again: a folder of the user's that can be deleted at any
 * moment and shared by runs at once. An entry is one file, renamed into place, that begins with the SHA-256 of
 * the rest: a half, a damaged or a foreign one is as none. Nothing here ever fails a command.
 */
export interface Cache {
  readonly directory: string;
  /** The text kept under a key; undefined where there is none that is whole. */
  read(kind: string, key: string): Promise<string | undefined>;
  write(kind: string, key: string, text: string): Promise<void>;
  /** The path of a file of a kind's own making; the folder it lies in is there. */
  place(kind: string, name: string): Promise<string | undefined>;
  /** Deletes what was long not used and what is too much, at most once a day. */
  tidy(now: number): Promise<void>;
}

export interface CacheOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute: the repository, inside of which no cache may lie. */
  readonly root: string;
  readonly pid: number;
}

/** A part of the path, so that an older program does not meet what a newer one keeps. */
const FORMAT = 'v1';
/** Bytes of a SHA-256 in hexadecimal and the line break behind it. */
const HEAD = 65;
/** Milliseconds: an entry that was read is marked as used once in so long. */
const MARK_USED_AFTER = 12 * 60 * 60 * 1000;

/**
 * The cache that the environment names: `RULEWRIGHT_CACHE` (a directory, or `off`), else `rulewright` in the
 * user's cache directory. Undefined where there is none, or none that can be trusted: whoever can write to it could
 * tell us that rules passed which nobody judged, so it is the user's alone and never lies in the repository,
 * which a pull request can fill.
 */
export async function openCache({ env, root, pid }: CacheOptions): Promise<Cache | undefined> {
  const directory = cachePlace(env, FORMAT);
  if (directory === undefined || isInside(realOf(root), directory) || !isOurs(directory)) return undefined;
  const pathOf = (kind: string, key: string): string => join(directory, kind, key.slice(0, 2), key);
  return {
    directory,
    read: (kind, key) => readEntry(pathOf(kind, key)),
    write: (kind, key, text) => writeEntry(pathOf(kind, key), text, pid),
    place: async (kind, name) => {
      const path = join(directory, kind, name);
      return mkdir(dirname(path), { recursive: true, mode: 0o700 }).then(
        () => path,
        () => undefined,
      );
    },
    tidy: (now) => prune(directory, now, pid),
  };
}

/** A SHA-256 in hexadecimal of parts that can't run into one another. */
export function cacheKey(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)} `).update(part);
  return hash.digest('hex');
}

async function readEntry(path: string): Promise<string | undefined> {
  const handle = await openRegular(path);
  try {
    const bytes = await handle?.readFile();
    const body = bytes?.subarray(HEAD);
    if (!handle || !bytes || !body) return undefined;
    const sum = createHash('sha256').update(body).digest('hex');
    if (bytes.subarray(0, HEAD).toString('latin1') !== `${sum}\n`) return undefined;
    await markUsed(handle);
    return body.toString('utf8');
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

async function markUsed(handle: FileHandle): Promise<void> {
  const entry = await handle.stat();
  const now = new Date();
  if (now.getTime() - entry.mtimeMs > MARK_USED_AFTER) await handle.utimes(now, now);
}

async function writeEntry(path: string, text: string, pid: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const body = Buffer.from(text);
    const head = Buffer.from(`${createHash('sha256').update(body).digest('hex')}\n`);
    await writeWhole(path, [head, body], pid, 0o600);
  } catch {
    // Nobody misses what can't be kept.
  }
}
