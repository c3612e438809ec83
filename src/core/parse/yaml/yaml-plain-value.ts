/** What YAML's core schema reads from a text without quotes. */

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['null', null],
  ['Null', null],
  ['NULL', null],
  ['~', null],
]);

/** Short enough that the number is exactly what its digits say. */
const NUMBER = /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/;

/** What may be a number of another form: with an exponent, in hexadecimal, of too many digits. */
const MAYBE_NUMBER = /^-?(?:0[xo][0-9a-fA-F]*|[0-9.]+(?:[eE][-+]?[0-9]*)?)$/;

/** A number, a boolean, null or the text itself; undefined where the library must say which. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  const first = text.charCodeAt(0);
  // A digit or a minus sign.
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    const last = text.charCodeAt(text.length - 1);
    if (text.length <= 4 && first !== 0x2d && last >= 0x30 && last <= 0x39) {
      const small = smallInteger(text);
      if (small >= 0) return small;
    }
    if (NUMBER.test(text)) return Number(text);
    return MAYBE_NUMBER.test(text) ? undefined : text;
  }
  if (text.length > 5) return text;
  const word = WORDS.get(text);
  return word === undefined ? text : word;
}

/** The value of a few digits; -1 where other characters are among them. */
function smallInteger(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
