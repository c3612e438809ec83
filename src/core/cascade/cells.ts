import type { Box, Region } from '../../promql/region.ts';
import { boxesApart, EVERYTHING, meet, regionOf, within } from '../../promql/region.ts';
import type { Above } from './box-index.ts';
import { boxIndex } from './box-index.ts';

/**
 * The partition of all label sets by which of some boxes contain them: what the declaring groups
 * (and cases) of a rule make of it.
 */

export interface Cell {
  /** Indices of the boxes that contain it, ascending. */
  readonly members: readonly number[];
  /** Indices of the boxes that had to be taken out of it, ascending. */
  readonly excluded: readonly number[];
  readonly region: Region;
}

/** Cells beyond which the walk stops: the caller's limit on derived cells is far below. */
export interface CellLimit {
  readonly max: number;
  /** Whether a cell of these members counts. */
  counts(members: readonly number[]): boolean;
}

/**
 * All cells that a label set could be in. The walk starts at the whole space and goes from each closed
 * intersection to the smaller ones, so that its work is proportional to the cells that there are:
 * boxes that are apart never multiply. `overLimit` where it was stopped by the limit.
 */
export function cellsOf(boxes: readonly Box[], limit: CellLimit): { cells: Cell[]; overLimit: boolean } {
  const index = boxIndex(boxes);
  const above = index.above();
  const cells: Cell[] = [];
  const all = boxes.map((_, i) => i);
  const start = all.filter((i) => within(EVERYTHING, boxes[i] as Box));
  const seen = new Set<string>([start.join()]);
  const reached: { members: readonly number[]; base: Box; others: readonly number[]; there: ReadonlySet<number> }[] =
    [];
  let counted = 0;
  /** Adds a closed intersection and its cell; false at the limit. `near` are those of which some may overlap it. */
  const reach = (members: readonly number[], base: Box, near: ReadonlySet<number>): boolean => {
    const others = index
      .maybeOverlapping(base)
      .filter((i) => near.has(i) && !members.includes(i) && !boxesApart(base, boxes[i] as Box));
    const there = new Set(others);
    reached.push({ members, base, others, there });
    // What lies within another excluded box is excluded with it.
    const excluded = others.filter((i) => !(above[i] as Above).outer.some((j) => there.has(j)));
    const region = regionOf(
      base,
      excluded.map((i) => boxes[i] as Box),
    );
    if (!region) return true;
    if (limit.counts(members) && ++counted > limit.max) return false;
    cells.push({ members, excluded, region });
    return true;
  };
  reach(start, EVERYTHING, new Set(all));
  // Each is left for the smaller ones only when its turn comes, so that a walk that is stopped has not looked far ahead.
  for (let at = 0; at < reached.length; at++) {
    const { members, base, others, there } = reached[at] as (typeof reached)[number];
    const wide = others.filter((i) => (boxes[i] as Box).size > 1);
    for (const i of others) {
      const box = boxes[i] as Box;
      const smaller = meet(base, box);
      if (!smaller) continue;
      const joined = new Set([i]);
      for (const j of (above[i] as Above).all) if (there.has(j)) joined.add(j);
      // What neither the base nor the box alone lies within, both together may: by a label that both test, or by one of each.
      if (base.size > 0) {
        for (const j of sharesLabel(base, box) ? others : wide) if (within(smaller, boxes[j] as Box)) joined.add(j);
      }
      const next = [...members, ...joined].sort((a, b) => a - b);
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      if (!reach(next, smaller, there)) return { cells, overLimit: true };
    }
  }
  return { cells, overLimit: false };
}

function sharesLabel(a: Box, b: Box): boolean {
  for (const label of b.keys()) if (a.has(label)) return true;
  return false;
}
