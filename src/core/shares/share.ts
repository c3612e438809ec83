import type { Box, Region } from '../../promql/region.ts';
import { EVERYTHING, meet, regionsApart } from '../../promql/region.ts';
import type { Partition } from '../cascade/partition.ts';
import { CASE_LABEL } from '../instance/labels.ts';
import type { Config } from '../model/config.ts';
import type { Rule } from '../model/rule.ts';

/**
 * A part of some series that has one value of a label which a split puts on what it records. The label tells the
 * instances of a recording rule apart, and must do nothing else: whoever reads the series is looked at share by share.
 */
export interface Share {
  /** The label's value; "" where the series go without it. */
  readonly value: string;
  /** The targets that the series are of, as far as that is known. */
  readonly region: Region;
  /** The metric as it was read. */
  readonly metric?: string;
  /** The recording rule whose split put the label there. */
  readonly rule?: Rule;
  /** The cell of a recording rule's partition that it is, or lies within. */
  readonly cell?: { readonly partition: Partition; readonly region: Region };
}

/** Series that no split of ours has to do with. */
export const UNSPLIT: Share = { value: '', region: { base: EVERYTHING, minus: [] } };

/** The labels that a split puts on what it records. */
export const splitLabels = ({ groupLabel }: Pick<Config, 'groupLabel'>): string[] =>
  groupLabel === false ? [CASE_LABEL] : [groupLabel, CASE_LABEL];

/** Whether series that differ in a label of their targets are told apart by it. */
export type Tells = (label: string) => boolean;

/** Pairs of shares that are compared at most; beyond, two of them count as confused, which is safe. */
const MOST_PAIRS = 4_000_000;

/** Of two lists two shares of different value that may be of one target, as far as `tells` can tell targets apart. */
export function confused(
  some: readonly Share[],
  others: readonly Share[],
  tells: Tells,
): readonly [Share, Share] | undefined {
  const partition = some[0]?.cell?.partition;
  // The cells of a partition are apart, so that a thousand groups are not a million pairs.
  const isOfIt = ({ cell }: Share): boolean => cell?.partition === partition;
  if (partition && some.every(isOfIt) && others.every(isOfIt) && [...partition.labels].every(tells)) return undefined;
  const regions = others.map(({ region }) => seenBy(region, tells));
  let left = MOST_PAIRS;
  for (const one of some) {
    const region = seenBy(one.region, tells);
    for (const [i, other] of others.entries()) {
      if (one.value === other.value) continue;
      if (left-- === 0 || !regionsApart(region, regions[i] as Region)) return [one, other];
    }
  }
  return undefined;
}

/** What is left of a region where only some labels are known. */
export function seenBy({ base, minus }: Region, tells: Tells): Region {
  const known: Box = new Map([...base].filter(([label]) => tells(label)));
  return { base: known, minus: minus.filter((box) => [...box.keys()].every(tells)) };
}

/** The part of a share that is in a region; undefined where that is nothing. */
export function shareIn(share: Share, { base, minus }: Region): Share | undefined {
  if (base.size === 0 && minus.length === 0) return share;
  const met = meet(share.region.base, base);
  if (!met || regionsApart(share.region, { base, minus })) return undefined;
  return { ...share, region: { base: met, minus: [...share.region.minus, ...minus] } };
}
