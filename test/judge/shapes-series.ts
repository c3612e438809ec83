import type { LabelSet } from './model.ts';
import type { Datum, Series, Shape, Values } from './shape.ts';
import { pick, T } from './shape.ts';

const withoutLabels = (labels: LabelSet, names: readonly string[]): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([n]) => !names.includes(n)));

const times = ([a, b, c]: Values, by: number): Values => [a * by, b * by, c * by];
const plus = ([a, b, c]: Values, by: number): Values => [a + by, b + by, c + by];
const same = (value: number): Values => [value, value, value];

/** Per series: each datum gives one element with some of its labels. */
function each(
  name: string,
  keeps: readonly string[] | 'all' | ((labels: LabelSet) => LabelSet),
  expr: Shape['expr'],
  series: (datum: Datum) => readonly (Omit<Series, 'labels'> & { letter?: string; labels?: LabelSet })[] = (d) => [
    { values: d.values },
  ],
  more: Partial<Shape> = {},
): Shape {
  const kept = (labels: LabelSet): LabelSet =>
    keeps === 'all' ? labels : typeof keeps === 'function' ? keeps(labels) : pick(labels, keeps);
  return {
    name,
    nature: 'series',
    through: [],
    expr,
    series: (metric, datum) =>
      series(datum).map(({ letter, labels, ...s }) => ({
        ...s,
        name: metric(letter ?? 'm'),
        labels: { ...datum.labels, ...labels },
      })),
    evaluate: (data, phase) => data.map((d) => ({ labels: kept(d.labels), value: d.values[phase] })),
    ...more,
  };
}

const BOTH = (d: Datum) => [{ values: plus(d.values, 1) }, { letter: 'n', values: same(1) }];
const CPUS = (d: Datum) => [
  { values: plus(d.values, 1), labels: { cpu: '0' } },
  { values: plus(d.values, -1), labels: { cpu: '1' } },
];
const COUNTER = (d: Datum) => [{ values: d.values, counter: true }];

const isOdd = (d: Datum): boolean => (d.labels.instance?.length ?? 0) % 2 === 1;

/** Expressions of which each result belongs to one target. */
export const PER_SERIES: readonly Shape[] = [
  each('plain', 'all', (s) => `${s('m')} > ${T}`),
  each('less', 'all', (s) => `${s('m')} < ${T}`, undefined, { less: true }),
  each('swapped', 'all', (s) => `${T} < ${s('m')}`),
  each('comment', 'all', (s) => `# what it is, with a brace {\n(${s('m')}) # and why\n  > ${T}`),
  each('minus', 'all', (s) => `${s('m')} - ${s('n')} > ${T}`, BOTH),
  each('minus-on', ['instance'], (s) => `${s('m')} - on (instance) ${s('n')} > ${T}`, BOTH),
  each(
    'minus-ignoring',
    (l) => withoutLabels(l, ['side']),
    (s) => `${s('m')} - ignoring (side) ${s('n')} > ${T}`,
    (d) => [
      { values: plus(d.values, 1), labels: { side: 'in' } },
      { letter: 'n', values: same(1), labels: { side: 'out' } },
    ],
  ),
  each(
    'group-left',
    (l) => ({ ...l, version: '7' }),
    (s) => `${s('m')} * on (instance) group_left (version) ${s('n')} > ${T}`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(1), labels: { version: '7' } }],
  ),
  each(
    'bare-group-left',
    (l) => l,
    (s) => `${s('m')} - on (instance) group_left ${s('n')} > ${T}`,
    BOTH,
  ),
  each(
    'bare-group-right',
    (l) => l,
    (s) => `${s('n')} * on (instance) group_right ${s('m')} > ${T}`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(1) }],
  ),
  each('rate', 'all', (s) => `rate(${s('m')}[5m]) > ${T}`, COUNTER),
  each(
    'sum-rate',
    ['instance'],
    (s) => `sum by (instance) (rate(${s('m', 'mode="a"')}[2m])) > ${T}`,
    (d) => [
      { values: d.values, counter: true, labels: { mode: 'a' } },
      { values: same(50), counter: true, labels: { mode: 'b' } },
    ],
  ),
  each(
    'ratio',
    ['instance'],
    (s) => `100 * (1 - avg by (instance) (rate(${s('m')}[3m]))) > ${T}`,
    (d) => [{ values: plus(times(d.values, -0.01), 1), counter: true }],
  ),
  each('avg-by', ['instance'], (s) => `avg by (instance) (${s('m')}) > ${T}`, CPUS),
  each('max-after', ['instance', 'env'], (s) => `max(${s('m')}) by (instance, env) - 1 > ${T}`, CPUS),
  each(
    'without',
    (l) => l,
    (s) => `avg without (cpu) (${s('m')}) > ${T}`,
    CPUS,
  ),
  each(
    'topk-by',
    (l) => ({ ...l, cpu: '0' }),
    (s) => `topk by (instance) (1, ${s('m')}) - 1 > ${T}`,
    CPUS,
  ),
  each('subquery', 'all', (s) => `max_over_time(${s('m')}[4m:1m]) > ${T}`),
  each(
    'subquery-deep',
    ['instance'],
    (s) => `avg_over_time(sum by (instance) (rate(${s('m')}[2m]))[3m:1m]) > ${T}`,
    COUNTER,
  ),
  each('offset', 'all', (s) => `${s('m')} offset 1m > ${T}`),
  each('offset-after', 'all', (s) => `${s('m')} - ${s('n')} offset 2m > ${T}`, BOTH),
  each('at', 'all', (s) => `${s('m')} @ 300 > ${T}`, undefined, {
    evaluate: (data) => data.map((d) => ({ labels: d.labels, value: d.values[0] })),
  }),
  each('at-end', 'all', (s) => `avg_over_time(${s('m')}[2m] @ end()) > ${T}`),
  each(
    'timestamp',
    'all',
    (s) => `timestamp(${s('m')}) - time() + ${s('n')} > ${T}`,
    (d) => [{ values: same(1) }, { letter: 'n', values: d.values }],
  ),
  each(
    'timestamp-offset',
    'all',
    (s) => `time() - 60 - timestamp(${s('m')} offset 1m) + ${s('n')} > ${T}`,
    (d) => [{ values: same(1) }, { letter: 'n', values: d.values }],
  ),
  each(
    'and',
    'all',
    (s) => `${s('m')} > ${T} and on (instance) ${s('n')} == 1`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(1) }],
  ),
  each(
    'unless',
    'all',
    (s) => `${s('m')} > ${T} unless on (instance) ${s('n')} == 1`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(0) }],
  ),
  each(
    'or',
    'all',
    (s) => `${s('m')} > ${T} or ${s('n')} > ${T}`,
    (d) => [{ values: (d.labels.instance?.length ?? 0) % 2 ? d.values : same(0) }, { letter: 'n', values: d.values }],
  ),
  each('bool', 'all', (s) => `(${s('m')} > bool ${T}) == 1`),
  each('name-matcher', 'all', (s) => `${s('{}m')} > ${T}`),
  each(
    'label-replace',
    (l) => ({ ...l, zone: `z-${l.env ?? ''}` }),
    (s) => `label_replace(${s('m')}, "zone", "z-$1", "env", "(.*)") > ${T}`,
  ),
  each('clamp', 'all', (s) => `abs(clamp_max(${s('m')}, 1e9)) > ${T}`, undefined),
  each('negated', 'all', (s) => `-${s('m')} < -${T}`),
  each('quantile', 'all', (s) => `quantile_over_time(0.5, ${s('m')}[3m]) > ${T}`),
  each('changes', ['instance'], (s) => `max by (instance) (last_over_time(${s('m')}[5m])) > ${T}`),
  each(
    'or-some',
    'all',
    (s) => `${s('m', 'env="prod"', 'tier="gpu"')} > ${T} or ${s('n')} > ${T}`,
    (d) => [{ values: d.values }, { letter: 'n', values: isOdd(d) ? d.values : same(0) }],
    {
      evaluate: (data, phase) =>
        data.map((d) => ({
          labels: d.labels,
          value: isOdd(d) || (d.labels.env === 'prod' && d.labels.tier === 'gpu') ? d.values[phase] : 0,
        })),
    },
  ),
  each(
    'and-some',
    'all',
    (s) => `${s('m')} > ${T} and on (instance) ${s('n', 'env=~"p.*"')} == 1`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(1) }],
    {
      evaluate: (data, phase) =>
        data.map((d) => ({ labels: d.labels, value: d.labels.env?.startsWith('p') ? d.values[phase] : 0 })),
    },
  ),
  each(
    'unless-some',
    'all',
    (s) => `${s('m')} > ${T} unless on (instance) ${s('n', 'tier!~"gpu|cpu"', 'env!="prod"')} == 1`,
    (d) => [{ values: d.values }, { letter: 'n', values: same(1) }],
    {
      evaluate: (data, phase) =>
        data.map((d) => ({
          labels: d.labels,
          value: /^(gpu|cpu)$/.test(d.labels.tier ?? '') || d.labels.env === 'prod' ? d.values[phase] : 0,
        })),
    },
  ),
  each(
    'lacking-joined',
    (l) => ({ ...l, version: '7' }),
    (s) => `${s('m')} * on (instance) group_left (version) ${s('k')} > ${T}`,
    (d) => [{ values: d.values }, { letter: 'k', values: same(1), labels: { version: '7' } }],
    { mixed: true },
  ),
  each(
    'lacking-first',
    ['instance'],
    (s) => `${s('k')} + on (instance) ${s('m')} > ${T}`,
    (d) => [{ values: plus(d.values, -1) }, { letter: 'k', values: same(1) }],
    {
      mixed: true,
    },
  ),
  each(
    'lacking-and',
    'all',
    (s) => `${s('k')} > ${T} and on (instance) ${s('m')} == 1`,
    (d) => [{ values: same(1) }, { letter: 'k', values: d.values }],
    {
      mixed: true,
      evaluate: (data, phase) => data.map((d) => ({ labels: d.lean, value: d.values[phase] })),
    },
  ),
  each('hours', 'all', (s) => `${s('m')} > ${T} and on () (hour() < 23)`),
  each('hours-off', 'all', (s) => `${s('m')} > ${T} unless on () (hour() > 22)`),
  each(
    'flag',
    'all',
    (s) => `${s('m')} > ${T} and on () (max(${s('f')}) == 1)`,
    (d) => [{ values: d.values }, { letter: 'f', values: same(1) }],
    { mixed: true },
  ),
  each(
    'flag-times',
    'all',
    (s) => `${s('f')} * on () group_right () ${s('m')} > scalar(${s('f')}) * ${T}`,
    (d) => [{ values: d.values }, { letter: 'f', values: same(1) }],
    { mixed: true },
  ),
  each(
    'constant',
    'all',
    (s) => `${s('m')} * on () group_left () vector(2) > ${T}`,
    (d) => [{ values: times(d.values, 0.5) }],
  ),
  each('queue', 'all', (s) => `${s('m')} > ${T}`, undefined, { queue: true }),
  each('queue-rate', 'all', (s) => `sum by (instance, env, site, tier, queue) (rate(${s('m')}[5m])) > ${T}`, COUNTER, {
    queue: true,
  }),
  each('lacking', 'all', (s) => `${s('m')} > ${T}`, undefined, { lacks: true }),
  each('lacking-avg', ['instance'], (s) => `avg by (instance) (rate(${s('m')}[5m])) > ${T}`, COUNTER, { lacks: true }),
  each('recorded', ['instance', 'env'], (s) => `${s('r')} > ${T}`, CPUS, {
    record: { expr: (s) => `avg by (instance, env) (${s('m')}) * ${T}`, keeps: ['env'] },
  }),
  each('recorded-all', 'all', (s) => `${s('r')} > ${T}`, CPUS, {
    record: { expr: (s) => `avg without (cpu) (${s('m')}) * ${T}`, keeps: 'all' },
  }),
  each('recorded-twice', 'all', (s) => `${s('q')} > ${T}`, CPUS, {
    record: { expr: (s) => `avg without (cpu) (${s('m')}) * ${T}`, keeps: 'all', again: (s) => `${s('r')} * ${T}` },
  }),
  each('recorded-minus', 'all', (s) => `${s('r')} - ${s('n')} > ${T}`, BOTH, {
    record: { expr: (s) => `(${s('m')} - 1) * ${T} + 1`, keeps: 'all' },
    compares: true,
  }),
  each(
    'utf8',
    'all',
    (s) => `${s('"m.x"')} > ${T}`,
    (d) => [{ letter: '"m.x"', values: d.values }],
    { three: true },
  ),
  each(
    'utf8-label',
    (l) => ({ ...l, 'x.y': '1' }),
    (s) => `${s('m', '"x.y"="1"')} > ${T}`,
    (d) => [{ values: d.values, labels: { 'x.y': '1' } }],
    {
      three: true,
    },
  ),
];
