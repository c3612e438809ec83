import type { Expr, VectorSelector } from './ast.ts';
import { isArithmetic } from './constant.ts';
import { matcherText } from './matcher.ts';

/**
 * The structure of an expression as a text: everything but the values of numbers, durations and
 * strings. Two fillings of one template must have the same.
 */
export function structureOf(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return '#';
    case 'string':
      return '""';
    case 'selector':
      return selector(expr) + (expr.modifiers.extended ?? '');
    case 'matrix':
      return `${selector(expr.vector)}[]${expr.vector.modifiers.extended ?? ''}`;
    case 'subquery':
      return `${structureOf(expr.expr)}[:]`;
    case 'paren': {
      const inner = structureOf(expr.expr);
      return inner === '#' ? '#' : `(${inner})`;
    }
    case 'unary': {
      const inner = structureOf(expr.expr);
      return inner === '#' ? '#' : `${expr.op}${inner}`;
    }
    case 'aggregate': {
      const { by, labels } = expr.grouping ?? { by: true, labels: [] };
      const param = expr.param ? `${structureOf(expr.param)},` : '';
      return `${expr.op}${by ? ' by' : ' without'}(${labels.join()})(${param}${structureOf(expr.expr)})`;
    }
    case 'call':
      return `${expr.func}(${expr.args.map(structureOf).join()})`;
    case 'binary': {
      const [left, right] = [structureOf(expr.lhs), structureOf(expr.rhs)];
      // Arithmetic of numbers is a number.
      if (left === '#' && right === '#' && isArithmetic(expr.op)) return '#';
      const { on, labels, many, include, fill } = expr.matching;
      const matching = `${expr.bool ? ' bool' : ''}${on ? ' on' : ''}(${labels.join()})${many ?? ''}(${include.join()})${Object.keys(fill ?? {}).join('')}`;
      return `<${left} ${expr.op}${matching} ${right}>`;
    }
  }
}

function selector({ name, matchers }: VectorSelector): string {
  const parts = matchers.map((m) => (m.label === '__name__' ? matcherText(m) : `${m.label}${m.op}""`));
  return `${name ?? ''}{${parts.join()}}`;
}
