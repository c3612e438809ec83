import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { environmentProblem, errno, fsProblem, type Problem } from '../problem.ts';
import { isInside } from '../sources/walk.ts';

/** What `dist/manifest.json` says of one file. `file` is below `dist/`, with `/`. */
export interface ManifestRow {
  readonly file: string;
  readonly group_id: string;
  readonly rule_count: number;
  readonly size_bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What lies in an output directory now. */
export interface Dist {
  /** Absolute; may not exist yet. */
  readonly out: string;
  /** The manifest's text, undefined where there is none. */
  readonly manifestText: string | undefined;
  /** What the manifest says, by rule file name; empty where it can't be read. */
  readonly rows: ReadonlyMap<string, ManifestRow>;
  /** Rule files that are ours, sorted by name. */
  readonly owned: readonly string[];
  /** Rule files beside them that are not ours, but that a glob of Prometheus' would load; sorted by name. */
  readonly foreign: readonly string[];
  /** Names in `rules/` and at the top of what an interrupted build left behind, relative to `out`. */
  readonly leftovers: readonly string[];
}

/** What our rule files are called. */
export const RULE_FILE = /^(group|static)-[^/]*\.yml$/;
/** What we call a file while it is not yet, or no longer, in place: Prometheus' `*.yml` must not match it. */
export const LEFTOVER = /^\.(?:(?:group|static)-.*\.yml|manifest\.json)\.(\d+)\.(?:tmp|old)$/;

/** The path of a file of `dist/` while it is not yet, or no longer, in place. */
export function asidePath(path: string, pid: number, end: 'tmp' | 'old'): string {
  return join(dirname(path), `.${basename(path)}.${pid}.${end}`);
}

/** The first line of a file that we compiled. */
const HEADER = '# Compiled by rulewright';

/**
 * Reads what is in an output directory. `chosen` tells that the user named it (then it may be a
 * symbolic link to anywhere); else it must lie inside of `root`, which must exist.
 */
export async function readDist(root: string, out: string, chosen: boolean): Promise<Dist | Problem> {
  const top = await resolved(out, out);
  if (typeof top !== 'string') return top;
  if (!chosen && !isInside(await realpath(root), top)) {
    return environmentProblem(
      `${out} is a symbolic link that leads outside of the repository, to ${top}: nothing is written there unasked.`,
      `If it is meant, say so: --out '${top}'.`,
    );
  }
  const rules = await resolved(join(top, 'rules'), join(out, 'rules'));
  if (typeof rules !== 'string') return rules;
  if (!isInside(top, rules)) {
    return environmentProblem(
      `${join(out, 'rules')} is a symbolic link that leads outside of ${out}.`,
      'Replace the link by a directory.',
    );
  }
  try {
    const names = await list(rules);
    const manifestText = await readText(join(top, 'manifest.json'));
    if (isForeign(manifestText)) {
      return environmentProblem(
        `${join(out, 'manifest.json')} belongs to something else: it would be overwritten.`,
        'Choose another directory with --out DIR.',
      );
    }
    const rows = manifestRows(manifestText);
    const owned: string[] = [];
    for (const name of names.filter((name) => RULE_FILE.test(name))) {
      if (rows.has(name) || (await hasHeader(join(rules, name)))) owned.push(name);
    }
    const leftovers = [
      ...names.filter((name) => LEFTOVER.test(name)).map((name) => `rules/${name}`),
      ...(await list(top)).filter((name) => LEFTOVER.test(name)),
    ];
    const foreign = names.filter((name) => /\.(?:ya?ml|rules)$/.test(name) && !owned.includes(name)).sort();
    return { out: top, manifestText, rows, owned: owned.sort(), foreign, leftovers };
  } catch (error) {
    return fsProblem(error, 'cannot read', out);
  }
}

/** SHA-256 in lower-case hexadecimal and the size in bytes of a text in parts, as UTF-8. */
export function digest(parts: Iterable<string | Buffer>): { readonly sha256: string; readonly size: number } {
  const hash = createHash('sha256');
  let size = 0;
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(bytes);
    size += bytes.length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** The bytes of a regular file; undefined where there is none (a link is not followed: it is no file of ours). */
export async function readOwn(path: string): Promise<Buffer | undefined> {
  try {
    return (await lstat(path)).isFile() ? await readFile(path) : undefined;
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The real path; of one that does not exist yet, that of the directory in which it will be made. */
async function resolved(path: string, shown: string): Promise<string | Problem> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') return fsProblem(error, 'cannot read', shown);
    const link = await lstat(path).catch(() => undefined);
    if (!link) {
      const parent = dirname(path) === path ? path : await resolved(dirname(path), shown);
      return typeof parent === 'string' ? join(parent, basename(path)) : parent;
    }
    return environmentProblem(`${shown} is a symbolic link that leads nowhere.`, 'Delete it or mend it.');
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  return (await readOwn(path))?.toString('utf8');
}

async function hasHeader(path: string): Promise<boolean> {
  const bytes = await readOwn(path);
  return bytes?.subarray(0, HEADER.length).toString('latin1') === HEADER;
}

/**
 * The rows of a manifest that can be ours. It is a file of the repository, so anybody may have
 * written it: a row whose file is no rule file's name directly in `rules/` is left out.
 */
export function manifestRows(text: string | undefined): ReadonlyMap<string, ManifestRow> {
  const rows = new Map<string, ManifestRow>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? '{}');
  } catch {
    return rows;
  }
  const files = isRecord(parsed) && Array.isArray(parsed['files']) ? (parsed['files'] as unknown[]) : [];
  for (const row of files) {
    if (!isRecord(row) || typeof row['file'] !== 'string') continue;
    const name = row['file'].startsWith('rules/') ? row['file'].slice('rules/'.length) : '';
    if (!RULE_FILE.test(name)) continue;
    rows.set(name, {
      file: row['file'],
      group_id: typeof row['group_id'] === 'string' ? row['group_id'] : '',
      rule_count: typeof row['rule_count'] === 'number' ? row['rule_count'] : 0,
      size_bytes: typeof row['size_bytes'] === 'number' ? row['size_bytes'] : 0,
      sha256: typeof row['sha256'] === 'string' ? row['sha256'] : '',
    });
  }
  return rows;
}

/** JSON, but no manifest of ours. One that is no JSON at all was ours: git leaves its marks in it when two branches meet. */
function isForeign(text: string | undefined): boolean {
  try {
    const parsed: unknown = JSON.parse(text ?? '{"files":[]}');
    return !isRecord(parsed) || !Array.isArray(parsed['files']);
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
