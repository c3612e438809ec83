import fc from 'fast-check';
import { stringify } from 'yaml';
import { repositories } from '../judge/generate.ts';
import type { GroupModel, LabelSet, Repository, RuleModel } from '../judge/model.ts';
import { present, UNIVERSE } from '../judge/model.ts';
import { filesOf } from '../judge/write.ts';

/** A repository and what it was before: machines keep their names, whatever becomes of their labels. */
export interface Pair {
  readonly base: ReadonlyMap<string, string>;
  readonly head: ReadonlyMap<string, string>;
}

type State = Pick<Repository, 'rules' | 'groups'> & { readonly machines: ReadonlyMap<string, LabelSet> };

/** One edit of a state; `other` is a repository to take things from, `n` chooses among what there is. */
type Edit = (state: State, other: Repository, n: number) => State;

const pick = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)];

const withRule = (state: State, n: number, change: (rule: RuleModel) => RuleModel): State => {
  const chosen = pick(state.rules, n);
  return { ...state, rules: state.rules.map((r) => (r === chosen ? change(r) : r)) };
};
const withGroup = (state: State, n: number, change: (group: GroupModel) => GroupModel): State => {
  const chosen = pick(state.groups, n);
  return { ...state, groups: state.groups.map((g) => (g === chosen ? change(g) : g)) };
};

const EDITS: readonly Edit[] = [
  (s, _, n) => withRule(s, n, (r) => (r.kind === 'record' ? r : { ...r, threshold: r.threshold + 1 })),
  (s, _, n) => withRule(s, n, (r) => (r.kind === 'record' ? r : { ...r, for: `${1 + (n % 5)}m` })),
  (s, _, n) => withRule(s, n, (r) => (r.kind === 'record' ? r : { ...r, labels: { ...r.labels, kind: `k${n % 3}` } })),
  (s, _, n) => withRule(s, n, (r) => ({ ...r, enabled: !r.enabled })),
  (s, _, n) => withRule(s, n, (r) => ({ ...r, except: [] })),
  (s, other, n) => withGroup(s, n, (g) => ({ ...g, says: says(s, other, n) })),
  (s, _, n) => withGroup(s, n, (g) => ({ ...g, says: g.says.slice(1) })),
  (s, _, n) => withGroup(s, n, (g) => ({ ...g, disabled: [pick(s.rules, n)?.id ?? '*'] })),
  (s, _, n) => withGroup(s, n, (g) => ({ ...g, disabled: [] })),
  (s, other, n) =>
    withGroup(s, n, (g) => (g.id === 'default' ? g : { ...g, match: pick(other.groups, n)?.match ?? g.match })),
  (s, _, n) => withGroup(s, n, (g) => ({ ...g, labels: n % 2 === 0 ? {} : { team: `t${n % 3}` } })),
  (s, _, n) => withGroup(s, n, (g) => ({ ...g, priority: (g.priority ?? 0) + 1 + (n % 3) })),
  (s, _, n) => {
    const gone = pick(s.rules, n)?.name;
    const rules = s.rules.filter((r) => r.name !== gone);
    return rules.length === 0 ? s : known({ ...s, rules });
  },
  (s, _, n) => {
    const leaf = pick(
      s.groups.filter((g) => g.id !== 'default' && !s.groups.some((o) => o.parent === g.id)),
      n,
    );
    const named = s.rules.some((r) => leaf && [...(r.only ?? []), ...r.except].includes(leaf.id));
    return named ? s : { ...s, groups: s.groups.filter((g) => g !== leaf) };
  },
  (s, _, n) => {
    const machines = new Map(s.machines);
    const name = pick([...machines.keys()], n);
    if (name !== undefined) machines.set(name, pick(UNIVERSE, n * 7) ?? {});
    return { ...s, machines };
  },
  (s, _, n) => {
    const machines = new Map(s.machines);
    if (n % 2 === 0) machines.set(`new-${n}`, pick(UNIVERSE, n) ?? {});
    else machines.delete(pick([...machines.keys()], n) ?? '');
    return { ...s, machines };
  },
];

function says({ rules }: State, other: Repository, n: number): GroupModel['says'] {
  const taken = pick(other.groups, n)?.says ?? [];
  return taken.flatMap((said, i) => {
    const rule = said.rule === '*' ? undefined : pick(rules, i + n);
    if (said.rule !== '*' && (!rule || rule.kind === 'record' || rule.tier)) return [];
    return [{ ...said, rule: rule?.id ?? '*', cases: [] }];
  });
}

/** The same without what is said of rules that there are not. */
function known(state: State): State {
  const ids = new Set(['*', ...state.rules.map((r) => r.id)]);
  const groups = state.groups.map((g) => ({
    ...g,
    says: g.says.filter((s) => ids.has(s.rule)),
    disabled: g.disabled.filter((id) => ids.has(id)),
  }));
  return { ...state, groups };
}

function write(state: State, repository: Repository): ReadonlyMap<string, string> {
  const files = filesOf({ ...repository, ...state, inventory: [] });
  const entries = [...state.machines].map(([name, labels]) => ({ targets: [name], labels: present(labels) }));
  if (entries.length > 0) files.set('groups/targets/all.yaml', stringify(entries));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Random repositories with one to three random edits; which of the two is the base is chance too. */
export const pairs: fc.Arbitrary<Pair> = fc
  .tuple(
    repositories,
    repositories,
    fc.array(fc.tuple(fc.nat({ max: EDITS.length - 1 }), fc.nat({ max: 97 })), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([repository, other, edits, back]) => {
    const machines = new Map(repository.inventory.map((labels, i) => [`m${i}`, labels]));
    const before: State = { rules: repository.rules, groups: repository.groups, machines };
    const after = edits.reduce((state, [edit, n]) => (EDITS[edit] as Edit)(state, other, n), before);
    const [base, head] = [write(before, repository), write(after, repository)];
    return back ? { base: head, head: base } : { base, head };
  });
