import type { Group } from '../lookup/groups.ts';
import type { Target } from '../model/inventory.ts';
import { affectedTargets } from './affected.ts';
import type { Ground } from './difference.ts';
import { memberOf } from './member.ts';
import { ownersOf } from './owners.ts';
import type { TargetPairs } from './pairs.ts';
import type { Change } from './report.ts';
import { count, few } from './words.ts';

/** Targets that are new, gone, or in other groups than before. */
export function inventoryChanges({ both, gone, added }: TargetPairs, ground: Ground): Change[] {
  if (both.length + gone.length + added.length === 0) return [];
  const [before, after] = [memberOf(ground.base.tree), memberOf(ground.head.tree)];
  const one = (
    kind: 'target-added' | 'target-removed',
    targets: readonly Target[],
    member: typeof before,
  ): Change[] => {
    if (targets.length === 0) return [];
    const affected = affectedTargets(targets, (t) => member(t).groups);
    const span = (targets[0] as Target).span;
    const verb = kind === 'target-added' ? 'new in' : 'gone from';
    const is = targets.length === 1 ? 'is' : 'are';
    return [
      {
        kind,
        severity: 'notice',
        message: `${count(targets.length, 'target')} ${is} ${verb} the inventory: ${few(affected.targets)}.`,
        rules: [],
        affected,
        place: { side: kind === 'target-added' ? 'head' : 'base', span },
        owners: [],
      },
    ];
  };
  // A group that is new, or gone, moves nobody.
  const stays = { base: new Set<string>(), head: new Set<string>() };
  for (const { id } of ground.base.tree.groups) {
    const now = ground.names.now(id);
    if (!ground.head.tree.byId.has(now)) continue;
    stays.base.add(id);
    stays.head.add(now);
  }
  const [groupsBefore, groupsAfter] = [memberOf(ground.base.tree, stays.base), memberOf(ground.head.tree, stays.head)];
  const moves = new Map<string, { from: readonly Group[]; to: readonly Group[]; targets: Target[] }>();
  for (const { base, head } of both) {
    const [from, to] = [groupsBefore(base).groups, groupsAfter(head).groups];
    const [old, now] = [names(from.map((g) => ground.names.now(g.id))), names(to.map((g) => g.id))];
    if (old === now) continue;
    const own = moves.get(`${old} → ${now}`) ?? { from, to, targets: [] };
    moves.set(`${old} → ${now}`, own);
    own.targets.push(head);
  }
  const moved = [...moves.values()].map(({ from, to, targets }): Change => {
    const [old, now] = [names(from.map((g) => g.id)), names(to.map((g) => g.id))];
    const is = targets.length === 1 ? 'is' : 'are';
    return {
      kind: 'target-moved',
      severity: 'notice',
      message: `${count(targets.length, 'target')} ${is} now in ${now}, before in ${old}: ${few(targets.map((t) => t.id).sort())}.`,
      rules: [],
      old,
      new: now,
      affected: affectedTargets(targets, () => to),
      place: { side: 'head', span: (targets[0] as Target).span },
      owners: ownersOf(
        [],
        [...from, ...to].map((g) => g.id),
        ground,
      ),
    };
  });
  return [...one('target-removed', gone, before), ...one('target-added', added, after), ...moved];
}

const names = (ids: readonly string[]): string => [...ids].sort().join(', ') || 'default';
