import type { Expr } from '../../promql/ast.ts';
import { check } from '../../promql/check.ts';
import { TYPE_NAMES } from '../../promql/types.ts';
import type { VersionRange } from '../../promql/version.ts';
import type { Outcome } from './trouble.ts';
import { trouble } from './trouble.ts';
import { FOUND, FOUND_SOMETHING } from './values.ts';

/** The queries of templates: a server runs them when the alert fires, and a bad one is the end of the template. */

/**
 * What a query finds, as far as its text tells.
 * @param exact whether this is the text itself, and not an example of it
 */
export function runQuery(text: string, versions: VersionRange, exact = true): Outcome {
  const query = exact ? `The query \`${text}\`` : `The query, such as \`${text}\`,`;
  const { expr, type, problems } = check(text, versions);
  const [problem] = problems;
  if (problem) return trouble(`${query} is refused: ${problem.message}`, problem.help);
  if (type === 'matrix' || type === 'string') {
    const message = `${query} is ${TYPE_NAMES[type]}, and a template takes instant vectors and numbers only.`;
    return trouble(message, type === 'matrix' ? 'Ask for one value a series, as `rate(x[5m])` does.' : undefined);
  }
  return type === 'scalar' || (expr && neverEmpty(expr)) ? FOUND_SOMETHING : FOUND;
}

/** Whether a vector has a sample whatever series there are: `vector(0)`, `… or vector(0)`. */
function neverEmpty(expr: Expr): boolean {
  switch (expr.kind) {
    case 'paren':
    case 'unary':
      return neverEmpty(expr.expr);
    case 'call':
      return expr.func === 'vector';
    case 'binary':
      return expr.op === 'or' && (neverEmpty(expr.lhs) || neverEmpty(expr.rhs));
    default:
      return false;
  }
}
