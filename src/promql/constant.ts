import type { BinaryOp, Expr } from './ast.ts';

/** The number that an expression of number literals is, as Prometheus computes it; undefined where anything else is in it. */
export function constantOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'paren':
      return constantOf(expr.expr);
    case 'unary': {
      const value = constantOf(expr.expr);
      return value !== undefined && expr.op === '-' ? -value : value;
    }
    case 'binary': {
      const compute = ARITHMETIC[expr.op];
      const [left, right] = compute ? [constantOf(expr.lhs), constantOf(expr.rhs)] : [];
      return compute && left !== undefined && right !== undefined ? compute(left, right) : undefined;
    }
    default:
      return undefined;
  }
}

/** With doubles, and a remainder of the dividend's sign, as in Go. */
const ARITHMETIC: Readonly<Partial<Record<BinaryOp, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

export const isArithmetic = (op: BinaryOp): boolean => ARITHMETIC[op] !== undefined;
