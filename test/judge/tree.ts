import type { GroupModel, LabelSet } from './model.ts';
import { matchesAll } from './model.ts';

/** The tree of groups, as the brute force reads it. */

export const ROOT = 'default';
const NO_ROOT: GroupModel = { id: ROOT, match: [], says: [], disabled: [], labels: {} };

/** A group with what the tree says of it. */
export interface Placed {
  readonly group: GroupModel;
  readonly ancestors: readonly Placed[];
  readonly priority: number;
}

/** The groups and the root, parents first. */
export function placeGroups(groups: readonly GroupModel[]): Placed[] {
  const own = groups.find((g) => g.id === ROOT) ?? NO_ROOT;
  const placed: Placed[] = [{ group: own, ancestors: [], priority: own.priority ?? 0 }];
  for (const group of groups) {
    if (group.id === ROOT) continue;
    const parent = placed.find((p) => p.group.id === (group.parent ?? ROOT)) as Placed;
    placed.push({ group, ancestors: [...parent.ancestors, parent], priority: group.priority ?? parent.priority });
  }
  return placed;
}

/** Whether a label set is in a group: in what it and all its ancestors match. */
export const isIn = ({ group, ancestors }: Placed, labels: LabelSet): boolean =>
  matchesAll(labels, group.match) && ancestors.every((a) => matchesAll(labels, a.group.match));

export const unrelated = (a: Placed, b: Placed): boolean =>
  a !== b && !a.ancestors.includes(b) && !b.ancestors.includes(a);

/** The order in which settings are folded. */
export const byOrder = (a: Placed, b: Placed): number =>
  a.priority - b.priority || a.ancestors.length - b.ancestors.length || (a.group.id < b.group.id ? -1 : 1);
