/**
 * What a value may be while a template runs: a few alternatives, each of a known type and often with a value that stands
 * for others like it. What fails with every alternative fails with every alert; what fails with some may fail.
 */

export type Type =
  | 'string'
  /** What `safeHtml` gives: a type of its own, which Go doesn't take for a string. */
  | 'HTML'
  | 'bool'
  | 'int'
  | 'uint8'
  | 'float64'
  | 'complex128'
  | 'labels'
  /** What `args` gives. */
  | 'args'
  /** The result of a query. */
  | 'vector'
  | 'sample'
  /** Pointers, as functions give them, and what their methods give. */
  | '*time.Time'
  | 'time.Time'
  | '*time.Duration'
  | 'time.Duration'
  | '*histogram.FloatHistogram'
  /** What `.` is at the start. */
  | 'data'
  | 'nil'
  /** An empty interface, as a missing entry of `args` is before a pipeline looks into it. */
  | 'nil interface'
  | 'unknown';

export interface Alternative {
  readonly type: Type;
  /**
   * Of a text, number or boolean its value, of a query's result its length, of `args` its entries. Undefined: any, but
   * for a query's result, where it is "more than one".
   */
  readonly value?: string | number | boolean | ReadonlyMap<string, Alternative>;
  /** This is the value itself, and not an example. */
  readonly exact?: true;
  /** Seldom met: no reason to warn of what fails with this one alone. */
  readonly odd?: true;
}

export type Alternatives = readonly [Alternative, ...Alternative[]];

const example = (type: Type, value: string | number | boolean, odd?: true): Alternative =>
  odd ? { type, value, odd } : { type, value };

export const exactly = (type: Type, value: string | number | boolean): Alternatives => [{ type, value, exact: true }];
export const any = (type: Type): Alternatives => [{ type }];

export const UNKNOWN: Alternatives = [{ type: 'unknown' }];
export const EITHER: Alternatives = [example('bool', true), example('bool', false)];

/** The text of a label: names of things, seldom nothing, a number, or something that PromQL or a regex would trip over. */
export const LABEL: Alternatives = [
  example('string', 'host-1:9100'),
  example('string', 'up'),
  ...['', '5', '5m', '"x"'].map((text) => example('string', text, true)),
];

/** The server's own address, from its `--web.external-url`. */
export const URL_TEXT: Alternatives = [
  example('string', 'http://prometheus.example:9090'),
  example('string', 'https://example.org/prometheus'),
];

/** A number as an alert's value. */
export const FLOAT: Alternatives = [
  example('float64', 5.5),
  ...[0, -1.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY].map((value) => example('float64', value, true)),
];

/** The value of a sample: nearly always a number. */
export const VALUE: Alternatives = [...FLOAT, { type: '*histogram.FloatHistogram', odd: true }];

/** What a query finds: one series, several, or nothing. */
export const FOUND: Alternatives = [example('vector', 1), { type: 'vector' }, example('vector', 0)];
export const FOUND_SOMETHING: Alternatives = [example('vector', 1), { type: 'vector' }];

/** More of them would only make it slow: what is left out counts as any value of its type. */
const MAX_ALTERNATIVES = 64;

/** Without repetitions, and not too many. */
export function alternatives(all: readonly Alternative[]): Alternatives {
  const [one] = all;
  if (!one) return UNKNOWN;
  if (all.length === 1) return [one];
  const found = new Map<string, Alternative>();
  for (const next of all) {
    const key = keyOf(next);
    if (!found.has(key)) found.set(key, next);
    if (found.size > MAX_ALTERNATIVES) return wider(all);
  }
  return [...found.values()] as unknown as Alternatives;
}

/** One of each type, of any value. */
export function wider(all: readonly Alternative[]): Alternatives {
  const found = new Map<Type, Alternative>();
  for (const { type, odd } of all) {
    const known = found.get(type);
    if (!known || (known.odd && !odd)) found.set(type, odd ? { type, odd } : { type });
  }
  return [...found.values()] as unknown as Alternatives;
}

export function keyOf({ type, value, exact, odd }: Alternative): string {
  const text = value instanceof Map ? [...value].map(([name, entry]) => `${name}=${keyOf(entry)}`).join() : value;
  return `${type}|${typeof value}|${text}|${exact ?? ''}|${odd ?? ''}`;
}

/** Whether `if` may take a value for true, and whether for false. */
export function truths({ type, value, exact }: Alternative): { readonly yes: boolean; readonly no: boolean } {
  switch (type) {
    case 'nil':
    case 'nil interface':
      return { yes: false, no: true };
    case 'bool':
    case 'string':
    case 'HTML':
      return value === undefined ? { yes: true, no: true } : { yes: Boolean(value), no: !value };
    case 'int':
    case 'uint8':
    case 'float64':
    case 'complex128':
      // The examples of numbers are too few to tell; NaN is not zero.
      return exact ? { yes: value !== 0, no: value === 0 } : { yes: true, no: true };
    case 'vector':
      return { yes: value !== 0, no: value === 0 };
    case 'args':
      return { yes: (value as ReadonlyMap<string, Alternative>).size > 0, no: (value as { size: number }).size === 0 };
    case 'labels':
    case 'time.Duration':
    case 'unknown':
      return { yes: true, no: true };
    default:
      return { yes: true, no: false };
  }
}

const DESCRIPTIONS: Readonly<Record<Type, string>> = {
  string: 'a text',
  HTML: 'an HTML text',
  bool: 'a boolean',
  int: 'a whole number (int)',
  uint8: 'a byte (uint8)',
  float64: 'a number (float64)',
  complex128: 'a complex number',
  labels: 'a set of labels',
  args: 'a list of arguments',
  vector: 'the whole result of a query',
  sample: 'a sample',
  '*time.Time': 'a time',
  'time.Time': 'a time',
  '*time.Duration': 'a duration',
  'time.Duration': 'a duration',
  '*histogram.FloatHistogram': 'a native histogram',
  data: 'all of the template’s data',
  nil: 'nothing (nil)',
  'nil interface': 'nothing (nil)',
  unknown: 'something unknown',
};

/** A type in people's words. */
export const describeType = (type: Type): string => DESCRIPTIONS[type];
