/** The values of PromQL's literals: numbers, durations and strings as Go reads them. */

/** A literal's value, or why it has none. */
export type Literal<T> = { readonly value: T } | { readonly problem: string; readonly help?: string };

/** A number token: decimal, hexadecimal, octal with a leading zero, exponents, underscores, `Inf` and `NaN`. */
export function readNumber(text: string): Literal<number> {
  const lower = text.toLowerCase();
  if (lower === 'inf') return { value: Number.POSITIVE_INFINITY };
  if (lower === 'nan') return { value: Number.NaN };
  const digits = lower.replaceAll('_', '');
  if (digits.startsWith('0x')) {
    const value = BigInt(digits);
    return value < 2n ** 63n
      ? { value: Number(value) }
      : { problem: `The hexadecimal number ${text} is too large.`, help: 'Write it in decimal.' };
  }
  // Go reads a leading zero as octal, where the digits allow it.
  if (/^0[0-7]+$/.test(digits) && BigInt(`0o${digits}`) < 2n ** 63n) return { value: Number(BigInt(`0o${digits}`)) };
  const value = Number(digits);
  return Number.isFinite(value)
    ? { value }
    : { problem: `The number ${text} is too large.`, help: 'The largest is about 1.8e308; for infinity write `Inf`.' };
}

const UNITS = [
  ['y', 365 * 24 * 3600 * 1000],
  ['w', 7 * 24 * 3600 * 1000],
  ['d', 24 * 3600 * 1000],
  ['h', 3600 * 1000],
  ['m', 60 * 1000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Milliseconds in the longest duration that Prometheus can hold: 2^63 nanoseconds. */
const LONGEST = 2 ** 63 / 1e6;

/** A duration in milliseconds: whole numbers with units from large to small, each at most once. */
export function readDuration(text: string): Literal<number> {
  if (!/^(?:[0-9]+[a-z]+)+$/.test(text)) {
    return { problem: `\`${text}\` is not a duration.`, help: 'Write whole numbers with units: `90s`, `5m`, `1h30m`.' };
  }
  let total = 0;
  let last = -1;
  for (const [, count = '', unit = ''] of text.matchAll(/([0-9]+)([a-z]+)/g)) {
    const rank = UNITS.findIndex(([name]) => name === unit);
    const found = UNITS[rank];
    if (!found)
      return {
        problem: `\`${unit}\` in \`${text}\` is not a unit of time.`,
        help: 'The units are y, w, d, h, m, s and ms.',
      };
    if (rank <= last) {
      return {
        problem: `The units of the duration \`${text}\` are not in order.`,
        help: 'Units go from large to small, each once: `1h30m`, not `30m1h`.',
      };
    }
    last = rank;
    total += Number(count) * found[1];
  }
  return total < LONGEST
    ? { value: total }
    : {
        problem: `The duration \`${text}\` is longer than Prometheus can hold.`,
        help: 'The longest is about 292 years.',
      };
}

/** Milliseconds as the shortest text that `readDuration` reads as the same: `1h30m`; fractions of a millisecond are lost. */
export function durationText(ms: number): string {
  let rest = Math.round(ms);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, size] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (rest < size || (exactOnly && rest % size !== 0)) continue;
    text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text;
}

/** The letters behind a backslash that Go, and PromQL with it, reads as one character; quotes are the string's own. */
export const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const CODE_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A problem inside a string: `at` is the offset of the escape in the token. */
export type StringLiteralProblem = {
  readonly problem: string;
  readonly help: string;
  readonly at: number;
  readonly length: number;
};

/** The value of a string token in its quotes, escapes read as Go reads them. */
export function readString(token: string): { readonly value: string } | StringLiteralProblem {
  const quote = token[0] as string;
  const inside = token.slice(1, -1);
  const bad = inside.search(/\ufffd|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
  if (bad >= 0) {
    return {
      problem: 'A string holds a character that is not valid Unicode.',
      help: 'Remove it; it is often the trace of a broken encoding.',
      at: bad + 1,
      length: 1,
    };
  }
  if (quote === '`' || !inside.includes('\\')) return { value: inside };
  const parts: (string | number)[] = [];
  for (let i = 0; i < inside.length; ) {
    if (inside[i] !== '\\') {
      const next = inside.indexOf('\\', i);
      const end = next < 0 ? inside.length : next;
      parts.push(inside.slice(i, end));
      i = end;
      continue;
    }
    const read = readEscape(inside.slice(i, i + 10), quote);
    if ('problem' in read) return { ...read, at: i + 1 };
    parts.push(read.value);
    i += read.length;
  }
  return { value: joinBytes(parts) };
}

/** One escape at the start of a text; its value is a character, or a byte as a number. */
function readEscape(
  text: string,
  quote: string,
): { value: string | number; length: number } | Omit<StringLiteralProblem, 'at'> {
  const kind = text[1] ?? '';
  const simple = kind === quote ? quote : SIMPLE_ESCAPES[kind];
  if (simple !== undefined) return { value: simple, length: 2 };
  const octal = /^\\([0-7]{3})/.exec(text)?.[1];
  if (octal !== undefined && Number.parseInt(octal, 8) <= 255) return { value: Number.parseInt(octal, 8), length: 4 };
  const length = CODE_LENGTH[kind];
  if (length !== undefined) {
    const digits = text.slice(2, 2 + length);
    const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
    if (code >= 0 && kind === 'x') return { value: code, length: 4 };
    if (code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
      return { value: String.fromCodePoint(code), length: 2 + length };
    }
  }
  return {
    problem: `\`\\${kind}\` is not an escape that PromQL knows.`,
    help: /[.*+?|()[\]{}^$dwsDWSzAB]/.test(kind)
      ? `In a regex double the backslash, \`\\\\${kind}\`, or put the string in backquotes.`
      : 'Double the backslash to mean one, or put the string in backquotes.',
    length: 2,
  };
}

/** Characters and bytes as one text. Bytes that are no UTF-8 become lone surrogates (U+DC00 + byte), which equal nothing else. */
function joinBytes(parts: readonly (string | number)[]): string {
  if (!parts.some((part) => typeof part === 'number' && part > 127)) {
    return parts.map((part) => (typeof part === 'number' ? String.fromCharCode(part) : part)).join('');
  }
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part) => (typeof part === 'number' ? [part] : [...encoder.encode(part)]));
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i] as number;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    const chunk = length > 0 && i + length <= bytes.length ? decode(bytes.slice(i, i + length)) : undefined;
    text += chunk ?? String.fromCharCode(0xdc00 + lead);
    i += chunk === undefined ? 1 : length;
  }
  return text;
}

function decode(bytes: readonly number[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
