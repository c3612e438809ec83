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
  /(?:0[xX]_?[0-9a-fA-F](?:_?[0-9a-fA-F])*|(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?)(?![0-9A-Za-z_.])/y;
/** Where servers since 2.54 take an `e` of a hexadecimal number for the start of an exponent, and refuse it. */
const HEX_EXPONENT = /0[xX]_?[0-9a-fA-F]*(?:_[eE]|(?<=[xX]_?[0-9a-fA-F])[eE](?=$|[+\-.eE_]))/y;
const DURATION = /[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdw]))*(?![0-9A-Za-z_])/y;
const ALPHANUMERIC_RUN = /[0-9A-Za-z_.]+/y;
const DOUBLE_SIGNS: ReadonlySet<string> = new Set(['==', '!=', '=~', '!~', '</', '>/', '<=', '>=']);
const SIGNS: ReadonlySet<string> = new Set('+-*/%^<>=(){}[],:@');

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
    const two = text.slice(at, at + 2);
    const sign = DOUBLE_SIGNS.has(two) ? two : SIGNS.has(char) ? char : undefined;
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

const QUOTES = 'Use straight quotation marks, " or \'.';
const NO_SIGN = 'PromQL has no such sign.';

/** What people write that PromQL does not know, and what to write instead. */
const STRANGE: Readonly<Record<string, readonly [message: string, help: string]>> = {
  '“': ['A typographic quotation mark starts no string.', QUOTES],
  '”': ['A typographic quotation mark starts no string.', QUOTES],
  '‘': ['A typographic quotation mark starts no string.', QUOTES],
  '’': ['A typographic quotation mark starts no string.', QUOTES],
  '–': ['A dash is no minus.', 'Use the hyphen-minus, -.'],
  '−': ['This minus sign is not the one that PromQL reads.', 'Use the hyphen-minus, -.'],
  '×': [NO_SIGN, 'Write `*`.'],
  '÷': [NO_SIGN, 'Write `/`.'],
  '≥': [NO_SIGN, 'Write `>=`.'],
  '≤': [NO_SIGN, 'Write `<=`.'],
  '≠': [NO_SIGN, 'Write `!=`.'],
  '&': [NO_SIGN, 'Write `and`.'],
  '|': [NO_SIGN, 'Write `or`; alternatives of a label go into one regex: `label=~"a|b"`.'],
  '?': [NO_SIGN, 'Write `and` or `or` for conditions.'],
  '!': ['`!` alone means nothing.', 'Write `!=` or `!~`; for "this, but not that" use `unless`.'],
  '~': ['`~` alone means nothing.', 'Matchers on regexes are `=~` and `!~`, inside braces.'],
  '.': [
    'A dot can stand in numbers and strings only.',
    'A name with dots is written in quotes inside braces, `{"name.with.dots"}`, from Prometheus 3.0 on; older servers know it with underscores.',
  ],
  ';': ['An expression takes no semicolon.', 'Remove it.'],
  $: ['PromQL has no variables.', 'Put the value in; Grafana’s `$__rate_interval` becomes a duration such as `5m`.'],
  '#': ['A comment cannot stand between `[` and the duration.', 'Move it behind the closing bracket.'],
  '\u00a0': ['A non-breaking space (U+00A0) is no space to PromQL.', 'Replace it with an ordinary space.'],
  '\u200b': ['A zero-width space (U+200B) cannot stand here.', 'Remove it.'],
  '\ufeff': ['A byte order mark (U+FEFF) cannot stand here.', 'Remove it.'],
};

function strangeCharacter(text: string, at: number): readonly [message: string, help: string] {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const known = STRANGE[char];
  if (known) return known;
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char) ? `\`${char}\` (${code})` : code;
  return [
    `The character ${printable} cannot stand here.`,
    'Other letters than a to z stand in strings only; a name that has them is written in quotes inside braces, from Prometheus 3.0 on.',
  ];
}
