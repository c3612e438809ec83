import type { Expr, Macro, Place, Statement } from './ast.ts';

/** Names that a text reads from outside: found without running it, so that no branch hides a misspelt one. */

export interface FreeName extends Place {
  readonly name: string;
}

/** What the statements read and have not set before, in the order of the text. */
export function freeInBody(body: readonly Statement[], bound: Iterable<string>): FreeName[] {
  const found: FreeName[] = [];
  walkBody(body, new Set(bound), found);
  return found;
}

/** What a macro reads beside its arguments and what it sets itself. */
export function freeInMacro(macro: Macro, bound: Iterable<string>): FreeName[] {
  const found: FreeName[] = [];
  const known = new Set(bound);
  for (const param of macro.params) {
    if (param.fallback) walkExpr(param.fallback, known, found);
    known.add(param.name);
  }
  walkBody(macro.body, known, found);
  return found;
}

/** The names that a text sets at its top level: those its macros see. */
export function setNames(body: readonly Statement[]): string[] {
  return body.flatMap((statement) => {
    if (statement.kind === 'set') return [...statement.names];
    return statement.kind === 'if' ? [...setNames(statement.body), ...setNames(statement.otherwise)] : [];
  });
}

function walkBody(body: readonly Statement[], bound: Set<string>, found: FreeName[]): void {
  for (const statement of body) {
    switch (statement.kind) {
      case 'text':
        break;
      case 'output':
        walkExpr(statement.expr, bound, found);
        break;
      case 'if':
        walkExpr(statement.cond, bound, found);
        walkBody(statement.body, bound, found);
        walkBody(statement.otherwise, bound, found);
        break;
      case 'for':
        walkExpr(statement.list, bound, found);
        walkBody(statement.body, new Set([...bound, statement.name]), found);
        walkBody(statement.otherwise, new Set(bound), found);
        break;
      case 'set':
        if ('kind' in statement.value) walkExpr(statement.value, bound, found);
        else walkBody(statement.value, bound, found);
        for (const name of statement.names) bound.add(name);
    }
  }
}

function walkExpr(expr: Expr, bound: ReadonlySet<string>, found: FreeName[]): void {
  if (expr.kind === 'name') {
    if (!bound.has(expr.name)) found.push({ name: expr.name, from: expr.from, to: expr.to });
    return;
  }
  for (const child of children(expr)) walkExpr(child, bound, found);
}

function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'list':
      return expr.items;
    case 'range':
      return expr.args;
    case 'arithmetic':
    case 'compare':
    case 'in':
    case 'and':
    case 'or':
      return [expr.left, expr.right];
    case 'negate':
    case 'not':
      return [expr.operand];
    case 'concat':
      return expr.parts;
    case 'choose':
      return expr.otherwise ? [expr.chosen, expr.cond, expr.otherwise] : [expr.chosen, expr.cond];
    case 'filter':
      return [expr.target, ...expr.args];
    case 'call':
      return expr.args.map((arg) => arg.value);
    default:
      return [];
  }
}
