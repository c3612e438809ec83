import fc from 'fast-check';
import type { Case, GroupModel, Matcher, Repository, RuleModel, Said, Say } from './model.ts';
import { matchesAll, UNIVERSE } from './model.ts';
import { SHAPES, shapeOf } from './shapes.ts';

/** Random repositories: small in what they name, rich in how it overlaps. */

const MATCHERS: readonly Matcher[] = [
  ...(['prod', 'dev', ''] as const).flatMap((value): Matcher[] => [
    { label: 'env', op: '=', value },
    { label: 'env', op: '!=', value },
  ]),
  { label: 'env', op: '=~', value: 'prod|dev' },
  { label: 'env', op: '!~', value: 'prod|dev' },
  { label: 'env', op: '=~', value: 'p.*' },
  { label: 'env', op: '!~', value: 'p.*' },
  { label: 'env', op: '=~', value: '.+' },
  { label: 'env', op: '=~', value: 'prod|' },
  { label: 'env', op: '=~', value: 'p(rod|erf)' },
  { label: 'site', op: '=', value: 'a' },
  { label: 'site', op: '=', value: 'b' },
  { label: 'site', op: '!=', value: 'a' },
  { label: 'site', op: '=~', value: 'a|b' },
  { label: 'site', op: '!~', value: 'a|b' },
  { label: 'site', op: '!~', value: '' },
  { label: 'tier', op: '=', value: 'gpu' },
  { label: 'tier', op: '=', value: 'cpu' },
  { label: 'tier', op: '!=', value: 'gpu' },
  { label: 'tier', op: '=~', value: '.*' },
  { label: 'tier', op: '!=', value: '' },
];

const IDS = ['a-group', 'beta', 'c1', 'delta', 'echo', 'f.x'] as const;
const NAMES = ['Alpha', 'Bravo', 'Charlie', 'Delta'] as const;

const threshold = fc.integer({ min: 1, max: 6 });
const time = fc.constantFrom('1m', '3m', '2h');
const shortText = fc.constantFrom('x', 'y');
/** There in so many of ten. */
const inTen = <T>(tenths: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - tenths, arbitrary: fc.constant(undefined) }, { weight: tenths, arbitrary });
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 6, arbitrary }, { weight: 1, arbitrary: fc.constant(null) });

const said: fc.Arbitrary<Said> = fc
  .record({
    threshold: inTen(7, orNull(threshold)),
    for: inTen(2, orNull(time)),
    labels: inTen(2, fc.dictionary(fc.constantFrom('team', 'note'), orNull(shortText), { maxKeys: 2 })),
    enabled: inTen(2, fc.boolean()),
  })
  .map(dropUndefined);

const someCase: fc.Arbitrary<Case> = fc
  .tuple(
    fc.constantFrom('one', 'two', 'three'),
    fc.constantFrom<Matcher>(
      { label: 'queue', op: '=', value: 'bulk' },
      { label: 'queue', op: '=', value: 'mail' },
      { label: 'queue', op: '!=', value: 'bulk' },
      { label: 'queue', op: '=~', value: 'bulk|mail' },
    ),
    fc.array(fc.constantFrom(...MATCHERS.filter((m) => m.label === 'tier')), { maxLength: 1, size: 'max' }),
    said,
  )
  .map(([id, match, more, settings]) => ({ ...settings, id, match: [match, ...more] }));

interface RawSay {
  readonly rule: number;
  readonly under: Say['under'];
  readonly said: Said;
  readonly cases: readonly Case[];
}

const say: fc.Arbitrary<RawSay> = fc.record({
  rule: fc.integer({ min: -1, max: 7 }),
  under: fc.constantFrom('thresholds', 'overrides'),
  said,
  cases: fc.array(someCase, { maxLength: 2 }),
});

const group = fc.record({
  parent: inTen(5, fc.nat({ max: 5 })),
  match: fc.array(fc.constantFrom(...MATCHERS), { minLength: 1, maxLength: 2, size: 'max' }),
  priority: inTen(6, fc.integer({ min: 0, max: 3 })),
  says: fc.array(say, { maxLength: 4, size: 'max' }),
  disabled: fc.array(fc.integer({ min: -1, max: 7 }), { maxLength: 1 }),
  labels: fc.dictionary(fc.constantFrom('team', 'note'), shortText, { maxKeys: 1 }),
});

const ruleOf = (shapes: readonly string[]) =>
  fc.record({
    shape: fc.constantFrom(...shapes),
    author: fc.array(fc.constantFrom(...MATCHERS), { maxLength: 1 }),
    threshold,
    for: inTen(4, time),
    labels: fc.dictionary(fc.constantFrom('team', 'kind'), shortText, { maxKeys: 1 }),
    enabled: fc.integer({ min: 0, max: 9 }).map((n) => n < 9),
    only: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 2 }),
    except: fc.array(fc.nat({ max: 5 }), { maxLength: 1 }),
    scoped: fc.integer({ min: 0, max: 3 }),
    tiers: fc.integer({ min: 0, max: 5 }),
  });

const rawOf = (shapes: readonly string[]) =>
  fc.record({
    rules: fc.array(ruleOf(shapes), { minLength: 1, maxLength: 4, size: 'max' }),
    groups: fc.array(group, { minLength: 1, maxLength: 5, size: 'max' }),
    root: inTen(4, group),
    inventory: fc.array(fc.nat({ max: UNIVERSE.length - 1 }), { maxLength: 12, size: 'max' }),
    carried: fc.subarray(['env', 'site', 'tier']),
    three: fc.boolean(),
    salt: fc.nat({ max: 1_000_000 }),
  });

type Raw = ReturnType<typeof rawOf> extends fc.Arbitrary<infer T> ? T : never;

/** Repositories that are well formed; some of them nothing can match, some are ambiguous. */
export const repositoriesOf = (shapes: readonly string[]): fc.Arbitrary<Repository> => rawOf(shapes).map(wellFormed);

/** Repositories of all shapes. */
export const repositories: fc.Arbitrary<Repository> = repositoriesOf(SHAPES.map((s) => s.name));

function wellFormed(from: Raw): Repository {
  const ids = from.groups.map((_, i) => IDS[i % IDS.length] as string);
  const rules = from.rules.flatMap((r, i) => rulesOf(r, NAMES[i] as string, ids, from));
  const groups: GroupModel[] = [];
  if (from.root) groups.push({ ...groupOf(from.root, 'default', rules), match: [] });
  const rootPriority = groups[0]?.priority ?? 0;
  from.groups.forEach((g, i) => {
    const parents = groups.filter((p) => p.id !== 'default');
    const parent = g.parent === undefined || parents.length === 0 ? undefined : parents[g.parent % parents.length];
    const own = groupOf(g, ids[i] as string, rules);
    const least = parent ? priorityOf(parent, groups, rootPriority) : rootPriority;
    const match = livelyMatch(own.match, parent, groups, from.salt + i);
    groups.push({
      ...own,
      match,
      ...(parent && { parent: parent.id }),
      ...(own.priority !== undefined && { priority: own.priority + least }),
    });
  });
  // Every label is known of the inventory's targets, so that what is missing is known to be missing.
  const full = UNIVERSE.findIndex((l) => l.env === 'prod' && l.site === 'a' && l.tier === 'gpu');
  const inventory =
    from.inventory.length === 0 ? [] : [...new Set([full, ...from.inventory])].map((i) => UNIVERSE[i] ?? {});
  const three = from.three || rules.some((r) => shapeOf(r.shape).three);
  return { rules, groups, inventory, carried: from.carried, three, salt: from.salt };
}

/** Most groups should have targets: what contradicts its parent says less, but for one in six. */
function livelyMatch(
  match: readonly Matcher[],
  parent: GroupModel | undefined,
  groups: readonly GroupModel[],
  salt: number,
): readonly Matcher[] {
  const chain: Matcher[] = [];
  for (let at = parent; at; at = groups.find((g) => g.id === at?.parent)) chain.push(...at.match);
  const lives = (own: readonly Matcher[]): boolean => UNIVERSE.some((labels) => matchesAll(labels, [...chain, ...own]));
  if (lives(match) || salt % 6 === 0) return match;
  return match.filter((m) => lives([m])).slice(0, 1);
}

function priorityOf(group: GroupModel, groups: readonly GroupModel[], root: number): number {
  if (group.priority !== undefined) return group.priority;
  const parent = groups.find((g) => g.id === group.parent);
  return parent ? priorityOf(parent, groups, root) : root;
}

function rulesOf(r: Raw['rules'][number], name: string, ids: readonly string[], { three }: Raw): RuleModel[] {
  const found = shapeOf(r.shape);
  const shape = found.three && !three ? shapeOf('plain') : found;
  const some = (picks: readonly number[]): string[] => [...new Set(picks.map((n) => ids[n % ids.length] as string))];
  const common = {
    name,
    kind: 'alert' as const,
    shape: shape.name,
    author: shape.lacks || shape.mixed || shape.plain || shape.record ? [] : r.author,
    labels: r.labels,
    enabled: r.enabled,
    ...(r.scoped === 1 && { only: some(r.only) }),
    except: r.scoped === 2 ? some(r.except) : [],
    ...(r.for !== undefined && { for: r.for }),
  };
  if (shape.record) {
    const made: RuleModel = {
      name,
      kind: 'record',
      id: `${name}-made`,
      shape: shape.name,
      author: [],
      threshold: 1,
      labels: {},
      enabled: true,
      except: [],
    };
    const second: RuleModel = { ...made, id: `${name}-again`, second: true };
    return [made, ...(shape.record.again ? [second] : []), { ...common, id: name, threshold: r.threshold }];
  }
  if (r.tiers > 0 || shape.less) return [{ ...common, id: name, threshold: r.threshold }];
  // Tiers are far enough apart that no group can bring them out of order.
  return [
    {
      ...common,
      id: `${name}.warning`,
      tier: 'warning',
      threshold: r.threshold,
      labels: { ...r.labels, severity: 'warning' },
    },
    {
      ...common,
      id: `${name}.critical`,
      tier: 'critical',
      threshold: r.threshold + 10,
      labels: { ...r.labels, severity: 'critical' },
    },
  ];
}

function groupOf(g: Raw['groups'][number], id: string, rules: readonly RuleModel[]): GroupModel {
  const says: Say[] = [];
  for (const raw of g.says) {
    const rule = raw.rule < 0 ? '*' : (rules[raw.rule % rules.length]?.id ?? '*');
    if (says.some((s) => s.rule === rule && s.under === raw.under)) continue;
    says.push({ ...saidFor(raw.said, rule, rules), rule, under: raw.under, cases: casesFor(raw, rule, rules) });
  }
  const disabled = [...new Set(g.disabled.map((n) => (n < 0 ? '*' : (rules[n % rules.length]?.id ?? '*'))))];
  return {
    id,
    match: g.match,
    says: says.filter((s) => Object.keys(s).length > 3 || s.cases.length > 0),
    disabled,
    labels: g.labels,
    ...(g.priority !== undefined && { priority: g.priority }),
  };
}

/** What may be said of a rule: recording rules have no `for` or labels, tiers keep their order. */
function saidFor(settings: Said, id: string, rules: readonly RuleModel[]): Said {
  const rule = rules.find((r) => r.id === id);
  const { threshold: value, for: time, labels, enabled } = settings;
  const tiered = rules.some((r) => r.tier);
  const fits = rule
    ? rule.tier === 'critical' && typeof value === 'number'
      ? value + 10
      : value
    : tiered
      ? undefined
      : value;
  const isAlert = rule?.kind !== 'record';
  return dropUndefined({
    // Powers of two, so that dividing by what a recording rule multiplies with is exact.
    threshold: isAlert || typeof fits !== 'number' ? fits : 2 ** (fits % 3),
    enabled,
    ...(isAlert && { for: time, labels: labels && Object.keys(labels).length > 0 ? labels : undefined }),
  });
}

function casesFor(raw: RawSay, id: string, rules: readonly RuleModel[]): Case[] {
  const rule = rules.find((r) => r.id === id);
  if (!rule || !shapeOf(rule.shape).queue) return [];
  const cases = raw.cases.filter((c, i) => raw.cases.findIndex((o) => o.id === c.id) === i);
  return cases.map((c) => ({ ...saidFor(c, id, rules), id: c.id, match: c.match }));
}

function dropUndefined(value: Readonly<Record<keyof Said, unknown>> | object): Said {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}
