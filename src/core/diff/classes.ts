import type { EffectiveSets } from '../effective/sets.ts';
import { effectiveSets } from '../effective/sets.ts';
import { memo } from '../ground/memo.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Group } from '../lookup/groups.ts';
import type { Target } from '../model/inventory.ts';
import { memberOf } from './member.ts';

/** Targets that no rule that is looked at, and no group, tells apart on either side. */
export interface TargetClass {
  readonly base: Target;
  readonly head: Target;
  /** Sets of `Looked`. */
  readonly sets: readonly [base: number, head: number];
  readonly groups: readonly [base: readonly Group[], head: readonly Group[]];
  /** Ids as the head has them, in its inventory's order. */
  readonly targets: readonly string[];
}

/** Rules on both sides asked about the same targets. */
export interface Looked {
  readonly base: EffectiveSets;
  readonly head: EffectiveSets;
  readonly classes: readonly TargetClass[];
  /** Labels that are known of all of them. */
  readonly known: Known;
}

export interface Known {
  readonly base: ReadonlySet<string>;
  readonly head: ReadonlySet<string>;
}

interface Side {
  readonly program: Program;
  readonly rules: readonly ResolvedRule[];
}

/** Asks some rules of each side about targets, given by what they are on each side. */
export function look(
  base: Side,
  head: Side,
  pairs: readonly { readonly base: Target; readonly head: Target }[],
  known: Known,
): Looked {
  const sets = [
    effectiveSets(
      within(
        base,
        pairs.map((p) => p.base),
        known.base,
      ),
    ),
    effectiveSets(
      within(
        head,
        pairs.map((p) => p.head),
        known.head,
      ),
    ),
  ] as const;
  const groupsOf = [memberOf(base.program.tree), memberOf(head.program.tree)] as const;
  const classes = new Map<string, TargetClass & { targets: string[] }>();
  pairs.forEach((pair, i) => {
    const own = [sets[0].setOf[i] as number, sets[1].setOf[i] as number] as const;
    const before = groupsOf[0](pair.base);
    const after = groupsOf[1](pair.head);
    const key = `${own.join()} ${before.key} ${after.key}`;
    const found = memo(classes, key, () => ({
      ...pair,
      sets: own,
      groups: [before.groups, after.groups] as const,
      targets: [],
    }));
    found.targets.push(pair.head.id);
  });
  return { base: sets[0], head: sets[1], classes: [...classes.values()], known };
}

const within = ({ program, rules }: Side, targets: readonly Target[], known: ReadonlySet<string>): Program => ({
  ...program,
  rules,
  inventory: { targets, known },
});
