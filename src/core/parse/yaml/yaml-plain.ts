import type { SourceFile, Span } from '../../ground/source.ts';
import type { Entry, YamlDocument, YamlNode } from '../nodes.ts';
import type { Scanner } from './yaml-plain-line.ts';
import { DASH, HASH, isKeyStart, keyAt, lineValue, MAX_DEPTH, NEWLINE, SPACE } from './yaml-plain-line.ts';

/**
 * The YAML that people write in nearly every source, read in one pass: block mappings and lists, one-line
 * texts with or without quotes, one-line `[…]` and `{…}`, comments. The YAML library takes fifty times as long, which
 * a thousand groups with a thousand thresholds each can't afford. Whatever is not plainly of that form is given up, so that
 * the library judges it; what is read here is exactly what the library reads, spans included (a property test
 * holds them together).
 */

/** Printable, no tabs, no carriage returns, no separators: what no reader has an opinion on. */
const ORDINARY = /^[\n\x20-\x7e\xa1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff]*$/;

/** The one document of a file; undefined where the library has to look at it. */
export function parsePlainYaml(file: SourceFile): YamlDocument | undefined {
  const { text } = file;
  if (!ORDINARY.test(text)) return undefined;
  const scanner: Scanner = { file, text, at: 0, column: 0, end: 0, sure: true };
  if (nextLine(scanner) !== 0 || !isKeyStart(text.charCodeAt(scanner.at))) return undefined;
  const start = scanner.at;
  const root = blockMap(scanner, 0, 0);
  if (!root || !scanner.sure || scanner.at < text.length) return undefined;
  return { span: { file, start, end: text.length }, root };
}

/** Goes from the start of a line to the next content; gives its column, -1 at the end of the text. */
function nextLine(s: Scanner): number {
  const { text } = s;
  let at = s.at;
  let comment = 0;
  for (;;) {
    const start = at;
    while (text.charCodeAt(at) === SPACE) at++;
    const c = text.charCodeAt(at);
    if (c === NEWLINE) at++;
    else if (c === HASH) {
      comment = Math.max(comment, at - start);
      at = afterLine(text, at);
    } else {
      s.at = at;
      s.column = at >= text.length ? -1 : at - start;
      // Which value a comment belongs to that stands further in than what follows, the library must say.
      if (comment > Math.max(0, s.column)) s.sure = false;
      return s.column;
    }
  }
}

const afterLine = (text: string, at: number): number => {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
};

/** Past spaces and a comment to the next line; false where something else stands behind a value. */
function finishLine(s: Scanner): boolean {
  const { text } = s;
  let at = s.at;
  while (text.charCodeAt(at) === SPACE) at++;
  const c = text.charCodeAt(at);
  if (c === HASH ? at === s.at : c !== NEWLINE && at < text.length) return false;
  s.at = s.end = c === HASH ? afterLine(text, at) : Math.min(at + 1, text.length);
  return true;
}

/** The mapping whose first key stands at `s.at`, in this column. Afterwards `s.at` is at content further left, or at the end. */
function blockMap(s: Scanner, column: number, depth: number): YamlNode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { file } = s;
  const start = s.at;
  const entries = new Map<string, Entry>();
  for (;;) {
    const keyStart = s.at;
    const key = keyAt(s);
    if (key === undefined || entries.has(key)) return undefined;
    const keySpan: Span = { file, start: keyStart, end: s.at };
    s.at++;
    const value = blockValue(s, column, depth);
    if (!value) return undefined;
    entries.set(key, { key, keySpan, value });
    const next = s.column;
    if (next < column) break;
    if (next > column || !isKeyStart(s.text.charCodeAt(s.at))) return undefined;
  }
  return { kind: 'map', entries, span: { file, start, end: s.end } };
}

/** What stands behind a key's colon, and below it; goes on to the next content. */
function blockValue(s: Scanner, column: number, depth: number): YamlNode | undefined {
  const { text } = s;
  const from = s.at;
  while (text.charCodeAt(s.at) === SPACE) s.at++;
  const c = text.charCodeAt(s.at);
  if (c !== NEWLINE && !(c === HASH && s.at > from)) {
    const value = lineValue(s, depth);
    if (!value || !finishLine(s)) return undefined;
    // Something further in would go on with this text.
    return nextLine(s) > column ? undefined : value;
  }
  s.at = afterLine(text, s.at);
  const inner = nextLine(s);
  if (inner < column) return undefined;
  if (text.charCodeAt(s.at) === DASH) return blockList(s, inner, depth + 1);
  return inner > column ? blockMap(s, inner, depth + 1) : undefined;
}

function blockList(s: Scanner, column: number, depth: number): YamlNode | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { text, file } = s;
  const start = s.at;
  const items: YamlNode[] = [];
  while (text.charCodeAt(s.at) === DASH && text.charCodeAt(s.at + 1) === SPACE) {
    const from = s.at;
    s.at++;
    while (text.charCodeAt(s.at) === SPACE) s.at++;
    const item = listItem(s, column, column + s.at - from, depth);
    if (!item) return undefined;
    items.push(item);
    const next = s.column;
    if (next > column) return undefined;
    if (next < column) return { kind: 'list', items, span: { file, start, end: s.end } };
  }
  // A key in the column of the dashes belongs to the mapping around the list.
  if (items.length === 0 || !isKeyStart(text.charCodeAt(s.at))) return undefined;
  return { kind: 'list', items, span: { file, start, end: s.end } };
}

function listItem(s: Scanner, dash: number, column: number, depth: number): YamlNode | undefined {
  const start = s.at;
  const isKey = isKeyStart(s.text.charCodeAt(start)) && keyAt(s) !== undefined;
  s.at = start;
  if (isKey) return blockMap(s, column, depth + 1);
  const value = lineValue(s, depth);
  if (!value || !finishLine(s)) return undefined;
  return nextLine(s) > dash ? undefined : value;
}
