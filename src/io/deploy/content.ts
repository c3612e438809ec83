import { join } from 'node:path';
import { RULE_FILE } from '../dist/dist.ts';
import { errnoText } from '../problem.ts';
import { readIfThere } from './disk.ts';
import { CONTENT, NOTHING_ID } from './names.ts';
import { releaseId } from './release.ts';
import type { Layout } from './types.ts';

/** What a release in the store consists of: its file `content`, JSON. */
export interface Content {
  /** Of the release, see `Release`. */
  readonly id: string;
  readonly layout: Layout;
  /** Milliseconds since 1970. */
  readonly deployedAt: number;
  /** Sorted by name. */
  readonly files: readonly ContentFile[];
  /** Of the one file of layout `bundle`. */
  readonly bundle: { readonly sizeBytes: number; readonly sha256: string } | undefined;
}

export interface ContentFile {
  readonly fileName: string;
  readonly groupId: string;
  readonly ruleCount: number;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The text of a release's `content`. */
export function contentText(content: Content): string {
  const { id, layout, deployedAt, bundle } = content;
  const lines = content.files.map(({ fileName, groupId, ruleCount, sizeBytes, sha256 }) =>
    JSON.stringify({ fileName, groupId, ruleCount, sizeBytes, sha256 }),
  );
  const head = JSON.stringify({ version: 1, id, layout, deployedAt, ...(bundle && { bundle }) });
  return `${head.slice(0, -1)},"files":[\n${lines.join(',\n')}\n]}\n`;
}

/** Why what a release says of itself can't be believed, as the end of a sentence about its file `content`. */
export interface Broken {
  readonly broken: string;
}

/** Reads what a release's directory says of itself, and believes it only where it makes the release of that `id`. */
export function readContent(directory: string, id: string): Content | Broken {
  try {
    const text = readIfThere(join(directory, CONTENT))?.toString('utf8');
    if (text === undefined) return { broken: 'is missing' };
    if (text.trim() === '') return { broken: 'is empty' };
    return asContent(JSON.parse(text), id);
  } catch (error) {
    return {
      broken: error instanceof SyntaxError ? 'is cut off, or was changed' : `cannot be read: ${errnoText(error)}`,
    };
  }
}

/** Somebody may have edited it: every name and number is looked at before it is believed. */
function asContent(value: unknown, id: string): Content | Broken {
  if (!isRecord(value) || value['version'] !== 1 || !Array.isArray(value['files'])) {
    return { broken: 'is not what this version of rulewright writes' };
  }
  const { layout, deployedAt, bundle } = value;
  if (layout !== 'files' && layout !== 'bundle') return impossible('layout');
  if (!isCount(deployedAt) || deployedAt > LATEST) return impossible('deployedAt');
  const files: ContentFile[] = [];
  for (const file of value['files'] as unknown[]) {
    if (!isRecord(file) || !isDigest(file)) return impossible('files');
    const { fileName, groupId, ruleCount, sizeBytes, sha256 } = file;
    if (typeof fileName !== 'string' || !RULE_FILE.test(fileName) || CONTROL.test(fileName))
      return impossible('fileName');
    if (typeof groupId !== 'string') return impossible('groupId');
    if (!isCount(ruleCount)) return impossible('ruleCount');
    files.push({ fileName, groupId, ruleCount, sizeBytes, sha256 });
  }
  const one = isRecord(bundle) && isDigest(bundle) ? bundle : undefined;
  if (layout === 'bundle' && !one) return impossible('bundle');
  // Names and hashes that were changed together are another release, which nobody built, judged or deployed.
  const made = id === NOTHING_ID && files.length === 0 ? id : releaseId(files);
  if (made !== id || value['id'] !== id)
    return { broken: `was changed: what it lists is not release ${id} but ${made}` };
  return { id, layout, deployedAt, files, bundle: one && { sizeBytes: one.sizeBytes, sha256: one.sha256 } };
}

/** The last moment that a date can be, in milliseconds since 1970. */
const LATEST = 8.64e15;
const CONTROL = /[\u0000-\u001f\u007f]/;

const impossible = (name: string): Broken => ({ broken: `holds a value that cannot be, in ${name}` });

function isDigest(value: Record<string, unknown>): value is Record<string, unknown> & {
  sizeBytes: number;
  sha256: string;
} {
  return isCount(value['sizeBytes']) && typeof value['sha256'] === 'string' && /^[0-9a-f]{64}$/.test(value['sha256']);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
