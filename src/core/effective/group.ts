import type { Box, Region } from '../../promql/region.ts';
import { meet, within } from '../../promql/region.ts';
import { boxSubject, residual } from '../ground/subject.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Group, GroupTree } from '../lookup/groups.ts';
import type { Effective } from './effective.ts';
import { conditionText, watches } from './effective.ts';

/** The rules as a group has them, and who else has a say in parts of it. */
export interface GroupRules {
  /** The group, or all that a derived group joins. */
  readonly groups: readonly Group[];
  readonly box: Box;
  readonly rules: readonly Effective[];
  /** The groups that contain all of it: itself, those above, and whoever else. */
  readonly around: ReadonlySet<Group>;
  /** Other groups that overlap it, with the number of its rules that they change there; most first. */
  readonly others: readonly { readonly id: string; readonly rules: number }[];
}

/** The group of an id, or the groups that a derived id joins; undefined where there is none. */
export function groupsNamed(tree: GroupTree, id: string): { groups: Group[]; box: Box } | undefined {
  const groups = id.split('--').map((part) => tree.byId.get(part));
  let box: Box | undefined = new Map();
  for (const group of groups) box = group && box && meet(box, group.box);
  return box && { groups: groups as Group[], box };
}

/**
 * The settings of a group's own region: of the group and those above it, where nobody else has a
 * say. A condition is that of a case.
 */
export function groupRules(program: Program, { groups, box }: { groups: Group[]; box: Box }): GroupRules {
  const subject = boxSubject(box);
  const around = new Set(program.tree.groups.filter((g) => within(box, g.box)));
  const others = new Map<string, number>();
  const rules = program.rules.flatMap((resolved) => {
    const overlapping = new Set<string>();
    const own = resolved.instances.flatMap((instance): Effective[] => {
      const left = residual(instance.cell.region, subject);
      if (!left || !watches(resolved, instance, subject)) return [];
      const foreign = instance.cell.declarations.filter((d) => !around.has(d.group));
      for (const { group } of foreign) overlapping.add(group.id);
      if (foreign.length > 0) return [];
      return [{ resolved, instance, condition: conditionText(ofCases(left, resolved), instance) }];
    });
    for (const id of overlapping) others.set(id, (others.get(id) ?? 0) + 1);
    return own;
  });
  const sorted = [...others].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { groups, box, rules, around, others: sorted.map(([id, n]) => ({ id, rules: n })) };
}

/** What of a region is about the rule's cases: the rest only says where other groups have no say. */
export function ofCases(region: Region, { cascade }: ResolvedRule): Region {
  const labels = new Set(cascade.cells.flatMap((c) => c.declarations.flatMap((d) => d.case?.labels ?? [])));
  return {
    base: new Map([...region.base].filter(([label]) => labels.has(label))),
    minus: region.minus.filter((box) => [...box.keys()].every((label) => labels.has(label))),
  };
}
