import type { Subject } from '../../core/ground/subject.ts';
import { foldOrder, type Group } from '../../core/lookup/groups.ts';
import { matcherText } from '../../promql/matcher.ts';
import type { LabelSet } from '../../promql/region.ts';

/** What is said of a subject before its rules. */

/** A group as far as it matters whom it matches, and what comes of it. */
export type PlacedGroup = Pick<Group, 'id' | 'depth' | 'priority' | 'box'>;

/** Labels as people read them, sorted. */
export const labelText = (labels: LabelSet): string =>
  [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => matcherText({ label, op: '=', value }))
    .join(', ');

/** The groups that surely match, weak to strong; those that may, by labels that nobody knows. */
export function groupText(groups: readonly PlacedGroup[], subject: Subject): string {
  const sure: PlacedGroup[] = [];
  const perhaps: string[] = [];
  for (const group of groups) {
    const holds = [...group.box].map(([label, c]) => subject.holds(label, c));
    if (holds.every((h) => h === true)) sure.push(group);
    else if (!holds.includes(false)) perhaps.push(group.id);
  }
  const more = perhaps.length > 8 ? ` and ${perhaps.length - 8} more` : '';
  const maybe = perhaps.length > 0 ? `; perhaps ${perhaps.slice(0, 8).join(', ')}${more}` : '';
  return `${groupLines(sure.sort(foldOrder))}${maybe}`;
}

export const groupLines = (groups: readonly { readonly id: string; readonly priority: number }[]): string =>
  groups.length === 0
    ? 'the root of all groups'
    : `in ${groups.map(({ id, priority }) => (priority === 0 ? id : `${id} (priority ${priority})`)).join(', ')}`;
