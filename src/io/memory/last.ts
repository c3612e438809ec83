import type { GroupOutline } from '../../core/change/narrow.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import type { Sources } from '../../core/ground/sources.ts';
import { readPiece } from '../regular.ts';
import { writeWhole } from '../write-file.ts';
import type { Cache } from './cache.ts';
import { cacheKey } from './cache.ts';
import { type Circumstances, type Digests, filesOf, sha256Of } from './record.ts';

/** The last build of a repository to a place: what its sources were, so that it can be told what changed since. */
export interface Last {
  readonly version: 1;
  /** All that a build hangs on beside its sources. */
  readonly around: string;
  /** The key of the build's record. */
  readonly record: string;
  /** SHA-256 of each source, in the order of `filesOf`. */
  readonly sources: readonly (readonly [path: string, sha256: string])[];
  readonly groups: readonly GroupOutline[];
  /** The file that holds the texts of group files, and which piece of it is whose: by SHA-256, offset and length in bytes. */
  readonly pack: string;
  readonly packed: Readonly<Record<string, readonly [offset: number, length: number]>>;
}

const KIND = 'last';
const TEXTS = 'texts';
/** Bytes: more than this is not kept only to be quick. */
const MOST_TEXT = 64 * 1024 * 1024;

export function aroundOf({ program, out, today, judge, env }: Circumstances): string {
  const settings = Object.keys(env).filter((name) => /^(?:PROMETHEUS|PROMTOOL)_/.test(name));
  return cacheKey(program, out, today, judge, ...settings.sort().map((name) => `${name}=${env[name] ?? ''}`));
}

const keyOf = (root: string, { program, out }: Circumstances): string => cacheKey(root, program, out);

export async function readLast(cache: Cache, root: string, circumstances: Circumstances): Promise<Last | undefined> {
  const text = await cache.read(KIND, keyOf(root, circumstances));
  const last = text === undefined ? undefined : (JSON.parse(text) as Last);
  return last?.version === 1 && last.around === aroundOf(circumstances) ? last : undefined;
}

/** Keeps what a build was made of, the texts of groups with it. */
export async function writeLast(
  cache: Cache,
  root: string,
  circumstances: Circumstances,
  {
    sources,
    digests,
    groups,
    record,
    pid,
  }: {
    readonly sources: Sources;
    readonly digests: Digests;
    readonly groups: readonly GroupOutline[];
    readonly record: string;
    readonly pid: number;
  },
): Promise<void> {
  const packed: Record<string, readonly [number, number]> = {};
  const sha256 = new Map(digests);
  const pieces: Buffer[] = [];
  let size = 0;
  for (const { path, text } of sources.groups) {
    const bytes = Buffer.from(text);
    packed[sha256.get(path) ?? ''] = [size, bytes.length];
    pieces.push(bytes);
    size += bytes.length;
    if (size > MOST_TEXT) return;
  }
  const pack = `${cacheKey(record)}.pack`;
  const path = await cache.place(TEXTS, pack);
  if (path === undefined) return;
  try {
    await writeWhole(path, pieces, pid, 0o600);
  } catch {
    return;
  }
  const last: Last = { version: 1, around: aroundOf(circumstances), record, sources: digests, groups, pack, packed };
  await cache.write(KIND, keyOf(root, circumstances), JSON.stringify(last));
}

/** A piece of a pack. Whether it is what it should be is told by its digest, so the pack has no checksum of its own. */
async function pieceOf(
  cache: Cache,
  pack: string,
  [from, length]: readonly [number, number],
): Promise<string | undefined> {
  const path = await cache.place(TEXTS, pack);
  return path === undefined ? undefined : (await readPiece(path, from, length))?.toString('utf8');
}

/** The same, after files of groups changed that are given here: the others' texts stay where they are. */
export async function writeNext(
  cache: Cache,
  root: string,
  circumstances: Circumstances,
  last: Last,
  { changed, record }: { readonly changed: readonly SourceFile[]; readonly record: string },
): Promise<void> {
  const now = new Map(changed.map((file) => [file.path, sha256Of(file.text)]));
  for (const { path, text } of changed) await cache.write(TEXTS, now.get(path) ?? '', text);
  const sources = last.sources.map(([path, sha256]) => [path, now.get(path) ?? sha256] as const);
  await cache.write(KIND, keyOf(root, circumstances), JSON.stringify({ ...last, record, sources } satisfies Last));
}

/**
 * The files of groups that are other than they were, with their former texts by path; undefined where any
 * other source changed, came or went, or a text was not kept.
 */
export async function changedSince(
  cache: Cache,
  last: Last,
  sources: Sources,
  digests: Digests,
): Promise<ReadonlyMap<string, string> | undefined> {
  const files = filesOf(sources);
  if (files.length !== last.sources.length) return undefined;
  const groups = new Set(sources.groups);
  const changed = new Map<string, string>();
  for (const [i, file] of files.entries()) {
    const [path, sha256] = last.sources[i] ?? ['', ''];
    if (path !== file.path) return undefined;
    if (sha256 === digests[i]?.[1]) continue;
    if (!groups.has(file)) return undefined;
    const piece = last.packed[sha256];
    const text = piece ? await pieceOf(cache, last.pack, piece) : await cache.read(TEXTS, sha256);
    if (text === undefined || sha256Of(text) !== sha256) return undefined;
    changed.set(path, text);
  }
  return changed;
}
