import type { Range } from './ast.ts';
import type { Version } from './version.ts';

/** Syntax that not every server understands: which ones do, and what it is called in messages. */
export interface Feature {
  /** What it is, as the subject of a sentence. */
  readonly what: string;
  /** The first version that has it. */
  readonly since: Version;
  /** The first version that has it without a feature flag; absent where every version since has. */
  readonly stableSince?: Version;
  /** The feature flag of the versions before. */
  readonly flag?: string;
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
  'trim-operator': { what: 'The operator that trims native histograms', since: [3, 11] },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;

/** A place where an expression uses a feature. */
export interface FeatureUse extends Range {
  readonly feature: FeatureName;
}
