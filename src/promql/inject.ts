import type { Call, Expr, Range, VectorSelector } from './ast.ts';
import { unwrap } from './kept.ts';
import type { LabelMatcher } from './matcher.ts';
import { matcherText } from './matcher.ts';
import { regexQuote } from './regex.ts';

/**
 * Injection: a region's matchers put into an expression's selectors by editing its text, so that what
 * the author wrote stays. An expression is cut once; each instance is then a splice.
 */

/** What a region says of one selector, on the labels that its metric has. */
export interface SelectorRegion {
  /** Matchers, or their text where somebody has it already. */
  readonly add: readonly LabelMatcher[] | string;
  /** Selectors to subtract (`unless`), each the conjunction of its matchers. */
  readonly minus: readonly (readonly LabelMatcher[])[];
  /** The same region as disjoint conjunctions, for `absent()`; asked for only where `minus` is not empty. */
  pieces(): readonly (readonly LabelMatcher[])[];
}

/** An expression cut at the places where a region changes it. */
export type Cut =
  | { readonly kind: 'text'; readonly range: Range }
  | { readonly kind: 'point'; readonly selector: VectorSelector }
  | { readonly kind: 'bare-group'; readonly unit: VectorSelector }
  | { readonly kind: 'unit' | 'absent'; readonly selector: VectorSelector; readonly parts: readonly Cut[] };

/** Cuts an expression. `text` is what it was parsed from; leading and trailing space stays. */
export function cut(expr: Expr, text: string): readonly Cut[] {
  return cutRange({ from: 0, to: text.length }, unitsOf(expr));
}

interface Piece extends Range {
  readonly cut: Cut;
}

function cutRange(range: Range, pieces: readonly Piece[]): Cut[] {
  const parts: Cut[] = [];
  let at = range.from;
  const sorted = [...pieces].sort((a, b) => a.from - b.from || a.to - b.to);
  for (const piece of sorted) {
    if (piece.from > at) parts.push({ kind: 'text', range: { from: at, to: piece.from } });
    parts.push(piece.cut);
    at = piece.to;
  }
  if (range.to > at) parts.push({ kind: 'text', range: { from: at, to: range.to } });
  return parts;
}

/** The smallest instant vectors around the selectors below a node, in no order. */
function unitsOf(expr: Expr): Piece[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return [];
    case 'selector':
      return [unit('unit', expr, expr, [])];
    case 'matrix':
      return [unit('unit', expr, expr.vector, [])];
    case 'paren':
    case 'unary':
    case 'subquery':
      return unitsOf(expr.expr);
    case 'aggregate':
      return [...(expr.param ? unitsOf(expr.param) : []), ...unitsOf(expr.expr)];
    case 'call':
      return unitsOfCall(expr);
    case 'binary': {
      const pieces = [...unitsOf(expr.lhs), ...unitsOf(expr.rhs)];
      const at = expr.matching.bareGroupEnd;
      const first = pieces.find((piece) => piece.from === expr.rhs.from)?.cut;
      if (at !== undefined && first && (first.kind === 'unit' || first.kind === 'absent')) {
        pieces.push({ from: at, to: at, cut: { kind: 'bare-group', unit: first.selector } });
      }
      return pieces;
    }
  }
}

function unitsOfCall(call: Call): Piece[] {
  const nested = (skip: Expr | undefined): Piece[] => call.args.flatMap((arg) => (arg === skip ? [] : unitsOf(arg)));
  const first = call.args[0];
  // The second argument of info() is a selector of label names, not of series.
  if (call.func === 'info') return first ? unitsOf(first) : [];
  const bare = unwrap(first);
  if (call.func === 'absent' && bare?.kind === 'selector') return [unit('absent', call, bare, [])];
  if (call.func === 'timestamp' && bare?.kind === 'selector') return [unit('unit', call, bare, [])];
  const matrixArg = call.args.find((arg) => unwrap(arg)?.kind === 'matrix');
  const matrix = unwrap(matrixArg);
  if (matrix?.kind !== 'matrix') return nested(undefined);
  const kind = call.func === 'absent_over_time' ? 'absent' : 'unit';
  return [unit(kind, call, matrix.vector, nested(matrixArg))];
}

function unit(kind: 'unit' | 'absent', range: Range, selector: VectorSelector, nested: readonly Piece[]): Piece {
  const at = selector.insert.at;
  const point: Piece = { from: at, to: at, cut: { kind: 'point', selector } };
  const parts = cutRange(range, [...nested, point]);
  return { from: range.from, to: range.to, cut: { kind, selector, parts } };
}

/**
 * Splices one instance: `slice` gives the text of a range (with the instance's values in its holes),
 * `regionOf` what the instance's region says of a selector.
 */
export function splice(
  cuts: readonly Cut[],
  slice: (range: Range) => string,
  regionOf: (selector: VectorSelector) => SelectorRegion,
): string {
  const emit = (parts: readonly Cut[], own: VectorSelector | undefined, matchers: string): string => {
    let text = '';
    for (const part of parts) {
      if (part.kind === 'text') text += slice(part.range);
      else if (part.kind === 'point') text += part.selector === own ? insertion(part.selector, matchers) : '';
      else if (part.kind === 'bare-group') text += regionOf(part.unit).minus.length > 0 ? ' ()' : '';
      else if (part.kind === 'unit') text += emitUnit(part);
      else text += emitAbsent(part);
    }
    return text;
  };
  const emitUnit = ({ selector, parts }: Extract<Cut, { selector: VectorSelector; parts: unknown }>): string => {
    const { add, minus } = regionOf(selector);
    const base = emit(parts, selector, matchersText(add));
    if (minus.length === 0) return base;
    return `(${[base, ...minus.map((m) => emit(parts, selector, matchersText(m)))].join(' unless ')})`;
  };
  const emitAbsent = ({ selector, parts }: Extract<Cut, { selector: VectorSelector; parts: unknown }>): string => {
    const region = regionOf(selector);
    const pieces = region.minus.length === 0 ? [region.add] : region.pieces();
    const texts = pieces.map((piece) =>
      emit(parts, selector, matchersText(typeof piece === 'string' ? piece : piece.map(quietly))),
    );
    return texts.length === 1 ? (texts[0] as string) : `(${texts.join(' and on () ')})`;
  };
  return emit(cuts, undefined, '');
}

/** `absent()` makes labels of `=` matchers; as `=~` the region's stay out of the result. */
function quietly(m: LabelMatcher): LabelMatcher {
  return m.op === '=' ? { ...m, op: '=~', value: regexQuote(m.value) } : m;
}

/** Matchers as they stand in braces. */
export const matchersText = (matchers: readonly LabelMatcher[] | string): string =>
  typeof matchers === 'string' ? matchers : matchers.map(matcherText).join(',');

function insertion(selector: VectorSelector, matchers: string): string {
  if (matchers === '') return '';
  switch (selector.insert.wrap) {
    case 'after':
      return `,${matchers}`;
    case 'inside':
      return matchers;
    case 'braces':
      return `{${matchers}}`;
  }
}
