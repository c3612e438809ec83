import { formatE, formatF, formatG } from './numbers.ts';
import type { Alternative, Type } from './values.ts';

/** `printf`, `print` and `println`, as far as the text that they make can be known. */

export interface Formatted {
  /** Undefined where it can't be told. */
  readonly text?: string;
  /** What Go writes into the text where a verb and its argument don't fit, such as `%!d(float64=5.5)`. */
  readonly wrong?: string;
}

/** The verbs that a type has; those of every type are `%v` and `%T`. */
const VERBS: Partial<Record<Type, string>> = {
  string: 'sqxX',
  HTML: 'sqxX',
  labels: 'sqxX',
  bool: 't',
  int: 'bcdoOqxXU',
  uint8: 'bcdoOqxXU',
  float64: 'eEfFgGbxX',
  complex128: 'eEfFgGbxX',
  '*time.Time': 'sqxXd',
  'time.Time': 'sqxXd',
  '*time.Duration': 'sqxXbdoO',
  'time.Duration': 'sqxXbcdoOU',
  '*histogram.FloatHistogram': 'sqxX',
  nil: '',
  'nil interface': '',
};

/** What `%v` writes of values that are no plain ones, by way of example: none of it is a number, a duration or a query. */
const EXAMPLES: Partial<Record<Type, string>> = {
  labels: 'map[job:x]',
  args: 'map[arg0:x]',
  vector: '[0xc000123456]',
  sample: '&{map[job:x] 5.5}',
  data: '{map[job:x] map[] http://prometheus.example:9090 5.5}',
  '*time.Time': '2030-01-01 00:00:00 +0000 UTC',
  'time.Time': '2030-01-01 00:00:00 +0000 UTC',
  '*histogram.FloatHistogram': '{count:3, sum:4, (0.25,0.5]:3}',
  nil: '<nil>',
  'nil interface': '<nil>',
};

/** What `%v` writes; undefined where it can't be told. */
export function plainText({ type, value }: Alternative): string | undefined {
  if (EXAMPLES[type] !== undefined) return EXAMPLES[type];
  if (value === undefined || value instanceof Map || type === 'complex128') return undefined;
  return type === 'float64' ? formatG(value as number) : String(value);
}

/** `%`, flags, width, precision, an argument's number, and the verb. */
const DIRECTIVE = /%([ +\-#0]*)(\[[^\]]*\])?(\*|\d+)?(?:(\.)(\[[^\]]*\])?(\*|\d+)?)?(\[[^\]]*\])?([\s\S])?/gu;

export function printf(format: string, args: readonly Alternative[]): Formatted {
  let at = 0;
  let numbered = false;
  let inRange = true;
  let known = true;
  let wrong: string | undefined;
  const say = (text: string): string => {
    wrong ??= text;
    return text;
  };
  const turnTo = (number: string | undefined): void => {
    if (number === undefined) return;
    numbered = true;
    const index = Number(/^\[(\d+)\]$/.exec(number)?.[1] ?? 0);
    if (index >= 1 && index <= args.length) at = index - 1;
    else inRange = false;
  };
  const measured = (bad: string): string => {
    known = false;
    const arg = args[at];
    if (arg) at++;
    return arg && INTEGERS.has(arg.type) ? '' : say(`%!(${bad})`);
  };
  const text = format.replace(DIRECTIVE, (_, flags, first, width, dot, second, precision, third, verb) => {
    inRange = true;
    turnTo(first);
    const before = width === '*' ? measured('BADWIDTH') : '';
    // A number of an argument stands right before what takes the argument.
    if (first !== undefined && width !== '*' && (width !== undefined || dot !== undefined)) inRange = false;
    turnTo(second);
    const ahead = before + (precision === '*' ? measured('BADPREC') : '');
    turnTo(third);
    if (verb === undefined) return ahead + say('%!(NOVERB)');
    if (verb === '%') return `${ahead}%`;
    if (!inRange) return ahead + say(`%!${verb}(BADINDEX)`);
    const arg = args[at++];
    if (!arg) return ahead + say(`%!${verb}(MISSING)`);
    if (!fits(verb, arg.type)) return ahead + say(misfit(verb, arg));
    const written = directive(verb, arg, dot === undefined ? undefined : Number.parseInt(precision ?? '0', 10) || 0);
    if (written === undefined) known = false;
    return ahead + pad(written ?? '', flags, width === undefined ? 0 : Number(width));
  });
  const extra = numbered ? [] : args.slice(at);
  const tail = extra.length === 0 ? '' : say(`%!(EXTRA ${extra.map(typed).join(', ')})`);
  return { ...(known ? { text: text + tail } : {}), ...(wrong === undefined ? {} : { wrong }) };
}

const INTEGERS: ReadonlySet<Type> = new Set(['int', 'uint8', 'time.Duration', 'unknown']);

function fits(verb: string, type: Type): boolean {
  if (verb === 'v' || verb === 'T' || type === 'unknown') return true;
  return (VERBS[type] ?? '').includes(verb);
}

function misfit(verb: string, arg: Alternative): string {
  return arg.type === 'nil' || arg.type === 'nil interface' ? `%!${verb}(<nil>)` : `%!${verb}(${typed(arg)})`;
}

function typed(arg: Alternative): string {
  const type = arg.type === 'labels' ? 'map[string]string' : arg.type;
  // A label's example would be read as if it stood there.
  const text = arg.type === 'string' && !arg.exact ? undefined : plainText(arg);
  return `${type}=${text ?? '…'}`;
}

function directive(verb: string, arg: Alternative, precision: number | undefined): string | undefined {
  const { type, value } = arg;
  if (type === 'float64' && value !== undefined) {
    if (verb === 'f' || verb === 'F') return formatF(value as number, precision);
    if (verb === 'e') return formatE(value as number, precision);
    if (verb === 'g' || verb === 'v') return formatG(value as number, precision);
    return undefined;
  }
  const plain = plainText(arg);
  if (plain === undefined || precision !== undefined) return undefined;
  if (verb === 'q') return typeof value === 'string' ? JSON.stringify(value) : "'x'";
  return verb === 'v' || verb === 's' || verb === 'd' || verb === 't' ? plain : undefined;
}

function pad(text: string, flags: string, width: number): string {
  const full = flags.includes('+') && /^\d/.test(text) ? `+${text}` : text;
  if (flags.includes('-')) return full.padEnd(width);
  return full.padStart(width, flags.includes('0') ? '0' : ' ');
}

/** Spaces stand between operands of which none is a text. */
export function print(args: readonly Alternative[]): Formatted {
  let text = '';
  for (const [i, arg] of args.entries()) {
    const plain = plainText(arg);
    if (plain === undefined) return {};
    const before = args[i - 1];
    if (before && before.type !== 'string' && arg.type !== 'string') text += ' ';
    text += plain;
  }
  return { text };
}

export function println(args: readonly Alternative[]): Formatted {
  const all = args.map(plainText);
  return all.includes(undefined) ? {} : { text: `${all.join(' ')}\n` };
}
