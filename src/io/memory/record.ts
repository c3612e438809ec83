import { createHash } from 'node:crypto';
import type { Diagnostic, Note } from '../../core/ground/diagnostic.ts';
import type { SourceFile, Span } from '../../core/ground/source.ts';
import type { Sources } from '../../core/ground/sources.ts';
import type { Cache } from './cache.ts';
import type { KnownFile } from './known.ts';

/**
 * What a build found, kept in the cache under all that it hangs on: the same sources, settings, day, program and
 * promtool give the same again, so that it need not be worked out where `dist/` still holds it.
 */
export interface BuildRecord {
  readonly version: 1;
  /** Of the compiler and of promtool; none is an error. */
  readonly diagnostics: readonly Diagnostic[];
  /** On all servers together. */
  readonly targetsCount: number;
  readonly validatedBy: string;
  readonly releases: readonly RecordedRelease[];
}

/** What one server gets. */
export interface RecordedRelease {
  /** The server's; "" where there is one alone. */
  readonly name: string;
  readonly files: readonly RecordedFile[];
  /** What lies below `effective/`; undefined where the one that made this record did not look. */
  readonly effective?: readonly KnownFile[];
}

/** A file of `rules/`; its path is its name. */
export interface RecordedFile extends KnownFile {
  readonly fileName: string;
  readonly groupId: string;
  readonly ruleCount: number;
  readonly sizeBytes: number;
}

/** What a build hangs on beside the sources' texts. */
export interface Circumstances {
  readonly program: string;
  /** The output directory. Absolute. */
  readonly out: string;
  /** YYYY-MM-DD. */
  readonly today: string;
  /** "in-process", or what promtool is known by. */
  readonly judge: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** SHA-256 of each source, in the order of `filesOf`. */
export type Digests = readonly (readonly [path: string, sha256: string])[];

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

export function digestsOf(sources: Sources): Digests {
  return filesOf(sources).map(({ path, text }) => [path, sha256Of(text)]);
}

/** The key of a build of these sources; undefined where some could not be read, for that is never kept. */
export function recordKey(
  sources: Sources,
  digests: Digests,
  { program, out, today, judge, env }: Circumstances,
): string | undefined {
  if (sources.problems.length > 0) return undefined;
  const hash = createHash('sha256');
  const put = (text: string): void => void hash.update(`${text.length} `).update(text);
  for (const part of [program, out, today, judge]) put(part);
  for (const name of Object.keys(env).filter((one) => /^(?:PROMETHEUS|PROMTOOL)_/.test(one))) {
    put(`${name}=${env[name] ?? ''}`);
  }
  // Which folder a file was found in hangs on its path alone, but for inventory files.
  put(`${sources.groups.length} ${sources.inventory.length}`);
  for (const [path, sha256] of digests) {
    put(path);
    put(sha256);
  }
  for (const { labels } of sources.inventory) put(JSON.stringify(labels));
  return hash.digest('hex');
}

/** What was kept of a build, with its diagnostics about these very sources; undefined where nothing was. */
export async function readRecord(cache: Cache, key: string, sources: Sources): Promise<BuildRecord | undefined> {
  const text = await cache.read('build', key);
  if (text === undefined) return undefined;
  const stored = JSON.parse(text) as Omit<BuildRecord, 'diagnostics'> & { diagnostics: readonly StoredDiagnostic[] };
  if (stored.version !== 1) return undefined;
  const files = new Map(filesOf(sources).map((file) => [file.path, file]));
  return { ...stored, diagnostics: stored.diagnostics.map((d) => restored(d, files)) };
}

export async function writeRecord(cache: Cache, key: string, record: BuildRecord): Promise<void> {
  const diagnostics = record.diagnostics.map(stored);
  await cache.write('build', key, JSON.stringify({ ...record, diagnostics }));
}

/** Every source, in an order that hangs on nothing else. */
export function filesOf({ config, rules, groups, templates, macros, inventory }: Sources): SourceFile[] {
  return [...(config ? [config] : []), ...rules, ...groups, ...templates, ...macros, ...inventory.map((i) => i.file)];
}

type StoredSpan = readonly [path: string, start: number, end: number];
type StoredNote = Omit<Note, 'span'> & { readonly span?: StoredSpan };
type StoredDiagnostic = Omit<Diagnostic, 'span' | 'notes'> & {
  readonly span: StoredSpan;
  readonly notes: readonly StoredNote[];
};

const storedSpan = ({ file, start, end }: Span): StoredSpan => [file.path, start, end];

function stored(d: Diagnostic): StoredDiagnostic {
  const notes = d.notes.map(({ span, ...rest }) => (span ? { ...rest, span: storedSpan(span) } : rest));
  return { ...d, span: storedSpan(d.span), notes };
}

function restored(d: StoredDiagnostic, files: ReadonlyMap<string, SourceFile>): Diagnostic {
  // What is about no source, such as a compiled file, has a path alone.
  const span = ([path, start, end]: StoredSpan): Span => ({ file: files.get(path) ?? { path, text: '' }, start, end });
  const notes = d.notes.map(({ span: at, ...rest }): Note => (at ? { ...rest, span: span(at) } : rest));
  return { ...d, span: span(d.span), notes };
}
