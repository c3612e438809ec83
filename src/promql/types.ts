import type { Expr } from './ast.ts';
import { functionSpec, type ValueType } from './functions.ts';

/** What an expression evaluates to; undefined where it calls a function that nobody knows. */
export function typeOf(expr: Expr): ValueType | undefined {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregate':
      return 'vector';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'call':
      return functionSpec(expr.func)?.returns;
    case 'unary':
    case 'paren':
      return typeOf(expr.expr);
    case 'binary':
      // As in Prometheus: whatever is not both scalar counts as a vector, also where a side is wrong.
      return typeOf(expr.lhs) === 'scalar' && typeOf(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
  }
}

/** The type in words, with its article. */
export const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'a number (scalar)',
  vector: 'an instant vector',
  matrix: 'a range vector',
  string: 'a string',
};
