import type { Binary, Expr, NumberLiteral, Range } from './ast.ts';
import { canonical } from './canonical.ts';
import { constantOf } from './constant.ts';
import { selectorsOf } from './selectors.ts';
import { childrenOf } from './walk.ts';

/** Two conditions on the value of one and the same series that nothing fulfils together. */
export interface Contradiction {
  readonly one: Range;
  readonly other: Range;
  /** `and`: no value is in both; `unless`: whatever the one lets through, the other takes away. */
  readonly by: 'and' | 'unless';
}

/** The values that a comparison lets through; an end is part of them or not. */
interface Interval {
  readonly low: number;
  readonly lowIn: boolean;
  readonly high: number;
  readonly highIn: boolean;
}

/** What is known of each element of a result: the value that `of` has for its labels lies in an interval. */
interface Condition extends Interval {
  /** The canonical text of what is compared. */
  readonly of: string;
  readonly at: Range;
}

/**
 * The first place where an expression can't have a result, whatever the series: `up > 2 and up < 1`, `(x > 5) < 3`,
 * `x > 5 unless x > 3`. Only conditions on one text that finds one series for each label set are compared.
 * `numberOf` tells the number of a literal where something else will stand in its place; undefined: not known.
 */
export function contradictionIn(
  expr: Expr,
  numberOf: (literal: NumberLiteral) => number | undefined = ({ value }) => value,
): Contradiction | undefined {
  for (const node of nodesOf(expr)) {
    const found = node.kind === 'binary' ? (ofComparison(node, numberOf) ?? ofSets(node, numberOf)) : undefined;
    if (found) return found;
  }
  return undefined;
}

const nodesOf = (expr: Expr): Expr[] => [expr, ...childrenOf(expr).flatMap(nodesOf)];

type NumberOf = (literal: NumberLiteral) => number | undefined;

function ofComparison(node: Binary, numberOf: NumberOf): Contradiction | undefined {
  const own = conditionOf(node, numberOf);
  return own && apart(conditionsOf(own.vector, numberOf), [own.condition]);
}

function ofSets(node: Binary, numberOf: NumberOf): Contradiction | undefined {
  if (!isPlain(node)) return undefined;
  if (node.op === 'and') return apart(conditionsOf(node.lhs, numberOf), conditionsOf(node.rhs, numberOf));
  if (node.op !== 'unless') return undefined;
  // Only a bare comparison gives back all that its condition lets through.
  const right = bare(node.rhs);
  const taken = right.kind === 'binary' ? conditionOf(right, numberOf) : undefined;
  if (!taken || conditionsOf(taken.vector, numberOf).length > 0) return undefined;
  const within = conditionsOf(node.lhs, numberOf).find(
    (left) => left.of === taken.condition.of && isWithin(left, taken.condition),
  );
  return within && { one: within.at, other: taken.condition.at, by: 'unless' };
}

function apart(some: readonly Condition[], others: readonly Condition[]): Contradiction | undefined {
  for (const one of some) {
    const other = others.find((condition) => condition.of === one.of && isEmpty(both(one, condition)));
    if (other) return { one: one.at, other: other.at, by: 'and' };
  }
  return undefined;
}

/** What holds of every element of a result. */
function conditionsOf(expr: Expr, numberOf: NumberOf): Condition[] {
  const node = bare(expr);
  if (node.kind !== 'binary') return [];
  if (node.op === 'and' && isPlain(node))
    return [...conditionsOf(node.lhs, numberOf), ...conditionsOf(node.rhs, numberOf)];
  if (node.op === 'and' || node.op === 'unless') return conditionsOf(node.lhs, numberOf);
  const own = conditionOf(node, numberOf);
  return own ? [...conditionsOf(own.vector, numberOf), own.condition] : [];
}

/** A comparison that filters a vector by a number. */
function conditionOf(node: Binary, numberOf: NumberOf): { condition: Condition; vector: Expr } | undefined {
  if (node.bool) return undefined;
  const [left, right] = [numberIn(node.lhs, numberOf), numberIn(node.rhs, numberOf)];
  const interval =
    right !== undefined
      ? INTERVALS[node.op]?.(right)
      : left !== undefined
        ? INTERVALS[MIRRORED[node.op] ?? '']?.(left)
        : undefined;
  if (!interval || (left !== undefined && right !== undefined)) return undefined;
  const vector = right !== undefined ? node.lhs : node.rhs;
  const of = unfiltered(vector, numberOf);
  const named = selectorsOf(of).every(
    ({ name, matchers }) => name !== undefined || matchers.some((m) => m.label === '__name__' && m.op === '='),
  );
  if (!named || isOpen(of, numberOf)) return undefined;
  return { condition: { ...interval, of: canonical(of), at: { from: node.from, to: node.to } }, vector };
}

/** What a vector is before comparisons filter it: they leave the value as it is. */
function unfiltered(expr: Expr, numberOf: NumberOf): Expr {
  const node = bare(expr);
  const own = node.kind === 'binary' ? conditionOf(node, numberOf) : undefined;
  return own ? unfiltered(own.vector, numberOf) : node;
}

/** Whether something else will stand in a place of it. */
const isOpen = (expr: Expr, numberOf: NumberOf): boolean =>
  nodesOf(expr).some((node) => node.kind === 'number' && !Object.is(numberOf(node), node.value));

function numberIn(expr: Expr, numberOf: NumberOf): number | undefined {
  const node = bare(expr);
  const value =
    node.kind === 'number'
      ? numberOf(node)
      : node.kind === 'unary'
        ? signed(node.op, numberIn(node.expr, numberOf))
        : isOpen(node, numberOf)
          ? undefined
          : constantOf(node);
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

const signed = (op: '+' | '-', value: number | undefined): number | undefined =>
  value !== undefined && op === '-' ? -value : value;

const bare = (expr: Expr): Expr => (expr.kind === 'paren' ? bare(expr.expr) : expr);

/** Whether two sides match by all their labels. */
const isPlain = ({ matching }: Binary): boolean => !matching.on && matching.labels.length === 0;

const ALL = { low: Number.NEGATIVE_INFINITY, lowIn: true, high: Number.POSITIVE_INFINITY, highIn: true };

const INTERVALS: Readonly<Partial<Record<string, (n: number) => Interval>>> = {
  '>': (n) => ({ ...ALL, low: n, lowIn: false }),
  '>=': (n) => ({ ...ALL, low: n }),
  '<': (n) => ({ ...ALL, high: n, highIn: false }),
  '<=': (n) => ({ ...ALL, high: n }),
  '==': (n) => ({ low: n, lowIn: true, high: n, highIn: true }),
};

const MIRRORED: Readonly<Partial<Record<string, string>>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=', '==': '==' };

function both(a: Interval, b: Interval): Interval {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  const isIn = (end: 'low' | 'high', at: number): boolean =>
    [a, b].every((one) => one[end] !== at || one[end === 'low' ? 'lowIn' : 'highIn']);
  return { low, high, lowIn: isIn('low', low), highIn: isIn('high', high) };
}

const isEmpty = ({ low, lowIn, high, highIn }: Interval): boolean => low > high || (low === high && !(lowIn && highIn));

const isWithin = (inner: Interval, outer: Interval): boolean => {
  const met = both(inner, outer);
  return met.low === inner.low && met.high === inner.high && met.lowIn === inner.lowIn && met.highIn === inner.highIn;
};
