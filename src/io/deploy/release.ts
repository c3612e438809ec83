import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type ManifestRow, manifestRows } from '../dist/dist.ts';
import { environmentProblem, errno, errnoText, fsProblem, type Problem } from '../problem.ts';
import { oneLine } from './names.ts';
import type { Release, ReleasedFile } from './types.ts';

/**
 * Reads a release as a build left it in `dist/` or `dist/<name>/`, and checks it: what `manifest.json` lists is there,
 * each a regular file of the size and hash that it names, and no rule file lies beside them. Everything that is wrong
 * is told at once, in one problem.
 */
export async function readRelease(dir: string): Promise<Release | Problem> {
  const shown = oneLine(dir);
  let text: string;
  let real: string;
  try {
    real = realpathSync(dir);
    text = readFileSync(join(real, 'manifest.json'), 'utf8');
  } catch (error) {
    if (errno(error) !== 'ENOENT') return fsProblem(error, 'cannot read the release in', shown);
    return environmentProblem(`There is no release in ${shown}: it has no manifest.json.`, BUILD);
  }
  const written = countRows(text);
  if (written === undefined) {
    return environmentProblem(`${join(shown, 'manifest.json')} is no manifest: it can't be read as one.`, BUILD);
  }
  const rows = manifestRows(text);
  const wrong: string[] = [];
  if (rows.size < written) {
    wrong.push(`manifest.json: ${written - rows.size} of its rows name no file of ours in rules/, or one name twice`);
  }
  const files: ReleasedFile[] = [];
  for (const [fileName, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = join(real, 'rules', fileName);
    const complaint = judge(path, row);
    if (complaint !== undefined) wrong.push(`${oneLine(fileName)}: ${complaint}`);
    files.push({
      fileName,
      groupId: row.group_id,
      ruleCount: row.rule_count,
      sizeBytes: row.size_bytes,
      sha256: row.sha256,
      path,
    });
  }
  wrong.push(...strangers(real, rows));
  return wrong.length > 0 ? unfit(shown, wrong) : releaseOf(files);
}

/** A release of these files, which are sorted by name. */
export function releaseOf(files: readonly ReleasedFile[]): Release {
  const rulesCount = files.reduce((sum, file) => sum + file.ruleCount, 0);
  return { id: releaseId(files), files, rulesCount };
}

/** What is the same wherever the names and the bytes are. */
export function releaseId(files: readonly { readonly fileName: string; readonly sha256: string }[]): string {
  const hash = createHash('sha256');
  for (const { fileName, sha256 } of files) hash.update(`${sha256}  ${fileName}\n`);
  return hash.digest('hex').slice(0, 12);
}

/** SHA-256, lower-case hexadecimal. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const BUILD = 'Run `rulewright build`, and commit what it writes.';

function judge(path: string, row: ManifestRow): string | undefined {
  try {
    const found = lstatSync(path);
    if (found.isSymbolicLink()) return 'is a symbolic link, where a file belongs';
    if (!found.isFile()) return 'is no regular file';
    if (found.size !== row.size_bytes) return `has ${found.size} bytes, where the manifest says ${row.size_bytes}`;
    return sha256Of(readFileSync(path)) === row.sha256 ? undefined : 'is not what the manifest says: its hash differs';
  } catch (error) {
    return errno(error) === 'ENOENT' ? 'is in the manifest, but missing' : `cannot be read: ${errnoText(error)}`;
  }
}

/** Rule files that the manifest doesn't know: left by a merge, or put there by hand. Which release they belong to, nobody can say. */
function strangers(real: string, rows: ReadonlyMap<string, ManifestRow>): string[] {
  try {
    return readdirSync(join(real, 'rules'))
      .filter((name) => /\.(?:ya?ml|rules)$/.test(name) && !rows.has(name))
      .sort()
      .map((name) => `${oneLine(name)}: lies in rules/, but the manifest doesn't list it`);
  } catch (error) {
    return errno(error) === 'ENOENT' ? [] : [`rules: cannot be listed: ${errnoText(error)}`];
  }
}

function countRows(text: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('files' in parsed)) return undefined;
    return Array.isArray(parsed.files) ? parsed.files.length : undefined;
  } catch {
    return undefined;
  }
}

const MOST_SHOWN = 20;

function unfit(shown: string, wrong: readonly string[]): Problem {
  const lines = wrong.slice(0, MOST_SHOWN).map((line) => `\n  ${line}`);
  if (wrong.length > MOST_SHOWN) lines.push(`\n  … and ${wrong.length - MOST_SHOWN} more`);
  const message = `The release in ${shown} is not whole, so nothing of it may be deployed:${lines.join('')}`;
  return environmentProblem(message, `${BUILD} If somebody edited it by hand, the build undoes that.`);
}
