/**
 * Text from repositories on its way to a terminal: nothing in it may move the cursor, change
 * colours, reverse the reading direction or hide, and we must know how wide it is shown.
 */

/** A character as it is shown. `from` and `to` are UTF-16 offsets in the original text; `width` is in terminal columns. */
export interface Cell {
  readonly shown: string;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

const TAB_COLUMNS = 4;
/** What is shown as it is, a column a character: nearly all that there is. */
const PLAIN = /^[ -~]*$/;
const COMBINING = /^[\p{Mn}\p{Me}]$/u;
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]$/u;

/** The text as cells: tabs as spaces, control and format characters as something that can be seen. */
export function cells(text: string): Cell[] {
  const result: Cell[] = [];
  let offset = 0;
  let column = 0;
  for (const char of text) {
    const cell = show(char, column);
    result.push({ ...cell, from: offset, to: offset + char.length });
    offset += char.length;
    column += cell.width;
  }
  return result;
}

/** The text on one line, safe for a terminal: line breaks too become visible. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  let result = '';
  for (const char of text) result += show(char, 0).shown;
  return result;
}

/** How many terminal columns the text takes once it has been made visible. */
export function visibleWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return cells(text).reduce((sum, cell) => sum + cell.width, 0);
}

function show(char: string, column: number): { shown: string; width: number } {
  const code = char.codePointAt(0) as number;
  if (code >= 0x20 && code < 0x7f) return { shown: char, width: 1 };
  if (char === '\t') {
    const width = TAB_COLUMNS - (column % TAB_COLUMNS);
    return { shown: ' '.repeat(width), width };
  }
  // Unicode has a picture for each of the old control characters.
  if (code < 0x20) return { shown: String.fromCodePoint(0x2400 + code), width: 1 };
  if (code === 0x7f) return { shown: '␡', width: 1 };
  if (INVISIBLE.test(char)) {
    const shown = `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
    return { shown, width: shown.length };
  }
  if (COMBINING.test(char)) return { shown: char, width: 0 };
  return { shown: char, width: isWide(code) ? 2 : 1 };
}

/** The ranges that terminals show two columns wide: East Asian wide and full-width forms, and emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return code >= 0x1100 && WIDE.some(([from, to]) => code >= from && code <= to);
}
