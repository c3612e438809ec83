/** The tokens of a Go template, as Go's text/template splits it. The first error ends the list. */

export type GoTokenType =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'open'
  | 'close'
  | 'char'
  | 'string'
  | 'character'
  | 'number'
  | 'variable'
  | 'field'
  | 'dot'
  | 'word'
  | 'end of text'
  | 'error';

export interface GoToken {
  readonly type: GoTokenType;
  /** As written; of an error its message. */
  readonly text: string;
  /** Half-open UTF-16 offsets. */
  readonly from: number;
  readonly to: number;
  readonly help?: string;
}

const SPACE = /[ \t\r\n]/;
const LETTER = /[\p{L}\p{Nd}_]/u;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

interface State {
  readonly text: string;
  readonly tokens: GoToken[];
  at: number;
  /** Where the open parentheses of the action stand. */
  open: number[];
  action: boolean;
  /** Where the action began. */
  start: number;
  failed: boolean;
}

export function lexGoTemplate(text: string): GoToken[] {
  const state: State = { text, tokens: [], at: 0, open: [], action: false, start: 0, failed: false };
  while (!state.failed && (state.action || state.at < text.length)) {
    if (state.action) lexAction(state);
    else lexText(state);
  }
  if (!state.failed) push(state, 'end of text', text.length, text.length);
  return state.tokens;
}

function push(state: State, type: GoTokenType, from: number, to: number): void {
  state.tokens.push({ type, text: state.text.slice(from, to), from, to });
  state.at = to;
}

function fail(state: State, from: number, to: number, message: string, help?: string): void {
  const token = { type: 'error', text: message, from, to } as const;
  state.tokens.push(help === undefined ? token : { ...token, help });
  state.failed = true;
}

function lexText(state: State): void {
  const { text } = state;
  const found = text.indexOf('{{', state.at);
  const from = state.at;
  if (found < 0) {
    push(state, 'text', from, text.length);
    return;
  }
  const trims = text[found + 2] === '-' && SPACE.test(text[found + 3] ?? '');
  const end = trims ? from + text.slice(from, found).replace(/[ \t\r\n]+$/, '').length : found;
  if (end > from) push(state, 'text', from, end);
  const inside = found + (trims ? 4 : 2);
  if (text.startsWith('/*', inside)) {
    lexComment(state, found, inside);
    return;
  }
  push(state, 'left', found, found + 2);
  state.at = inside;
  state.action = true;
  state.start = found;
  state.open = [];
}

function lexComment(state: State, from: number, inside: number): void {
  const close = state.text.indexOf('*/', inside + 2);
  if (close < 0) {
    fail(state, from, inside + 2, 'The comment `{{/*` is never closed.', 'Close it by `*/}}`.');
    return;
  }
  const right = rightDelimiter(state, close + 2);
  if (!right) fail(state, close, close + 2, 'A comment ends with `*/}}`: nothing else can stand in its braces.');
  else state.at = right.trims ? skipSpace(state.text, right.end) : right.end;
}

/** `}}` at an offset, or ` -}}`, which trims the white space behind it. */
function rightDelimiter(state: State, at: number): { end: number; trims: boolean } | undefined {
  const { text } = state;
  if (SPACE.test(text[at] ?? '') && text.startsWith('-}}', at + 1)) return { end: at + 4, trims: true };
  return text.startsWith('}}', at) ? { end: at + 2, trims: false } : undefined;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (SPACE.test(text[end] ?? '')) end++;
  return end;
}

function lexAction(state: State): void {
  const { text, at } = state;
  const right = rightDelimiter(state, at);
  if (right) {
    const open = state.open.at(-1);
    if (open !== undefined) {
      fail(state, open, open + 1, 'The parenthesis is still open where the action ends.');
      return;
    }
    push(state, 'right', at, right.end);
    if (right.trims) state.at = skipSpace(text, right.end);
    state.action = false;
    return;
  }
  const c = text[at];
  if (c === undefined) {
    fail(state, state.start, state.start + 2, '`{{` is never closed by `}}`.');
  } else if (SPACE.test(c)) {
    let end = at;
    // The space before `-}}` belongs to the delimiter.
    while (SPACE.test(text[end] ?? '') && !(end > at && rightDelimiter(state, end))) end++;
    push(state, 'space', at, end);
  } else if (c === ':') {
    if (text[at + 1] === '=') push(state, 'declare', at, at + 2);
    else fail(state, at, at + 1, '`:` stands alone: a variable is declared by `:=`.');
  } else if (c === '"' || c === "'" || c === '`') {
    lexQuoted(state, c);
  } else if (c === '$' || (c === '.' && !/[0-9]/.test(text[at + 1] ?? '0'))) {
    lexName(state, c === '$' ? 'variable' : 'field', at + 1);
  } else if (/[+\-.0-9]/.test(c)) {
    lexNumber(state);
  } else if (LETTER.test(charAt(text, at))) {
    lexName(state, 'word', at);
  } else {
    lexSign(state, c);
  }
}

function lexSign(state: State, c: string): void {
  const { at } = state;
  if (c === '=') push(state, 'assign', at, at + 1);
  else if (c === '|') push(state, 'pipe', at, at + 1);
  else if (c === '(') {
    state.open.push(at);
    push(state, 'open', at, at + 1);
  } else if (c === ')') {
    if (state.open.pop() === undefined) fail(state, at, at + 1, '`)` closes nothing.');
    else push(state, 'close', at, at + 1);
  } else if (c >= ' ' && c <= '~') {
    push(state, 'char', at, at + 1);
  } else {
    const written = charAt(state.text, at);
    fail(state, at, at + written.length, `${nameOf(written)} cannot stand in an action.`, quoteHelp(written));
  }
}

function quoteHelp(written: string): string | undefined {
  return /[“”„‘’«»]/.test(written) ? 'Strings stand in straight quotes: `"…"`.' : undefined;
}

function nameOf(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code < 32 || code === 127 ? `The control character ${hex}` : `\`${c}\` (${hex})`;
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** A word, a `.field` or a `$variable`; what follows must end it. */
function lexName(state: State, type: 'word' | 'field' | 'variable', from: number): void {
  const { text, at } = state;
  let end = from;
  for (let c = charAt(text, end); c !== '' && LETTER.test(c); c = charAt(text, end)) end += c.length;
  if (!/^(?:$|[ \t\r\n.,|:)(]|\}\})/.test(text.slice(end, end + 2))) {
    const written = charAt(text, end);
    const help =
      type === 'field' || type === 'variable'
        ? `A name has letters, digits and \`_\`: for any other write \`index $labels "…"\`.`
        : 'Words are separated by spaces.';
    fail(state, end, end + written.length, `${nameOf(written)} cannot follow \`${text.slice(at, end)}\`.`, help);
  } else {
    push(state, type === 'field' && end === at + 1 ? 'dot' : type, at, end);
  }
}

function lexQuoted(state: State, quote: string): void {
  const { text, at } = state;
  let end = at + 1;
  while (end < text.length && text[end] !== quote) {
    if (quote !== '`' && text[end] === '\n') break;
    if (quote !== '`' && text[end] === '\\') {
      end++;
      if (text[end] === '\n') break;
    }
    end++;
  }
  if (text[end] === quote) {
    push(state, quote === "'" ? 'character' : 'string', at, end + 1);
    return;
  }
  const what = quote === "'" ? 'character' : 'string';
  const help = quote === '`' ? undefined : 'It ends on its own line; a text over lines stands in backquotes.';
  fail(state, at, at + 1, `The ${what} that begins here is never closed.`, help);
}

function lexNumber(state: State): void {
  const { text, at } = state;
  const read = (from: number): number => {
    NUMBER.lastIndex = from;
    return NUMBER.test(text) ? NUMBER.lastIndex : from;
  };
  let end = read(at);
  let bad = LETTER.test(charAt(text, end));
  if (!bad && /[+-]/.test(text[end] ?? '')) {
    end = read(end);
    bad = LETTER.test(charAt(text, end)) || text[end - 1] !== 'i';
  }
  if (!bad) {
    push(state, 'number', at, end);
    return;
  }
  const to = end + charAt(text, end).length;
  const help = /^[+-]/.test(text.slice(at)) ? 'Templates have no arithmetic: compute it in the expression.' : undefined;
  fail(state, at, to, `\`${text.slice(at, to)}\` is not a number.`, help);
}
