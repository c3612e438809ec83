import type { Expr, PromqlProblem } from './ast.ts';
import { cursorOn, fail, peek, unexpected } from './cursor.ts';
import type { FeatureUse } from './features.ts';
import { parseExpression } from './grammar.ts';

/** The longest expression that is read, in UTF-16 units. */
export const MAX_EXPRESSION_LENGTH = 128 * 1024;

export interface Parsed {
  /** Only where there are no problems. */
  readonly expr?: Expr;
  readonly problems: readonly PromqlProblem[];
}

/**
 * Reads an expression as Prometheus' own parser does, with the syntax of all servers from 2.42 on. Names of
 * functions, types and versions are not looked at (`check` does).
 */
export function parse(text: string): Parsed {
  const { expr, problems } = parseWithFeatures(text);
  return expr ? { expr, problems } : { problems };
}

/** As `parse`, with the places that use syntax which not every server has. */
export function parseWithFeatures(text: string): Parsed & { readonly features: readonly FeatureUse[] } {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    const message = `The expression has ${text.length} characters; ${MAX_EXPRESSION_LENGTH} are the limit.`;
    return {
      problems: [{ kind: 'syntax', message, from: 0, to: 0, help: 'Split it by recording rules.' }],
      features: [],
    };
  }
  const c = cursorOn(text);
  if (peek(c).kind === 'end') {
    fail(
      c,
      { from: 0, to: text.length },
      'The expression is empty.',
      'Write what the rule watches, such as `up == 0`.',
    );
  }
  const expr = c.failed ? undefined : parseExpression(c);
  if (expr && peek(c).kind !== 'end') unexpected(c, 'an operator or the end');
  const complete = expr !== undefined && c.problems.length === 0;
  return { ...(complete ? { expr } : {}), problems: c.problems, features: c.features };
}
