import { join } from 'node:path';
import { RULE_FILE } from '../dist.ts';
import { readIfThere } from './disk.ts';
import { CONTENT } from './names.ts';
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

/** Reads what a release's directory says of itself; undefined where it isn't whole or isn't ours. */
export function readContent(directory: string): Content | undefined {
  const bytes = readIfThere(join(directory, CONTENT));
  try {
    return bytes && asContent(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Somebody may have edited it: every name and number is looked at before it is believed. */
function asContent(value: unknown): Content | undefined {
  if (!isRecord(value) || value['version'] !== 1 || !Array.isArray(value['files'])) return undefined;
  const { id, layout, deployedAt, bundle } = value;
  if (typeof id !== 'string' || (layout !== 'files' && layout !== 'bundle') || !isCount(deployedAt)) return undefined;
  const files: ContentFile[] = [];
  for (const file of value['files'] as unknown[]) {
    if (!isRecord(file) || !isDigest(file)) return undefined;
    const { fileName, groupId, ruleCount, sizeBytes, sha256 } = file;
    if (typeof fileName !== 'string' || !RULE_FILE.test(fileName) || typeof groupId !== 'string') return undefined;
    if (!isCount(ruleCount)) return undefined;
    files.push({ fileName, groupId, ruleCount, sizeBytes, sha256 });
  }
  const one = isRecord(bundle) && isDigest(bundle) ? bundle : undefined;
  if (layout === 'bundle' && !one) return undefined;
  return { id, layout, deployedAt, files, bundle: one && { sizeBytes: one.sizeBytes, sha256: one.sha256 } };
}

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
