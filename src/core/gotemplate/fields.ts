import type { Outcome } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Alternatives, Type } from './values.ts';
import { any, describeType, EITHER, LABEL, UNKNOWN, URL_TEXT, VALUE } from './values.ts';

/** What `.name` behind a value gives: fields of structs, entries of maps, methods. */

/** What a parameter takes: `any` all there is, the others just that type. */
export type ParamType = 'any' | Extract<Type, 'string' | 'int' | 'vector' | 'sample' | 'time.Time' | 'time.Duration'>;

export interface Method {
  readonly params: readonly ParamType[];
  readonly result: Alternatives;
}

const method = (result: Alternatives, ...params: readonly ParamType[]): Method => ({ params, result });

const TIME = any('time.Time');
const DURATION = any('time.Duration');
const INT = any('int');

/** Those of `time.Time` that a template can call with what it has. */
const TIME_METHODS: Readonly<Record<string, Method>> = {
  Add: method(TIME, 'time.Duration'),
  AddDate: method(TIME, 'int', 'int', 'int'),
  After: method(EITHER, 'time.Time'),
  Before: method(EITHER, 'time.Time'),
  Compare: method(INT, 'time.Time'),
  Equal: method(EITHER, 'time.Time'),
  Format: method(any('string'), 'string'),
  GoString: method(any('string')),
  IsDST: method(EITHER),
  IsZero: method(EITHER),
  Local: method(TIME),
  Location: method(UNKNOWN),
  MarshalBinary: method(UNKNOWN),
  MarshalJSON: method(UNKNOWN),
  MarshalText: method(UNKNOWN),
  GobEncode: method(UNKNOWN),
  // Named integers, which print as names.
  Month: method(UNKNOWN),
  Weekday: method(UNKNOWN),
  Round: method(TIME, 'time.Duration'),
  String: method(any('string')),
  Sub: method(DURATION, 'time.Time'),
  Truncate: method(TIME, 'time.Duration'),
  UTC: method(TIME),
};
const TIME_NUMBERS = 'Day Hour Minute Nanosecond Second Unix UnixMicro UnixMilli UnixNano Year YearDay'.split(' ');
/** They give two or three values, or take what no template has. */
const NOT_CALLABLE = 'Clock Date ISOWeek Zone ZoneBounds'.split(' ');
const TIME_OTHERS =
  'In AppendFormat AppendBinary AppendText GobDecode UnmarshalBinary UnmarshalJSON UnmarshalText'.split(' ');

const DURATION_METHODS: Readonly<Record<string, Method>> = {
  Abs: method(DURATION),
  Hours: method(any('float64')),
  Minutes: method(any('float64')),
  Seconds: method(any('float64')),
  Microseconds: method(INT),
  Milliseconds: method(INT),
  Nanoseconds: method(INT),
  Round: method(DURATION, 'time.Duration'),
  String: method(any('string')),
  Truncate: method(DURATION, 'time.Duration'),
};

const HISTOGRAM_NAMES = new Set(
  (
    'CounterResetHint Schema ZeroThreshold ZeroCount Count Sum PositiveSpans NegativeSpans PositiveBuckets NegativeBuckets ' +
    'CustomValues UsesCustomBuckets Copy CopyTo CopyToSchema String TestExpression ZeroBucket Mul Div Add KahanAdd Sub ' +
    'Equals Size Compact DetectReset PositiveBucketIterator NegativeBucketIterator PositiveReverseBucketIterator ' +
    'NegativeReverseBucketIterator AllBucketIterator AllReverseBucketIterator Validate ReduceResolution HasOverflow TrimBuckets'
  ).split(' '),
);

/** Those of `.` at the start; `Value` is what the alert's value is taken for. */
const DATA_FIELDS: Readonly<Record<string, Alternatives>> = {
  Labels: any('labels'),
  ExternalLabels: any('labels'),
  ExternalURL: URL_TEXT,
};
const SAMPLE_FIELDS: Readonly<Record<string, Alternatives>> = { Labels: any('labels'), Value: VALUE };

/** The method of that name; 'unknown' where there is one of which nothing more is known. */
export function methodOf(receiver: Alternative, name: string): Method | Outcome | undefined {
  switch (receiver.type) {
    case '*time.Time':
    case 'time.Time':
      if (TIME_NUMBERS.includes(name)) return method(INT);
      if (NOT_CALLABLE.includes(name))
        return trouble(`\`${name}\` of a time gives several values, which no template can take.`);
      return TIME_OTHERS.includes(name) ? UNKNOWN : own(TIME_METHODS, name);
    case '*time.Duration':
    case 'time.Duration':
      return own(DURATION_METHODS, name);
    case '*histogram.FloatHistogram':
      return HISTOGRAM_NAMES.has(name) ? UNKNOWN : undefined;
    case 'unknown':
      return UNKNOWN;
    default:
      return undefined;
  }
}

/** What `.name` of a value that has no such method gives. */
export function fieldOf(receiver: Alternative, name: string, written: string, value: Alternatives): Outcome {
  switch (receiver.type) {
    case 'nil':
      // A template that was called with nothing: Go gives nothing again.
      return any('nil');
    case 'nil interface':
      return trouble(`\`${written || '.'}\` is nothing (nil), and has no \`${name}\`.`);
    case 'labels':
      return LABEL;
    case 'args':
      return [(receiver.value as ReadonlyMap<string, Alternative>).get(name) ?? { type: 'nil interface' }];
    case 'data':
      return name === 'Value' ? value : (own(DATA_FIELDS, name) ?? noSuchData(name));
    case 'sample':
      return own(SAMPLE_FIELDS, name) ?? trouble(`A sample has no \`${name}\`.`, sampleHelp(name));
    default:
      return trouble(
        `\`${written || '.'}\` is ${describeType(receiver.type)}, and has no \`${name}\`.`,
        fieldHelp(receiver, name, written),
      );
  }
}

/** What templates of notifications have. */
const ALERTMANAGER: ReadonlySet<string> = new Set(
  (
    'Alerts CommonLabels CommonAnnotations GroupLabels Receiver Annotations StartsAt EndsAt GeneratorURL Fingerprint ' +
    'NotificationReason TruncatedAlerts'
  ).split(' '),
);

function noSuchData(name: string): Outcome {
  const has = 'a template’s `.` has `.Labels`, `.ExternalLabels`, `.ExternalURL` and `.Value`';
  if (name === 'Values' || name === 'Release' || name === 'Chart')
    return trouble(
      `\`.${name}\` is Helm’s, and Helm has not been here: ${has}.`,
      'Write the value itself, or `<< param >>`.',
    );
  if (ALERTMANAGER.has(name))
    return trouble(
      `\`.${name}\` is Alertmanager’s, which fills in its notifications from alerts; here an alert is made: ${has}.`,
      'Write `$labels.name` for a label; what is said of several alerts belongs to the templates of Alertmanager.',
    );
  const near = [...Object.keys(DATA_FIELDS), 'Value'].find((field) => field.toLowerCase() === name.toLowerCase());
  return trouble(
    `There is no \`.${name}\`: ${has}.`,
    near ? `Write \`.${near}\`.` : `For the label \`${name}\` write \`$labels.${name}\`.`,
  );
}

function sampleHelp(name: string): string {
  if (name === 'value' || name === 'labels') return `Write \`.${name === 'value' ? 'Value' : 'Labels'}\`.`;
  return `It has \`.Labels\` and \`.Value\`; for its label \`${name}\` write \`.Labels.${name}\`.`;
}

function fieldHelp({ type }: Alternative, name: string, written: string): string | undefined {
  const label = /^(\$labels|\$?\.Labels)\.(.+)$/.exec(written);
  if (type === 'string' && label)
    return `For the label \`${label[2]}.${name}\` write \`index ${label[1]} "${label[2]}.${name}"\`.`;
  if (type === 'vector') return 'Take one sample of it by `first`, or each by `range`.';
  if (written === '$value') return 'It is the number itself: write `$value`.';
  return undefined;
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
