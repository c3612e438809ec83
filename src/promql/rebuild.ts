import type { Expr, VectorSelector } from './ast.ts';

/** The same tree with every node replaced by what `change` makes of it, the innermost first. Offsets stay as they were. */
export function rebuild(expr: Expr, change: (node: Expr) => Expr): Expr {
  const inner = (child: Expr): Expr => rebuild(child, change);
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return change(expr);
    case 'matrix':
      // A matrix holds a selector and nothing else.
      return change({ ...expr, vector: change(expr.vector) as VectorSelector });
    case 'binary':
      return change({ ...expr, lhs: inner(expr.lhs), rhs: inner(expr.rhs) });
    case 'call':
      return change({ ...expr, args: expr.args.map(inner) });
    case 'aggregate':
      return change({ ...expr, expr: inner(expr.expr), ...(expr.param && { param: inner(expr.param) }) });
    default:
      return change({ ...expr, expr: inner(expr.expr) });
  }
}
