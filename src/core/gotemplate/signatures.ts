import { RE2JS } from 're2js';
import { regexProblem } from '../../promql/regex.ts';
import type { VersionRange } from '../../promql/version.ts';
import { index, length, slice } from './collections.ts';
import type { Written } from './compare.ts';
import { equal, ordered } from './compare.ts';
import { durationOf, inTime, noTime, toFloat } from './convert.ts';
import type { ParamType } from './fields.ts';
import type { Formatted } from './format.ts';
import { print, printf, println } from './format.ts';
import { formatG, humanize, humanize1024, humanizeDuration } from './numbers.ts';
import { runQuery } from './query.ts';
import { escaped, replaceAll, stripDomain } from './strings.ts';
import type { Outcome, TryOptions } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Alternatives, Type } from './values.ts';
import { any, EITHER, exactly, FOUND, FOUND_SOMETHING, LABEL, truths, UNKNOWN, URL_TEXT, VALUE } from './values.ts';

/** What the functions of templates take and give. `and`, `or` and `call` are none of them: Go treats those by themselves. */

export interface Signature extends TryOptions {
  readonly params: readonly ParamType[];
  /** Of any further arguments. */
  readonly rest?: ParamType;
  readonly run: (args: readonly Alternative[], call: Call) => Outcome;
}

/** What else a call knows. */
export interface Call {
  readonly name: string;
  readonly versions: VersionRange;
  /** The arguments as written; '' for what comes through a pipe. */
  readonly written: Written;
  /** Notes what Go would write into the text where a verb and its argument don't fit. */
  readonly misprint: (wrong: string) => void;
}

export const SIGNATURES: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['not', { params: ['any'], run: ([value]) => negated(value as Alternative) }],
  ...comparisons(),
  ['len', { params: ['any'], run: length }],
  ['index', { params: ['any'], rest: 'any', run: index }],
  ['slice', { params: ['any'], rest: 'any', run: slice }],
  ['print', { ...printing(print), params: [] }],
  ['println', { ...printing(println), params: [] }],
  [
    'printf',
    { ...printing(([format, ...args], call) => formatted(format as Alternative, args, call)), params: ['string'] },
  ],
  ...(['html', 'js', 'urlquery'] as const).map((name): [string, Signature] => [
    name,
    { ...printing(escaped), params: [] },
  ]),
  ['query', { params: ['string'], lenient: true, run: ([text], call) => found(text as Alternative, call.versions) }],
  ['first', { params: ['vector'], run: ([vector]) => firstOf(vector as Alternative) }],
  ['label', { params: ['string', 'sample'], run: ([, sample]) => ofSample(sample, LABEL) }],
  ['value', { params: ['sample'], run: ([sample]) => ofSample(sample, VALUE) }],
  ['strvalue', { params: ['sample'], run: ([sample]) => ofSample(sample, LABEL) }],
  ['sortByLabel', { params: ['string', 'vector'], run: ([, vector]) => sorted(vector as Alternative) }],
  ['args', { params: [], rest: 'any', run: (args) => [{ type: 'args', value: entries(args) }] }],
  ['reReplaceAll', { params: ['string', 'string', 'string'], lenient: true, run: replaced }],
  ['match', { params: ['string', 'string'], lenient: true, run: matched }],
  ['safeHtml', text((written) => written, 'HTML')],
  ['title', text((written) => written.replace(/(?<![\p{L}\p{N}'_])\p{L}/gu, (c) => c.toUpperCase()))],
  ['toUpper', text((written) => written.toUpperCase())],
  ['toLower', text((written) => written.toLowerCase())],
  ['stripPort', text((written) => written.replace(/^([^:[\]]*):[^:[\]]*$/, '$1'))],
  ['stripDomain', text(stripDomain)],
  ['graphLink', text((written) => `/graph?g0.expr=${encodeURIComponent(written)}&g0.tab=0`)],
  ['tableLink', text((written) => `/graph?g0.expr=${encodeURIComponent(written)}&g0.tab=1`)],
  ['urlQueryEscape', text((written) => encodeURIComponent(written).replaceAll('%20', '+'))],
  [
    'pathPrefix',
    {
      params: [],
      run: () => [
        { type: 'string', value: '' },
        { type: 'string', value: '/prefix' },
      ],
    },
  ],
  ['externalURL', { params: [], run: () => URL_TEXT }],
  ['now', { params: [], run: () => [{ type: 'float64', value: 1.7e9 }] }],
  ['humanize', humanizing(humanize)],
  ['humanize1024', humanizing(humanize1024)],
  ['humanizeDuration', humanizing(humanizeDuration)],
  ['humanizePercentage', humanizing((value) => `${formatG(value * 100, 4)}%`)],
  [
    'humanizeTimestamp',
    humanizing((value) => (Number.isFinite(value) ? '2030-01-01 00:00:00 +0000 UTC' : formatG(value, 4)), true),
  ],
  ['toTime', number((value) => (inTime(value) && Number.isFinite(value) ? any('*time.Time') : noTime(value)))],
  ['toDuration', number(() => any('*time.Duration'))],
  ['parseDuration', { params: ['string'], lenient: true, run: ([written]) => durationOf(written as Alternative) }],
]);

function negated(value: Alternative): Alternatives {
  const { yes, no } = truths(value);
  if (yes && no) return EITHER;
  return value.exact || value.type !== 'bool' ? exactly('bool', no) : [{ type: 'bool', value: no }];
}

function comparisons(): [string, Signature][] {
  const of = (name: string, compare: typeof equal): [string, Signature] => [
    name,
    {
      params: name === 'eq' ? ['any'] : ['any', 'any'],
      run: (args, call) => compare(name, args, call.written),
      ...(name === 'eq' ? { rest: 'any' } : {}),
    },
  ];
  return [of('eq', equal), of('ne', equal), ...['lt', 'le', 'gt', 'ge'].map((name) => of(name, ordered))];
}

/** What makes a text of anything. */
function printing(run: (args: readonly Alternative[], call: Call) => Formatted): Omit<Signature, 'params'> {
  return {
    rest: 'any',
    typesDecide: true,
    run: (args, call) => textLike(args, run(args, call).text),
  };
}

/** Longer texts are not followed: nothing that a query, a regex or a number is made of comes near. */
const MAX_TEXT = 1000;

/** A text that was made of others: exact if they all are. */
function textLike(from: readonly Alternative[], value: string | undefined, type: Type = 'string'): Alternatives {
  if (value === undefined || value.length > MAX_TEXT) return any(type);
  return from.every(({ exact }) => exact) ? exactly(type, value) : [{ type, value }];
}

function formatted(format: Alternative, args: readonly Alternative[], call: Call): Formatted {
  if (typeof format.value !== 'string') return {};
  const result = printf(format.value, args);
  if (result.wrong !== undefined && format.exact && !args.some(({ odd }) => odd)) call.misprint(result.wrong);
  return result;
}

function found({ value, exact }: Alternative, versions: VersionRange): Outcome {
  return typeof value === 'string' ? runQuery(value, versions, exact === true) : FOUND;
}

function firstOf({ type, value }: Alternative): Outcome {
  if (type === 'unknown') return UNKNOWN;
  if (value !== 0) return any('sample');
  return trouble(
    '`first` fails where the query finds nothing.',
    'Write `{{ with query "…" }}{{ . | first | value }}{{ end }}`, or end the query by `or vector(0)`.',
  );
}

function ofSample(sample: Alternative | undefined, has: Alternatives): Outcome {
  return sample?.type === 'nil' ? trouble('There is no sample here: it is nothing (nil).') : has;
}

const sorted = (vector: Alternative): Alternatives =>
  vector.type === 'nil'
    ? [{ type: 'vector', value: 0 }]
    : vector.type === 'vector'
      ? [vector]
      : [...FOUND_SOMETHING, ...FOUND];

const entries = (args: readonly Alternative[]): ReadonlyMap<string, Alternative> =>
  new Map(args.map((arg, i) => [`arg${i}`, arg]));

function badRegex(name: string, { value }: Alternative): Outcome | undefined {
  const problem = typeof value === 'string' ? regexProblem(value) : undefined;
  if (problem === undefined) return undefined;
  return trouble(
    `The regex of \`${name}\` is refused: ${problem}.`,
    'Mend the regex: it is RE2, as everywhere in Prometheus.',
    0,
  );
}

function replaced(args: readonly Alternative[], { name }: Call): Outcome {
  const [pattern, replacement, written] = args as [Alternative, Alternative, Alternative];
  const bad = badRegex(name, pattern);
  if (bad) return bad;
  if (![pattern, replacement, written].every(({ value }) => typeof value === 'string')) return any('string');
  const value = replaceAll(pattern.value as string, replacement.value as string, written.value as string);
  return textLike(args, value);
}

function matched(args: readonly Alternative[], { name }: Call): Outcome {
  const [pattern, written] = args as [Alternative, Alternative];
  const bad = badRegex(name, pattern);
  if (bad) return bad;
  if (!pattern.exact || !written.exact) return EITHER;
  return exactly(
    'bool',
    RE2JS.compile(pattern.value as string)
      .matcher(written.value as string)
      .find(),
  );
}

/** A function from a text to a text. */
function text(run: (written: string) => string, type: Type = 'string'): Signature {
  return {
    params: ['string'],
    run: ([written]) => {
      const { value, exact } = written as Alternative;
      if (typeof value !== 'string') return any(type);
      return exact ? exactly(type, run(value)) : [{ type, value: run(value) }];
    },
  };
}

function number(run: (value: number | undefined) => Outcome): Signature {
  return {
    params: ['any'],
    run: ([given], call) => {
      const float = toFloat(given as Alternative, call.name);
      return typeof float === 'object' ? float : run(float);
    },
  };
}

function humanizing(run: (value: number) => string, isTime = false): Signature {
  return {
    params: ['any'],
    run: ([given], call) => {
      const float = toFloat(given as Alternative, call.name);
      if (typeof float === 'object') return float;
      if (isTime && !inTime(float)) return noTime(float);
      return float === undefined ? any('string') : textLike([given as Alternative], run(float));
    },
  };
}
