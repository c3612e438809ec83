/** A number that stands in a text for people as a number of its own. */
export interface LiteralNumber {
  readonly from: number;
  readonly to: number;
  readonly value: number;
  /** Whether it is told in percent. */
  readonly percent: boolean;
}

/**
 * The numbers in a text that may tell a limit: no part of a word, a name, a version, an address or a date, no
 * duration, and nothing within `{{ }}`, `<< >>` or an address of the web.
 */
export function literalNumbers(text: string): LiteralNumber[] {
  const found: LiteralNumber[] = [];
  const plain = text.replace(/\{\{[\s\S]*?\}\}|<<[\s\S]*?>>|\bhttps?:\/\/\S+/g, (gone) => '\u0000'.repeat(gone.length));
  for (const { 0: digits, index } of plain.matchAll(/\d+(?:\.\d+)?/g)) {
    const to = index + digits.length;
    const before = plain.slice(Math.max(0, index - 2), index);
    const after = plain.slice(to, to + 14);
    if (/[\p{L}\p{N}_#$/.:-]$/u.test(before) && !/(?:^|[\s(<>=])-$/.test(before)) continue;
    if (/^[\p{L}\p{N}_/]|^[.,:-]\d|^-\p{L}/u.test(after) || DURATION.test(after)) continue;
    const minus = before.endsWith('-');
    found.push({
      from: minus ? index - 1 : index,
      to,
      value: Number(minus ? `-${digits}` : digits),
      percent: /^\s?(?:%|percent)/.test(after),
    });
  }
  return found;
}

/** What follows a number that is a length of time. */
const DURATION =
  /^\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)\b/i;

/** Whether a number in a text tells this value: itself, or in percent a part of one. */
export function tells({ value, percent }: LiteralNumber, of: number): boolean {
  return value === of || (percent && Math.abs(of) <= 1 && Math.abs(value / 100 - of) < 1e-9);
}

/** A ratio as people read it, without the tail that fractions of two get from ten. */
export const inPercent = (param: string): string => `(${param} * 100) | round(2)`;
