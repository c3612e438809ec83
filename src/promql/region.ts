import type { Constraint } from './constraint.ts';
import {
  ANYTHING,
  apart,
  both,
  complement,
  complementParts,
  fromMatcher,
  implies,
  isAnything,
  isNone,
  oneOf,
  satisfies,
  toMatchers,
} from './constraint.ts';
import type { LabelMatcher } from './matcher.ts';

/**
 * Sets of label sets. A box is a conjunction of constraints, one a label; a region is a box
 * minus some boxes: the shape that one selector (and one `unless` each) can say.
 */
export type Box = ReadonlyMap<string, Constraint>;

export const EVERYTHING: Box = new Map();

export interface Region {
  readonly base: Box;
  /** Each has two or more labels, none of which `base` implies; none contains another. */
  readonly minus: readonly Box[];
}

export type LabelSet = ReadonlyMap<string, string>;

/** The box of some matchers; undefined where nothing can match them all. */
export function boxOf(matchers: readonly LabelMatcher[]): Box | undefined {
  const box = new Map<string, Constraint>();
  for (const matcher of matchers) {
    const c = both(box.get(matcher.label) ?? ANYTHING, fromMatcher(matcher));
    if (isNone(c)) return undefined;
    if (isAnything(c)) continue;
    box.set(matcher.label, c);
  }
  return box;
}

/** What is in both; undefined where that is provably nothing. */
export function meet(a: Box, b: Box): Box | undefined {
  if (a.size === 0) return b;
  const result = new Map(a);
  for (const [label, c] of b) {
    const own = result.get(label);
    const joined = own ? both(own, c) : c;
    if (isNone(joined)) return undefined;
    result.set(label, joined);
  }
  return result;
}

export function boxesApart(a: Box, b: Box): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const [label, c] of few) {
    const other = many.get(label);
    if (other && apart(c, other)) return true;
  }
  return false;
}

/** Whether `a` lies within `b`, as far as that can be proven. */
export function within(a: Box, b: Box): boolean {
  for (const [label, c] of b) if (!implies(a.get(label) ?? ANYTHING, c)) return false;
  return true;
}

/** Whether a label set is in a box; labels that it lacks have the value "". */
export function inBox(labels: LabelSet, box: Box): boolean {
  for (const [label, c] of box) if (!satisfies(labels.get(label) ?? '', c)) return false;
  return true;
}

export function inRegion(labels: LabelSet, region: Region): boolean {
  return inBox(labels, region.base) && !region.minus.some((box) => inBox(labels, box));
}

/** The part of a box that another doesn't imply. */
function beyond(box: Box, base: Box): Map<string, Constraint> {
  const rest = new Map<string, Constraint>();
  for (const [label, c] of box) if (!implies(base.get(label) ?? ANYTHING, c)) rest.set(label, c);
  return rest;
}

/**
 * `base` without all of `excluded`, in the fewest matchers: what one matcher can exclude becomes
 * one matcher, the rest stays subtracted. Undefined where provably nothing is left.
 */
export function regionOf(base: Box, excluded: readonly Box[]): Region | undefined {
  if (excluded.length === 0) return { base, minus: [] };
  let current = base;
  let rest: readonly Box[] = excluded;
  for (;;) {
    const narrowed = new Map<string, Constraint>();
    const values = new Map<string, Set<string>>();
    const next: Box[] = [];
    for (const box of rest) {
      if (boxesApart(current, box)) continue;
      const own = beyond(box, current);
      if (own.size === 0) return undefined;
      const [label, c] = own.size === 1 ? (own.entries().next().value as [string, Constraint]) : ['', undefined];
      const other = c && (complement(c) ?? valuesWithout(current.get(label), c));
      if (!other) next.push(own);
      else if (other.kind === 'out' && other.like.length + other.unlike.length === 0) {
        // Many siblings exclude one value each: gathered, so that they cost no more than their number.
        const set = values.get(label) ?? new Set<string>();
        for (const value of other.values) set.add(value);
        values.set(label, set);
      } else narrowed.set(label, both(narrowed.get(label) ?? ANYTHING, other));
    }
    for (const [label, set] of values) {
      narrowed.set(label, both(narrowed.get(label) ?? ANYTHING, { kind: 'out', values: set, like: [], unlike: [] }));
    }
    rest = next;
    if (narrowed.size === 0) break;
    // Two exclusions can leave a label no value at all; such a box would be no box.
    if ([...narrowed.values()].some(isNone)) return undefined;
    const met = meet(current, narrowed);
    if (!met) return undefined;
    current = met;
  }
  const minus = outermost(rest)
    .map((box) => ({ box, key: boxKey(box) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ box }) => box);
  const region = { base: current, minus };
  if (minus.length === 0 || hasExample(region)) return region;
  return disjointBoxes(region, PROOF_LIMIT)?.length === 0 ? undefined : region;
}

/** The boxes that lie within no other; of equal ones the first. */
function outermost(boxes: readonly Box[]): readonly Box[] {
  if (boxes.length < 2) return boxes;
  // What a box lies within that asks for single values only has one of its own: so not every pair must be looked at.
  const byValue = new Map<string, number[]>();
  const others: number[] = [];
  boxes.forEach((box, i) => {
    const keys = singleValues(box);
    if (keys.length < box.size) others.push(i);
    else {
      const key = keys[0] as string;
      const same = byValue.get(key);
      if (same) same.push(i);
      else byValue.set(key, [i]);
    }
  });
  return boxes.filter((box, i) => {
    const near = [...others, ...singleValues(box).flatMap((key) => byValue.get(key) ?? [])];
    return !near.some((j) => {
      const other = boxes[j] as Box;
      return j !== i && within(box, other) && (!within(other, box) || j < i);
    });
  });
}

function singleValues(box: Box): string[] {
  const keys: string[] = [];
  for (const [label, c] of box)
    if (c.kind === 'in' && c.values.size === 1) keys.push(`${label}\n${c.values.values().next().value}`);
  return keys;
}

/** A value that nobody writes. */
const UNUSUAL = '\u0000';

/** Whether a label set is easily found that is in a region: then no proof that it is empty need be tried. */
function hasExample({ base, minus }: Region): boolean {
  const labels = new Map<string, string>();
  for (const box of minus) for (const label of box.keys()) labels.set(label, UNUSUAL);
  for (const [label, c] of base)
    labels.set(label, c.kind === 'in' ? (c.values.values().next().value as string) : UNUSUAL);
  return inRegion(labels, { base, minus });
}

/** Of a label that has some values only, those that are left when others are taken out. */
function valuesWithout(own: Constraint | undefined, c: Constraint): Constraint | undefined {
  if (own?.kind !== 'in') return undefined;
  return oneOf(...[...own.values].filter((value) => !satisfies(value, c)));
}

/** Boxes looked at to prove a region empty; above it the region is kept, which is always safe. */
const PROOF_LIMIT = 512;

/**
 * A region as disjoint boxes; undefined where there would be more than `limit`
 * (they grow exponentially with what is subtracted).
 */
export function disjointBoxes(region: Region, limit: number): Box[] | undefined {
  let boxes: Box[] = [region.base];
  for (const minus of region.minus) {
    const next: Box[] = [];
    for (const box of boxes) {
      if (boxesApart(box, minus)) {
        next.push(box);
        continue;
      }
      let inside: Box | undefined = box;
      for (const [label, c] of sortedEntries(minus)) {
        if (!inside) break;
        for (const part of complementParts(c)) {
          const piece = meet(inside, new Map([[label, part]]));
          if (piece) next.push(piece);
        }
        inside = meet(inside, new Map([[label, c]]));
      }
      if (next.length > limit) return undefined;
    }
    boxes = next;
  }
  return boxes;
}

/** Whether no label set is in both regions, as far as that can be proven. */
export function regionsApart(a: Region, b: Region): boolean {
  const common = meet(a.base, b.base);
  if (!common) return true;
  const minus = [...a.minus, ...b.minus];
  return minus.length > 0 && regionOf(common, minus) === undefined;
}

const sortedEntries = (box: Box): [string, Constraint][] => [...box].sort(([a], [b]) => (a < b ? -1 : 1));

/** The matchers of a box, sorted by label. */
export function boxMatchers(box: Box): LabelMatcher[] {
  return sortedEntries(box).flatMap(([label, c]) => toMatchers(label, c));
}

export function boxKey(box: Box): string {
  return boxMatchers(box)
    .map((m) => `${m.label}${m.op}${JSON.stringify(m.value)}`)
    .join(',');
}
