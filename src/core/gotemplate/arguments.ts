import type { ParamType } from './fields.ts';
import type { Frame, Run, Scope } from './frame.ts';
import { fail } from './frame.ts';
import type { Place } from './tree.ts';
import type { Tried } from './trouble.ts';
import { trouble, tryAll } from './trouble.ts';
import type { Alternative, Alternatives } from './values.ts';
import { describeType, UNKNOWN } from './values.ts';

/** What functions take, and how it is told where they are given something else. */

export interface State {
  readonly run: Run;
  readonly frame: Frame;
  readonly scope: Scope;
}

export const written = ({ run }: State, { from, to }: Place): string => `\`${run.text.slice(from, to)}\``;

export function refuse({ frame }: State, place: Place, message: string, help?: string): Alternatives {
  fail(frame, place, trouble(message, help), true);
  return UNKNOWN;
}

/** Says what a trial found, and gives its value. */
export function settle(
  { frame }: State,
  place: Place,
  { value, trouble: found, certain }: Tried,
  args: readonly Place[] = [],
): Alternatives {
  if (found) fail(frame, args[found.argument ?? -1] ?? place, found, certain);
  return value;
}

export const counted = (count: number, least = false): string =>
  `${least ? 'at least ' : ''}${count === 0 ? 'no argument' : count === 1 ? 'one argument' : `${count} arguments`}`;

const TAKES: Readonly<Record<Exclude<ParamType, 'any'>, string>> = {
  string: 'a text',
  int: 'a whole number',
  vector: 'the result of a query',
  sample: 'one sample',
  'time.Time': 'a time',
  'time.Duration': 'a duration',
};
export const takes = (param: ParamType): string => (param === 'any' ? 'a value' : TAKES[param]);

/** What of a value a parameter takes; the rest is refused. */
export function accepted(
  state: State,
  name: string,
  value: Alternatives,
  param: ParamType,
  place: Place,
): Alternatives {
  if (param === 'any') return value;
  const tried = tryAll([value], ([one]) => {
    const { type } = one as Alternative;
    const fits = type === param || type === 'unknown' || (type.startsWith('*') && type.slice(1) === param);
    if (fits || ((type === 'nil' || type === 'nil interface') && (param === 'vector' || param === 'sample')))
      return [one as Alternative];
    return trouble(
      `\`${name}\` takes ${takes(param)}, and this is ${describeType(type)}.`,
      conversion(type, param, name),
    );
  });
  return settle(state, place, tried);
}

function conversion(type: Alternative['type'], param: ParamType, name: string): string | undefined {
  if (param === 'string' && type === 'float64')
    return 'Make a text of it first: `$value | humanize`, or `printf "%.2f" $value`.';
  if (param === 'string' && type === 'labels') return 'Name one of the labels: `$labels.job`.';
  if (param === 'string' && (type === 'vector' || type === 'sample'))
    return 'Take a label of it by `label "job"`, or its value by `value`.';
  if (param === 'string') return 'Make a text of it first: `printf "%v" …`.';
  if (param === 'sample' && type === 'vector') return `Take one sample of it: \`query "…" | first | ${name}\`.`;
  if (param === 'vector' && type === 'string') return 'Ask for it: `query "…"`.';
  return undefined;
}

export function verbHelp(misprint: string): { help?: string } {
  if (/^%![dcUoOb]\(float64=/.test(misprint)) return { help: 'A value is a float64: write `%.0f` for a whole number.' };
  if (/^%!\p{L}\(float64=/u.test(misprint)) return { help: 'Write `%v`, or `%.2f` for a number with two decimals.' };
  if (/^%!\p{L}\(int=/u.test(misprint)) return { help: 'A whole number is written by `%d` or `%v`.' };
  if (/^%!\p{L}\(bool=/u.test(misprint)) return { help: 'A boolean is written by `%t` or `%v`.' };
  if (/^%![a-zA-Z]\(string=/.test(misprint))
    return { help: 'A label is a text: write `%s`, or `%q` with quotes around it.' };
  if (/^%!\p{L}\(\w/u.test(misprint) && !/BADINDEX/.test(misprint))
    return { help: 'Write `%v`, which prints anything.' };
  if (misprint.includes('BADINDEX'))
    return { help: '`%[1]v` is the first argument behind the format; the number stands right before the verb.' };
  if (misprint.includes('BADWIDTH') || misprint.includes('BADPREC'))
    return { help: 'A `*` takes a whole number from the arguments: write the number itself.' };
  if (misprint.includes('MISSING')) return { help: 'There are fewer arguments than verbs.' };
  if (misprint.includes('EXTRA')) return { help: 'There are more arguments than verbs.' };
  return { help: 'A percent sign itself is `%%`.' };
}
