import type { Located, Span } from './source.ts';

/**
 * From offsets in a decoded YAML scalar to offsets in the file. The scalar is aligned with its own source greedily:
 * what YAML takes away (indentation, folded line breaks, quotes, escapes) is stepped over.
 */

interface Alignment {
  /** By offset in the decoded text: where its character starts and ends, relative to the span. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly first: number;
}

/** The offset in the file of an offset in the decoded value of the YAML scalar that `span` covers, as written. */
export function sourceOffset(span: Span, decoded: string, offset: number): number {
  const { starts, ends, first } = align(span.file.text.slice(span.start, span.end), decoded);
  if (decoded.length === 0) return span.start + first;
  const at = Math.max(0, offset);
  return span.start + (at < decoded.length ? (starts[at] as number) : (ends[decoded.length - 1] as number));
}

/** The span in the file of the characters `from` to `to` (half-open) of a decoded YAML scalar. */
export function subSpan(text: Located<string>, from: number, to: number): Span {
  const { span, value } = text;
  const { starts, ends, first } = align(span.file.text.slice(span.start, span.end), value);
  if (value.length === 0) return { file: span.file, start: span.start + first, end: span.start + first };
  const last = value.length - 1;
  const start = from > last ? (ends[last] as number) : (starts[Math.max(0, from)] as number);
  const end = to > from ? Math.max(start, ends[Math.min(to - 1, last)] as number) : start;
  return { file: span.file, start: span.start + start, end: span.start + end };
}

function align(raw: string, decoded: string): Alignment {
  const first = contentStart(raw);
  const style = raw[first - 1] === '"' || raw[first - 1] === "'" ? raw[first - 1] : '';
  const starts: number[] = [];
  const ends: number[] = [];
  let j = first;
  let i = 0;
  const put = (start: number, end: number): void => {
    starts.push(start);
    ends.push(end);
    i++;
  };
  while (i < decoded.length) {
    if (j >= raw.length) {
      put(raw.length, raw.length);
      continue;
    }
    const c = raw[j] as string;
    if (style === '"' && c === '\\') {
      const sequence = readEscape(raw, j);
      for (let unit = 0; unit < sequence.units && i < decoded.length; unit++) put(j, sequence.end);
      j = sequence.end;
    } else if (style === "'" && c === "'" && raw[j + 1] === "'") {
      put(j, j + 2);
      j += 2;
    } else if (c === decoded[i] && c !== '\n' && c !== '\r') {
      put(j, j + 1);
      j++;
    } else if ((c === '\n' || c === '\r') && (decoded[i] === '\n' || decoded[i] === ' ')) {
      j = alignBreak(raw, j, decoded, i, put);
    } else {
      j++;
    }
  }
  return { starts, ends, first };
}

/** One or more line breaks of the source stand for a space, or for a run of line breaks, in the decoded text. */
function alignBreak(
  raw: string,
  at: number,
  decoded: string,
  index: number,
  put: (start: number, end: number) => void,
): number {
  let i = index;
  let j = at;
  const breakEnd = (from: number): number => (raw[from] === '\r' && raw[from + 1] === '\n' ? from + 2 : from + 1);
  if (decoded[i] === ' ') {
    put(j, breakEnd(j));
    i++;
  } else {
    let start = j;
    while (decoded[i] === '\n') {
      put(start, breakEnd(start));
      i++;
      // Each further line break of the decoded text has one of its own, where the source still has one.
      const next = /^[ \t]*(?=\r?\n)/.exec(raw.slice(breakEnd(start)));
      if (decoded[i] === '\n' && next) start = breakEnd(start) + next[0].length;
    }
    j = start;
    // A line that holds nothing but spaces the decoded text keeps: they are its last ones.
    const kept =
      decoded[i] === ' ' || decoded[i] === '\t' ? /^[ \t]+(?=\n|$)/.exec(decoded.slice(i))?.[0].length : undefined;
    const line = kept === undefined ? undefined : /^[ \t]*(?=\r?\n|$)/.exec(raw.slice(breakEnd(start)))?.[0].length;
    if (kept !== undefined && line !== undefined && line >= kept) return breakEnd(start) + line - kept;
  }
  while (j < raw.length && /\s/.test(raw[j] as string)) j++;
  // Spaces that the decoded text keeps after the break (deeper indentation) are the last ones before the content.
  while (decoded[i] === ' ' || decoded[i] === '\t') {
    i++;
    if (raw[j - 1] === ' ' || raw[j - 1] === '\t') j--;
  }
  return j;
}

/** The length of an escape sequence in double quotes, and how many UTF-16 units it stands for. */
function readEscape(raw: string, at: number): { end: number; units: number } {
  const kind = raw[at + 1];
  if (kind === 'x') return { end: at + 4, units: 1 };
  if (kind === 'u') return { end: at + 6, units: 1 };
  if (kind === 'U') return { end: at + 10, units: Number.parseInt(raw.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1 };
  if (kind === '\n' || kind === '\r') {
    let end = at + 2;
    while (end < raw.length && /\s/.test(raw[end] as string)) end++;
    return { end, units: 0 };
  }
  return { end: at + 2, units: 1 };
}

/** Where the content begins: after a tag or an anchor, the opening quote, or the header of a block scalar. */
function contentStart(raw: string): number {
  const props = /^(?:[!&]\S*\s+)*/.exec(raw)?.[0].length ?? 0;
  const c = raw[props];
  if (c === '"' || c === "'") return props + 1;
  if (c !== '|' && c !== '>') return props;
  const header = /^[|>][^\n]*\n?/.exec(raw.slice(props))?.[0].length ?? 0;
  let at = props + header;
  const lead = /^(?:[ \t]*\r?\n)*/.exec(raw.slice(at))?.[0].length ?? 0;
  const explicit = /^[|>][+-]?(\d)/.test(raw.slice(props));
  // Leading blank lines are content; the indentation of the first line is not, unless its width is given.
  if (lead > 0 || explicit) return at;
  while (raw[at] === ' ') at++;
  return at;
}
