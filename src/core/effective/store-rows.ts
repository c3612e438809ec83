import type { Region } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { CompiledRule } from '../model/ruleset.ts';
import { compiledRule } from '../plan/plan.ts';
import type { EffectiveRow } from './row.ts';
import { rowOf } from './row.ts';
import type { StoredRow, StoredRows } from './stored-form.ts';

/** Where an instance's row is: its owner's file, and its number there. */
export interface Place {
  readonly owner: string;
  readonly row: number;
}

/** By rule and region: the instances themselves may be made anew each time. */
export type Places = ReadonlyMap<ResolvedRule, ReadonlyMap<Region, Place>>;

/** Told of an instance when its row is made: its rule's number in the program, and its own among the rule's. */
export type RowSeen = (place: Place, rule: number, number: number, instance: Instance, compiled: CompiledRule) => void;

/** Every instance's row in its owner's file. */
export function storedRows(program: Program, seen?: RowSeen): { rows: Map<string, StoredRows>; place: Places } {
  const rows = new Map<string, StoredRows & { rows: StoredRow[] }>();
  const place = new Map<ResolvedRule, Map<Region, Place>>();
  for (const [rule, resolved] of program.rules.entries()) {
    const places = memo(place, resolved, () => new Map());
    let whole: { readonly row: OwnRow; readonly at: readonly [string, number] } | undefined;
    for (const [number, instance] of resolved.instances.entries()) {
      const compiled = compiledRule(instance, program);
      const { source, source_id, source_name, ...row } = rowOf(instance, compiled, program);
      const owner = source === 'static' ? source_id : `group-${source_id}`;
      const { rows: own } = memo(rows, owner, () => ({ source, source_id, source_name, rows: [] }));
      const at: Place = { owner, row: own.length };
      places.set(instance.cell.region, at);
      own.push(whole ? differing(row, whole.row, whole.at) : row);
      whole ??= { row, at: [owner, at.row] };
      seen?.(at, rule, number, instance, compiled);
    }
  }
  return { rows, place };
}

/** What of a row its owner's file does not say for all. */
type OwnRow = Omit<EffectiveRow, 'source' | 'source_id' | 'source_name'>;

/** The fields of a row that differ from another's; of maps the entries, null for those that it lacks. */
function differing(row: OwnRow, from: OwnRow, like: readonly [string, number]): StoredRow {
  const result: Record<string, unknown> = { like };
  for (const name in row) {
    const key = name as keyof OwnRow;
    const value = row[key];
    const other = from[key];
    if (value === other) continue;
    if (typeof value !== 'object' || value === null) result[key] = value;
    else {
      const changed = mapDifference(value as Entries, other as Entries);
      if (changed) result[key] = changed;
    }
  }
  return result as unknown as StoredRow;
}

type Entries = Readonly<Record<string, unknown>>;

/** Undefined where there is no difference. */
function mapDifference(own: Entries, other: Entries): Entries | undefined {
  const changed = new Map<string, unknown>();
  for (const key of Object.keys(own)) {
    const [value, before] = [own[key], Object.hasOwn(other, key) ? other[key] : undefined];
    if (value === before) continue;
    // Lists are the only values that are not equal by identity.
    if (Array.isArray(value) && JSON.stringify(value) === JSON.stringify(before)) continue;
    changed.set(key, value);
  }
  for (const key of Object.keys(other)) if (!Object.hasOwn(own, key)) changed.set(key, null);
  return changed.size === 0 ? undefined : Object.fromEntries(changed);
}
