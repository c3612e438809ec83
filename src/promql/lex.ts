import type { Range } from './ast.ts';

/**
 * PromQL cut into tokens. What a character means depends on where it stands: inside braces there are
 * label names and matcher operators, inside brackets `:` parts a range from its step.
 */

export type TokenKind = 'word' | 'number' | 'duration' | 'string' | 'sign' | 'error' | 'end';

export interface Token extends Range {
  readonly kind: TokenKind;
  /** As written; of an `error` the message. */
  readonly text: string;
  /** Of an `error`: how to mend it. */
  readonly help?: string;
}

const SPACE = /[ \t\r\n]*/y;
const COMMENT = /#[^\r\n]*/y;
const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const PLAIN_WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMERAL =
  /(?:0[xX]_?[0-9a-fA-F](?:_?[0-9a-fA-F])*|(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?)(?![0-9A-Za-z_])/y;
/** Where servers since 2.54 take an `e` of a hexadecimal number for the start of an exponent, and refuse it. */
const HEX_EXPONENT = /0[xX]_?[0-9a-fA-F]*(?:_[eE]|(?<=[xX]_?[0-9a-fA-F])[eE](?=$|[+\-.eE_]))/y;
const DURATION = /[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdw]))*(?![0-9A-Za-z_])/y;
const ALPHANUMERIC_RUN = /[0-9A-Za-z_.]+/y;
const SIGNS = ['==', '!=', '=~', '!~', '</', '>/', '<=', '>=', ...'+-*/%^<>=(){}[],:@'];

/** All tokens up to the end or to the first error; the last one is `end` or `error`. Comments and space are left out. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inBraces = false;
  let inBrackets = false;
  let commentsAllowed = true;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: TokenKind, length: number): void => {
    tokens.push({ kind, from: at, to: at + length, text: text.slice(at, at + length) });
    at += length;
  };
  const error = (from: number, to: number, message: string, help?: string): readonly Token[] => {
    tokens.push({ kind: 'error', from, to, text: message, ...(help === undefined ? {} : { help }) });
    return tokens;
  };

  for (;;) {
    at += match(SPACE)?.length ?? 0;
    const char = text[at];
    if (char === undefined) {
      tokens.push({ kind: 'end', from: at, to: at, text: '' });
      return tokens;
    }
    if (char === '#' && commentsAllowed) {
      at += match(COMMENT)?.length ?? 0;
      continue;
    }
    if (char === '"' || char === "'" || char === '`') {
      const end = stringEnd(text, at);
      if (end === undefined) {
        return error(
          at,
          Math.min(lineEnd(text, at), text.length),
          'This string is never closed.',
          `Close it with ${char}.`,
        );
      }
      push('string', end - at);
      continue;
    }
    const word = match(inBrackets || inBraces ? PLAIN_WORD : WORD);
    if (word !== undefined) {
      push('word', word.length);
      commentsAllowed = true;
      continue;
    }
    if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(text[at + 1] ?? ''))) {
      const numeral = match(HEX_EXPONENT) === undefined ? match(NUMERAL) : undefined;
      const duration = numeral === undefined ? match(DURATION) : undefined;
      if (numeral !== undefined) push('number', numeral.length);
      else if (duration !== undefined) push('duration', duration.length);
      else return numeralError(text, at, match(ALPHANUMERIC_RUN) ?? char, error);
      commentsAllowed = true;
      continue;
    }
    const sign = SIGNS.find((s) => text.startsWith(s, at));
    if (sign === undefined) return error(at, at + charLength(text, at), ...strangeCharacter(text, at));
    if (sign === '{') inBraces = true;
    if (sign === '}') inBraces = false;
    if (sign === '[') {
      inBrackets = true;
      commentsAllowed = false;
    }
    if (sign === ']') {
      inBrackets = false;
      commentsAllowed = true;
    }
    push('sign', sign.length);
  }
}

/** Just behind the closing quote of the string that starts at `at`; undefined where there is none. */
function stringEnd(text: string, at: number): number | undefined {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i];
    if (char === quote) return i + 1;
    if (quote !== '`' && char === '\n') return undefined;
    if (quote !== '`' && char === '\\') i++;
  }
  return undefined;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

type Fail = (from: number, to: number, message: string, help?: string) => readonly Token[];

function numeralError(text: string, at: number, run: string, error: Fail): readonly Token[] {
  const written = text.slice(at, at + run.length);
  if (/^[0-9.]+[A-Za-z]+/.test(written) && !/^0[xX]/.test(written)) {
    return error(
      at,
      at + run.length,
      `\`${written}\` is neither a number nor a duration.`,
      'Durations are whole numbers with units from large to small: `90s`, `5m`, `1h30m`, `7d`, `500ms`. Names cannot start with a digit.',
    );
  }
  return error(
    at,
    at + run.length,
    `\`${written}\` is not a number.`,
    'Numbers look like `80`, `0.95`, `1e9` or `0x1F`.',
  );
}

function charLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

const STRANGE: Readonly<Record<string, readonly [message: string, help: string]>> = {
  '“': ['A typographic quotation mark', 'Use straight quotation marks: ".'],
  '”': ['A typographic quotation mark', 'Use straight quotation marks: ".'],
  '‘': ['A typographic quotation mark', "Use straight quotation marks: '."],
  '’': ['A typographic quotation mark', "Use straight quotation marks: '."],
  '–': ['A dash that is not a minus', 'Use the hyphen-minus: -.'],
  '−': ['A minus sign that is not the one of programs', 'Use the hyphen-minus: -.'],
  '≥': ['A sign that PromQL does not have', 'Write `>=`.'],
  '≤': ['A sign that PromQL does not have', 'Write `<=`.'],
  '≠': ['A sign that PromQL does not have', 'Write `!=`.'],
  '\u00a0': ['A non-breaking space (U+00A0)', 'Replace it with an ordinary space.'],
  '\ufeff': ['A byte order mark (U+FEFF)', 'Remove it.'],
  '\u200b': ['A zero-width space (U+200B)', 'Remove it.'],
  '&': ['A sign that PromQL does not have', 'Write `and`.'],
  '|': ['A sign that PromQL does not have', 'Write `or`, or put alternatives into one regex: `label=~"a|b"`.'],
  '!': ['`!` alone means nothing', 'Write `!=` or `!~`; for "this, but not that" use `unless`.'],
  '~': ['`~` alone means nothing', 'Matchers on regexes are `=~` and `!~`, inside braces.'],
  ';': ['A semicolon', 'An expression ends by itself: remove it.'],
  $: ['A `$`', 'PromQL has no variables; Grafana’s must be replaced by what they stand for.'],
  '#': ['A comment', 'Comments cannot stand between `[` and the duration.'],
};

function strangeCharacter(text: string, at: number): readonly [message: string, help: string] {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const known = STRANGE[char];
  if (known) return [`${known[0]} cannot stand here.`, known[1]];
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char) ? `\`${char}\` (${code})` : code;
  return [
    `The character ${printable} cannot stand here.`,
    'Other letters than a to z stand in strings only; a metric with such a name is written `{"name"}` (Prometheus 3.0 and later).',
  ];
}
