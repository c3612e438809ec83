import type { Expr, Range } from './ast.ts';
import { lex } from './lex.ts';
import { selectorsOf } from './selectors.ts';

/**
 * Where a value stands in an expression. It decides which types may stand there and how a value is
 * written so that the expression keeps its structure whatever the value is.
 */
export type HoleContext =
  /** A number literal; `tight` where a minus sign in front would bind otherwise (`-2 ^ 2`). */
  | { readonly kind: 'number'; readonly tight: boolean }
  /** A duration in a range, a step or an offset. */
  | { readonly kind: 'duration' }
  /** Inside a string; of a matcher on a regex: whether the value is all of it. */
  | {
      readonly kind: 'string';
      readonly quote: '"' | "'" | '`';
      readonly matcher?: '=' | 'regex';
      readonly whole: boolean;
    }
  /** A name: of a metric, a label or a function. */
  | { readonly kind: 'name' }
  /** Part of a token that is longer than the hole. */
  | { readonly kind: 'partial' };

/** The context of a hole in a text that parses as `expr`. */
export function holeContext(expr: Expr, text: string, hole: Range): HoleContext {
  const tokens = lex(text);
  const at = tokens.findIndex((t) => t.from <= hole.from && hole.to <= t.to && t.kind !== 'end');
  const token = tokens[at];
  if (!token) return { kind: 'partial' };
  if (token.kind === 'string') {
    const matcher = selectorsOf(expr)
      .flatMap((s) => s.matchers)
      .find((m) => m.valueRange.from <= token.from && token.to <= m.valueRange.to);
    const whole = token.from + 1 === hole.from && token.to - 1 === hole.to;
    const quote = text[token.from] as '"' | "'" | '`';
    if (!matcher) return { kind: 'string', quote, whole };
    return { kind: 'string', quote, whole, matcher: matcher.op === '=~' || matcher.op === '!~' ? 'regex' : '=' };
  }
  if (token.from !== hole.from || token.to !== hole.to) return { kind: 'partial' };
  if (token.kind === 'word') return { kind: 'name' };
  const before = tokens[at - 1]?.text;
  const next = tokens[at + 1]?.text;
  const inBrackets = text.lastIndexOf('[', hole.from) > text.lastIndexOf(']', hole.from);
  const offset = before === 'offset' || (before === '-' && tokens[at - 2]?.text.toLowerCase() === 'offset');
  if (inBrackets || offset || before?.toLowerCase() === 'offset') return { kind: 'duration' };
  return { kind: 'number', tight: next === '^' };
}
