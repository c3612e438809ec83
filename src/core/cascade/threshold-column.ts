import type { Declaration } from '../lookup/declaration.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import { Column } from '../model/column.ts';
import type { Rule } from '../model/rule.ts';
import type { GroupCell, Partition } from './partition.ts';

/**
 * Of a rule's cells the threshold, where that is all that groups say there: such cells differ in their groups, region and
 * threshold only. All other cells have none. Undefined where there are not two of that kind.
 * @param isUsual whether a cell is like the others in what its groups do beside declaring.
 */
export function thresholdColumn(
  rule: Rule,
  { cells }: Partition,
  speaking: readonly Declaration[],
  isUsual: (cell: GroupCell) => boolean,
): Column | undefined {
  if (rule.group.native || rule.base.get('enabled')?.value === false) return undefined;
  const said = saidBy(speaking);
  const column = Column.empty(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as GroupCell;
    if (cell.owner === ROOT_ID) continue;
    const threshold = lastNumber(cell.members, said);
    if (threshold !== undefined && isPlain(threshold) && isUsual(cell)) column.set(i, threshold);
  }
  return column.count() < 2 ? undefined : column;
}

/** What declarations say, by their index: a number, or nothing at all, or more than that. */
interface Said {
  readonly numbers: Column;
  /** 1: speaks without a word, for its labels, or because the rule names it. */
  readonly silent: Uint8Array;
}

function saidBy(speaking: readonly Declaration[]): Said {
  const said: Said = { numbers: Column.empty(speaking.length), silent: new Uint8Array(speaking.length) };
  for (const [i, d] of speaking.entries()) {
    if (d.number !== undefined) said.numbers.set(i, d.number);
    else if (d.case === undefined && d.settings.size === 0) said.silent[i] = 1;
  }
  return said;
}

/** Later wins; undefined where none says a number, or one says more, which makes the cell one of its own. */
function lastNumber(members: readonly number[], { numbers, silent }: Said): number | undefined {
  let threshold: number | undefined;
  for (const member of members) {
    if (numbers.isSet(member)) threshold = numbers.at(member);
    else if (silent[member] !== 1) return undefined;
  }
  return threshold;
}

/** A number whose text is digits and perhaps a point: it can stand anywhere without changing what is around it. */
function isPlain(number: number): boolean {
  if (Number.isInteger(number)) return number >= 0 && number < 1e15;
  return number > 0 && /^\d+\.\d+$/.test(String(number));
}
