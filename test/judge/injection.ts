import type { Expr, VectorSelector } from '../../src/promql/ast.ts';
import { cut, splice } from '../../src/promql/inject.ts';
import { analyse, isVector } from '../../src/promql/kept.ts';
import { ALL } from '../../src/promql/label-names.ts';
import { parse } from '../../src/promql/parse.ts';
import { finiteValues } from '../../src/promql/regex.ts';
import { boxOf, regionOf } from '../../src/promql/region.ts';
import { authorMatchers, placeRegion } from '../../src/promql/selector-region.ts';
import { selectorsOf } from '../../src/promql/selectors.ts';
import type { LabelSet, Matcher } from './model.ts';
import { matchesAll, present } from './model.ts';
import { seriesText } from './promtool.ts';

/**
 * The oracle of injection: an expression with a region's matchers, on the data of all targets, is the
 * expression as it was written on the data of the region's targets alone. The two stand side by side in one
 * database, told apart by a prefix of all metrics' names.
 */

/** Label sets: `base` without each of `minus`. */
export interface Where {
  readonly base: readonly Matcher[];
  readonly minus: readonly (readonly Matcher[])[];
}

/** Labels that no expression of others has. */
const [ENV, TIER] = ['rw_env', 'rw_tier'];
const is = (label: string, value: string): Matcher => ({ label, op: '=', value });

export const REGIONS: readonly Where[] = [
  { base: [is(ENV, 'prod')], minus: [] },
  { base: [{ label: ENV, op: '!~', value: 'prod|dev' }], minus: [] },
  { base: [], minus: [[is(ENV, 'prod'), is(TIER, 'gpu')]] },
  {
    base: [],
    minus: [
      [is(ENV, 'prod'), is(TIER, 'gpu')],
      [is(ENV, 'dev'), { label: TIER, op: '!=', value: 'gpu' }],
    ],
  },
];

const TARGETS: readonly LabelSet[] = ['prod', 'dev', ''].flatMap((env) =>
  ['gpu', ''].map((tier) => ({ [ENV]: env, [TIER]: tier })),
);

const inside = (labels: LabelSet, { base, minus }: Where): boolean =>
  matchesAll(labels, base) && !minus.some((m) => matchesAll(labels, m));

export interface Pair {
  readonly injected: string;
  /** On all targets, with no region at all. */
  readonly untouched: string;
  /** On the region's targets alone. */
  readonly alone: string;
  /** Lines of promtool's `input_series`, by series. */
  readonly series: ReadonlyMap<string, string>;
  /** Whether the region is subtracted somewhere. */
  readonly fleetWide: boolean;
}

/** An expression in both worlds; undefined where it can't be told apart by names of metrics, or is no vector. */
export function pairOf(text: string, index: number, where: Where): Pair | undefined {
  const all = renamed(text, `a${index}_`);
  const alone = renamed(text, `r${index}_`);
  const { expr } = all === undefined ? {} : parse(all);
  if (!all || !alone || !expr || !isVector(expr) || ends(expr)) return undefined;
  const base = boxOf(where.base);
  const region =
    base &&
    regionOf(
      base,
      where.minus.map((m) => boxOf(m) ?? new Map()),
    );
  if (!region) return undefined;
  const injected = splice(
    cut(expr, all),
    ({ from, to }) => all.slice(from, to),
    (selector) => placeRegion(region, authorMatchers(selector, []), ALL),
  );
  const series = new Map<string, string>();
  selectorsOf(expr).forEach((selector, i) => {
    for (const [t, target] of TARGETS.entries()) {
      for (const [labels, share] of seriesOf(selector, t, target)) {
        const name = (selector.name as string).slice(`a${index}_`.length);
        const values = valuesOf(i, t, share);
        series.set(seriesText(`a${index}_${name}`, labels), values);
        if (inside(target, where)) series.set(seriesText(`r${index}_${name}`, labels), values);
      }
    }
  });
  const fleetWide = analyse(expr, () => ({ carried: ALL, kept: ALL })).fleetWide;
  return { injected, untouched: all, alone, series, fleetWide };
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Without a comparison with a number at its end, which would find little in invented data. */
export function measured(text: string): string {
  const { expr } = parse(text);
  if (expr?.kind !== 'binary' || !COMPARISONS.has(expr.op) || isVector(expr.rhs)) return text;
  return text.slice(expr.lhs.from, expr.lhs.to);
}

/** A range at the end makes no instant vector. */
const ends = (expr: Expr): boolean =>
  expr.kind === 'matrix' || expr.kind === 'subquery' || (expr.kind === 'paren' && ends(expr.expr));

/** The expression over metrics whose names begin with a prefix; undefined where a name isn't in front of its braces. */
function renamed(text: string, prefix: string): string | undefined {
  const { expr } = parse(text);
  if (!expr) return undefined;
  const selectors = selectorsOf(expr);
  if (selectors.length === 0) return undefined;
  let result = text;
  for (const { name, nameRange, matchers } of [...selectors].sort((a, b) => b.from - a.from)) {
    if (name === undefined || !nameRange || !/^[\w:]+$/.test(name) || matchers.some((m) => m.label === '__name__'))
      return undefined;
    if (text.slice(nameRange.from, nameRange.to) !== name) return undefined;
    result = result.slice(0, nameRange.from) + prefix + result.slice(nameRange.from);
  }
  return result;
}

/** The series of a target that a selector finds, of a histogram three. */
function seriesOf(selector: VectorSelector, t: number, target: LabelSet): [LabelSet, number][] {
  const own: Record<string, string> = { instance: `host-${t}`, job: 'job' };
  for (const { label, op, value } of selector.matchers) {
    if (op === '=') own[label] = value;
    else if (op === '=~') own[label] = [...(finiteValues(value) ?? [])].find((v) => v !== '') ?? guess(value);
  }
  const labels = present({ ...own, ...target });
  if (!selector.name?.endsWith('_bucket') || 'le' in own) return [[labels, 1]];
  return [
    ['0.1', 1],
    ['1', 2],
    ['+Inf', 3],
  ].map(([le, share]) => [{ ...labels, le: String(le) }, Number(share)]);
}

/** A value that a pattern probably matches. */
const guess = (pattern: string): string => {
  const candidates = [
    'x',
    pattern.replace(/\.[*+]/g, 'x'),
    pattern.replace(/\.[*+]/g, ''),
    pattern.split('|')[0] ?? '',
    '1',
    '500',
    '/',
    '/x',
    'eth0',
    'sda',
  ];
  return candidates.find((value) => value !== '' && regexTest(pattern, value)) ?? 'x';
};

function regexTest(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}

/** Different for each series: some grow, some fall, one stands still. */
function valuesOf(selector: number, target: number, share: number): string {
  const start = (7 + selector * 13 + target * 29) * share;
  const step = target === 3 ? 0 : share * (1 + ((selector * 5 + target * 3) % 7)) * (selector % 3 === 2 ? -0.1 : 1);
  return `${start}${step < 0 ? '' : '+'}${step}x40`;
}

/** What has elements exactly where two vectors differ. */
export const difference = (a: string, b: string): string =>
  `((${a}\n) unless (${b}\n)) or ((${b}\n) unless (${a}\n)) or (((${a}\n) != (${b}\n)) and ((${a}\n) == (${a}\n) or (${b}\n) == (${b}\n)))`;
