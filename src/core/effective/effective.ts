import type { Constraint } from '../../promql/constraint.ts';
import { implies } from '../../promql/constraint.ts';
import { matcherText } from '../../promql/matcher.ts';
import type { Box, LabelSet, Region } from '../../promql/region.ts';
import { boxMatchers, boxOf } from '../../promql/region.ts';
import { authorMatchers } from '../../promql/selector-region.ts';
import { memo } from '../ground/memo.ts';
import type { Known, Subject } from '../ground/subject.ts';
import { residual, targetSubject } from '../ground/subject.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/**
 * Effective rules: which instances watch a target. The answer comes from the very instances that are
 * compiled, so that it can't differ from what `dist/` says.
 */

/** An instance that is in effect for a subject. */
export interface Effective {
  readonly resolved: ResolvedRule;
  readonly instance: Instance;
  /** What else must hold, as a selector: labels of the series, or of the target that nobody knows. */
  readonly condition: string | null;
}

/** The rules in effect for a target with these labels; labels that are neither given nor `known` are left open. */
export function effectiveRules(
  program: Program,
  labels: LabelSet,
  known: Known = program.inventory.known,
): Effective[] {
  const subject = targetSubject(labels, known);
  return program.rules.flatMap((resolved) => effectiveOf(resolved, subject));
}

/** The instances of one rule that are in effect: several where a case, or a label that nobody knows, decides. */
export function effectiveOf(resolved: ResolvedRule, subject: Subject): Effective[] {
  const found: Effective[] = [];
  for (const instance of candidates(resolved, subject)) {
    const left = residual(instance.cell.region, subject);
    if (!left || !watches(resolved, instance, subject)) continue;
    found.push({ resolved, instance, condition: conditionText(left, instance) });
  }
  return found;
}

/** Whether some selector of an instance may find series of the subject. One without any selector watches everything. */
export function watches({ context }: ResolvedRule, { placed }: Instance, subject: Subject): boolean {
  if (placed.size === 0) return true;
  for (const [selector, { region, finds }] of placed) {
    // A label that a series has of its own says nothing about its target.
    if (finds && region && residual(region, subject, context.labelsOf(selector).kept)) return true;
  }
  return false;
}

/** What is left of a region as a selector: `{queue!="bulk"}`, `{a="1"} unless {b="2",c="3"}`; null where nothing is. */
export function conditionText(left: Region, instance?: Instance): string | null {
  const own = instance ? authorBoxes(instance) : [];
  const said = (label: string, c: Constraint): boolean => own.length > 0 && own.every((box) => implied(box, label, c));
  const base = new Map([...left.base].filter(([label, c]) => !said(label, c)));
  if (base.size === 0 && left.minus.length === 0) return null;
  return [base, ...left.minus].map(selectorText).join(' unless ');
}

const implied = (box: Box, label: string, c: Constraint): boolean => {
  const own = box.get(label);
  return own !== undefined && implies(own, c);
};

/** A box as a selector. */
export function selectorText(box: Box): string {
  return `{${boxMatchers(box).map(matcherText).join(',')}}`;
}

const boxes = new WeakMap<Instance, readonly Box[]>();

/** The author's own matchers of each selector. */
export function authorBoxes(instance: Instance): readonly Box[] {
  let found = boxes.get(instance);
  if (!found) {
    const { selectors, holes } = instance.shape;
    found = selectors.map((s) => boxOf(authorMatchers(s, holes)) ?? new Map());
    boxes.set(instance, found);
  }
  return found;
}

/** Instances by the value of a label that their regions ask for, so that a thousand siblings cost no more than one. */
interface Index {
  readonly byValue: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  readonly others: readonly number[];
}

const indices = new WeakMap<ResolvedRule, Index>();

/** Below this many instances, looking at each is cheaper. */
const WORTH_AN_INDEX = 8;

function candidates(resolved: ResolvedRule, subject: Subject): readonly Instance[] {
  const { instances } = resolved;
  if (instances.length < WORTH_AN_INDEX) return instances;
  const index = memo(indices, resolved, () => makeIndex(instances));
  const found = [...index.others];
  for (const [label, byValue] of index.byValue) {
    const value = subject.value(label);
    if (value === undefined) return instances;
    found.push(...(byValue.get(value) ?? []));
  }
  return found.sort((a, b) => a - b).map((i) => instances[i] as Instance);
}

function makeIndex(instances: readonly Instance[]): Index {
  const values = new Map<string, Set<string>>();
  for (const { cell } of instances) {
    for (const [label, c] of cell.region.base) {
      if (c.kind !== 'in') continue;
      const all = values.get(label) ?? new Set<string>();
      values.set(label, all);
      for (const value of c.values) all.add(value);
    }
  }
  const size = (label: string): number => values.get(label)?.size ?? 0;
  const byValue = new Map<string, Map<string, number[]>>();
  const others: number[] = [];
  instances.forEach(({ cell: { region } }, i) => {
    const finite = [...region.base].filter(([, c]) => c.kind === 'in');
    const best = finite.sort(([a], [b]) => size(b) - size(a) || (a < b ? -1 : 1))[0];
    if (!best) {
      others.push(i);
      return;
    }
    const [label, c] = best;
    const own = byValue.get(label) ?? new Map<string, number[]>();
    byValue.set(label, own);
    for (const value of c.values) own.set(value, [...(own.get(value) ?? []), i]);
  });
  return { byValue, others };
}
