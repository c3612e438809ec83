import type { VectorSelector } from './ast.ts';
import { implies, toMatchers } from './constraint.ts';
import type { SelectorRegion } from './inject.ts';
import type { Labels } from './label-names.ts';
import { hasLabel } from './label-names.ts';
import type { LabelMatcher } from './matcher.ts';
import type { Box, Region } from './region.ts';
import { boxMatchers, boxOf, disjointBoxes, EVERYTHING, meet, regionOf } from './region.ts';

/** What a region comes to on the series that one selector finds. */
export interface Placed extends SelectorRegion {
  readonly add: readonly LabelMatcher[];
  /** The label sets that the selector still finds; undefined where it contradicts the region. */
  readonly region: Region | undefined;
  /** False where the author's own matchers contradict one another, so that it finds nothing anywhere. */
  readonly finds: boolean;
}

/** The most selectors that an `absent()` is made of. */
export const MAX_PIECES = 32;

/**
 * A region on one selector: its matchers on the labels that the metric has, without those that the
 * author's matchers imply. A subtraction with a label that the metric lacks is dropped whole.
 * `author` are the selector's own matchers as far as their values are known.
 */
export function placeRegion(region: Region, author: readonly LabelMatcher[], kept: Labels): Placed {
  const base: Box = new Map([...region.base].filter(([label]) => hasLabel(kept, label)));
  const minus = region.minus.filter((box) => [...box.keys()].every((label) => hasLabel(kept, label)));
  // A selector that contradicts itself finds nothing anywhere: that is its author's business, not the region's.
  const said = boxOf(author);
  const finds = said !== undefined;
  const own = said ?? EVERYTHING;
  const met = meet(base, own);
  const placed = met && regionOf(met, minus);
  const added = (box: Box): LabelMatcher[] => additions(box, own, author);
  if (!met) {
    // The selector finds nothing here; it stays so with the region's matchers put in as they are.
    return { region: undefined, finds, add: boxMatchers(base), minus: [], pieces: () => [boxMatchers(base)] };
  }
  if (!placed) {
    // All that the author asks for is subtracted here; of the region's parts any one contradicts the author.
    return {
      region: undefined,
      finds,
      add: added(met),
      minus: minus.map((box) => additions(box, EVERYTHING, author)),
      pieces: () => (disjointBoxes({ base, minus }, MAX_PIECES) ?? []).slice(0, 1).map(boxMatchers),
    };
  }
  return {
    region: placed,
    finds,
    add: added(placed.base),
    minus: placed.minus.map((box) => additions(box, EVERYTHING, [])),
    pieces: () => (disjointBoxes(placed, MAX_PIECES) ?? []).map(added),
  };
}

/** The matchers of a box that the author's don't say already. */
function additions(box: Box, own: Box, author: readonly LabelMatcher[]): LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  for (const [label, c] of [...box].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const said = own.get(label);
    if (said && implies(said, c)) continue;
    for (const m of toMatchers(label, c)) {
      if (!author.some((a) => a.label === label && a.op === m.op && a.value === m.value)) matchers.push(m);
    }
  }
  return matchers;
}

/** The author's matchers on labels, without the metric's name and without those in `unknown` ranges. */
export function authorMatchers(
  selector: VectorSelector,
  unknown: readonly { from: number; to: number }[],
): LabelMatcher[] {
  return selector.matchers.filter(
    (m) => m.label !== '__name__' && !unknown.some((hole) => hole.from < m.to && m.from < hole.to),
  );
}
