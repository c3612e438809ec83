import type { LabelSet, Matcher } from './model.ts';
import type { Datum, Phase, Selector, Shape, Values } from './shape.ts';
import { pick, T } from './shape.ts';

/** Whether a series is there: in a phase whose value is above 0. */
const there = ([a, b, c]: Values): Values => [seen(a), seen(b), seen(c)];
const seen = (value: number): number => (value > 0 ? 1 : Number.NaN);

function groups(data: readonly Datum[], by: readonly string[]): { labels: LabelSet; of: Datum[] }[] {
  const found = new Map<string, { labels: LabelSet; of: Datum[] }>();
  for (const datum of data) {
    const labels = pick(datum.labels, by);
    const key = JSON.stringify(labels);
    const group = found.get(key) ?? { labels, of: [] };
    found.set(key, { labels, of: [...group.of, datum] });
  }
  return [...found.values()];
}

function fleet(
  name: string,
  by: readonly string[],
  expr: Shape['expr'],
  evaluate: (of: readonly Datum[], phase: Phase) => number | undefined,
  more: Partial<Shape> = {},
): Shape {
  return {
    name,
    nature: 'fleet',
    through: by,
    expr,
    series: (metric, d) => [{ name: metric('m'), labels: d.labels, values: d.values }],
    evaluate: (data, phase) =>
      groups(data, by).flatMap(({ labels, of }) => {
        const value = evaluate(of, phase);
        return value === undefined ? [] : [{ labels, value, of }];
      }),
    ...more,
  };
}

const total = (of: readonly Datum[], phase: Phase): number => of.reduce((sum, d) => sum + d.values[phase], 0);

/** Expressions that combine series of several targets. */
export const FLEET: readonly Shape[] = [
  fleet(
    'count',
    [],
    (s) => `count(${s('m')} == 1) > ${T}`,
    (of, phase) => total(of, phase),
    { loud: 1 },
  ),
  fleet('sum', [], (s) => `sum(${s('m')}) > ${T}`, total),
  fleet('sum-by-env', ['env'], (s) => `sum by (env) (${s('m')}) > ${T}`, total),
  fleet('sum-by-two', ['env', 'tier'], (s) => `sum(${s('m')}) by (tier, env) > ${T}`, total),
  fleet(
    'share',
    [],
    (s) => `10 * sum(${s('m')}) / count(${s('m')}) > ${T}`,
    (of, phase) => (10 * total(of, phase)) / of.length,
  ),
  fleet('sum-range', [], (s) => `sum(max_over_time(${s('m')}[2m])) > ${T}`, total),
  {
    ...fleet(
      'sum-joined',
      ['env'],
      (s) => `${s('m')} * 0 + on (env) group_left () sum by (env) (${s('m')}) > ${T}`,
      total,
    ),
    evaluate: (data, phase) =>
      groups(data, ['env']).flatMap(({ of }) =>
        of.map((d) => ({ labels: d.labels, value: total(of, phase), of: [d] })),
      ),
  },
  fleet(
    'max-by-site',
    ['site'],
    (s) => `10 * max by (site) (${s('m')} offset 1m) > ${T}`,
    (of, phase) => 10 * Math.max(...of.map((d) => d.values[phase])),
  ),
  fleet('lacking-sum', [], (s) => `sum(${s('m')}) > ${T}`, total, { lacks: true }),
  {
    ...fleet('scalar', [], (s) => `${s('m')} * 0 + scalar(sum(${s('m')})) > ${T}`, total),
    evaluate: (data, phase) => data.map((d) => ({ labels: d.labels, value: total(data, phase), of: [d] })),
  },
];

/** All that a target's labels are. */
const ALL_LABELS = 'instance, env, site, tier';
const MADE = (s: Selector): string => `avg without (cpu) (${s('m')}) * ${T}`;

/** Reads what a recording rule writes, and combines it. */
function reader(
  name: string,
  by: readonly string[],
  expr: Shape['expr'],
  evaluate: Parameters<typeof fleet>[3] = total,
  more: Partial<Shape> = {},
): Shape {
  return fleet(name, by, expr, evaluate, { record: { expr: MADE, keeps: 'all' }, ...more });
}

const largest = (of: readonly Datum[], phase: Phase, count: number): number =>
  of
    .map((d) => d.values[phase])
    .sort((a, b) => b - a)
    .slice(0, count)
    .reduce((sum, value) => sum + value, 0);

/** How often the value comes that comes most often. */
function mostOften(of: readonly Datum[], phase: Phase): number {
  const count = new Map<number, number>();
  for (const d of of) count.set(d.values[phase], (count.get(d.values[phase]) ?? 0) + 1);
  return Math.max(...count.values());
}

/** Fleet-wide readers of what a recording rule writes: a word of a group on that rule must change nothing of theirs. */
export const READERS: readonly Shape[] = [
  reader('r-sum', [], (s) => `sum(${s('r')}) > ${T}`),
  reader('r-sum-by', ['env'], (s) => `sum by (env) (${s('r')}) > ${T}`),
  reader('r-without', [], (s) => `sum without (${ALL_LABELS}) (${s('r')}) > ${T}`, total, { combines: true }),
  reader('r-without-after', ['env'], (s) => `sum(${s('r')}) without(site,tier, instance,) > ${T}`, total, {
    combines: true,
  }),
  reader(
    'r-max',
    ['tier'],
    (s) => `max without (instance, site, env) (${s('r')} + 1) > ${T}`,
    (of, phase) => 1 + largest(of, phase, 1),
    { combines: true },
  ),
  {
    ...reader('r-topk', [], (s) => `topk(1000, ${s('r')}) > ${T}`, total, { selects: true }),
    evaluate: (data, phase) => data.map((d) => ({ labels: d.labels, value: d.values[phase], of: [d] })),
  },
  reader(
    'r-topk-without',
    [],
    (s) => `sum without (${ALL_LABELS}) (topk without (${ALL_LABELS}) (2, ${s('r')})) > ${T}`,
    (of, phase) => largest(of, phase, 2),
    { combines: true },
  ),
  reader(
    'r-count-values',
    [],
    (s) => `max without (v) (count_values without (${ALL_LABELS}) ("v", ${s('r')})) > ${T}`,
    mostOften,
    { combines: true },
  ),
  reader('r-subquery', [], (s) => `max_over_time(sum without (${ALL_LABELS}) (${s('r')})[2m:1m]) > ${T}`, total, {
    combines: true,
  }),
  reader('r-two', [], (s) => `sum without (${ALL_LABELS}) (${s('q')}) > ${T}`, total, {
    combines: true,
    record: { expr: MADE, keeps: 'all', again: (s) => `${s('r')} * ${T}` },
  }),
  reader('r-two-some', ['env', 'tier'], (s) => `sum without (instance, site) (${s('q')}) > ${T}`, total, {
    combines: true,
    record: { expr: MADE, keeps: 'all', again: (s) => `${s('r')} * ${T}` },
  }),
  reader('r-two-without', ['site'], (s) => `sum without (env, tier) (${s('q')}) > ${T}`, total, {
    combines: true,
    record: { expr: MADE, keeps: 'all', again: (s) => `sum without (instance) (${s('r')}) * ${T}` },
  }),
  reader('r-queue', [], (s) => `sum without (${ALL_LABELS}, queue) (${s('r')}) > ${T}`, total, {
    combines: true,
    queue: true,
  }),
];

/** The labels that `absent()` takes over from its selector. */
function absentLabels(author: readonly Matcher[]): LabelSet {
  const count = (label: string): number => author.filter((m) => m.label === label).length;
  return Object.fromEntries(
    author.flatMap((m) => (m.op === '=' && m.value !== '' && count(m.label) === 1 ? [[m.label, m.value]] : [])),
  );
}

function nothing(name: string, expr: Shape['expr'], evaluate: Shape['evaluate']): Shape {
  return {
    name,
    nature: 'nothing',
    through: [],
    expr,
    series: (metric, d) => [{ name: metric('m'), labels: d.labels, values: there(d.values) }],
    evaluate,
  };
}

const noneThere = (data: readonly Datum[], phase: Phase): boolean => data.every((d) => d.values[phase] <= 0);

/** Expressions that yield something where no series is. */
export const NOTHING: readonly Shape[] = [
  nothing(
    'absent',
    (s) => `absent(${s('m')}) * 100 > ${T}`,
    (data, phase, author) => (noneThere(data, phase) ? [{ labels: absentLabels(author), value: 100 }] : []),
  ),
  nothing(
    'absent-over-time',
    (s) => `absent_over_time(${s('m')}[3m]) * 100 > ${T}`,
    (data, phase, author) => (noneThere(data, phase) ? [{ labels: absentLabels(author), value: 100 }] : []),
  ),
  // Without the author's matchers, for they could contradict its own.
  {
    ...nothing(
      'absent-both',
      (s) => `(absent(${s('m', 'tier=~"gpu"')}) and on () absent(sum(${s('m')}))) * 100 > ${T}`,
      (data, phase) => (noneThere(data, phase) ? [{ labels: {}, value: 100 }] : []),
    ),
    plain: true,
  },
  nothing(
    'absent-sum',
    (s) => `absent(sum(${s('m')})) * 100 > ${T}`,
    (data, phase) => (noneThere(data, phase) ? [{ labels: {}, value: 100 }] : []),
  ),
  nothing(
    'or-vector',
    (s) => `(count(${s('m')}) or vector(0)) + 3 > ${T}`,
    (data, phase) => [{ labels: {}, value: 3 + data.filter((d) => d.values[phase] > 0).length }],
  ),
];
