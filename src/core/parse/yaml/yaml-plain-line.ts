import type { SourceFile, Span } from '../../ground/source.ts';
import type { Entry, YamlNode } from '../nodes.ts';
import { plainValue } from './yaml-plain-value.ts';

/** What stands on one line of plainly written YAML: keys, texts, `[…]` and `{…}`. Undefined is "not plain" everywhere. */

export const MAX_DEPTH = 20;
/** YAML gives up on keys of more than 1,024 characters; nobody writes one of 200. */
const LONGEST_KEY = 200;

export interface Scanner {
  readonly file: SourceFile;
  readonly text: string;
  /** Between values: the first character of a line's content. */
  at: number;
  /** Of that character in its line; -1 at the end of the text. */
  column: number;
  /** The end, with its line break, of the last line that held something. */
  end: number;
  /** False once something was seen that is not plain. */
  sure: boolean;
}

export const SPACE = 0x20;
export const NEWLINE = 0x0a;
const COLON = 0x3a;
export const HASH = 0x23;
export const DASH = 0x2d;
const COMMA = 0x2c;
const DOUBLE = 0x22;
const SINGLE = 0x27;
const [BRACKET, BRACE] = [0x5b, 0x7b];
const [BRACKET_END, BRACE_END] = [0x5d, 0x7d];

const isWord = (c: number): boolean =>
  (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c === 0x5f;
export const isKeyStart = (c: number): boolean => isWord(c) || c === DOUBLE || c === SINGLE;
/** What a text without quotes may start with here: letters, digits, and a few that YAML gives no meaning. */
const isTextStart = (c: number): boolean => isWord(c) || c === 0x2f || c === 0x28 || c === 0x24 || c === 0x7e;

/** A key up to its colon, where `s.at` then is. */
export function keyAt(s: Scanner): string | undefined {
  const { text } = s;
  const start = s.at;
  const c = text.charCodeAt(start);
  if (c === DOUBLE || c === SINGLE) {
    const quoted = quotedAt(s, c);
    return quoted !== undefined && quoted !== '' && endsKey(text, s.at) ? quoted : undefined;
  }
  if (!isWord(c)) return undefined;
  let at = start + 1;
  for (; at - start < LONGEST_KEY; at++) {
    const d = text.charCodeAt(at);
    if (d === COLON && endsKey(text, at)) break;
    if (d === NEWLINE || d === HASH || at >= text.length) return undefined;
  }
  if (at - start >= LONGEST_KEY || text.charCodeAt(at - 1) === SPACE) return undefined;
  s.at = at;
  return text.slice(start, at);
}

function endsKey(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== COLON) return false;
  const after = text.charCodeAt(at + 1);
  return after === SPACE || after === NEWLINE;
}

/** A value that ends on its line. */
export function lineValue(s: Scanner, depth: number): YamlNode | undefined {
  const { text, file } = s;
  const start = s.at;
  const c = text.charCodeAt(start);
  if (c === BRACKET || c === BRACE) return flowAt(s, depth + 1);
  if (c === DOUBLE || c === SINGLE) {
    const quoted = quotedAt(s, c);
    return quoted === undefined
      ? undefined
      : { kind: 'scalar', value: quoted, text: quoted, span: { file, start, end: s.at } };
  }
  return textAt(s, false);
}

/** The text in quotes at `s.at`, on one line and without escapes. */
function quotedAt(s: Scanner, quote: number): string | undefined {
  const { text } = s;
  for (let at = s.at + 1; ; at++) {
    const c = text.charCodeAt(at);
    if (c === NEWLINE || at >= text.length || (c === 0x5c && quote === DOUBLE)) return undefined;
    if (c !== quote) continue;
    if (quote === SINGLE && text.charCodeAt(at + 1) === SINGLE) return undefined;
    const found = text.slice(s.at + 1, at);
    s.at = at + 1;
    return found;
  }
}

/** A text without quotes; in brackets it ends at a comma or a bracket as well. */
function textAt(s: Scanner, inFlow: boolean): YamlNode | undefined {
  const { text, file } = s;
  const start = s.at;
  const first = text.charCodeAt(start);
  if (!isTextStart(first) && !(first === DASH && isWord(text.charCodeAt(start + 1)))) return undefined;
  let end = start;
  let at = start;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === SPACE) continue;
    if (c === NEWLINE) break;
    if (c === HASH && end < at) break;
    if (c === COLON && !goesOn(text.charCodeAt(at + 1), inFlow)) return undefined;
    if (inFlow) {
      if (c === COMMA || c === BRACKET_END || c === BRACE_END) break;
      if (c === BRACKET || c === BRACE || c === DOUBLE || c === SINGLE || c === HASH) return undefined;
    }
    end = at + 1;
  }
  s.at = end;
  const written = text.slice(start, end);
  const value = plainValue(written);
  return value === undefined ? undefined : { kind: 'scalar', value, text: written, span: { file, start, end } };
}

/** Whether a text goes on behind a colon. */
const goesOn = (c: number, inFlow: boolean): boolean => (inFlow ? isWord(c) : c > SPACE);

/** `[…]` or `{…}` on one line. */
function flowAt(s: Scanner, depth: number): YamlNode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { text, file } = s;
  const start = s.at;
  const isMap = text.charCodeAt(start) === BRACE;
  const close = isMap ? BRACE_END : BRACKET_END;
  const items: YamlNode[] = [];
  const entries = new Map<string, Entry>();
  s.at++;
  skipSpaces(s);
  if (text.charCodeAt(s.at) !== close) {
    for (;;) {
      if (isMap ? !flowEntry(s, entries, depth) : !flowItem(s, items, depth)) return undefined;
      skipSpaces(s);
      const c = text.charCodeAt(s.at);
      if (c === close) break;
      if (c !== COMMA) return undefined;
      s.at++;
      skipSpaces(s);
    }
  }
  s.at++;
  const span: Span = { file, start, end: s.at };
  return isMap ? { kind: 'map', entries, span } : { kind: 'list', items, span };
}

function skipSpaces(s: Scanner): void {
  while (s.text.charCodeAt(s.at) === SPACE) s.at++;
}

function flowItem(s: Scanner, items: YamlNode[], depth: number): boolean {
  const item = flowValue(s, depth);
  if (item) items.push(item);
  return item !== undefined;
}

function flowEntry(s: Scanner, entries: Map<string, Entry>, depth: number): boolean {
  const start = s.at;
  const key = keyAt(s);
  if (key === undefined || entries.has(key) || /[,[\]{}#&*!|>%@`]/.test(key)) return false;
  const keySpan: Span = { file: s.file, start, end: s.at };
  s.at++;
  skipSpaces(s);
  const value = flowValue(s, depth);
  if (value) entries.set(key, { key, keySpan, value });
  return value !== undefined;
}

function flowValue(s: Scanner, depth: number): YamlNode | undefined {
  const c = s.text.charCodeAt(s.at);
  return c === BRACKET || c === BRACE || c === DOUBLE || c === SINGLE ? lineValue(s, depth) : textAt(s, true);
}
