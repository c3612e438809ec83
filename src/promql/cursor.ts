import type { Expr, PromqlProblem, Range } from './ast.ts';
import type { FeatureName, FeatureUse } from './features.ts';
import { lex, type Token } from './lex.ts';

/** What the parser knows while it reads: the tokens, where it stands, and what was wrong so far. */
export interface Cursor {
  readonly tokens: readonly Token[];
  /** Index of the token that is read next. */
  at: number;
  /** How many expressions the one that is read lies in. */
  depth: number;
  readonly heights: WeakMap<Expr, number>;
  readonly problems: PromqlProblem[];
  readonly features: FeatureUse[];
  /** Whether the syntax broke: then nothing more is read and no tree comes out. */
  failed: boolean;
}

/** Expressions that nest deeper, as calls, parentheses and operators, are refused: nobody wrote them. */
const MAX_DEPTH = 400;
/** Trees that are higher are refused, so that whoever walks a tree can do so by recursion. */
const MAX_HEIGHT = 1_000;

/** A cursor at the start of a text. */
export function cursorOn(text: string): Cursor {
  return { tokens: lex(text), at: 0, depth: 0, heights: new WeakMap(), problems: [], features: [], failed: false };
}

/** The token that is read next, or one further on; behind the last one, the last. */
export function peek(c: Cursor, ahead = 0): Token {
  return c.tokens[Math.min(c.at + ahead, c.tokens.length - 1)] as Token;
}

/** Reads a token. */
export function take(c: Cursor): Token {
  const token = peek(c);
  if (c.at < c.tokens.length - 1) c.at++;
  return token;
}

export function isSign(token: Token, sign: string): boolean {
  return token.kind === 'sign' && token.text === sign;
}

/** Reads a sign, if it comes next. */
export function takeSign(c: Cursor, sign: string): Token | undefined {
  return isSign(peek(c), sign) ? take(c) : undefined;
}

/** The word that is read next, in lower case, as keywords are compared; undefined where it is none. */
export function peekWord(c: Cursor, ahead = 0): string | undefined {
  const token = peek(c, ahead);
  return token.kind === 'word' ? token.text.toLowerCase() : undefined;
}

/** Notes what is wrong and reads on. */
export function report(
  c: Cursor,
  range: Range,
  message: string,
  help?: string,
  kind: PromqlProblem['kind'] = 'syntax',
): void {
  const problem = { kind, message, from: range.from, to: range.to };
  if (!c.failed) c.problems.push(help === undefined ? problem : { ...problem, help });
}

/** Notes what is wrong and gives the expression up. */
export function fail(c: Cursor, range: Range, message: string, help?: string, kind?: PromqlProblem['kind']): undefined {
  report(c, range, message, help, kind);
  c.failed = true;
  return undefined;
}

/** Gives up because the next token can't stand where it does; `expected` is what could. */
export function unexpected(c: Cursor, expected: string, help?: string): undefined {
  const token = peek(c);
  if (token.kind === 'error') return fail(c, token, token.text, token.help);
  if (token.kind === 'end') {
    return fail(c, token, `The expression ends where ${expected} should follow.`, help ?? 'Complete the expression.');
  }
  const mend = help ?? hint(token.text.toLowerCase()) ?? NO_HINT;
  return fail(c, token, `${describe(token)} cannot stand here: ${expected} should.`, mend);
}

/** Reads the sign that closes what `open` opened. */
export function close(c: Cursor, open: Token, sign: string, expected: string): Token | undefined {
  const token = takeSign(c, sign);
  if (token) return token;
  if (peek(c).kind === 'end')
    return fail(c, open, `This \`${open.text}\` is never closed.`, `Add the missing \`${sign}\`.`);
  return unexpected(c, expected);
}

const NO_HINT = 'Something just before it may be missing or too many: an operator, a comma, a quotation mark.';
const GROUPING =
  'It belongs to an aggregation, right before or behind its parentheses: `sum by (label) (…)`. Is one missing or too many?';

/** What to do about words and signs that often stand where they can't. */
const HINTS: Readonly<Record<string, string>> = {
  by: GROUPING,
  without: GROUPING,
  on: 'It follows an operator: `a * on (label) b`.',
  ignoring: 'It follows an operator: `a * ignoring (label) b`.',
  bool: 'It follows a comparison: `a > bool b`.',
  for: '`for` is a field of the alert, beside its `expr`.',
  if: 'PromQL has no `if`: `a and b` gives `a` where `b` gives something, too.',
  in: 'Alternatives are a regex: `label=~"a|b"`.',
  like: 'Patterns are regexes: `label=~"a.*"`.',
  '{': 'All matchers stand in one pair of braces: `metric{a="b", c="d"}`.',
  '=~': '`=~` stands inside braces: `metric{label=~"regex"}`.',
  '!~': '`!~` stands inside braces: `metric{label!~"regex"}`.',
  '=': 'Comparisons are written `==`; `=` stands inside braces.',
  ']': 'Is the `[` before it missing?',
  ')': 'Something may be missing before it, or there is one too many.',
};

function hint(text: string): string | undefined {
  return Object.hasOwn(HINTS, text) ? HINTS[text] : undefined;
}

/** Notes that a feature is used which not every server has. */
export function uses(c: Cursor, feature: FeatureName, range: Range): void {
  c.features.push({ feature, from: range.from, to: range.to });
}

/** Goes one expression deeper; false, with a problem, where that is too deep. */
export function enter(c: Cursor): boolean {
  if (++c.depth <= MAX_DEPTH) return true;
  fail(
    c,
    peek(c),
    'The expression nests too deep.',
    'Record the inner parts by recording rules and use what they record.',
  );
  return false;
}

/** Hands a node on, unless its tree is too high. */
export function built<T extends Expr>(c: Cursor, node: T, children: readonly Expr[]): T | undefined {
  const height = 1 + Math.max(0, ...children.map((child) => c.heights.get(child) ?? 0));
  if (height > MAX_HEIGHT) {
    return fail(c, node, `The expression chains more than ${MAX_HEIGHT} operations.`, 'Split it by recording rules.');
  }
  c.heights.set(node, height);
  return node;
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'string':
      return 'A string';
    case 'number':
      return `The number \`${token.text}\``;
    case 'duration':
      return `The duration \`${token.text}\``;
    default:
      return `\`${token.text}\``;
  }
}
