import type { Binary, Call, Expr, VectorSelector } from './ast.ts';
import type { Labels } from './label-names.ts';
import {
  ALL,
  commonLabels,
  eitherLabels,
  hasLabel,
  NO_LABELS,
  onlyLabels,
  restrict,
  withLabels,
  without,
} from './label-names.ts';
import { selectorsOf } from './selectors.ts';

/**
 * Which labels an expression's result keeps, and what a split of its selectors by region would do to it.
 */

/** What an analysis says of an expression. */
export interface Analysis {
  /** Labels that elements of the result may carry (annotations can use them). */
  readonly carried: Labels;
  /** Labels of the result that still have the value that the series had. */
  readonly kept: Labels;
  /** Labels by which no node of the tree combines series that differ in them: a split by them changes nothing. */
  readonly through: Labels;
  /** Whether it can yield elements when no selector finds any series. */
  readonly fromNothing: boolean;
  /** Whether some node combines series of different targets. */
  readonly fleetWide: boolean;
}

/** Labels of the series that a selector finds. */
export type LabelsOfSelector = (selector: VectorSelector) => { carried: Labels; kept: Labels };

/** The label that tells a target from all others. */
export const TARGET = 'instance';

/** Whether a split could change what a selector finds: its series carry some label that regions test. */
export type IsTouched = (selector: VectorSelector) => boolean;

interface Series {
  readonly labelsOf: LabelsOfSelector;
  readonly isTouched: IsTouched;
}

/** Analyses an expression; `labelsOf` tells what its selectors' series carry. */
export function analyse(expr: Expr, labelsOf: LabelsOfSelector, isTouched: IsTouched = () => true): Analysis {
  const { through, ...result } = walk(expr, { labelsOf, isTouched });
  return { ...result, through, fleetWide: !hasLabel(through, TARGET) && combines(expr) };
}

type Part = Omit<Analysis, 'fleetWide'>;

const leaf = (labels: Labels, fromNothing: boolean): Part => ({
  carried: labels,
  kept: labels,
  through: ALL,
  fromNothing,
});

function walk(expr: Expr, series: Series): Part {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return leaf(NO_LABELS, true);
    case 'selector':
      return { ...series.labelsOf(expr), through: ALL, fromNothing: false };
    case 'matrix':
      return walk(expr.vector, series);
    case 'subquery':
    case 'paren':
    case 'unary':
      return walk(expr.expr, series);
    case 'aggregate': {
      const inner = walk(expr.expr, series);
      const { by, labels } = expr.grouping ?? { by: true, labels: [] };
      const group = (of: Labels): Labels => (by ? restrict(of, labels) : without(of, labels));
      const through = commonLabels(inner.through, group(inner.kept));
      const param = expr.param ? walk(expr.param, series) : undefined;
      const all =
        expr.param && param && splits(expr.param, [expr.expr], series) ? commonLabels(through, param.through) : through;
      if (SELECTING.has(expr.op)) return { ...inner, through: all };
      if (expr.op === 'count_values') {
        const label = expr.param?.kind === 'string' ? [expr.param.value] : [];
        return {
          carried: withLabels(group(inner.carried), label),
          kept: without(group(inner.kept), label),
          through: without(all, label),
          fromNothing: inner.fromNothing,
        };
      }
      return { carried: group(inner.carried), kept: group(inner.kept), through: all, fromNothing: inner.fromNothing };
    }
    case 'call':
      return walkCall(expr, series);
    case 'binary':
      return walkBinary(expr, series);
  }
}

/** Aggregations that give back elements of their operand, with all their labels. */
export const SELECTING = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

/** Functions without a vector among their arguments: they yield a value from nothing. */
function walkCall(call: Call, series: Series): Part {
  const args = call.args.map((arg) => walk(arg, series));
  const through = args.reduce(
    (all, arg, i) => (splits(call.args[i] as Expr, call.args, series) ? commonLabels(all, arg.through) : all),
    ALL,
  );
  const vector = args[vectorArgument(call)];
  switch (call.func) {
    case 'absent':
    case 'absent_over_time': {
      const labels = onlyLabels(absentLabels(call.args[0]));
      // The series of all targets decide together, so that no label passes.
      return { carried: labels, kept: NO_LABELS, through: NO_LABELS, fromNothing: true };
    }
    case 'vector':
      return { carried: NO_LABELS, kept: NO_LABELS, through, fromNothing: true };
    case 'scalar':
      return { carried: NO_LABELS, kept: NO_LABELS, through: NO_LABELS, fromNothing: true };
    case 'label_replace':
    case 'label_join': {
      const target = call.args[1];
      const label = target?.kind === 'string' ? [target.value] : [];
      if (!vector) break;
      return {
        carried: withLabels(vector.carried, label),
        kept: without(vector.kept, label),
        through,
        fromNothing: vector.fromNothing,
      };
    }
    case 'info':
      if (vector) return { ...vector, carried: ALL, through };
      break;
    case 'histogram_quantile':
      if (vector)
        return { ...vector, carried: without(vector.carried, ['le']), kept: without(vector.kept, ['le']), through };
      break;
    case 'histogram_quantiles':
      if (vector) return { ...vector, carried: ALL, kept: without(vector.kept, ['le']), through };
      break;
  }
  if (!vector) return { carried: NO_LABELS, kept: NO_LABELS, through, fromNothing: true };
  return { ...vector, through };
}

/** Which argument of a function its result's labels come from: the first vector or matrix. */
function vectorArgument(call: Call): number {
  return call.args.findIndex((arg) => isVector(arg));
}

/** Whether an expression is a vector or a matrix: no scalar, no string. */
export function isVector(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return false;
    case 'paren':
    case 'unary':
      return isVector(expr.expr);
    case 'binary':
      return isVector(expr.lhs) || isVector(expr.rhs);
    case 'call':
      return !SCALAR_FUNCTIONS.has(expr.func);
    default:
      return true;
  }
}

const SCALAR_FUNCTIONS = new Set(['scalar', 'time', 'pi', 'start', 'end', 'range', 'step']);

/** The labels that `absent()` gives back: `=` matchers of a bare selector, each label once. */
function absentLabels(argument: Expr | undefined): string[] {
  const bare = argument?.kind === 'matrix' ? argument.vector : unwrap(argument);
  if (bare?.kind !== 'selector') return [];
  const count = new Map<string, number>();
  for (const m of bare.matchers) count.set(m.label, (count.get(m.label) ?? 0) + 1);
  return bare.matchers
    .filter((m) => m.op === '=' && m.value !== '' && m.label !== '__name__' && count.get(m.label) === 1)
    .map((m) => m.label);
}

export function unwrap(expr: Expr | undefined): Expr | undefined {
  let inner = expr;
  while (inner?.kind === 'paren') inner = inner.expr;
  return inner;
}

function walkBinary(expr: Binary, series: Series): Part {
  const left = walk(expr.lhs, series);
  const right = walk(expr.rhs, series);
  const own = [
    ...(splits(expr.lhs, [expr.rhs], series) ? [left] : []),
    ...(splits(expr.rhs, [expr.lhs], series) ? [right] : []),
  ];
  const sides = own.reduce((all, side) => commonLabels(all, side.through), ALL);
  const leftVector = isVector(expr.lhs);
  const rightVector = isVector(expr.rhs);
  if (!leftVector || !rightVector) {
    const vector = leftVector ? left : right;
    const fromNothing = leftVector || rightVector ? vector.fromNothing : true;
    return { ...vector, through: sides, fromNothing };
  }
  const { on, labels, many, include, fill } = expr.matching;
  const matched = (of: Labels): Labels => (on ? restrict(of, labels) : without(of, labels));
  // A label passes a join where both sides have it and the join compares it, or no other series come in.
  const through = readsOneSide(expr, series)
    ? sides
    : commonLabels(sides, matched(commonLabels(left.kept, right.kept)));
  switch (expr.op) {
    case 'and':
    case 'unless':
      return { ...left, through, fromNothing: left.fromNothing && (expr.op === 'unless' || right.fromNothing) };
    case 'or':
      return {
        carried: eitherLabels(left.carried, right.carried),
        kept: commonLabels(left.kept, right.kept),
        through,
        fromNothing: left.fromNothing || right.fromNothing,
      };
  }
  // A filled side adds results that have nothing of it but the labels by which it would have matched.
  const both = fill ? commonLabels : eitherLabels;
  const fromNothing = fill ? left.fromNothing || right.fromNothing : left.fromNothing && right.fromNothing;
  if (many) {
    const [main, one] = many === 'left' ? [left, right] : [right, left];
    return {
      carried: withLabels(main.carried, include),
      kept: both(without(main.kept, include), restrict(one.kept, include)),
      through,
      fromNothing,
    };
  }
  return { carried: matched(left.carried), kept: matched(both(left.kept, right.kept)), through, fromNothing };
}

/** Whether a join adds no series of other targets to those of one side, as `and on () (hour() > 8)`: no region touches the other. */
function readsOneSide({ op, lhs, rhs, matching }: Binary, series: Series): boolean {
  if (op === 'or' || matching.fill) return false;
  if (!splits(rhs, [lhs], series)) return true;
  return op !== 'and' && op !== 'unless' && !splits(lhs, [rhs], series);
}

/**
 * Whether a split by region could change what a part of an expression gives. Where it finds the same series in every
 * region, as `maintenance == 1` where no target has such a label, what it does with them is done alike in each; but
 * where all of an expression is so, its instances are not apart, and it is taken as if it were touched.
 */
function splits(part: Expr, others: readonly Expr[], { isTouched }: Series): boolean {
  const selectors = selectorsOf(part);
  if (selectors.length === 0) return false;
  return selectors.some(isTouched) || !others.some((other) => selectorsOf(other).some(isTouched));
}

/** Whether any node could combine series at all: an aggregation, a join of two vectors, a scalar(). */
function combines(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
    case 'matrix':
      return false;
    case 'paren':
    case 'unary':
    case 'subquery':
      return combines(expr.expr);
    case 'aggregate':
      return true;
    case 'call':
      if (expr.func === 'absent' || expr.func === 'absent_over_time') return true;
      if (expr.func === 'scalar') return expr.args.some((arg) => isVector(arg));
      return expr.args.some(combines);
    case 'binary':
      return (isVector(expr.lhs) && isVector(expr.rhs)) || combines(expr.lhs) || combines(expr.rhs);
  }
}
