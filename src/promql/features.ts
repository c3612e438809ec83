import type { Range } from './ast.ts';
import { compareVersions, type Version } from './version.ts';

/** Syntax that not every server understands: which ones do, and what it is called in messages. */
export interface Feature {
  /** What it is, as the subject of a sentence. */
  readonly what: string;
  /** The first version that has it. */
  readonly since: Version;
  /** The first version that refuses it. */
  readonly until?: Version;
  /** The feature flag that it is behind; absent where there is none. */
  readonly flag?: string;
  /** The first version that has it without the flag; absent where none has. */
  readonly stableSince?: Version;
  /** How to say the same to older servers. */
  readonly instead?: string;
}

export const FEATURES = {
  'quoted-name': {
    what: 'A name in quotes inside braces',
    since: [3, 0],
    instead: 'Older servers take plain names only: `name{label="value"}`.',
  },
  'quoted-grouping': {
    what: 'A label in quotes, or with a colon, in a list of labels',
    since: [3, 0],
    instead: 'Older servers take plain label names only.',
  },
  'duration-as-number': {
    what: 'A duration where a number belongs',
    since: [2, 54],
    instead: 'Write the number of seconds.',
  },
  'number-as-duration': {
    what: 'A number where a duration belongs',
    since: [2, 54],
    instead: 'Write a duration with its unit, such as `5m` or `300s`.',
  },
  'zero-offset': { what: 'An offset of 0', since: [2, 54], instead: 'Leave the offset out.' },
  'number-underscores': { what: 'A number with underscores', since: [2, 54], instead: 'Leave the underscores out.' },
  'signed-duration': { what: 'This sign before a duration', since: [3, 4], instead: 'Leave the sign out.' },
  'duration-expression': {
    what: 'A computed duration',
    since: [3, 4],
    stableSince: [3, 14],
    flag: 'promql-duration-expr',
    instead: 'Write the duration as one literal, such as `15m`.',
  },
  'regex-group-name': {
    what: 'A group named `(?<name>…)` in a regex',
    since: [2, 51],
    instead: 'Write `(?P<name>…)`, or `(?:…)` without a name.',
  },
  'extended-range': {
    what: 'The modifier `anchored` or `smoothed`',
    since: [3, 7],
    stableSince: [3, 16],
    flag: 'promql-extended-range-selectors',
    instead: 'Leave it out.',
  },
  'fill-modifier': {
    what: 'A modifier that fills in missing series',
    since: [3, 10],
    flag: 'promql-binop-fill-modifiers',
    instead: 'Use `or` to stand in for missing series.',
  },
  'time-before-range': {
    what: 'A range behind `@ start()` or `@ end()`',
    since: [2, 42],
    until: [3, 15],
    instead: 'Write the range first: `metric[5m] @ end()`.',
  },
  'trim-operator': { what: 'The operator that trims native histograms', since: [3, 11] },
} as const satisfies Record<string, Feature>;

/** The feature flag of functions and aggregations. */
export const FUNCTIONS_FLAG = 'promql-experimental-functions';

/** The feature flags of servers that decide what they understand. */
export const PROMQL_FLAGS: readonly string[] = [
  FUNCTIONS_FLAG,
  ...Object.values<Feature>(FEATURES).flatMap(({ flag }) => flag ?? []),
];

/** All feature flags of PromQL that servers have had, those that change no grammar among them. */
export const KNOWN_FLAGS: readonly string[] = [
  ...PROMQL_FLAGS,
  'promql-at-modifier',
  'promql-delayed-name-removal',
  'promql-negative-offset',
  'promql-per-step-stats',
  'promql-unquoted-utf8-names',
];

/** The first promtool that can be told of each; an older one refuses what is behind the flag. */
const PROMTOOL_FLAGS: readonly (readonly [flag: string, since: Version])[] = [
  [FUNCTIONS_FLAG, [3, 4]],
  ['promql-duration-expr', [3, 10]],
  ['promql-extended-range-selectors', [3, 10]],
  ['promql-binop-fill-modifiers', [3, 14]],
];

/** Those of some flags that a promtool knows: it warns of others, in the middle of its verdict. */
export function promtoolFlags(flags: Iterable<string>, version: Version): string[] {
  const wanted = new Set(flags);
  return PROMTOOL_FLAGS.flatMap(([flag, since]) =>
    wanted.has(flag) && compareVersions(version, since) >= 0 ? [flag] : [],
  );
}

export type FeatureName = keyof typeof FEATURES;

/** A place where an expression uses a feature. */
export interface FeatureUse extends Range {
  readonly feature: FeatureName;
}
