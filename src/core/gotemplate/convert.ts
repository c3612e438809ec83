import { parseDuration } from '../ground/duration.ts';
import { floatOf, formatG, isFloatText } from './numbers.ts';
import type { Outcome, Trouble } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Type } from './values.ts';
import { any, describeType } from './values.ts';

/** Numbers, times and durations from what a template hands over. */

/** As Prometheus does it: a number, a text that is one; undefined: some number. */
export function toFloat({ type, value, exact }: Alternative, name: string): number | undefined | Trouble {
  switch (type) {
    case 'float64':
    case 'int':
      return value as number | undefined;
    case 'time.Duration':
    case 'unknown':
      return undefined;
    case 'string': {
      if (value === undefined) return undefined;
      if (isFloatText(value as string)) return floatOf(value as string);
      if (exact) return trouble(`\`${name}\` takes a number, and "${value}" is none.`);
      const help = 'Give it a number; what already is a text, as what another `humanize…` gave, is not one.';
      return trouble(`\`${name}\` takes a number, and this is a text that need not be one.`, help);
    }
    case 'HTML':
      return trouble(`\`${name}\` takes a number, and this is an HTML text.`);
    default:
      return trouble(`\`${name}\` takes a number, and this is ${describeType(type)}.`, numberHelp(type));
  }
}

function numberHelp(type: Type): string | undefined {
  if (type === 'vector') return 'Take the value of one sample: `query "…" | first | value`.';
  if (type === 'sample') return 'Take its value: `| value`, or `.Value`.';
  return undefined;
}

export const inTime = (value: number | undefined): boolean =>
  value === undefined || !Number.isFinite(value) || Math.abs(value) * 1e9 < 2 ** 63;

export const noTime = (value: number | undefined): Outcome =>
  value !== undefined && (inTime(value) === false || !Number.isFinite(value))
    ? trouble(`${formatG(value)} seconds are no time that Go can count.`)
    : any('*time.Time');

export function durationOf({ value, exact }: Alternative): Outcome {
  if (typeof value !== 'string') return any('float64');
  // Newer servers take a sign.
  const { problem } = parseDuration(value.replace(/^-/, ''));
  if (problem !== undefined)
    return trouble(
      exact
        ? `\`parseDuration\` fails: ${problem}`
        : '`parseDuration` takes a duration, and this is a text that need not be one.',
    );
  return exact ? [{ type: 'float64' }] : any('float64');
}
