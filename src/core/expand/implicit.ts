import type { Binary, BinaryOp, Expr, Range } from '../../promql/ast.ts';
import { constantOf } from '../../promql/constant.ts';
import { unwrap } from '../../promql/kept.ts';
import { isComparison } from '../../promql/keywords.ts';
import { parse } from '../../promql/parse.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { Hole } from '../model/rule.ts';

/**
 * The number that is the `threshold` of a rule which names none: what the comparison that gives an alert its value compares
 * with, where there is no doubt that it is this number that is meant.
 */
export function implicitThreshold(text: string): Hole | undefined {
  const { expr } = parse(text);
  const main = expr && mainComparison(expr);
  const number = main && comparedNumber(main, text);
  if (!number || Number.isNaN(number.value)) return undefined;
  const again = besides(expr, main).find((other) => isLimit(main) && other.op === main.op && sameNumber(other, main));
  // Two limits of one number; two states or guards are no pair.
  return again ? { ...number, again: { from: again.from, to: again.to } } : number;
}

/**
 * The comparison with a number that gives an alert its value: the outermost, on the left of `and` and `unless`. None where
 * it only tells a state (`== 1`) or that there is something at all (`> 0`), while another condition has a limit.
 */
export function mainComparison(expr: Expr): Binary | undefined {
  const main = leftmost(expr);
  if (!main || isLimit(main)) return main;
  return besides(expr, main).some(isLimit) ? undefined : main;
}

function leftmost(expr: Expr): Binary | undefined {
  const inner = unwrap(expr);
  if (inner?.kind !== 'binary') return undefined;
  if (inner.op === 'and' || inner.op === 'unless') return leftmost(inner.lhs);
  return numberIn(inner) === undefined ? undefined : inner;
}

/** The other comparisons with numbers that decide whether the alert fires. */
function besides(expr: Expr, main: Binary): Binary[] {
  const inner = unwrap(expr);
  if (inner?.kind !== 'binary' || inner === main) return [];
  if (inner.op !== 'and' && inner.op !== 'unless' && inner.op !== 'or')
    return numberIn(inner) === undefined ? [] : [inner];
  return [...besides(inner.lhs, main), ...besides(inner.rhs, main)];
}

const isLimit = (one: Binary): boolean => one.op !== '==' && one.op !== '!=' && numberIn(one) !== 0;

const sameNumber = (a: Binary, b: Binary): boolean =>
  numberIn(a) === numberIn(b) && (constantOf(a.rhs) === undefined) === (constantOf(b.rhs) === undefined);

/** The number that a comparison compares with. */
function numberIn({ op, lhs, rhs }: Binary): number | undefined {
  return isComparison(op) ? (constantOf(rhs) ?? constantOf(lhs)) : undefined;
}

/** The same with its place in the text. */
export function comparedNumber({ op, lhs, rhs }: Binary, text: string): Hole | undefined {
  return isComparison(op) ? (numberOf(rhs, text) ?? numberOf(lhs, text)) : undefined;
}

/**
 * The number that one side of a comparison is, signed and computed too. Of arithmetic the whole is its place, with its
 * parentheses, but where a word stands right beside them; those around one number stay.
 */
export function numberOf(side: Expr, text: string): Hole | undefined {
  const value = constantOf(side);
  if (value === undefined) return undefined;
  const inner = unwrap(side) as Expr;
  const single = inner.kind === 'number' || (inner.kind === 'unary' && unwrap(inner.expr)?.kind === 'number');
  const touches = WORD.test(text[side.from - 1] ?? '') || WORD.test(text[side.to] ?? '');
  const { from, to }: Range = single || touches ? inner : side;
  return { from, to, value };
}

const WORD = /[\w:.]/;

/** Why a text has no threshold: there is no comparison with a number in it, only elsewhere, or it is in doubt which is meant. */
export function lackOfThreshold(text: string): 'none' | 'elsewhere' | 'doubt' {
  const { expr } = parse(text);
  if (!expr || !compares(expr)) return 'none';
  return leftmost(expr) ? 'doubt' : 'elsewhere';
}

const compares = (expr: Expr): boolean =>
  (expr.kind === 'binary' && numberIn(expr) !== undefined) || childrenOf(expr).some(compares);

export const LIMITS: ReadonlySet<BinaryOp> = new Set(['<', '>', '<=', '>='] as const);
