import type { Constraint } from '../../promql/constraint.ts';
import { ANYTHING, apart, implies, satisfies } from '../../promql/constraint.ts';
import type { Labels } from '../../promql/label-names.ts';
import { hasLabel } from '../../promql/label-names.ts';
import type { Box, LabelSet, Region } from '../../promql/region.ts';
import { regionOf } from '../../promql/region.ts';

/** Whoever it is asked about: a target whose labels are known, or all that a group matches. */
export interface Subject {
  /** Whether what is known of a label satisfies a constraint; undefined where it may or may not. */
  holds(label: string, c: Constraint): boolean | undefined;
  /** The value of a label; undefined where it is not known. "" where the target is known to lack it. */
  value(label: string): string | undefined;
}

/** Label names that something is known about. */
export type Known = Pick<ReadonlySet<string>, 'has'>;

/** Takes a label set for the whole truth: what is not in it is absent. */
export const ALL_KNOWN: Known = { has: () => true };

/** A target: it has `labels`, lacks other labels that are `known`, and of all others nothing is known. */
export function targetSubject(labels: LabelSet, known: Known): Subject {
  const value = (label: string): string | undefined => labels.get(label) ?? (known.has(label) ? '' : undefined);
  return {
    value,
    holds: (label, c) => {
      const own = value(label);
      return own === undefined ? undefined : satisfies(own, c);
    },
  };
}

/** Everything that a box contains. */
export function boxSubject(box: Box): Subject {
  return {
    value: (label) => {
      const c = box.get(label);
      return c?.kind === 'in' && c.values.size === 1 ? c.values.values().next().value : undefined;
    },
    holds: (label, c) => {
      const own = box.get(label) ?? ANYTHING;
      if (implies(own, c)) return true;
      return apart(own, c) ? false : undefined;
    },
  };
}

/**
 * What is left to ask of a region once the subject's labels are known: undefined where it is not in
 * it, an empty region where it surely is. `kept` are the labels that count, where others may differ.
 */
export function residual(region: Region, subject: Subject, kept?: Labels): Region | undefined {
  const open = (box: Box): Map<string, Constraint> | undefined => {
    const rest = new Map<string, Constraint>();
    for (const [label, c] of box) {
      const holds = kept && !hasLabel(kept, label) ? undefined : subject.holds(label, c);
      if (holds === false) return undefined;
      if (holds === undefined) rest.set(label, c);
    }
    return rest;
  };
  const base = open(region.base);
  if (!base) return undefined;
  const minus: Box[] = [];
  for (const box of region.minus) {
    const rest = open(box);
    if (!rest) continue;
    if (rest.size === 0) return undefined;
    minus.push(rest);
  }
  return minus.length === 0 ? { base, minus } : regionOf(base, minus);
}
