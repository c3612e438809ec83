import type { LabelSet } from '../../promql/region.ts';
import { inBox } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';
import type { Group, GroupTree } from '../lookup/groups.ts';
import { foldOrder, leaves } from '../lookup/groups.ts';
import type { Target } from '../model/inventory.ts';

/** The deepest groups that a target is in, and a key of all of them. */
export interface Member {
  readonly groups: readonly Group[];
  readonly key: number;
}

/** Looks up groups; targets that are equal in all labels that groups test are looked up once. */
export function memberOf(tree: GroupTree, only?: ReadonlySet<string>): (target: Target) => Member {
  const groups = only ? tree.groups.filter((g) => only.has(g.id)) : tree.groups;
  const labels = [...new Set(groups.flatMap((g) => [...g.box.keys()]))].sort();
  const near = groupsNear(groups);
  const known = new Map<string, Member>();
  const keys = new Map<string, number>();
  return (target) =>
    memo(known, labels.map((label) => target.labels.get(label) ?? '').join('\u0000'), () => {
      const all = near(target.labels)
        .filter((g) => inBox(target.labels, g.box))
        .sort(foldOrder);
      const key = memo(keys, all.map((g) => g.id).join(), () => keys.size);
      return { groups: leaves(all), key };
    });
}

/**
 * Groups among which are all that a label set could be in: each is filed under the values that it asks of one label, so that
 * a thousand sets don't cost a thousand walks through a thousand groups.
 */
function groupsNear(groups: readonly Group[]): (labels: LabelSet) => readonly Group[] {
  const asked = new Map<string, Map<string, Group[]>>();
  const finite = (group: Group): [label: string, values: ReadonlySet<string>][] =>
    [...group.box].flatMap(([label, c]) => (c.kind === 'in' ? [[label, c.values]] : []));
  for (const group of groups) {
    for (const [label, values] of finite(group)) {
      const byValue = memo(asked, label, () => new Map<string, Group[]>());
      for (const value of values) memo(byValue, value, () => []);
    }
  }
  const anywhere: Group[] = [];
  for (const group of groups) {
    // The label of which groups name the most values tells them apart best.
    const sizeOf = ([label]: [string, unknown]): number => asked.get(label)?.size ?? 0;
    const [best, ...others] = finite(group);
    const [label, values] = others.reduce((a, b) => (b && a && sizeOf(b) > sizeOf(a) ? b : a), best) ?? [];
    if (label === undefined || !values) anywhere.push(group);
    else for (const value of values) asked.get(label)?.get(value)?.push(group);
  }
  return (labels) => [
    ...anywhere,
    ...[...asked].flatMap(([label, byValue]) => byValue.get(labels.get(label) ?? '') ?? []),
  ];
}
