import type { GroupCell, Partition } from '../cascade/partition.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { ResolvedRule } from '../instance/program.ts';
import { instanceAt, instanceCount, isCopy } from '../instance/program.ts';
import { sameInstance, sameRegion } from './same.ts';

/** Whether no target can find a difference between two rules. */
export function sameResolved(a: ResolvedRule, b: ResolvedRule): boolean {
  if (a === b) return true;
  if (a.rule.id !== b.rule.id || instanceCount(a) !== instanceCount(b)) return false;
  const known = sameByCells(a, b);
  if (known !== undefined) return known;
  return a.instances.every((instance, i) => sameInstance(instance, b.instances[i] as Instance));
}

/**
 * Whether two rules have the same instances, cell by cell: of those that are copies of one only the values are
 * compared, and nothing is made of the others that is not there already. Undefined where their cells
 * differ, so that nobody knows which belongs to which.
 */
function sameByCells(a: ResolvedRule, b: ResolvedRule): boolean | undefined {
  const { cells } = a.cascade.partition;
  if (!samePartition(a.cascade.partition, b.cascade.partition)) return undefined;
  // Where the marks stand in different gaps, equal values in them say nothing.
  const comparable = a.copies !== undefined && a.copies.expr === b.copies?.expr;
  let compared = false;
  for (let i = 0; i < cells.length; i++) {
    const copies = isCopy(a.copies, i) && isCopy(b.copies, i);
    if (copies && a.copies?.thresholds.at(i) !== b.copies?.thresholds.at(i)) return false;
    if (copies && compared) {
      if (!sameMatchers(a, b, i)) return false;
      continue;
    }
    const [one, other] = [at(a, i), at(b, i)];
    if (!one && !other) continue;
    if (!one || !other || !sameInstance(one, other)) return false;
    // One copy on either side speaks for all others in everything but what was compared above.
    compared ||= copies && comparable;
  }
  return true;
}

const at = (resolved: ResolvedRule, index: number): Instance | undefined =>
  isCopy(resolved.copies, index) ? instanceAt(resolved, index) : resolved.others.get(index);

function sameMatchers(a: ResolvedRule, b: ResolvedRule, index: number): boolean {
  const [texts, others] = [a.copies?.matchers(index) ?? [], b.copies?.matchers(index) ?? []];
  return texts.length === others.length && texts.every((text, i) => text === others[i]);
}

/** Many rules share a partition, so that each is compared with its other side once. */
const known = new WeakMap<Partition, { readonly other: Partition; readonly same: boolean }>();

function samePartition(a: Partition, b: Partition): boolean {
  if (a === b) return true;
  const before = known.get(a);
  if (before?.other === b) return before.same;
  const same = a.cells.length === b.cells.length && a.cells.every((cell, i) => sameCell(cell, b.cells[i] as GroupCell));
  known.set(a, { other: b, same });
  return same;
}

const sameCell = (a: GroupCell, b: GroupCell): boolean => a.owner === b.owner && sameRegion(a.region, b.region);
