import type { Version, VersionRange } from './version.ts';
import { compareVersions } from './version.ts';

/**
 * What servers lose of an expression when they print it. `/api/v1/rules` tells a rule as it is printed, and rules are
 * evaluated by what is printed, too: a rule group gives its engine the text, not the tree.
 */
export type Loss = 'grouping' | 'quotes' | 'empty-name' | 'milliseconds';
export type Losses = ReadonlySet<Loss>;

interface Printers {
  /** The first version that prints so. */
  readonly since: Version;
  /** The first one that does no more; absent: today's does. */
  readonly until?: Version;
}

export const PRINTERS: Readonly<Record<Loss, Printers>> = {
  /** `ignoring () group_left (…)` is left out whole. */
  grouping: { since: [2, 0], until: [3, 9] },
  /** Names in `on`, `ignoring`, `group_left` and `group_right` stand without the quotes that they need. */
  quotes: { since: [3, 0], until: [3, 10] },
  /** `{__name__="", …}` is printed without its matcher on the name. */
  'empty-name': { since: [2, 0], until: [2, 53] },
  /** A duration where a number belongs loses a millisecond where binary fractions can't hold it: `1s1ms` is `1s`. */
  milliseconds: { since: [3, 4] },
};

const ALL = Object.keys(PRINTERS) as Loss[];

export const NO_LOSSES: Losses = new Set();

/** What a server of this version loses; one that doesn't tell its version may lose anything. */
export function lossesOf(version: Version | undefined): Losses {
  return version ? lossesAmong({ min: version, max: version }) : new Set(ALL);
}

/** What some server of a range loses. */
export function lossesAmong({ min, max }: VersionRange): Losses {
  return new Set(
    ALL.filter((loss) => {
      const { since, until } = PRINTERS[loss];
      const begins = max === undefined || compareVersions(max, since) >= 0;
      return begins && (until === undefined || compareVersions(min, until) < 0);
    }),
  );
}

/** The value of a duration that stands for a number of seconds, as a printer that loses milliseconds writes it. */
export function printedSeconds(value: number): number {
  const millis = Math.floor(Math.trunc(Math.abs(value) * 1e9) / 1e6);
  return (value < 0 ? -millis : millis) / 1000;
}
