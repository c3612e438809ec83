import type { LabelSet, Region } from '../../promql/region.ts';
import { inRegion } from '../../promql/region.ts';
import type { Span } from '../ground/source.ts';

/** One thing that is scraped. */
export interface Target {
  /** `target_id` where the target has one, else job and instance. */
  readonly id: string;
  /** `instance`, without its port. */
  readonly hostname: string;
  readonly labels: LabelSet;
  readonly span: Span;
}

export interface Inventory {
  readonly targets: readonly Target[];
  /** Labels that some target has: a target that lacks one of them is known not to have it. */
  readonly known: ReadonlySet<string>;
  /** Where this is what one of several servers has: that of all servers. */
  readonly whole?: Inventory;
}

/** Whether a target is in a region as far as its labels are known; labels that no target has are left open. */
export function mayBeIn(target: Target, region: Region, known: ReadonlySet<string>): boolean {
  const base = new Map([...region.base].filter(([label]) => known.has(label)));
  // What is subtracted by a label that nobody knows may or may not concern the target.
  const minus = region.minus.filter((box) => [...box.keys()].every((label) => known.has(label)));
  return inRegion(target.labels, { base, minus });
}
