import type { Effective } from '../effective/effective.ts';

/**
 * Which of a target's instances of a rule took the place of which: where cases, or labels that nobody
 * knows, decide, there are several on a side. By condition, then by case; what is left is held against
 * the one that watched all of it before (or watches it now). Neither side is empty.
 */
export function matched(before: readonly Effective[], after: readonly Effective[]): [Effective, Effective][] {
  const pairs: [Effective, Effective][] = [];
  let [left, right] = [before, after];
  for (const key of [full, conditionOf, caseOf]) {
    for (const one of right) {
      const other = left.find((e) => key(e) === key(one));
      if (!other) continue;
      pairs.push([other, one]);
      left = left.filter((e) => e !== other);
      right = right.filter((e) => e !== one);
    }
  }
  const [last, now] = [left[0], right[0]];
  if (last && now && left.length === 1 && right.length === 1) return [...pairs, [last, now]];
  for (const one of right) pairs.push([widest(before), one]);
  for (const one of left) pairs.push([one, widest(after)]);
  return pairs;
}

const conditionOf = ({ condition }: Effective): string => condition ?? '';
const caseOf = ({ instance }: Effective): string => instance.cell.caseId ?? '';
const full = (one: Effective): string => `${caseOf(one)} ${one.instance.cell.owner} ${conditionOf(one)}`;

/** The one that nothing narrows, else one that no case does. */
const widest = (all: readonly Effective[]): Effective =>
  (all.find((e) => e.condition === null) ??
    all.find((e) => e.instance.cell.caseId === undefined) ??
    all[0]) as Effective;
