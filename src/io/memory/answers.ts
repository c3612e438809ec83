import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelMatcher } from '../../promql/matcher.ts';
import { readPiece } from '../regular.ts';
import { writeWhole } from '../write-file.ts';
import { type Cache, cacheKey } from './cache.ts';

/**
 * What a build keeps beside `effective/`, so that one target's answer is read from there and not worked out again: what
 * sources it is of, by what every file there is known, and what people are shown of each row. All that is read is
 * compared with its digest, so whatever was changed or is missing is as if nothing had been kept.
 */
export interface Answers {
  readonly version: 1;
  /** All that the answers hang on. */
  readonly sources: string;
  /** `effective/` of the output directory. Absolute. */
  readonly folder: string;
  /** SHA-256 of the files there, by path. */
  readonly files: readonly (readonly [path: string, sha256: string])[];
  /** Labels that some target has. */
  readonly known: readonly string[];
  /** Every group of the tree, in its order. */
  readonly groups: readonly (readonly [
    id: string,
    depth: number,
    priority: number,
    matchers: readonly LabelMatcher[],
  ])[];
  /** Every rule, in the program's order; `of` is the rule that a tier is of. */
  readonly rules: readonly (readonly [id: string, name: string, of: string | null, isAlert: boolean])[];
  /** Which piece of the pack has the rows of an owner: offset and length in bytes, SHA-256. */
  readonly owners: readonly (readonly [owner: string, offset: number, length: number, sha256: string])[];
}

/** What people are shown of a row, with its rule's number and its own among the rule's. */
export type ShownRow = readonly [rule: number, number: number, ...cells: string[]];

const KIND = 'answers';

/** One place for each repository: the last build's are those that anybody asks for. */
const keyOf = (root: string, program: string): string => cacheKey(KIND, root, program);

/** Keeps the answers of a build. `rows` by owner, as in its file. */
export async function writeAnswers(
  cache: Cache,
  { root, program, pid }: { readonly root: string; readonly program: string; readonly pid: number },
  answers: Omit<Answers, 'version' | 'owners'>,
  rows: ReadonlyMap<string, readonly ShownRow[]>,
): Promise<void> {
  const pieces: Buffer[] = [];
  const owners: Answers['owners'][number][] = [];
  let offset = 0;
  for (const [owner, own] of rows) {
    const bytes = Buffer.from(JSON.stringify(own));
    owners.push([owner, offset, bytes.length, sha256Of(bytes)]);
    pieces.push(bytes);
    offset += bytes.length;
  }
  const key = keyOf(root, program);
  const path = await cache.place(KIND, `${key}.pack`);
  if (path === undefined) return;
  try {
    await writeWhole(path, pieces, pid, 0o600);
  } catch {
    return;
  }
  await cache.write(KIND, key, JSON.stringify({ version: 1, ...answers, owners } satisfies Answers));
}

/** Answers that were kept, and what reads the files that they tell of. */
export interface KeptAnswers {
  readonly answers: Answers;
  /** A file of `effective/`; undefined where it is not what it was. */
  read(path: string): Buffer | undefined;
  /** What is shown of an owner's rows; undefined where it was not kept whole. */
  rows(owner: string): Promise<readonly ShownRow[] | undefined>;
}

/** The answers that were kept of these very sources; undefined where there are none. */
export async function readAnswers(
  cache: Cache,
  root: string,
  program: string,
  sources: string,
): Promise<KeptAnswers | undefined> {
  const key = keyOf(root, program);
  const text = await cache.read(KIND, key);
  const answers = text === undefined ? undefined : (JSON.parse(text) as Answers);
  if (answers?.version !== 1 || answers.sources !== sources) return undefined;
  const files = new Map(answers.files);
  const owners = new Map(answers.owners.map(([owner, ...piece]) => [owner, piece]));
  return {
    answers,
    read: (path) => {
      const sha256 = files.get(path);
      return sha256 === undefined ? undefined : readKnown(join(answers.folder, path), sha256);
    },
    rows: async (owner) => {
      const path = await cache.place(KIND, `${key}.pack`);
      const piece = owners.get(owner);
      const bytes = path === undefined || !piece ? undefined : await readProven(path, ...piece);
      return bytes && (JSON.parse(bytes.toString('utf8')) as ShownRow[]);
    },
  };
}

/** The bytes of a regular file, if they are those. */
function readKnown(path: string, sha256: string): Buffer | undefined {
  try {
    const bytes = lstatSync(path).isFile() ? readFileSync(path) : undefined;
    return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function readProven(path: string, offset: number, length: number, sha256: string): Promise<Buffer | undefined> {
  const bytes = await readPiece(path, offset, length);
  return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
