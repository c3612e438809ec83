import type { Region } from '../../promql/region.ts';
import { remember } from '../remember.ts';
import type { Program, ResolvedRule } from '../resolve.ts';
import type { EffectiveRow } from './row.ts';
import { instanceRow } from './row.ts';
import { effectiveSets } from './sets.ts';
import { storedSets } from './store-sets.ts';

/**
 * The effective rules of the inventory as files, so that a target's answer is found in a few small
 * ones. What many targets share stands once: docs/effective.md says how to read them.
 */

/** Hexadecimal digits that hang on a text alone. */
export type Hash = (text: string) => string;

/** In effect: the number of a row of its owner's file, with its condition where it has one. */
export type StoredRef = number | readonly [row: number, condition: string];
/** What is in effect, by owner: the name of the file in `dist/rules/`, without its ending. */
export type StoredRefs = Readonly<Record<string, readonly StoredRef[]>>;

export interface StoredSet {
  /** What stands here of a rule replaces all that the base says of it. */
  readonly base: string;
  /** Ids of rules of the base that are not in effect. */
  readonly off: readonly string[];
  readonly rows: StoredRefs;
}

/** The rows of one owner, with what they have in common. */
export type StoredRows = Pick<EffectiveRow, 'source' | 'source_id' | 'source_name'> & {
  readonly rows: readonly StoredRow[];
};

/** The first row of a rule is whole; the others say what differs from it (`like`: owner and number). */
export type StoredRow = Partial<EffectiveRow> & { readonly like?: readonly [string, number] };

/** A target: its set, the numbers of its labels' values (in the order of labels.json), and what is its own where its id doesn't tell it. */
export type StoredTarget = readonly [set: string, labels: readonly number[], own?: Readonly<Record<string, string>>];

export interface StoredIndex {
  readonly compiled_by: 'rulewright';
  readonly version: 1;
  readonly targets: number;
  readonly sets: number;
  readonly rules: number;
  /** How many digits of a hash name the file that something is in. */
  readonly target_digits: number;
  readonly set_digits: number;
}

const PER_FILE = 500; // entries

/** All files, by their path below `dist/effective/`; none where the inventory is empty. */
export function effectiveFiles(program: Program, hash: Hash): Map<string, string> {
  const files = new Map<string, string>();
  if (program.inventory.targets.length === 0) return files;
  const { rows, place } = storedRows(program);
  const made = effectiveSets(program);
  const sets = storedSets(program, made, place, hash);
  const labels = labelColumns(program);
  const targets = new Map<string, StoredTarget[]>();
  program.inventory.targets.forEach((target, i) => {
    const values = [...labels].map(([label, numbers]) => numbers.get(target.labels.get(label) ?? '') as number);
    const own = Object.fromEntries([...target.labels].filter(([label]) => isOwn(label)));
    const set = sets.keys[made.setOf[i] as number] as string;
    const told = own['target_id'] === undefined && own['instance'] === instanceOf(target.id, target.labels.get('job'));
    const entry: StoredTarget = told ? [set, values] : [set, values, own];
    const same = targets.get(target.id);
    if (same) same.push(entry);
    else targets.set(target.id, [entry]);
  });
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
  files.set('labels.json', mapText([...labels].map(([label, numbers]) => [label, [...numbers.keys()]])));
  files.set('bases.json', mapText([...sets.bases]));
  for (const [owner, own] of rows) files.set(`rules/${owner}.json`, rowsText(own));
  shard(files, 'targets', [...targets], index.target_digits, hash);
  shard(files, 'sets', [...sets.byKey], index.set_digits, (key) => key);
  return files;
}

/** The values of each label, numbered; "" (absent) is number 0. */
function labelColumns({ inventory }: Program): Map<string, Map<string, number>> {
  const labels = [...inventory.known].filter((label) => !isOwn(label)).sort();
  const columns = new Map(labels.map((label) => [label, new Map([['', 0]])]));
  for (const target of inventory.targets) {
    for (const [label, value] of target.labels) {
      const numbers = columns.get(label);
      if (numbers) remember(numbers, value, () => numbers.size);
    }
  }
  return columns;
}

/** The address that a target's usual id tells. */
export const instanceOf = (id: string, job: string | undefined): string =>
  job !== undefined && id.startsWith(`${job}/`) ? id.slice(job.length + 1) : id;

const isOwn = (label: string): boolean => label === 'instance' || label === 'target_id';

const digitsFor = (n: number): number => (n <= PER_FILE ? 0 : n <= 16 * PER_FILE ? 1 : n <= 256 * PER_FILE ? 2 : 3);

/** The name of the file that a key is in. */
export const shardName = (hashed: string, digits: number): string => (digits === 0 ? 'all' : hashed.slice(0, digits));

function shard(
  files: Map<string, string>,
  folder: string,
  entries: readonly [string, unknown][],
  digits: number,
  hash: Hash,
): void {
  const parts = new Map<string, [string, unknown][]>();
  for (const entry of entries) {
    const name = shardName(hash(entry[0]), digits);
    const own = parts.get(name);
    if (own) own.push(entry);
    else parts.set(name, [entry]);
  }
  for (const [name, own] of parts) files.set(`${folder}/${name}.json`, mapText(own));
}

/** One entry a line, sorted, so that people can search and compare. */
function mapText(entries: readonly [string, unknown][]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return lines(
    sorted.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`),
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

export interface Place {
  readonly owner: string;
  readonly row: number;
}

/** By rule and region: the instances themselves may be made anew each time. */
export type Places = ReadonlyMap<ResolvedRule, ReadonlyMap<Region, Place>>;

/** Every instance's row in its owner's file. */
function storedRows(program: Program): { rows: Map<string, StoredRows>; place: Places } {
  const rows = new Map<string, StoredRows & { rows: StoredRow[] }>();
  const place = new Map<ResolvedRule, Map<Region, Place>>();
  for (const resolved of program.rules) {
    const places = remember(place, resolved, () => new Map());
    let whole: { readonly row: OwnRow; readonly at: readonly [string, number] } | undefined;
    for (const instance of resolved.instances) {
      const { source, source_id, source_name, ...row } = instanceRow(instance, program);
      const owner = source === 'static' ? source_id : `group-${source_id}`;
      const { rows: own } = remember(rows, owner, () => ({ source, source_id, source_name, rows: [] }));
      places.set(instance.cell.region, { owner, row: own.length });
      own.push(whole ? differing(row, whole.row, whole.at) : row);
      whole ??= { row, at: [owner, own.length - 1] };
    }
  }
  return { rows, place };
}

/** What of a row its owner's file does not say for all. */
type OwnRow = Omit<EffectiveRow, 'source' | 'source_id' | 'source_name'>;

const MAPS = ['labels', 'annotations', 'config', 'origin'] as const;

/** The fields of a row that differ from another's; of maps the entries, null for those that it lacks. */
function differing(row: OwnRow, from: OwnRow, like: readonly [string, number]): StoredRow {
  const result: Record<string, unknown> = { like };
  for (const [key, value] of Object.entries(row)) {
    const other: unknown = from[key as keyof OwnRow];
    if (JSON.stringify(value) === JSON.stringify(other)) continue;
    result[key] = (MAPS as readonly string[]).includes(key) ? mapDifference(value as object, other as object) : value;
  }
  return result as unknown as StoredRow;
}

function mapDifference(own: object, other: object): object {
  const changed = Object.entries(own).filter(
    ([k, v]) => JSON.stringify(v) !== JSON.stringify((other as Record<string, unknown>)[k]),
  );
  const gone = Object.keys(other).filter((key) => !Object.hasOwn(own, key));
  return Object.fromEntries([...changed, ...gone.map((key) => [key, null])]);
}
