/**
 * One string as a YAML scalar that every reader gives back as exactly that string: Go's yaml (a
 * mixture of YAML 1.1 and 1.2, with its own edges) as well as strict readers of 1.2. No folded and no
 * multi-line quoted scalars, for there the readers differ; no anchors and no aliases, ever.
 */

/** `key`: a key of a map. `value`: a value. `expr`: a value that people read as code, never escaped where that can be avoided. */
export type ScalarContext = 'key' | 'value' | 'expr';

/** Characters that a plain scalar can't start with; more than YAML demands, so that no reader has an opinion. */
const INDICATOR_START = /^[\s\-?:,[\]{}#&*!|>'"%@`~=<]/;

/** What ends or changes a plain scalar further on. */
const ENDS_PLAIN = /:(?:\s|$)|\s#|\s$|[\t\n]/;

/** Words that some reader takes for null, a boolean or a number without digits. */
const WORD = /^(?:null|true|false|y|n|yes|no|on|off|[+-]?\.?(?:inf|infinity|nan))$/i;

/** UTF-16 units: `+.infinity`. */
const LONGEST_WORD = 10;

/** Integers and floats of every base, with `_` and `,`, and sexagesimal ones; some readers take `.` and `e0` for numbers. */
const NUMBER =
  /^[+-]?(?:0x[0-9a-f_]*|0o[0-7_]*|0b[01_]*|(?:[0-9][0-9_,]*(?::[0-9_]+)*)?(?:\.[0-9_,]*)?(?:e[+-]?[0-9_]+)?)$/i;

/** What every match of the above starts with: asked first, since it is cheap. */
const NUMBER_START = /^[0-9+.e]/i;

/** Whatever starts like a date: all of YAML's timestamps do. */
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/;

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Control characters but tab and line feed, lone surrogates, the separators that YAML 1.1 takes for
 * line breaks, byte order marks, what YAML does not count as a character, and marks that turn the
 * direction of writing, with which a text could show something else than it says.
 */
const NEEDS_ESCAPE = /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\ufffe\uffff]/u;

const TO_ESCAPE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff\ufffe\uffff"\\]/gu;

/** A line of white space alone: readers differ in whether a block scalar keeps it. */
const BLANK_LINE = /^[ \t]+$/m;

/**
 * The text as a YAML scalar in block context, for behind `key: ` (or in front of the colon).
 * `indent` is the column, in spaces, of the key that it belongs to; lines of a block scalar stand two
 * further in. The result does not end in a line break. Lone surrogates, which no file can hold,
 * become U+FFFD.
 */
export function scalar(text: string, indent: number, context: ScalarContext): string {
  const escapes = !PRINTABLE_ASCII.test(text) && NEEDS_ESCAPE.test(text);
  if (escapes) return doubleQuoted(text);
  if (isPlain(text)) return text;
  if (context === 'key') return quotedKey(text);
  if (text.includes('\n')) return fitsBlock(text) ? block(text, indent) : doubleQuoted(text);
  if (context === 'value' || readsAsOther(text)) return quotedValue(text, indent);
  return fitsBlock(text) ? block(text, indent) : doubleQuoted(text);
}

function isPlain(text: string): boolean {
  return text !== '' && !INDICATOR_START.test(text) && !ENDS_PLAIN.test(text) && !readsAsOther(text);
}

/** Whether some reader takes the plain text for something else than a string. */
function readsAsOther(text: string): boolean {
  if (text.length <= LONGEST_WORD && (text === '' || WORD.test(text))) return true;
  return NUMBER_START.test(text) && (NUMBER.test(text) || DATE.test(text));
}

function quotedKey(text: string): string {
  if (!/["\\\t\n]/.test(text)) return `"${text}"`;
  return /['\t\n]/.test(text) ? doubleQuoted(text) : `'${text}'`;
}

/** One line that cannot be plain: the first way of quoting it that needs no escapes. */
function quotedValue(text: string, indent: number): string {
  if (!/["\\\t]/.test(text)) return `"${text}"`;
  if (!/['\t]/.test(text)) return `'${text}'`;
  // White space at the edges is invisible in a block, so there the quotes are worth their escapes.
  return /^\s|\s$|\t/.test(text) || !fitsBlock(text) ? doubleQuoted(text) : block(text, indent);
}

function doubleQuoted(text: string): string {
  return `"${text.replace(TO_ESCAPE, escapeOf)}"`;
}

function escapeOf(char: string): string {
  switch (char) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default:
      return codeOf(char);
  }
}

/** `\uXXXX`, as YAML, JSON and people read it; a lone surrogate is replaced, for no reader takes its escape. */
export function codeOf(char: string): string {
  const code = char.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Whether a literal block gives the text back in every reader. Two final line breaks would need `|+`,
 * which swallows the blank line in front of whatever comes next.
 */
function fitsBlock(text: string): boolean {
  return text.trim() !== '' && !text.endsWith('\n\n') && !BLANK_LINE.test(text);
}

function block(text: string, indent: number): string {
  const clip = text.endsWith('\n');
  const body = clip ? text.slice(0, -1) : text;
  const pad = ' '.repeat(indent + 2);
  // A reader takes the first line's white space for the indentation unless it is told how much that is.
  const header = `|${/^\n*[ \t]/.test(text) ? '2' : ''}${clip ? '' : '-'}`;
  return `${header}\n${body.replace(/^(?=.)/gm, pad)}`;
}
