import type { Group } from '../lookup/groups.ts';
import type { TargetClass } from './classes.ts';
import type { Affected } from './report.ts';

/** Whom some classes of targets are, or else some regions. */
export function affectedBy(
  classes: Iterable<TargetClass>,
  regions: Iterable<TargetClass>,
  side: 'base' | 'head' = 'head',
  condition?: string,
): Affected {
  // Several servers may watch one target.
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  for (const own of classes) {
    const before = seen.size;
    for (const id of own.targets) seen.add(id);
    const more = seen.size - before;
    if (more === 0) continue;
    for (const { id } of own.groups[side === 'head' ? 1 : 0]) counts.set(id, (counts.get(id) ?? 0) + more);
  }
  const targets = [...seen].sort();
  return {
    targets,
    groups: ranked(counts),
    regions: targets.length > 0 ? [] : [...new Set([...regions].flatMap((own) => own.targets))].sort(),
    ...(condition !== undefined && { condition }),
  };
}

/** Targets by what `groupsOf` says of each. */
export function affectedTargets<T extends { readonly id: string }>(
  targets: readonly T[],
  groupsOf: (target: T) => readonly Group[],
): Affected {
  const counts = new Map<string, number>();
  for (const target of targets) for (const { id } of groupsOf(target)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return { targets: targets.map((t) => t.id).sort(), groups: ranked(counts), regions: [] };
}

const ranked = (counts: ReadonlyMap<string, number>): Affected['groups'] =>
  [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([id, targets]) => ({ id, targets }));
