import { memo } from '../ground/memo.ts';
import type { EffectiveRow } from './row.ts';
import { instanceOf, shardName } from './store.ts';
import type { Hash, StoredIndex, StoredRefs, StoredRow, StoredRows, StoredSet, StoredTarget } from './stored-form.ts';

/** What the files in `dist/effective/` say of a target. */
export interface StoredAnswer {
  readonly target_id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By owner; not in the order of the rules' files. */
  readonly rules: readonly EffectiveRow[];
}

/**
 * Reads the answers for a target id from the stored files: a handful of them, whatever the number of
 * targets. Several where an id stands for several targets, none where there is no such id.
 */
export function storedAnswers(read: (path: string) => string | undefined, id: string, hash: Hash): StoredAnswer[] {
  const json = <T>(path: string): T | undefined => {
    const text = read(path);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  };
  const index = json<StoredIndex>('index.json');
  if (!index) return [];
  const targets =
    json<Record<string, StoredTarget[]>>(`targets/${shardName(hash(id), index.target_digits)}.json`) ?? {};
  const found = Object.hasOwn(targets, id) ? (targets[id] as StoredTarget[]) : [];
  const columns = Object.entries(json<Record<string, string[]>>('labels.json') ?? {});
  const rowsOf = new Map<string, StoredRows>();
  const row = storedRow((owner) => memo(rowsOf, owner, () => json<StoredRows>(`rules/${owner}.json`) as StoredRows));
  const rows = (refs: StoredRefs): EffectiveRow[] => placesOf(refs).map(row);
  return found.map((entry) => {
    const [key] = entry;
    const set = json<Record<string, StoredSet>>(`sets/${shardName(key, index.set_digits)}.json`)?.[key] as StoredSet;
    const base = json<Record<string, StoredRefs>>('bases.json')?.[set.base] ?? {};
    const changed = rows(set.rows);
    const gone = new Set([...set.off, ...changed.map((r) => r.id)]);
    const kept = rows(base).filter((r) => !gone.has(r.id));
    return { target_id: id, labels: storedLabels(id, entry, columns), rules: [...kept, ...changed] };
  });
}

/** The labels of a target of this id; `columns` are what labels.json holds. */
export function storedLabels(
  id: string,
  [, numbers, own]: StoredTarget,
  columns: readonly (readonly [label: string, values: readonly string[]])[],
): Record<string, string> {
  const all = columns.map(([label, values], i): [string, string] => [label, values[numbers[i] as number] ?? '']);
  const shared = Object.fromEntries(all.filter(([, value]) => value !== ''));
  return { ...shared, ...(own ?? { instance: instanceOf(id, shared['job']) }) };
}

/** A row that is in effect: its owner's file, its number there, and on which condition. */
export type StoredPlace = readonly [owner: string, row: number, condition: string | null];

export function placesOf(refs: StoredRefs): StoredPlace[] {
  return Object.entries(refs).flatMap(([owner, own]) =>
    own.map((ref): StoredPlace => (typeof ref === 'number' ? [owner, ref, null] : [owner, ...ref])),
  );
}

/** Reads rows of owners' files, with what they say by being like another. */
export function storedRow(rowsOf: (owner: string) => StoredRows): (place: StoredPlace) => EffectiveRow {
  const row = (owner: string, at: number): EffectiveRow => {
    const { rows, ...source } = rowsOf(owner);
    const { like, ...stored } = rows[at] as StoredRow;
    return { ...(like ? merge(row(...like), stored) : (stored as EffectiveRow)), ...source };
  };
  return ([owner, at, condition]) => (condition === null ? row(owner, at) : { ...row(owner, at), condition });
}

function merge(whole: EffectiveRow, changes: Partial<EffectiveRow>): EffectiveRow {
  const result: Record<string, unknown> = { ...whole };
  for (const [key, value] of Object.entries(changes)) {
    const before = result[key];
    const isMap = typeof value === 'object' && value !== null;
    if (!isMap) result[key] = value;
    else {
      const entries = Object.entries({ ...(before as object), ...value }).filter(([, v]) => v !== null);
      result[key] = Object.fromEntries(entries);
    }
  }
  return result as unknown as EffectiveRow;
}
