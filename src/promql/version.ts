/** Versions of Prometheus servers, as far as they decide what a server understands. */
export type Version = readonly [major: number, minor: number];

/** The servers that must understand an expression: all from `min` to `max`, or to today's and later ones. */
export interface VersionRange {
  readonly min: Version;
  readonly max?: Version;
  /** The feature flags that all of them run with, `--enable-feature`; default: none. */
  readonly features?: ReadonlySet<string>;
}

/** Below zero where `a` is older than `b`, zero where they are the same, above zero where it is newer. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** The version as people write it: `2.42`. */
export function versionText(version: Version): string {
  return `${version[0]}.${version[1]}`;
}
