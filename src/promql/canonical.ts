import type { Aggregate, Binary, Expr, Fill, Modifiers, VectorSelector } from './ast.ts';
import { durationText } from './literals.ts';
import { type Losses, NO_LOSSES, printedSeconds } from './losses.ts';
import { matcherText, quote } from './matcher.ts';
import { typeOf } from './types.ts';

/**
 * An expression as one line, equal for two texts exactly where Prometheus reads them as the same: without
 * comments and needless space, matchers sorted with the metric's name among them, strings, numbers and durations by
 * value, `by` and `without` in front. Parentheses stay, as Prometheus keeps them. It serves to compare, not to be read.
 * @param losses what is left out, for a server that prints an expression loses it
 */
export function canonical(expr: Expr, losses: Losses = NO_LOSSES): string {
  const inner = (child: Expr): string => canonical(child, losses);
  switch (expr.kind) {
    case 'number':
      return numeral(expr.duration && losses.has('milliseconds') ? printedSeconds(expr.value) : expr.value);
    case 'string':
      return quote(expr.value);
    case 'selector':
      return selectorText(expr, losses) + modifiersText(expr.modifiers);
    case 'matrix':
      return `${selectorText(expr.vector, losses)}[${duration(expr.rangeMs, expr.rangeExpr)}]${modifiersText(expr.vector.modifiers)}`;
    case 'subquery': {
      const range = duration(expr.rangeMs, expr.rangeExpr);
      const step = expr.stepMs === undefined && expr.stepExpr === undefined ? '' : duration(expr.stepMs, expr.stepExpr);
      return `${inner(expr.expr)}[${range}:${step}]${modifiersText(expr.modifiers)}`;
    }
    case 'paren':
      return `(${inner(expr.expr)})`;
    case 'unary':
      return expr.op + inner(expr.expr);
    case 'call':
      return `${expr.func}(${expr.args.map(inner).join(', ')})`;
    case 'aggregate':
      return aggregateText(expr, inner);
    case 'binary':
      return `${inner(expr.lhs)} ${expr.op}${matchingText(expr, losses)} ${inner(expr.rhs)}`;
  }
}

function aggregateText({ op, grouping, param, expr }: Aggregate, inner: (child: Expr) => string): string {
  const args = param ? `${inner(param)}, ${inner(expr)}` : inner(expr);
  // `by ()` is what an aggregation without grouping does; `without ()` is not.
  if (!grouping || (grouping.by && grouping.labels.length === 0)) return `${op}(${args})`;
  return `${op} ${grouping.by ? 'by' : 'without'} ${labelList(grouping.labels)} (${args})`;
}

function matchingText(expr: Binary, losses: Losses): string {
  const { on, labels, many, include, fill } = expr.matching;
  const bool = expr.bool ? ' bool' : '';
  // Beside a number Prometheus forgets the matching.
  if (typeOf(expr.lhs) === 'scalar' || typeOf(expr.rhs) === 'scalar') return bool;
  if (losses.has('grouping') && !on && labels.length === 0) return bool + fillText(fill);
  const listed = losses.has('quotes') ? bareList : labelList;
  const matches = on || labels.length > 0 || many ? ` ${on ? 'on' : 'ignoring'} ${listed(labels)}` : '';
  return bool + matches + (many ? ` group_${many} ${listed(include)}` : '') + fillText(fill);
}

function labelList(labels: readonly string[]): string {
  return `(${labels.map((label) => (/^[a-zA-Z_]\w*$/.test(label) ? label : quote(label))).join(', ')})`;
}

function fillText(fill: Fill | undefined): string {
  const side = (name: string, value: number | undefined): string =>
    value === undefined ? '' : ` fill_${name} (${numeral(value)})`;
  return fill ? side('left', fill.left) + side('right', fill.right) : '';
}

const bareList = (labels: readonly string[]): string => `(${labels.join(', ')})`;

function selectorText({ name, matchers }: VectorSelector, losses: Losses): string {
  const told = losses.has('empty-name') ? matchers.filter((m) => matcherText(m) !== '__name__=""') : matchers;
  const all = told.map(matcherText);
  if (name !== undefined) all.push(matcherText({ label: '__name__', op: '=', value: name }));
  return `{${all.sort().join(',')}}`;
}

function modifiersText({ at, offset, offsetExpr, extended }: Modifiers): string {
  const samples = extended === undefined ? '' : ` ${extended}`;
  const time = samples + (at === undefined ? '' : ` @ ${typeof at === 'number' ? at / 1000 : `${at}()`}`);
  if (offsetExpr !== undefined) return `${time} offset ${offsetExpr}`;
  if (!offset) return time;
  return `${time} offset ${offset < 0 ? '-' : ''}${durationText(Math.abs(offset))}`;
}

function duration(ms: number | undefined, text: string | undefined): string {
  return ms === undefined ? (text ?? '') : durationText(ms);
}

function numeral(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
