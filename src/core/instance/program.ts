import type { Analysis } from '../../promql/kept.ts';
import type { VersionRange } from '../../promql/version.ts';
import type { Cascade } from '../cascade/cascade.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Conflict } from '../cascade/conflict.ts';
import type { GroupCell } from '../cascade/partition.ts';
import type { Declarations } from '../lookup/declaration.ts';
import type { GroupTree } from '../lookup/groups.ts';
import type { Config } from '../model/config.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Rule } from '../model/rule.ts';
import type { Copies } from './copies.ts';
import type { Instance, RuleContext } from './instantiate.ts';
import { instanceIn } from './instantiate.ts';
import type { Texts } from './texts.ts';

/** A rule with its cells and what was compiled for them. */
export interface ResolvedRule {
  readonly rule: Rule;
  readonly context: RuleContext;
  readonly analysis: Analysis;
  readonly cascade: Cascade;
  /** All instances, in the order of their cells; made when they are asked for where they are many. */
  readonly instances: readonly Instance[];
  /** One instance of each kind, in the same order: the others are copies of one of these. */
  readonly samples: readonly Instance[];
  /** The instances that differ from one of the samples in their groups, region and threshold only. */
  readonly copies?: Copies;
  /** The other instances, by the index of their cell. */
  readonly others: ReadonlyMap<number, Instance>;
  /** Cells that a target of the inventory would have to be in, for a rule from nothing. */
  readonly leftOut: readonly RuleCell[];
  /** Where groups contradict one another; not in cells that the rule's own matchers leave nothing of. */
  readonly conflicts: readonly Conflict[];
}

/** Everything that is known once names are looked up and regions made: what checks look at and files are planned from. */
export interface Program {
  readonly config: Config;
  readonly versions: VersionRange;
  readonly tree: GroupTree;
  readonly declared: Declarations;
  readonly inventory: Inventory;
  readonly texts: Texts;
  readonly rules: readonly ResolvedRule[];
}

/** What is known before the rules are resolved. */
export type ProgramParts = Omit<Program, 'rules'>;

/** Whether the instance of a cell, by its index, is a copy (the sample is one). */
export const isCopy = (copies: Copies | undefined, index: number): boolean => copies?.thresholds.isSet(index) === true;

/** Where the instances of a rule go, in the order of their cells: each the index of its cell, the cell, and itself where it is no copy. */
export function forEachPlace(
  { cascade: { partition }, copies, others }: ResolvedRule,
  visit: (index: number, cell: GroupCell, instance: Instance | undefined) => void,
): void {
  partition.cells.forEach((cell, i) => {
    const copied = isCopy(copies, i);
    const instance = copied ? undefined : others.get(i);
    if (copied || instance) visit(i, cell, instance);
  });
}

/** The instance of a cell that has one, made anew for a copy. */
export function instanceAt({ context, cascade, copies, others }: ResolvedRule, index: number): Instance | undefined {
  if (index === copies?.first) return copies.sample;
  return others.get(index) ?? instanceIn(context, cascade.cell(index), []);
}

/** How many instances a rule has; none is made for it. */
export const instanceCount = (resolved: ResolvedRule): number =>
  resolved.copies ? resolved.copies.count + resolved.others.size : resolved.instances.length;

/** The groups that own the instances of a rule, those of several several times. */
export function ownersOf(resolved: ResolvedRule): string[] {
  const owners: string[] = [];
  forEachPlace(resolved, (_, { owner }) => owners.push(owner));
  return owners;
}
