import type { Expr, VectorSelector } from './ast.ts';
import { finiteValues } from './regex.ts';

/** Every vector selector of an expression, in the order of its text. */
export function selectorsOf(expr: Expr): VectorSelector[] {
  const found: VectorSelector[] = [];
  const visit = (node: Expr): void => {
    switch (node.kind) {
      case 'selector':
        found.push(node);
        return;
      case 'matrix':
        found.push(node.vector);
        return;
      case 'paren':
      case 'unary':
      case 'subquery':
        visit(node.expr);
        return;
      case 'aggregate':
        if (node.param) visit(node.param);
        visit(node.expr);
        return;
      case 'call':
        node.args.forEach(visit);
        return;
      case 'binary':
        visit(node.lhs);
        visit(node.rhs);
        return;
    }
  };
  visit(expr);
  return found.sort((a, b) => a.from - b.from);
}

/** The names that a selector can find, where they are few. */
export function metricNames(selector: VectorSelector): readonly string[] | undefined {
  if (selector.name !== undefined) return [selector.name];
  for (const { label, op, value } of selector.matchers) {
    if (label !== '__name__') continue;
    if (op === '=') return [value];
    const values = op === '=~' ? finiteValues(value) : undefined;
    if (values) return [...values].sort();
  }
  return undefined;
}
