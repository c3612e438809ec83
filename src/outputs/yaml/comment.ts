import { codeOf } from './scalar.ts';

/** What any reader of YAML may take for the end of a line, and with it of a comment. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** What a reader of YAML refuses even in a comment, or what would make a line show something else than it says. */
const UNSAFE = /(?!\t)[\p{Cc}\p{Cs}\p{Bidi_Control}\ufeff\ufffe\uffff]/gu;

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Anybody's text as lines for behind a `#`: no line can leave its comment, and each is made of
 * characters that YAML takes; others are shown as `\uXXXX`. At least one line, without trailing blanks.
 */
export function commentLines(text: string): string[] {
  if (PRINTABLE_ASCII.test(text)) return [text.trimEnd()];
  return text.split(LINE_BREAK).map((line) => line.replace(UNSAFE, codeOf).trimEnd());
}
