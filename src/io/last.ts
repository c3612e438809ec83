import { createHash } from 'node:crypto';
import type { GroupOutline } from '../core/narrow.ts';
import type { SourceFile } from '../core/source.ts';
import type { Sources } from '../core/sources.ts';
import type { Cache } from './cache.ts';
import { cacheKey } from './cache.ts';
import { type Circumstances, filesOf } from './record.ts';

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
  /** The entry that holds the texts of group files, and which piece of it is whose: by SHA-256, UTF-16 offset and length. */
  readonly pack: string;
  readonly packed: Readonly<Record<string, readonly [offset: number, length: number]>>;
}

const KIND = 'last';
const TEXTS = 'texts';
/** UTF-16 units: more than this is not kept only to be quick. */
const MOST_TEXT = 64 * 1024 * 1024;

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

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
    groups,
    record,
  }: { readonly sources: Sources; readonly groups: readonly GroupOutline[]; readonly record: string },
): Promise<void> {
  const files = filesOf(sources).map(({ path, text }) => [path, sha256Of(text)] as const);
  const packed: Record<string, readonly [number, number]> = {};
  const digests = new Map(files);
  let pack = '';
  for (const { path, text } of sources.groups) {
    if (pack.length + text.length > MOST_TEXT) return;
    packed[digests.get(path) ?? ''] = [pack.length, text.length];
    pack += text;
  }
  const name = cacheKey(record);
  await cache.write(TEXTS, name, pack);
  const last: Last = {
    version: 1,
    around: aroundOf(circumstances),
    record,
    sources: files,
    groups,
    pack: name,
    packed,
  };
  await cache.write(KIND, keyOf(root, circumstances), JSON.stringify(last));
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
): Promise<ReadonlyMap<string, string> | undefined> {
  const files = filesOf(sources);
  if (files.length !== last.sources.length) return undefined;
  const groups = new Set(sources.groups);
  const changed = new Map<string, string>();
  let pack: string | undefined;
  for (const [i, file] of files.entries()) {
    const [path, sha256] = last.sources[i] ?? ['', ''];
    if (path !== file.path) return undefined;
    if (sha256 === sha256Of(file.text)) continue;
    if (!groups.has(file)) return undefined;
    const piece = last.packed[sha256];
    if (piece && pack === undefined) pack = await cache.read(TEXTS, last.pack);
    const [from, length] = piece ?? [0, 0];
    const text = piece ? pack?.slice(from, from + length) : await cache.read(TEXTS, sha256);
    if (text === undefined || sha256Of(text) !== sha256) return undefined;
    changed.set(path, text);
  }
  return changed;
}
