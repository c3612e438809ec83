import type { Aggregate, Binary, Expr, Modifiers, VectorSelector } from './ast.ts';
import { durationText } from './literals.ts';
import { matcherText, quote } from './matcher.ts';
import { typeOf } from './types.ts';

/**
 * An expression as one line, equal for two texts exactly where Prometheus reads them as the same: without
 * comments and needless space, matchers sorted with the metric's name among them, strings, numbers and durations by
 * value, `by` and `without` in front. Parentheses stay, as Prometheus keeps them. It serves to compare, not to be read.
 */
export function canonical(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return numeral(expr.value);
    case 'string':
      return quote(expr.value);
    case 'selector':
      return selectorText(expr) + modifiersText(expr.modifiers);
    case 'matrix':
      return `${selectorText(expr.vector)}[${duration(expr.rangeMs, expr.rangeExpr)}]${modifiersText(expr.vector.modifiers)}`;
    case 'subquery': {
      const range = duration(expr.rangeMs, expr.rangeExpr);
      const step = expr.stepMs === undefined && expr.stepExpr === undefined ? '' : duration(expr.stepMs, expr.stepExpr);
      return `${canonical(expr.expr)}[${range}:${step}]${modifiersText(expr.modifiers)}`;
    }
    case 'paren':
      return `(${canonical(expr.expr)})`;
    case 'unary':
      return expr.op + canonical(expr.expr);
    case 'call':
      return `${expr.func}(${expr.args.map(canonical).join(', ')})`;
    case 'aggregate':
      return aggregateText(expr);
    case 'binary':
      return `${canonical(expr.lhs)} ${expr.op}${matchingText(expr)} ${canonical(expr.rhs)}`;
  }
}

function aggregateText({ op, grouping, param, expr }: Aggregate): string {
  const args = param ? `${canonical(param)}, ${canonical(expr)}` : canonical(expr);
  // `by ()` is what an aggregation without grouping does; `without ()` is not.
  if (!grouping || (grouping.by && grouping.labels.length === 0)) return `${op}(${args})`;
  return `${op} ${grouping.by ? 'by' : 'without'} ${labelList(grouping.labels)} (${args})`;
}

function matchingText(expr: Binary): string {
  const { on, labels, many, include } = expr.matching;
  const bool = expr.bool ? ' bool' : '';
  // Beside a number Prometheus forgets the matching.
  if (typeOf(expr.lhs) === 'scalar' || typeOf(expr.rhs) === 'scalar') return bool;
  const matches = on || labels.length > 0 || many ? ` ${on ? 'on' : 'ignoring'} ${labelList(labels)}` : '';
  return bool + matches + (many ? ` group_${many} ${labelList(include)}` : '');
}

function labelList(labels: readonly string[]): string {
  return `(${labels.map((label) => (/^[a-zA-Z_]\w*$/.test(label) ? label : quote(label))).join(', ')})`;
}

function selectorText({ name, matchers }: VectorSelector): string {
  const all = matchers.map(matcherText);
  if (name !== undefined) all.push(matcherText({ label: '__name__', op: '=', value: name }));
  return `{${all.sort().join(',')}}`;
}

function modifiersText({ at, offset, offsetExpr }: Modifiers): string {
  const time = at === undefined ? '' : ` @ ${typeof at === 'number' ? at / 1000 : `${at}()`}`;
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
