import { aggregator } from './aggregators.ts';
import { canonical } from './canonical.ts';
import { isBinaryOp, NEVER_FUNCTIONS, NEVER_METRICS } from './keywords.ts';
import { lex, type Token } from './lex.ts';
import { type Literal, readDuration, readNumber, readString } from './literals.ts';
import { parse } from './parse.ts';

/**
 * Pieces of expressions, by which rules are told apart. They are compared token by token, so that `lat` is no
 * piece of `write_lat`, and white space, comments and the way of quoting don't matter.
 */

/** Joins tokens to one text and stands at both ends of it: no token holds it, so that pieces are found whole. */
const SEPARATOR = '\0';
/** In front of the first token and behind the last one: where `^` and `$` stand in a piece. */
const [START, END] = ['\x01', '\x02'];

/** An expression made ready to be asked for pieces. */
export interface Searchable {
  /** Each of its tokens. */
  readonly tokens: ReadonlySet<string>;
  /** Its tokens in a row as they are written, and those of its canonical text. */
  readonly written: string;
  readonly canonical?: string;
}

export function searchable(text: string): Searchable {
  const { expr } = parse(text);
  const tokens = lex(text);
  const common = { tokens: new Set(tokens.map(tokenKey)), written: whole(tokens) };
  return expr ? { ...common, canonical: whole(lex(canonical(expr))) } : common;
}

/**
 * Asks expressions for a piece: some tokens in a row (`write_lat`, `env="prod"`, `rate(x[5m])`), or a label's value as it is.
 * With `^` in front it must be the beginning, with `$` behind it the end.
 */
export function pieceFinder(piece: string): (expr: Searchable) => boolean {
  const [, start = '', inner = '', end = ''] = /^\s*(\^?)(.*?)(\$?)\s*$/s.exec(piece) ?? [];
  const value = stringKey(piece.trim());
  const tokens = lex(inner);
  if (tokens.at(-1)?.kind !== 'end' || tokens.length < 2) return (one) => one.tokens.has(value);
  const [first] = tokens as [Token];
  if (tokens.length === 2 && start + end === '')
    return (one) => one.tokens.has(tokenKey(first)) || one.tokens.has(value);
  const around = (found: readonly Token[]): string => (start && START) + row(found) + (end && END);
  const wanted = around(tokens);
  const { expr } = parse(inner);
  const other = expr && around(lex(canonical(expr)));
  return (one) =>
    one.written.includes(wanted) ||
    one.tokens.has(value) ||
    (other !== undefined && one.canonical?.includes(other) === true);
}

const whole = (tokens: readonly Token[]): string => START + row(tokens) + END;

/** Braces with nothing in them say nothing. */
function row(tokens: readonly Token[]): string {
  const said = tokens.filter(
    ({ kind, text }, i) =>
      kind !== 'end' &&
      kind !== 'error' &&
      !(text === '{' && tokens[i + 1]?.text === '}') &&
      !(text === '}' && tokens[i - 1]?.text === '{'),
  );
  return SEPARATOR + said.map((token) => tokenKey(token) + SEPARATOR).join('');
}

/** A token as a text that is equal where Prometheus reads the same. */
export function tokenKey({ kind, text }: Token): string {
  switch (kind) {
    case 'string':
      return stringKey(readAs(readString(text), text));
    case 'number':
      return `${readAs(readNumber(text), text)}`;
    case 'duration':
      return `${readAs(readDuration(text), text)}ms`;
    case 'word':
      return isKeyword(text.toLowerCase()) ? text.toLowerCase() : text;
    default:
      return text;
  }
}

const stringKey = (value: string): string => JSON.stringify(value);

const readAs = <T>(literal: Literal<T>, otherwise: string): T | string =>
  'value' in literal ? literal.value : otherwise;

/** Words that are read in upper and lower case alike. */
export const isKeyword = (word: string): boolean =>
  isBinaryOp(word) || NEVER_METRICS.has(word) || NEVER_FUNCTIONS.has(word) || aggregator(word) !== undefined;
