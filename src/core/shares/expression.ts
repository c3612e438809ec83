import type { Aggregate, Binary, Call, Expr, Grouping, VectorSelector } from '../../promql/ast.ts';
import type { LabelsOfSelector } from '../../promql/kept.ts';
import { analyse, isVector, SELECTING, TARGET } from '../../promql/kept.ts';
import type { Labels } from '../../promql/label-names.ts';
import { commonLabels, hasLabel, restrict, without } from '../../promql/label-names.ts';
import type { Share, Tells } from './share.ts';
import { confused, UNSPLIT } from './share.ts';

/** Who reads series that may carry a label which a split put there. */
export interface Reader {
  readonly label: string;
  readonly labelsOf: LabelsOfSelector;
  readonly sharesOf: (selector: VectorSelector) => readonly Share[];
  /** Labels that one target's series may differ in: that `instance` is kept says nothing of these. */
  readonly ofSeries: ReadonlySet<string>;
  readonly found: (finding: Finding) => void;
}

/** A node that computes something else with the label than without it. */
export type Finding = { readonly pair: readonly [Share, Share] } & (
  | { readonly kind: 'aggregate'; readonly node: Aggregate }
  /** A join that compares the label, of sides that don't carry it alike. */
  | { readonly kind: 'join'; readonly node: Binary }
  /** A join or a scalar() that finds two series where there would be one. */
  | { readonly kind: 'double'; readonly node: Binary | Call; readonly side: Expr }
);

/** The shares of an expression's result; what is wrong on the way is told to the reader. */
export function sharesOf(expr: Expr, reader: Reader): readonly Share[] {
  const inner = (node: Expr): readonly Share[] => sharesOf(node, reader);
  switch (expr.kind) {
    case 'number':
    case 'string':
      return [];
    case 'selector':
      return reader.sharesOf(expr);
    case 'matrix':
      return reader.sharesOf(expr.vector);
    case 'paren':
    case 'unary':
    case 'subquery':
      return inner(expr.expr);
    case 'aggregate':
      return sharesOfAggregate(expr, reader);
    case 'call':
      return sharesOfCall(expr, reader);
    case 'binary':
      return sharesOfBinary(expr, reader);
  }
}

/** Which labels tell the elements of a result apart: those that it keeps, and all of a target's where it keeps `instance`. */
const telling =
  (kept: Labels, { ofSeries }: Reader, dropped: (label: string) => boolean = () => false): Tells =>
  (label) =>
    hasLabel(kept, label) || (hasLabel(kept, TARGET) && !ofSeries.has(label) && !dropped(label));

const keptBy = (expr: Expr, { labelsOf }: Reader): Labels => analyse(expr, labelsOf).kept;

/** More shares than this are no longer told apart where they have one value. */
const MANY = 50;

function withoutLabel(shares: readonly Share[]): readonly Share[] {
  if (shares.length > MANY) return [UNSPLIT];
  return shares.map(({ region }) => ({ value: '', region }));
}

function sharesOfAggregate(expr: Aggregate, reader: Reader): readonly Share[] {
  const { label } = reader;
  if (expr.param) sharesOf(expr.param, reader);
  const inner = sharesOf(expr.expr, reader);
  // A label of that name which the author makes is the author's.
  if (expr.op === 'count_values' && expr.param?.kind === 'string' && expr.param.value === label) return [];
  const { by, labels } = expr.grouping ?? NO_GROUPING;
  const passes = labels.includes(label) === by;
  if (passes && (by || !keptApart(expr, labels, inner, reader))) return inner;
  return SELECTING.has(expr.op) ? inner : withoutLabel(inner);
}

const NO_GROUPING: Pick<Grouping, 'by' | 'labels'> = { by: true, labels: [] };

/** Whether `without (…)` keeps apart by the label what it would combine without it. */
function keptApart(node: Aggregate, labels: readonly string[], inner: readonly Share[], reader: Reader): boolean {
  if (!carries(inner)) return false;
  const own = keptBy(node.expr, reader);
  const dropped = (name: string): boolean => hasLabel(own, name) && labels.includes(name);
  const pair = confused(inner, inner, telling(without(own, labels), reader, dropped));
  if (pair) reader.found({ kind: 'aggregate', node, pair });
  return pair !== undefined;
}

const carries = (shares: readonly Share[]): boolean => shares.some(({ value }) => value !== '');

function sharesOfCall(expr: Call, reader: Reader): readonly Share[] {
  const args = expr.args.map((arg) => sharesOf(arg, reader));
  const at = expr.args.findIndex(isVector);
  const vector = args[at];
  if (!vector) return [UNSPLIT];
  switch (expr.func) {
    case 'absent':
    case 'absent_over_time':
      return [UNSPLIT];
    case 'scalar':
      doubled(expr, expr.args[at] as Expr, vector, reader);
      return [];
    case 'label_replace':
    case 'label_join': {
      const made = expr.args[1];
      return made?.kind === 'string' && made.value === reader.label ? [] : vector;
    }
    default:
      return vector;
  }
}

function sharesOfBinary(expr: Binary, reader: Reader): readonly Share[] {
  const [left, right] = [sharesOf(expr.lhs, reader), sharesOf(expr.rhs, reader)];
  if (!isVector(expr.lhs) || !isVector(expr.rhs)) return isVector(expr.lhs) ? left : right;
  const { op, matching } = expr;
  const { on, labels, many, include, fill } = matching;
  const isSet = op === 'and' || op === 'or' || op === 'unless';
  const compares = labels.includes(reader.label) === on;
  if (carries(left) || carries(right)) {
    if (compares) {
      const common = commonLabels(keptBy(expr.lhs, reader), keptBy(expr.rhs, reader));
      const tells = telling(on ? restrict(common, labels) : without(common, labels), reader);
      const pair = confused(left, right, tells);
      if (pair) reader.found({ kind: 'join', node: expr, pair });
    } else if (!isSet) {
      if (many !== 'left') doubled(expr, expr.lhs, left, reader);
      if (many !== 'right') doubled(expr, expr.rhs, right, reader);
    }
  }
  // Where a partner is filled in, the elements of either side come through.
  if (op === 'or' || (fill && compares)) return [...left, ...right];
  if (isSet) return left;
  if (many) {
    const [main, one] = many === 'left' ? [left, right] : [right, left];
    return include.includes(reader.label) ? one : main;
  }
  return compares ? left : withoutLabel(left);
}

/** Series that differ in nothing but the label, where one is needed: each part of a split gives one. */
function doubled(node: Binary | Call, side: Expr, shares: readonly Share[], reader: Reader): void {
  if (!carries(shares)) return;
  const pair = twins(side, shares, reader);
  if (pair) reader.found({ kind: 'double', node, side, pair });
}

/** Two shares of a result that may have elements which differ in the label alone. */
export function twins(expr: Expr, shares: readonly Share[], reader: Reader): readonly [Share, Share] | undefined {
  return confused(shares, shares, telling(keptBy(expr, reader), reader));
}
