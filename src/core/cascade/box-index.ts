import type { Constraint } from '../../promql/constraint.ts';
import type { Box } from '../../promql/region.ts';
import { within } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';

/**
 * Some boxes by the values that they ask for, so that of a thousand siblings each is compared with those of its own
 * value and not with all. Boxes are known by their indices.
 */
export interface BoxIndex {
  /** By index: the boxes that a box lies within. */
  above(): readonly Above[];
  /** All boxes but some that a label's value keeps apart from `base`; ascending. */
  maybeOverlapping(base: Box): readonly number[];
}

/** The boxes that a box lies within. */
export interface Above {
  readonly all: readonly number[];
  /** Of several boxes that are equal, the first counts as the outer one. */
  readonly outer: readonly number[];
}

/** The boxes as one label sees them. */
interface ByLabel {
  /** Of a value: the boxes that list it among those that they ask for. */
  readonly asking: Map<string, number[]>;
  /** Those that don't ask for some values of this label. */
  readonly open: number[];
}

export function boxIndex(boxes: readonly Box[]): BoxIndex {
  const labels = new Map<string, ByLabel>();
  const all = boxes.map((_, i) => i);
  // A label is looked at when it is asked for the first time.
  const byLabel = (label: string): ByLabel =>
    memo(labels, label, () => {
      const asking = new Map<string, number[]>();
      const open: number[] = [];
      boxes.forEach((box, i) => {
        const c = box.get(label);
        if (c?.kind !== 'in') open.push(i);
        else for (const value of c.values) memo(asking, value, () => []).push(i);
      });
      return { asking, open };
    });
  const maybeOverlapping = (base: Box): readonly number[] => {
    for (const [label, c] of base) {
      const value = singleValue(c);
      if (value === undefined) continue;
      const { asking, open } = byLabel(label);
      const own = asking.get(value) ?? NONE;
      return open.length === 0 ? own : own.length === 0 ? open : [...own, ...open].sort(ascending);
    }
    return all;
  };
  return { above: () => boxesAbove(boxes), maybeOverlapping };
}

const NONE: readonly number[] = [];
const ascending = (a: number, b: number): number => a - b;

function singleValue(c: Constraint): string | undefined {
  return c.kind === 'in' && c.values.size === 1 ? c.values.values().next().value : undefined;
}

/**
 * What lies within a box that asks for some values of a label asks for some of these itself: so each box is filed under the
 * values of one label of its own, and only those are compared that are found by the first value of each label.
 */
function boxesAbove(boxes: readonly Box[]): Above[] {
  const filed = new Map<string, Map<string, number[]>>();
  const anywhere: number[] = [];
  boxes.forEach((box, i) => {
    for (const [label, c] of box) {
      if (c.kind !== 'in') continue;
      const values = memo(filed, label, () => new Map<string, number[]>());
      for (const value of c.values) memo(values, value, () => []).push(i);
      return;
    }
    anywhere.push(i);
  });
  const all = boxes.map((box, i) => {
    const found: number[] = [];
    const look = (j: number): void => {
      if (j !== i && within(box, boxes[j] as Box)) found.push(j);
    };
    anywhere.forEach(look);
    for (const [label, c] of box) {
      const first = c.kind === 'in' ? c.values.values().next().value : undefined;
      if (first !== undefined) filed.get(label)?.get(first)?.forEach(look);
    }
    return found.length > 1 ? found.sort(ascending) : found;
  });
  return all.map((own, i) => ({
    all: own,
    outer: own.length === 0 ? NONE : own.filter((j) => j < i || !(all[j] as number[]).includes(i)),
  }));
}
