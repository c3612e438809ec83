import { canonical } from '../../promql/canonical.ts';
import { boxKey } from '../../promql/region.ts';
import type { GroupTree } from '../groups.ts';
import { ROOT_ID } from '../groups.ts';
import type { Target } from '../inventory.ts';
import type { ResolvedRule } from '../resolve.ts';

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
    (r) => `${nameKey(r)} ${exprKey(r)}`,
    nameKey,
    (r) => `${r.rule.kind} ${severityOf(r)} ${exprKey(r)}`,
  ]);
  const gone = base.filter((one) => ![...found.values()].includes(one));
  return [
    ...head.map((one) => {
      const before = found.get(one);
      return before ? { base: before, head: one } : { head: one };
    }),
    ...gone.map((one) => ({ base: one })),
  ];
}

const nameKey = (resolved: ResolvedRule): string =>
  `${resolved.rule.kind} ${resolved.rule.name.value} ${severityOf(resolved)}`;

const severityOf = ({ rule }: ResolvedRule): string => String(rule.base.get('label:severity')?.value ?? '');

const exprKey = ({ rule, samples: [first] }: ResolvedRule): string =>
  first ? canonical(first.shape.expr) : rule.expr.value.replace(/\s+/g, ' ').trim();

/** Pairs what has one key alone on each side, with one key after another; by the head's. */
function pairBy<T>(base: readonly T[], head: readonly T[], keys: readonly ((one: T) => string)[]): Map<T, T> {
  const found = new Map<T, T>();
  let [left, right] = [base, head];
  for (const key of keys) {
    if (left.length === 0 || right.length === 0) break;
    const [before, after] = [alone(left, key), alone(right, key)];
    for (const [name, one] of after) {
      const other = before.get(name);
      if (other) found.set(one, other);
    }
    const taken = new Set(found.values());
    left = left.filter((one) => !taken.has(one));
    right = right.filter((one) => !found.has(one));
  }
  return found;
}

/** Those whose key nobody else has. */
function alone<T>(all: readonly T[], key: (one: T) => string): Map<string, T> {
  const once = new Map<string, T>();
  const twice = new Set<string>();
  for (const one of all) {
    const name = key(one);
    if (once.has(name)) twice.add(name);
    else once.set(name, one);
  }
  for (const name of twice) once.delete(name);
  return once;
}

/** What the groups of the base are called now: those of another id that match the very same are taken for renamed. */
export interface GroupNames {
  /** The head's id of a group, or of a derived group, of the base. */
  now(owner: string): string;
  readonly renamed: ReadonlyMap<string, string>;
}

export function pairGroups(base: GroupTree, head: GroupTree): GroupNames {
  const left = base.groups.filter((g) => g.id !== ROOT_ID && !head.byId.has(g.id));
  const right = head.groups.filter((g) => g.id !== ROOT_ID && !base.byId.has(g.id));
  const found = pairBy(left, right, [(g) => boxKey(g.box)]);
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
