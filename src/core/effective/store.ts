import type { LabelSet } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';
import type { Program } from '../instance/program.ts';
import { effectiveSets } from './sets.ts';
import { type RowSeen, storedRows } from './store-rows.ts';
import { storedSets } from './store-sets.ts';
import type { Hash, StoredIndex, StoredRows } from './stored-form.ts';

/**
 * The effective rules of the inventory as files, so that a target's answer is found in a few small
 * ones. What many targets share stands once: docs/effective.md says how to read them.
 */

const PER_FILE = 500; // entries

/** All files, by their path below `dist/effective/`; none where the inventory is empty. `seen` is told of each row as it is made. */
export function effectiveFiles(program: Program, hash: Hash, seen?: RowSeen): Map<string, string> {
  const files = new Map<string, string>();
  if (program.inventory.targets.length === 0) return files;
  const { rows, place } = storedRows(program, seen);
  const made = effectiveSets(program);
  const sets = storedSets(program, made, place, hash);
  const labels = labelColumns(program);
  const columns = [...labels];
  // As text at once: a hundred thousand of them as objects would cost more than what they say.
  const targets = new Map<string, string>();
  for (const [i, { id, labels: own }] of program.inventory.targets.entries()) {
    const values = columns.map(([label, numbers]) => numbers.get(own.get(label) ?? '') as number);
    const set = sets.keys[made.setOf[i] as number] as string;
    const told = !own.has('target_id') && own.get('instance') === instanceOf(id, own.get('job'));
    const entry = `["${set}",[${values.join()}]${told ? '' : `,${JSON.stringify(ownLabels(own))}`}]`;
    const same = targets.get(id);
    targets.set(id, same === undefined ? entry : `${same},${entry}`);
  }
  const index: StoredIndex = {
    compiled_by: 'rulewright',
    version: 1,
    targets: program.inventory.targets.length,
    sets: sets.byKey.size,
    rules: program.rules.length,
    target_digits: digitsFor(targets.size),
    set_digits: digitsFor(sets.byKey.size),
  };
  files.set('index.json', `${JSON.stringify(index)}\n`);
  files.set('labels.json', mapText(columns.map(([label, numbers]) => [label, [...numbers.keys()]])));
  files.set('bases.json', mapText([...sets.bases]));
  for (const [owner, own] of rows) files.set(`rules/${owner}.json`, rowsText(own));
  shard(files, 'targets', targets, index.target_digits, hash, (entries) => `[${entries}]`);
  shard(files, 'sets', sets.byKey, index.set_digits, (key) => key, JSON.stringify);
  return files;
}

/** The values of each label, numbered; "" (absent) is number 0. */
function labelColumns({ inventory }: Program): Map<string, Map<string, number>> {
  const labels = [...inventory.known].filter((label) => !isOwn(label)).sort();
  const columns = new Map(labels.map((label) => [label, new Map([['', 0]])]));
  for (const target of inventory.targets) {
    for (const [label, value] of target.labels) {
      const numbers = columns.get(label);
      if (numbers) memo(numbers, value, () => numbers.size);
    }
  }
  return columns;
}

/** The address that a target's usual id tells. */
export const instanceOf = (id: string, job: string | undefined): string =>
  job !== undefined && id.startsWith(`${job}/`) ? id.slice(job.length + 1) : id;

const ownLabels = (labels: LabelSet): object => Object.fromEntries([...labels].filter(([label]) => isOwn(label)));

const isOwn = (label: string): boolean => label === 'instance' || label === 'target_id';

const digitsFor = (n: number): number => (n <= PER_FILE ? 0 : n <= 16 * PER_FILE ? 1 : n <= 256 * PER_FILE ? 2 : 3);

/** The name of the file that a key is in. */
export const shardName = (hashed: string, digits: number): string => (digits === 0 ? 'all' : hashed.slice(0, digits));

function shard<T>(
  files: Map<string, string>,
  folder: string,
  entries: ReadonlyMap<string, T>,
  digits: number,
  hash: Hash,
  textOf: (value: T) => string,
): void {
  const parts = new Map<string, [string, T][]>();
  for (const entry of entries) memo(parts, shardName(hash(entry[0]), digits), () => []).push(entry);
  for (const [name, own] of parts) files.set(`${folder}/${name}.json`, mapText(own, textOf));
}

/** One entry a line, sorted, so that people can search and compare. */
function mapText<T>(entries: readonly [string, T][], textOf: (value: T) => string = JSON.stringify): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return lines(
    sorted.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`),
    '{',
    '}',
  );
}

const lines = (parts: readonly string[], open: string, close: string): string =>
  `${open}\n${parts.join(',\n')}\n${close}\n`;

function rowsText({ source, source_id, source_name, rows }: StoredRows): string {
  const head = JSON.stringify({ source, source_id, source_name }).slice(0, -1);
  return lines(
    rows.map((row) => JSON.stringify(row)),
    `${head},"rows":[`,
    ']}',
  );
}
