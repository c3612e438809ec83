import type { LabelSet, Matcher, Repository, RuleModel, Said } from './model.ts';
import { ALPHABET, matchesAll, QUEUE, UNIVERSE } from './model.ts';
import { shapeOf } from './shapes.ts';
import type { Placed } from './tree.ts';
import { byOrder, isIn, placeGroups, ROOT, unrelated } from './tree.ts';

/**
 * The meaning of a repository, read from the design and computed label set by label set. It shares no
 * code with the compiler: no regions, no cells, no algebra of matchers.
 */

/** What a rule is for one label set. */
export interface Settled {
  /** Whether an instance watches it. */
  readonly on: boolean;
  /** The same for two label sets exactly where the same groups and cases have a say. */
  readonly cell: string;
  readonly owner: string;
  readonly cases: readonly string[];
  readonly threshold: number;
  readonly for?: string;
  /** All static labels, the group label and `rule_case` among them. */
  readonly labels: LabelSet;
}

/** Codes of errors that a repository must be refused with. */
export type Refusal =
  | 'empty-region'
  | 'ambiguous'
  | 'not-disjoint'
  | 'split-from-nothing'
  | 'duplicate-id'
  | 'group-label-join';

export interface Meaning {
  readonly refusals: ReadonlySet<Refusal>;
  settle(rule: RuleModel, labels: LabelSet): Settled;
  /** What the recording rules that a rule reads do to a target's series; undefined where they record none. */
  recorded(rule: RuleModel, labels: LabelSet): Recorded | undefined;
  /** Labels of splits that would keep apart what a rule combines: it is compiled without them. */
  leavesOut(rule: RuleModel): ReadonlySet<string>;
  /** The label sets that a rule may meet, with the queue where its series have one. */
  universe(rule: RuleModel): readonly LabelSet[];
}

/** What recording rules make of one series. */
export interface Recorded {
  readonly factor: number;
  /** The labels that their splits put on it. */
  readonly extra: LabelSet;
}

type Fields = Map<string, string | number | boolean | null>;

const WITH_QUEUE: readonly LabelSet[] = UNIVERSE.flatMap((set) => QUEUE.map((queue) => ({ ...set, queue })));

export function meaningOf(repository: Repository): Meaning {
  const placed = placeGroups(repository.groups);
  const readers = new Map(repository.rules.map((rule) => [rule.id, readRule(rule, placed)]));
  const reader = (rule: RuleModel): Reader => readers.get(rule.id) ?? readRule(rule, placed);
  const refusals = new Set<Refusal>();
  if (placed.some((p) => !UNIVERSE.some((labels) => isIn(p, labels)))) refusals.add('empty-region');
  for (const rule of repository.rules) {
    if (emptyCase(rule, placed)) refusals.add('empty-region');
    if (reader(rule).ambiguous) refusals.add('ambiguous');
    if (confusesCases(rule, reader(rule))) refusals.add('duplicate-id');
    if (confuses(rule, reader(rule), repository)) refusals.add('not-disjoint');
    if (shapeOf(rule.shape).nature === 'nothing' && repository.inventory.length === 0 && isSplit(rule, reader(rule))) {
      refusals.add('split-from-nothing');
    }
  }
  const makersOf = (rule: RuleModel): RuleModel[] =>
    rule.kind === 'alert' ? repository.rules.filter((r) => r.kind === 'record' && r.name === rule.name) : [];
  const recorded = (rule: RuleModel, labels: LabelSet): Recorded | undefined => {
    const made = makersOf(rule).map((maker) => reader(maker).settle(labels));
    if (made.some(({ on }) => !on)) return undefined;
    const factor = made.reduce((product, { threshold }) => product * threshold, 1);
    return { factor, extra: Object.assign({}, ...made.map((m) => m.labels)) as LabelSet };
  };
  const leavesOut = (rule: RuleModel): Set<string> => {
    const { combines, through } = shapeOf(rule.shape);
    const differ = new Set<string>();
    if (!combines || rule.kind === 'record') return differ;
    const makers = makersOf(rule).map(reader);
    const seen = new Map<string, string>();
    for (const labels of universe(rule)) {
      const { on, cell } = reader(rule).settle(labels);
      if (!on) continue;
      for (const name of ['group_id', 'rule_case']) {
        // An instance that finds nothing to record there, since what it reads is off, counts nevertheless: that is safe.
        const value = makers.reduce<string | undefined>((before, maker) => {
          const made = maker.settle(labels);
          return made.on ? (made.labels[name] ?? before) : undefined;
        }, '');
        if (value === undefined) continue;
        const key = [name, cell, ...through.map((label) => labels[label] ?? '')].join('\n');
        if ((seen.get(key) ?? value) !== value) differ.add(name);
        seen.set(key, value);
      }
    }
    return differ;
  };
  for (const rule of repository.rules) {
    if (rule.kind === 'record' || !shapeOf(rule.shape).compares) continue;
    const labelled = (labels: LabelSet): boolean => Object.keys(recorded(rule, labels)?.extra ?? {}).length > 0;
    if (universe(rule).some((labels) => reader(rule).settle(labels).on && labelled(labels)))
      refusals.add('group-label-join');
  }
  return { refusals, settle: (rule, labels) => reader(rule).settle(labels), universe, recorded, leavesOut };
}

const universe = (rule: RuleModel): readonly LabelSet[] => (shapeOf(rule.shape).queue ? WITH_QUEUE : UNIVERSE);

/** What one rule means. */
interface Reader {
  settle(labels: LabelSet): Settled;
  readonly ambiguous: boolean;
}

function readRule(rule: RuleModel, groups: readonly Placed[]): Reader {
  const shape = shapeOf(rule.shape);
  const isAlert = rule.kind === 'alert';
  const named = (p: Placed): boolean =>
    p.group.says.some((s) => s.rule === rule.id) ||
    p.group.disabled.includes(rule.id) ||
    (rule.only ?? []).includes(p.group.id) ||
    rule.except.includes(p.group.id);
  const everySays = (p: Placed): boolean =>
    p.group.disabled.includes('*') || p.group.says.some((s) => s.rule === '*' && fieldsOf(s, rule).size > 0);
  // A split changes nothing of a per-series rule; of others nothing where the result keeps what the group tests.
  const harmless = (p: Placed): boolean =>
    !isAlert ||
    shape.nature === 'series' ||
    [...p.ancestors, p].every(({ group }) =>
      group.match.every((m) => m.value === '.*' || shape.through.includes(m.label)),
    );
  const givesLabels = (p: Placed): boolean =>
    isAlert && Object.keys(p.group.labels).some((name) => rule.labels[name] === undefined);
  const splits = groups.filter(
    (p) => named(p) || ((everySays(p) || (givesLabels(p) && p.group.id !== ROOT)) && harmless(p)),
  );

  const signature = (labels: LabelSet): string =>
    splits
      .filter((p) => isIn(p, labels))
      .map((p) =>
        [
          p.group.id,
          ...casesOf(p, rule)
            .filter((c) => matchesAll(labels, c.match))
            .map((c) => `${c.index}`),
        ].join('.'),
      )
      .sort()
      .join(' ');
  const members = new Map<string, LabelSet[]>();
  for (const labels of universe(rule)) {
    const key = signature(labels);
    members.set(key, [...(members.get(key) ?? []), labels]);
  }
  /** Groups that have a say where a label set is: those that split the rule, and those around the whole cell. */
  const aroundCell = new Map<string, Placed[]>();
  for (const [cell, all] of members)
    aroundCell.set(cell, groups.filter((p) => all.every((labels) => isIn(p, labels))).sort(byOrder));
  const around = (cell: string): Placed[] => aroundCell.get(cell) ?? [];

  const memo = new Map<LabelSet, ReturnType<typeof look>>();
  const look = (labels: LabelSet): { settled: Settled; ambiguous: boolean } => {
    const cell = signature(labels);
    const here = around(cell);
    const speaking = here.filter((p) => splits.includes(p) || everySays(p));
    const said = new Map(speaking.map((p) => [p, ownFields(p, rule, labels)]));
    const fields: Fields = new Map<string, string | number | boolean | null>([
      ['threshold', rule.threshold],
      ['enabled', rule.enabled],
      ...(rule.for === undefined ? [] : [['for', rule.for] as const]),
      ...Object.entries(rule.labels).map(([name, value]) => [`label:${name}`, value] as const),
    ]);
    for (const own of said.values()) {
      for (const [field, value] of own)
        fields.set(field, field === 'threshold' && value === null ? rule.threshold : value);
    }
    const wide = new Map<string, string>();
    if (isAlert)
      for (const p of here) for (const [name, value] of Object.entries(p.group.labels)) wide.set(name, value);

    const applies =
      (!rule.only || here.some((p) => rule.only?.includes(p.group.id))) &&
      !here.some((p) => rule.except.includes(p.group.id));
    const ambiguous =
      applies &&
      here.some((a) =>
        here.some(
          (b) =>
            a.group.id < b.group.id &&
            unrelated(a, b) &&
            a.priority === b.priority &&
            disagree(a, b, said, fields, isAlert),
        ),
      );

    const owners = here.filter((p) => splits.includes(p));
    const deepest = owners.filter((p) => !owners.some((o) => o.ancestors.includes(p)));
    const owner =
      deepest
        .map((p) => p.group.id)
        .sort()
        .join('--') || ROOT;
    const cases = [
      ...new Set(
        owners.flatMap((p) =>
          casesOf(p, rule)
            .filter((c) => matchesAll(labels, c.match))
            .map((c) => c.id),
        ),
      ),
    ].sort();
    const texts = new Map<string, string | null>(wide);
    for (const [field, value] of fields)
      if (field.startsWith('label:')) texts.set(field.slice(6), value as string | null);
    if (owner !== ROOT) texts.set('group_id', owner);
    if (cases.length > 0) texts.set('rule_case', cases.join('--'));
    const time = fields.get('for');
    const settled: Settled = {
      on: applies && fields.get('enabled') !== false,
      cell,
      owner,
      cases,
      threshold: fields.get('threshold') as number,
      labels: Object.fromEntries([...texts].filter((e): e is [string, string] => e[1] !== null)),
      ...(typeof time === 'string' && { for: time }),
    };
    return { settled, ambiguous };
  };
  const remembered = (labels: LabelSet): ReturnType<typeof look> => {
    const found = memo.get(labels) ?? look(labels);
    memo.set(labels, found);
    return found;
  };
  return {
    settle: (labels) => remembered(labels).settled,
    get ambiguous() {
      return universe(rule).some((labels) => mayBeAt(rule, labels) && remembered(labels).ambiguous);
    },
  };
}

/**
 * Whether the own matchers of some selector of a rule let it be at a label set: where they leave nothing, nobody can
 * disagree about it. A selector that contradicts itself, and a metric that lacks labels, don't tell.
 */
function mayBeAt(rule: RuleModel, labels: LabelSet): boolean {
  const shape = shapeOf(rule.shape);
  if (shape.lacks || shape.mixed) return true;
  const selectors: Matcher[][] = [];
  shape.expr((_, ...more) => {
    const own = more.flatMap((text): Matcher[] => {
      const [, label = '', op = '', value = ''] = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(text) ?? [];
      return label in ALPHABET ? [{ label, op: op as Matcher['op'], value }] : [];
    });
    selectors.push([...own, ...rule.author]);
    return 'm';
  });
  return selectors.some(
    (matchers) => matchesAll(labels, matchers) || !universe(rule).some((any) => matchesAll(any, matchers)),
  );
}

const casesOf = ({ group }: Placed, rule: RuleModel) =>
  group.says
    .filter((s) => s.rule === rule.id)
    .sort((a, b) => order(a.under) - order(b.under))
    .flatMap((s) => s.cases)
    .map((c, index) => ({ ...c, index }));

const order = (under: 'thresholds' | 'overrides'): number => (under === 'thresholds' ? 0 : 1);

function fieldsOf(said: Said, rule: RuleModel): Fields {
  const fields: Fields = new Map();
  if (said.threshold !== undefined) fields.set('threshold', said.threshold);
  if (said.enabled !== undefined) fields.set('enabled', said.enabled);
  if (rule.kind === 'record') return fields;
  if (said.for !== undefined) fields.set('for', said.for);
  for (const [name, value] of Object.entries(said.labels ?? {})) fields.set(`label:${name}`, value);
  return fields;
}

/** What a group says of a rule for one label set: "*", thresholds, disabled, overrides, cases; later wins. */
function ownFields(p: Placed, rule: RuleModel, labels: LabelSet): Fields {
  const fields: Fields = new Map();
  const put = (said: Said): void => {
    for (const [field, value] of fieldsOf(said, rule)) fields.set(field, value);
  };
  const { says, disabled } = p.group;
  for (const s of says) if (s.rule === '*' && s.under === 'thresholds') put(s);
  for (const s of says) if (s.rule === '*' && s.under === 'overrides') put(s);
  if (disabled.includes('*')) put({ enabled: false });
  for (const s of says) if (s.rule === rule.id && s.under === 'thresholds') put(s);
  if (disabled.includes(rule.id)) put({ enabled: false });
  for (const s of says) if (s.rule === rule.id && s.under === 'overrides') put(s);
  for (const c of casesOf(p, rule)) if (matchesAll(labels, c.match)) put(c);
  return fields;
}

/** Whether two groups set one field to different values; group-wide labels count where nothing stronger sets them. */
function disagree(a: Placed, b: Placed, said: ReadonlyMap<Placed, Fields>, folded: Fields, isAlert: boolean): boolean {
  for (const [field, value] of said.get(a) ?? []) {
    const other = said.get(b)?.get(field);
    if (other !== undefined && other !== value) return true;
  }
  if (!isAlert) return false;
  return Object.entries(a.group.labels).some(([name, value]) => {
    const other = b.group.labels[name];
    return other !== undefined && other !== value && !folded.has(`label:${name}`);
  });
}

function emptyCase(rule: RuleModel, groups: readonly Placed[]): boolean {
  return groups.some((p) =>
    casesOf(p, rule).some((c) => !universe(rule).some((labels) => isIn(p, labels) && matchesAll(labels, c.match))),
  );
}

/** Whether two regions of one owner have the same `rule_case`. */
function confusesCases(rule: RuleModel, { settle }: Reader): boolean {
  const cells = new Map<string, string>();
  return universe(rule).some((labels) => {
    const { on, cell, owner, cases } = settle(labels);
    if (!on || cases.length === 0 || !matchesAll(labels, rule.author)) return false;
    const key = `${owner} ${cases.join('--')}`;
    const other = cells.get(key);
    cells.set(key, cell);
    return other !== undefined && other !== cell;
  });
}

/** Whether two label sets that a rule treats differently look the same on its metric. */
function confuses(rule: RuleModel, { settle }: Reader, repository: Repository): boolean {
  const carried = carriedLabels(rule, repository);
  if (!carried) return false;
  const seen = new Map<string, string>();
  return universe(rule).some((labels) => {
    const looks = carried.map((name) => labels[name] ?? '').join('\n');
    const { on, cell } = settle(labels);
    const what = on ? cell : 'off';
    const other = seen.get(looks);
    seen.set(looks, what);
    return other !== undefined && other !== what;
  });
}

/** The labels of its target that a rule's metric carries; undefined: all. */
export function carriedLabels(rule: RuleModel, { carried }: Repository): readonly string[] | undefined {
  const { lacks, record } = shapeOf(rule.shape);
  if (lacks) return carried;
  return rule.kind === 'alert' && record && record.keeps !== 'all' ? record.keeps : undefined;
}

/** Whether a rule is for some only of the label sets that its selectors find, or has several instances. */
function isSplit(rule: RuleModel, { settle }: Reader): boolean {
  const concerned = UNIVERSE.filter((labels) => matchesAll(labels, rule.author));
  const kinds = new Set(concerned.map((labels) => settle(labels)).map(({ on, cell }) => (on ? cell : 'off')));
  return kinds.size > 1;
}
