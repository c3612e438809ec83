import type { Refusal } from './operations.ts';
import { compare, escapeRegex, isRefusal, refusal } from './operations.ts';
import type { Computed, Plain } from './runtime.ts';
import { num, plainText, str, textOf, typeName } from './runtime.ts';

/** The filters of templates: a closed table. To add one is to add a row. */

export interface Filter {
  /** Arguments beside the value itself. */
  readonly min: number;
  readonly max: number;
  /** The arguments as a person writes them. */
  readonly usage: string;
  /** `items` are those of a list. */
  apply(value: Plain, args: readonly Plain[], items: readonly Computed[] | undefined): Plain | Refusal;
}

export const FILTERS: Readonly<Record<string, Filter>> = {
  abs: simple((value) => onNumber('abs', value, Math.abs)),
  round: { min: 0, max: 2, usage: 'digits', apply: round },
  int: simple(toInteger),
  upper: simple((value) => onText('upper', value, (text) => text.toUpperCase(), false)),
  lower: simple((value) => onText('lower', value, (text) => text.toLowerCase(), false)),
  trim: simple((value) => onText('trim', value, (text) => text.trim(), true)),
  replace: { min: 2, max: 3, usage: 'old, new', apply: replace },
  join: { min: 0, max: 1, usage: 'separator', apply: join },
  length: simple((value, items) => {
    const length = items?.length ?? textOf(value)?.length;
    return length === undefined ? unfit('length', value) : num(length);
  }),
  first: simple((value, items) => pick('first', value, items?.[0], items)),
  last: simple((value, items) => pick('last', value, items?.at(-1), items)),
  min: simple((value, items) => extreme('min', value, items, '<')),
  max: simple((value, items) => extreme('max', value, items, '>')),
  seconds: simple((value) => (value.type === 'duration' ? num(value.ms / 1000) : unfit('seconds', value))),
  regex_escape: simple((value) => {
    const text = value.type === 'regex' ? undefined : plainText(value);
    return text === undefined ? unfit('regex_escape', value) : { type: 'regex', value: escapeRegex(text) };
  }),
};

function simple(apply: (value: Plain, items: readonly Computed[] | undefined) => Plain | Refusal): Filter {
  return { min: 0, max: 0, usage: '', apply: (value, _args, items) => apply(value, items) };
}

function unfit(name: string, value: Plain): Refusal {
  return refusal('wrong-type', `The filter \`${name}\` cannot take ${typeName(value)}.`);
}

function onNumber(name: string, value: Plain, apply: (n: number) => number): Plain | Refusal {
  return value.type === 'number' ? num(apply(value.value)) : unfit(name, value);
}

/** Where it `keeps` the meaning of a regex, a regex stays one; else it is refused. */
function onText(name: string, value: Plain, apply: (text: string) => string, keeps: boolean): Plain | Refusal {
  const text = textOf(value);
  if (text === undefined || (value.type === 'regex' && !keeps)) return unfit(name, value);
  return value.type === 'regex' ? { type: 'regex', value: apply(text) } : str(apply(text));
}

function round(value: Plain, [digits, method]: readonly Plain[]): Plain | Refusal {
  if (value.type !== 'number') return unfit('round', value);
  const precision = digits === undefined ? 0 : digits.type === 'number' ? digits.value : Number.NaN;
  if (!Number.isInteger(precision) || precision < 0 || precision > 15) {
    return refusal('wrong-type', '`round` takes a number of digits from 0 to 15.', 'Write `| round(1)`.');
  }
  const how = method === undefined ? 'common' : textOf(method);
  if (how !== 'common' && how !== 'ceil' && how !== 'floor') {
    return refusal('wrong-type', '`round` goes to the nearest number, or by "ceil" or "floor".');
  }
  const factor = 10 ** precision;
  const rounded = (how === 'common' ? Math.round : how === 'ceil' ? Math.ceil : Math.floor)(value.value * factor);
  const result = rounded / factor;
  return num(Number.isFinite(value.value) && !Number.isFinite(result) ? value.value : result);
}

function toInteger(value: Plain): Plain | Refusal {
  if (value.type === 'number') return num(Math.trunc(value.value));
  const digits = /^\s*([+-]?\d+)/.exec(textOf(value) ?? '')?.[1];
  return digits === undefined ? unfit('int', value) : num(Number(digits));
}

function replace(value: Plain, [old, put, count]: readonly Plain[]): Plain | Refusal {
  const text = textOf(value);
  const from = old && asText(old);
  const to = put && asText(put);
  if (text === undefined) return unfit('replace', value);
  if (from === undefined || to === undefined || (count !== undefined && count.type !== 'number')) {
    return refusal('wrong-type', '`replace` takes two texts.', 'Write `| replace("old", "new")`.');
  }
  const times = count?.type === 'number' ? count.value : -1;
  const result = replaceText(text, from, to, times);
  return value.type === 'regex' ? { type: 'regex', value: result } : str(result);
}

function replaceText(text: string, from: string, to: string, times: number): string {
  if (from === '') return to + text.split('').join(to) + to;
  if (times < 0) return text.split(from).join(to);
  const parts = text.split(from);
  const kept = parts.slice(times).join(from);
  return [...parts.slice(0, times), ...(parts.length > times ? [kept] : [])].join(to);
}

function join(_value: Plain, [separator]: readonly Plain[], items: readonly Computed[] | undefined): Plain | Refusal {
  const between = separator === undefined ? '' : asText(separator);
  const texts = items?.map((item) => plainText(item.value));
  if (!texts) return unfit('join', _value);
  if (between === undefined || texts.includes(undefined)) {
    return refusal('wrong-type', '`join` takes a list of texts or numbers, and a text to stand between them.');
  }
  return str(texts.join(between));
}

function asText(value: Plain): string | undefined {
  return value.type === 'number' ? plainText(value) : textOf(value);
}

function pick(
  name: string,
  value: Plain,
  item: Computed | undefined,
  items: readonly Computed[] | undefined,
): Plain | Refusal {
  if (!items) return unfit(name, value);
  return item ? item.value : refusal('invalid-value', `The list has no ${name} item: it is empty.`);
}

function extreme(name: string, value: Plain, items: readonly Computed[] | undefined, op: '<' | '>'): Plain | Refusal {
  if (!items) return unfit(name, value);
  let best = items[0]?.value;
  if (!best) return refusal('invalid-value', `An empty list has no ${name}.`);
  for (const { value: item } of items) {
    if (item.type !== 'number' && item.type !== 'duration') return unfit(name, item);
    const better = compare(op, item, best);
    if (isRefusal(better)) return better;
    if (better) best = item;
  }
  return best;
}
