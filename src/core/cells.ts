import type { Box, Region } from '../promql/region.ts';
import { boxesApart, EVERYTHING, meet, regionOf, within } from '../promql/region.ts';

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
  const relation = relations(boxes);
  const cells: Cell[] = [];
  const all = boxes.map((_, i) => i);
  const start = all.filter((i) => within(EVERYTHING, boxes[i] as Box));
  const seen = new Set<string>([start.join()]);
  const queue: { members: readonly number[]; base: Box; near: readonly number[] }[] = [
    { members: start, base: EVERYTHING, near: all.filter((i) => !start.includes(i)) },
  ];
  let counted = 0;
  for (let at = 0; at < queue.length; at++) {
    const { members, base, near } = queue[at] as (typeof queue)[number];
    const others = near.filter((i) => !boxesApart(base, boxes[i] as Box));
    // What lies within another excluded box is excluded with it.
    const largest = others.filter(
      (i) => !others.some((j) => j !== i && relation.within(i, j) && (j < i || !relation.within(j, i))),
    );
    const region = regionOf(
      base,
      largest.map((i) => boxes[i] as Box),
    );
    if (region) {
      if (limit.counts(members) && ++counted > limit.max) return { cells, overLimit: true };
      cells.push({ members, excluded: largest, region });
    }
    for (const i of others) {
      const smaller = meet(base, boxes[i] as Box);
      if (!smaller) continue;
      const joined = others.filter((j) => j === i || relation.within(i, j) || within(smaller, boxes[j] as Box));
      const next = [...members, ...joined].sort((a, b) => a - b);
      const key = next.join();
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({
        members: next,
        base: smaller,
        near: others.filter((j) => !joined.includes(j) && !relation.apart(i, j)),
      });
    }
  }
  return { cells, overLimit: false };
}

/** How boxes lie to one another, each pair looked at once. */
function relations(boxes: readonly Box[]): {
  within(i: number, j: number): boolean;
  apart(i: number, j: number): boolean;
} {
  const n = boxes.length;
  const memo = new Int8Array(n * n);
  return {
    within(i, j) {
      const at = i * n + j;
      if (memo[at] === 0) memo[at] = within(boxes[i] as Box, boxes[j] as Box) ? 1 : 2;
      return memo[at] === 1;
    },
    apart: (i, j) => boxesApart(boxes[i] as Box, boxes[j] as Box),
  };
}
