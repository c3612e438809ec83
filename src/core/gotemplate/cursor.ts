import type { GoToken, GoTokenType } from './lex.ts';

export interface Problem {
  readonly message: string;
  /** Half-open UTF-16 offsets in the text. */
  readonly from: number;
  readonly to: number;
  readonly help?: string;
}

/** A walk over tokens that stops at the first problem: from then on it stands at the end. */
export interface Cursor {
  readonly tokens: readonly GoToken[];
  at: number;
  problem: Problem | undefined;
}

export function next(cursor: Cursor): GoToken {
  const token = peek(cursor);
  if (cursor.at < cursor.tokens.length - 1) cursor.at++;
  return token;
}

export function peek(cursor: Cursor): GoToken {
  return cursor.tokens[cursor.at] as GoToken;
}

export function nextNonSpace(cursor: Cursor): GoToken {
  skipSpace(cursor);
  return next(cursor);
}

export function peekNonSpace(cursor: Cursor): GoToken {
  skipSpace(cursor);
  return peek(cursor);
}

function skipSpace(cursor: Cursor): void {
  while (peek(cursor).type === 'space') cursor.at++;
}

/** Notes the first problem and moves to the end, so that whoever is reading finishes. */
export function fail(cursor: Cursor, at: { from: number; to: number }, message: string, help?: string): void {
  const problem = { message, from: at.from, to: at.to };
  cursor.problem ??= help === undefined ? problem : { ...problem, help };
  cursor.at = cursor.tokens.length - 1;
}

/** A token that cannot stand where it stands; an error of the lexer speaks for itself. */
export function unexpected(cursor: Cursor, token: GoToken, where: string, help?: string): void {
  if (token.type === 'error') fail(cursor, token, token.text, token.help);
  else fail(cursor, token, `${describe(token)} cannot stand ${where}.`, help);
}

const NAMES: Partial<Record<GoTokenType, string>> = {
  right: '`}}`',
  left: '`{{`',
  space: 'A space',
  text: 'This text',
  'end of text': 'The end of the text',
};

export function describe(token: GoToken): string {
  return NAMES[token.type] ?? `\`${token.text}\``;
}

const KEYWORDS = new Set([
  'if',
  'range',
  'with',
  'template',
  'block',
  'end',
  'else',
  'break',
  'continue',
  'define',
  'nil',
]);

export function isKeyword(token: GoToken, ...words: readonly string[]): boolean {
  return token.type === 'word' && words.includes(token.text) && KEYWORDS.has(token.text);
}
