import type { Declaration } from '../lookup/declaration.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { Rule } from '../model/rule.ts';
import type { GroupCell, Partition } from './partition.ts';

/**
 * Of a rule's cells the threshold, where that is all that groups say there: such cells differ in their groups, region and
 * threshold only. NaN for all other cells. Undefined where there are not two of that kind.
 * @param isUsual whether a cell is like the others in what its groups do beside declaring.
 */
export function bareThresholds(
  rule: Rule,
  { cells }: Partition,
  speaking: readonly Declaration[],
  isUsual: (cell: GroupCell) => boolean,
): Float64Array | undefined {
  if (rule.group.native || rule.base.get('enabled')?.value === false) return undefined;
  const said = new Float64Array(speaking.length);
  for (let i = 0; i < said.length; i++) said[i] = numberOf(speaking[i] as Declaration);
  const thresholds = new Float64Array(cells.length).fill(Number.NaN);
  let count = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as GroupCell;
    if (cell.owner === ROOT_ID) continue;
    const threshold = lastNumber(cell.members, said);
    if (!isPlain(threshold) || !isUsual(cell)) continue;
    thresholds[i] = threshold;
    count++;
  }
  return count < 2 ? undefined : thresholds;
}

/** Stands for a group that speaks without a word: for its labels, or because the rule names it. */
const SILENT = Number.NEGATIVE_INFINITY;

const numberOf = (d: Declaration): number => d.bare ?? (isSilent(d) ? SILENT : Number.NaN);

/** Later wins; what is not bare makes the cell one of its own. */
function lastNumber(members: readonly number[], said: Float64Array): number {
  let threshold = SILENT;
  for (const member of members) {
    const number = said[member] as number;
    if (Number.isNaN(number)) return number;
    if (number !== SILENT) threshold = number;
  }
  return threshold;
}

const isSilent = (d: Declaration): boolean => d.case === undefined && d.settings.size === 0;

/** A number whose text is digits and perhaps a point: it can stand anywhere without changing what is around it. */
function isPlain(number: number): boolean {
  if (Number.isInteger(number)) return number >= 0 && number < 1e15;
  return number > 0 && /^\d+\.\d+$/.test(String(number));
}
