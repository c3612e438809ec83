import { maxSatisfying, minVersion, satisfies } from 'semver';
import type { Version, VersionRange } from '../../promql/version.ts';
import { compareVersions } from '../../promql/version.ts';
import type { Located } from './source.ts';

/** Minor versions that have been, as far as they matter: to find the newest of a range that has an end. */
const KNOWN = [
  ...Array.from({ length: 56 }, (_, minor) => `2.${minor}.999`),
  ...Array.from({ length: 100 }, (_, minor) => `3.${minor}.999`),
];

/** The servers that the rules are for, as the settings tell: all versions of the range, all with these feature flags. */
export function serversOf({
  version,
  features,
}: {
  readonly version: Located<string>;
  readonly features: readonly string[];
}): VersionRange {
  return { ...versionRange(version.value), features: new Set(features) };
}

/** The servers of a semver range, oldest and newest; `max` is undefined where the range has no end. */
export function versionRange(range: string): VersionRange {
  const oldest = minVersion(range);
  const min: Version = oldest ? [oldest.major, oldest.minor] : [2, 42];
  if (satisfies('999.0.0', range)) return { min };
  const newest = maxSatisfying(KNOWN, range)?.split('.').map(Number);
  return { min, max: newest ? [newest[0] as number, newest[1] as number] : min };
}

/** Whether every server of the range is at least this version. */
export const allHave = (range: VersionRange, since: Version): boolean => compareVersions(range.min, since) >= 0;
