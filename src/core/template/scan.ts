import type { LexerToken } from 'nunjucks/src/lexer.js';
import lexer from 'nunjucks/src/lexer.js';
import { scanTag, unclosed } from './tags.ts';
import type { Problem, State, Token } from './tokens.ts';
import { fail } from './tokens.ts';

/**
 * The tokens of a template. The whole text is read before nunjucks' parser, which recurses, sees any of it: what nests
 * too deep, is not closed or may not be written is found here, in a loop.
 */

export interface Scan {
  readonly tokens: readonly Token[];
  /** The end of the token that starts at an offset. */
  readonly ends: ReadonlyMap<number, number>;
  /** The end of the hole that starts at an offset, its `>>` included. */
  readonly holes: ReadonlyMap<number, number>;
  readonly problems: readonly Problem[];
}

export const TAGS = {
  blockStart: '<%',
  blockEnd: '%>',
  variableStart: '<<',
  variableEnd: '>>',
  commentStart: '<#',
  commentEnd: '#>',
} as const;

const MAX_TEXT = 65_536; // UTF-16 units
const MAX_CODE = 1000; // tokens of one hole or tag
const MAX_BRACKETS = 40;

/** True where the text holds anything of a template's: else it stands for itself. */
export function isTemplated(text: string): boolean {
  return /<[<%#]|#>/.test(text);
}

export function scan(text: string): Scan {
  const state: State = {
    text,
    lexer: lexer.lex(text, { tags: TAGS }),
    tokens: [],
    ends: new Map(),
    holes: new Map(),
    problems: [],
    open: [],
  };
  if (text.length > MAX_TEXT) {
    fail(state, 'template-limit', 0, 1, `The template is longer than ${MAX_TEXT} characters.`);
  } else {
    while (state.problems.length === 0 && scanNext(state)) {}
    unclosed(state);
  }
  const { tokens, ends, holes, problems } = state;
  return { tokens, ends, holes, problems };
}

/** Reads text, a comment, or a whole hole or tag; false at the end. */
function scanNext(state: State): boolean {
  const start = state.lexer.index;
  const token = next(state);
  if (!token) return false;
  if (token.type === 'variable-start') scanCode(state, start, 'variable-end', '<<', '>>');
  if (token.type === 'block-start') scanTag(state, start, scanCode(state, start, 'block-end', '<%', '%>'));
  return true;
}

function next(state: State): Token | undefined {
  const start = state.lexer.index;
  let read: LexerToken | null;
  try {
    read = state.lexer.nextToken();
  } catch {
    // The library throws for two things only, both about comments.
    const opens = state.text.startsWith(TAGS.commentStart, start);
    const at = opens ? start : state.text.indexOf(TAGS.commentEnd, start);
    const message = opens
      ? 'The comment `<#` is never closed by `#>`.'
      : '`#>` closes a comment that was never opened.';
    const written = opens ? '<#' : '#>';
    fail(
      state,
      'template-syntax',
      at,
      at + 2,
      message,
      `To have these characters in the text, write \`<< "${written}" >>\`.`,
    );
    return undefined;
  }
  if (!read) return undefined;
  const token: Token = { type: read.type, value: read.value, lineno: 0, colno: start };
  state.tokens.push(token);
  state.ends.set(start, state.lexer.index);
  return token;
}

/** Reads what stands between the delimiters and returns its tokens, the white space left out. */
function scanCode(state: State, start: number, close: string, opens: string, closes: string): Token[] {
  const code: Token[] = [];
  const brackets: Token[] = [];
  for (;;) {
    const token = next(state);
    if (!token) {
      if (state.problems.length === 0) {
        fail(
          state,
          'template-syntax',
          start,
          start + 2,
          `\`${opens}\` is never closed by \`${closes}\`.`,
          `To have \`${opens}\` in the text, write \`<< "${opens}" >>\`.`,
        );
      }
      return code;
    }
    if (token.type === close) {
      const open = brackets.at(-1);
      if (open) fail(state, 'template-syntax', open.colno, open.colno + 1, `\`${open.value}\` is never closed.`);
      state.holes.set(start, state.lexer.index);
      break;
    }
    if (token.type === 'whitespace') continue;
    code.push(token);
    const end = state.lexer.index;
    if (token.type === 'block-end' || token.type === 'variable-end') {
      fail(state, 'template-syntax', token.colno, end, `What begins with \`${opens}\` ends with \`${closes}\`.`);
    } else if (token.type === 'string' && state.text[end - 1] !== state.text[token.colno]) {
      fail(state, 'template-syntax', token.colno, token.colno + 1, 'The string is never closed.');
    } else if (token.type === 'string' && end - token.colno < 2) {
      fail(state, 'template-syntax', token.colno, end, 'The string is never closed.');
    } else if (token.type === 'regex') {
      const help = 'For a division, put spaces around `/`; a regex is a string in quotes.';
      fail(state, 'template-forbidden', token.colno, end, 'A template cannot make a JavaScript regex (`r/…/`).', help);
    } else if (/^(left|right)-/.test(token.type)) {
      checkBracket(state, token, brackets, end);
    } else if (token.type === 'symbol') {
      checkName(state, token, end);
    }
    if (code.length > MAX_CODE) {
      fail(
        state,
        'template-limit',
        start,
        start + 2,
        `More than ${MAX_CODE} words between \`${opens}\` and \`${closes}\`.`,
      );
    }
    if (state.problems.length > 0) return code;
  }
  if (code.length === 0) {
    fail(
      state,
      'template-syntax',
      start,
      state.lexer.index,
      `There is nothing between \`${opens}\` and \`${closes}\`.`,
    );
  }
  return code;
}

function checkBracket(state: State, token: Token, brackets: Token[], end: number): void {
  if (token.type.startsWith('left-')) {
    brackets.push(token);
    if (brackets.length <= MAX_BRACKETS) return;
    fail(state, 'template-limit', token.colno, end, `Brackets nest deeper than ${MAX_BRACKETS}.`);
    return;
  }
  const open = brackets.pop();
  if (open?.type.slice('left-'.length) === token.type.slice('right-'.length)) return;
  const message = open ? `\`${token.value}\` does not close \`${open.value}\`.` : `\`${token.value}\` closes nothing.`;
  fail(state, 'template-syntax', token.colno, end, message);
}

function checkName(state: State, token: Token, end: number): void {
  const name = String(token.value);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
  if (/^[0-9]/.test(name)) {
    const help = 'Write numbers in decimal digits, and durations as a param of type duration.';
    fail(state, 'template-syntax', token.colno, end, `\`${name}\` is neither a number nor a name.`, help);
  } else if (name.startsWith('$')) {
    const help = `What Prometheus fills in when the alert fires is written \`{{ ${name} }}\`.`;
    fail(state, 'template-syntax', token.colno, end, `\`${name}\` is not known while rules are compiled.`, help);
  } else {
    fail(
      state,
      'template-syntax',
      token.colno,
      end,
      `\`${name}\` is not a name.`,
      'Names have letters, digits and `_`.',
    );
  }
}
