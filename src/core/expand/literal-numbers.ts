import { numberText } from '../model/value.ts';

/** A number that stands in a text for people as a number of its own. */
export interface LiteralNumber {
  readonly from: number;
  readonly to: number;
  /** Behind its unit, where it has one: `20 percent`. */
  readonly end: number;
  readonly value: number;
  /** What it is told in; undefined where nothing says. */
  readonly unit?: TextUnit;
  /** Whether the words around it compare something with it: `over 20`, `a limit of 20`. */
  readonly compared: boolean;
  /** Whether what it counts is named, `3 pods`: then it may be another thing than the rule's. */
  readonly counts: boolean;
}

type TextUnit = 'percent' | 'celsius' | 'seconds' | 'milliseconds';

/**
 * The numbers in a text that may tell a limit: no part of a word, a name, a version, an address or a date, and nothing
 * within `{{ }}`, `<< >>` or an address of the web. Of lengths of time only seconds that something is compared with, for
 * all others are how long it lasted.
 */
export function literalNumbers(text: string): LiteralNumber[] {
  const found: LiteralNumber[] = [];
  const plain = text.replace(/\{\{[\s\S]*?\}\}|<<[\s\S]*?>>|\bhttps?:\/\/\S+/g, (gone) => '\u0000'.repeat(gone.length));
  for (const { 0: digits, index } of plain.matchAll(/\d+(?:\.\d+)?/g)) {
    const to = index + digits.length;
    const before = plain.slice(Math.max(0, index - 2), index);
    const after = plain.slice(to, to + 40);
    if (/[\p{L}\p{N}_#$/.:-]$/u.test(before) && !/(?:^|[\s(<>=])-$/.test(before)) continue;
    const [unit, written] = unitAfter(after);
    if (unit === undefined && (/^[\p{L}\p{N}_/]|^-\p{L}/u.test(after) || DURATION.test(after))) continue;
    if (/^[.,:-]\d/.test(after)) continue;
    const minus = before.endsWith('-');
    const from = minus ? index - 1 : index;
    const ahead = plain.slice(Math.max(0, from - 60), from);
    const behind = after.slice(written.length);
    const compared = COMPARED.test(ahead) || NAMED_BEFORE.test(ahead) || NAMED_BEHIND.test(behind);
    if (isTime(unit) && (!compared || LASTS.test(ahead))) continue;
    if (unit === 'percent' && (/^\s*(?:slow|fast)est\b/i.test(behind) || QUANTILE.test(ahead))) continue;
    found.push({
      from,
      to,
      end: to + written.length,
      value: Number(minus ? `-${digits}` : digits),
      compared,
      counts: unit === undefined && !CLAUSE_ENDS.test(behind),
      ...(unit && { unit }),
    });
  }
  return found;
}

const UNITS: readonly (readonly [TextUnit, RegExp])[] = [
  ['percent', /^\s?(?:%|percent\b|per cent\b|pct\b)/i],
  ['celsius', /^\s?(?:°\s?C?\b|℃|degrees?(?: Celsius)?\b|C\b)/],
  ['milliseconds', /^\s?(?:ms|milliseconds?)\b/i],
  ['seconds', /^\s?(?:s|secs?|seconds?)\b/i],
];

function unitAfter(after: string): [unit: TextUnit | undefined, written: string] {
  for (const [unit, pattern] of UNITS) {
    const [written] = pattern.exec(after) ?? [];
    if (written !== undefined) return [unit, written];
  }
  return [undefined, ''];
}

const isTime = (unit: TextUnit | undefined): boolean => unit === 'seconds' || unit === 'milliseconds';

/** What follows a number that is a length of time. */
const DURATION =
  /^\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)\b/i;

/** Words that compare with the number behind them, and the small ones that may stand between. */
const COMPARED =
  /(?:\b(?:over|under|above|below|beyond|past|exceed(?:s|ed|ing)?|than|than or equal(?: to)?|equals?(?: to)?|at (?:least|most)|up to|down to|greater|less|more|fewer|lower|higher|reach(?:es|ed|ing)?|minimum|maximum|min|max)|[<>]=?|[!=]=|[≤≥])(?:[\s:=(]|\b(?:of|the|a|an|about|around|approximately|is)\b)*$/i;

/** `threshold: 20`, `a limit of 20`, `the threshold (20)`. */
const NAMED_BEFORE =
  /\b(?:thresh?old|limit)s?\b(?:[\s:=(]|\b(?:of|is|was|at|to|set|by|the|a|currently|configured|value)\b)*$/i;

/** `the 20% threshold`, `a 20 request limit`, `20 or more`. */
const NAMED_BEHIND = /^(?:[\s-](?:\p{L}+\s)?(?:threshold|limit)|\sor (?:more|less|fewer|higher|lower))\b/iu;

/** How long something lasted is no limit of its value. */
const LASTS = /\b(?:for|after|within|during|since|every|in the last)\b[^.\d]*$/i;

/** `the slowest 5%` says whom a limit is about. */
const QUANTILE = /\b(?:slowest|fastest|top|bottom)\s*$/i;

/** What may follow a number that stands alone; a noun would say what it counts. */
const CLAUSE_ENDS =
  /^\s*(?:$|[.,;:!?)\]}'"\n\u0000|-]|(?:for|on|at|in|by|since|during|over|within|and|or|but|of|threshold|limit|now|currently)\b)/i;

/** Whether a number in a text tells this value: as what something is compared with, or in the value's own unit. */
export function tells(literal: LiteralNumber, of: number, unit?: string): boolean {
  if (!inUnit(literal, unit)) return false;
  if (literal.value === of) return literal.compared || literal.unit !== undefined;
  return isRatioOf(literal, of);
}

/** Whether a number in a text is a part of one in percent: `5%` of 0.05. */
export function isRatioOf({ value, unit }: LiteralNumber, of: number): boolean {
  return unit === 'percent' && Math.abs(of) <= 1 && Math.abs(value / 100 - of) < 1e-9;
}

/**
 * Whether a number that isn't the value may have been meant for it: something is compared with it, it is told in the
 * value's unit, and nothing says that it counts something else.
 */
export function mayStandFor(literal: LiteralNumber, of: number, unit: string | undefined): boolean {
  const { value, unit: told, compared, counts } = literal;
  if (counts || !(compared || told === 'percent')) return false;
  const size = told === 'percent' && Math.abs(of) <= 1 ? value / 100 : value;
  if (unit === undefined) return !isTime(told) && (told !== 'percent' || (Math.abs(of) <= 100 && value <= 100));
  if (told === undefined) return (unit === 'percent' && value <= 100) || (unit === 'ratio' && Math.abs(size) <= 1);
  return inUnit(literal, unit);
}

/** Whether what a text's number is told in may be the unit of a value; where one of them doesn't say, it may. */
function inUnit({ unit: told }: LiteralNumber, unit: string | undefined): boolean {
  if (told === undefined) return true;
  if (unit === undefined) return true;
  return (told === 'percent' && unit === 'ratio') || told === (SYNONYMS.get(unit.toLowerCase()) ?? unit.toLowerCase());
}

const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['%', 'percent'],
  ['s', 'seconds'],
  ['second', 'seconds'],
  ['ms', 'milliseconds'],
  ['millisecond', 'milliseconds'],
  ['°c', 'celsius'],
  ['c', 'celsius'],
]);

/** What prints a value of a param as a text's number is written, itself or a ratio in percent; undefined if nothing does. */
export function holeFor(param: string, of: number, written: string): string | undefined {
  if (numberText(of) === written) return `<< ${param} >>`;
  return numberText(Number((of * 100).toFixed(2))) === written ? `<< ${inPercent(param)} >>` : undefined;
}

/** A ratio as people read it, without the tail that fractions of two get from ten. */
export const inPercent = (param: string): string => `(${param} * 100) | round(2)`;
