import { canonical } from '../../promql/canonical.ts';
import { boxesApart, boxKey } from '../../promql/region.ts';
import type { ResolvedRule } from '../instance/program.ts';
import type { Group, GroupTree } from '../lookup/groups.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { Target } from '../model/inventory.ts';
import { fieldKey } from '../model/rule.ts';

/** A rule on both sides, or on the one that has it. */
export interface RulePair {
  readonly base?: ResolvedRule;
  readonly head?: ResolvedRule;
}

/** What the rule is called now; of one that is gone, what it was. */
export const idOf = ({ base, head }: RulePair): string => (head ?? base)?.rule.id ?? '';

/**
 * Which rule of the base has become which of the head: by id; else by what it is called and computes,
 * so that a rule that was renamed isn't taken for one that is lost. In the head's order, then what is gone.
 */
export function pairRules(base: readonly ResolvedRule[], head: readonly ResolvedRule[]): RulePair[] {
  const found = pairBy(base, head, [
    ({ rule }) => `${rule.kind} ${rule.id}`,
    (r) => `${identityKey(r)} ${exprKey(r)}`,
    (r) => `${nameKey(r)} ${exprKey(r)}`,
    identityKey,
    nameKey,
    (r) => `${r.rule.kind} ${severityOf(r)} ${exprKey(r)}`,
  ]);
  for (const [one, before] of tierPairs(base, head, found)) found.set(one, before);
  const gone = base.filter((one) => ![...found.values()].includes(one));
  return [
    ...head.map((one) => {
      const before = found.get(one);
      return before ? { base: before, head: one } : { head: one };
    }),
    ...gone.map((one) => ({ base: one })),
  ];
}

/**
 * A rule that is split into tiers goes on as one of them, and of tiers that become one rule again one does: the tier of
 * the same severity, else of the same number, else the first.
 */
function tierPairs(
  base: readonly ResolvedRule[],
  head: readonly ResolvedRule[],
  found: ReadonlyMap<ResolvedRule, ResolvedRule>,
): [head: ResolvedRule, base: ResolvedRule][] {
  const taken = new Set(found.values());
  const left = base.filter((one) => !taken.has(one));
  const right = head.filter((one) => !found.has(one));
  const alike = (one: ResolvedRule, among: readonly ResolvedRule[]): ResolvedRule | undefined => {
    const tiers = one.rule.tier ? [] : among.filter((other) => other.rule.tier?.of === one.rule.id);
    return (
      tiers.find((tier) => severityOf(tier) === severityOf(one)) ??
      tiers.find((tier) => thresholdOf(tier) === thresholdOf(one)) ??
      tiers[0]
    );
  };
  return [
    ...left.flatMap((one): [ResolvedRule, ResolvedRule][] => {
      const tier = alike(one, right);
      return tier ? [[tier, one]] : [];
    }),
    ...right.flatMap((one): [ResolvedRule, ResolvedRule][] => {
      const tier = alike(one, left);
      return tier ? [[one, tier]] : [];
    }),
  ];
}

const nameKey = (resolved: ResolvedRule): string =>
  `${resolved.rule.kind} ${resolved.rule.name.value} ${severityOf(resolved)}`;

/** A key of the number that a rule gives itself. */
function thresholdOf({ rule }: ResolvedRule): string {
  const value = rule.base.get('param:threshold')?.value;
  return value === undefined ? '' : fieldKey('param:threshold', value);
}

/** Name and labels of a rule, and for a native one the place where its state is kept. */
const identityKey = (resolved: ResolvedRule): string => {
  const { kind, name, base, group } = resolved.rule;
  const labels = [...base].flatMap(([field, { value }]) => (field.startsWith('label:') ? [[field, value]] : []));
  return JSON.stringify([kind, name.value, labels.sort(), group.file.path]);
};

const severityOf = ({ rule }: ResolvedRule): string => String(rule.base.get('label:severity')?.value ?? '');

const exprKey = ({ rule, samples: [first] }: ResolvedRule): string =>
  first ? canonical(first.shape.expr) : rule.expr.value.replace(/\s+/g, ' ').trim();

/** By what two sides are paired: a key (undefined: has none), and what else must hold of the two. */
interface Likeness<T> {
  readonly key: (one: T) => string | undefined;
  readonly fits: (base: T, head: T) => boolean;
}

/** Pairs what has one key alone on each side, with one key after another; by the head's. */
function pairBy<T>(
  base: readonly T[],
  head: readonly T[],
  keys: readonly (Likeness<T> | ((one: T) => string))[],
): Map<T, T> {
  const found = new Map<T, T>();
  let [left, right] = [base, head];
  for (const likeness of keys) {
    if (left.length === 0 || right.length === 0) break;
    const { key, fits } = typeof likeness === 'function' ? { key: likeness, fits: () => true } : likeness;
    const [before, after] = [alone(left, key), alone(right, key)];
    for (const [name, one] of after) {
      const other = before.get(name);
      if (other && fits(other, one)) found.set(one, other);
    }
    const taken = new Set(found.values());
    left = left.filter((one) => !taken.has(one));
    right = right.filter((one) => !found.has(one));
  }
  return found;
}

/** Those whose key nobody else has. */
function alone<T>(all: readonly T[], key: (one: T) => string | undefined): Map<string, T> {
  const once = new Map<string, T>();
  const twice = new Set<string>();
  for (const one of all) {
    const name = key(one);
    if (name === undefined) continue;
    if (once.has(name)) twice.add(name);
    else once.set(name, one);
  }
  for (const name of twice) once.delete(name);
  return once;
}

/** What the groups of the base are called now. */
export interface GroupNames {
  /** The head's id of a group, or of a derived group, of the base. */
  now(owner: string): string;
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * A group whose id is gone is taken for renamed where a new one matches the very same; else where one that it could have
 * targets in common with has its name, is alone in its file, or asks for the same labels below the same parent.
 */
export function pairGroups(base: GroupTree, head: GroupTree): GroupNames {
  const left = base.groups.filter((g) => g.id !== ROOT_ID && !head.byId.has(g.id));
  const right = head.groups.filter((g) => g.id !== ROOT_ID && !base.byId.has(g.id));
  const alike = (key: (group: Group) => string | undefined) => ({
    key,
    fits: (before: Group, after: Group) => !boxesApart(before.box, after.box),
  });
  const found = pairBy(left, right, [
    (g) => boxKey(g.box),
    alike((g) => g.written?.name?.value),
    alike((g) => g.span.file.path),
    alike((g) => `${g.parent?.id} ${[...g.box.keys()].sort().join()}`),
  ]);
  const renamed = new Map([...found].map(([after, before]) => [before.id, after.id]));
  return {
    renamed,
    now: (owner) => {
      if (renamed.size === 0) return owner;
      const parts = owner.split('--').map((id) => renamed.get(id) ?? id);
      return parts.sort().join('--');
    },
  };
}

/** The targets of both inventories, and those of one alone. */
export interface TargetPairs {
  readonly both: readonly { readonly base: Target; readonly head: Target }[];
  readonly gone: readonly Target[];
  readonly added: readonly Target[];
}

/** Pairs targets by id; where several have one id, those of equal labels first. */
export function pairTargets(base: readonly Target[], head: readonly Target[]): TargetPairs {
  const byId = new Map<string, Target[]>();
  for (const target of base) {
    const own = byId.get(target.id);
    if (own) own.push(target);
    else byId.set(target.id, [target]);
  }
  const both: { base: Target; head: Target }[] = [];
  const added: Target[] = [];
  const late: Target[] = [];
  for (const target of head) {
    const own = byId.get(target.id);
    if (!own) added.push(target);
    else if (own.length === 1 && own[0]) {
      both.push({ base: own[0], head: target });
      byId.delete(target.id);
    } else late.push(target);
  }
  for (const target of late) {
    const own = byId.get(target.id) ?? [];
    const same = own.findIndex((other) => sameLabels(other, target));
    const [before] = own.splice(same < 0 ? 0 : same, 1);
    if (before) both.push({ base: before, head: target });
    else added.push(target);
  }
  return { both, added, gone: [...byId.values()].flat() };
}

export function sameLabels({ labels: a }: Target, { labels: b }: Target): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [label, value] of a) if (b.get(label) !== value) return false;
  return true;
}
