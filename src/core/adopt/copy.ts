import type { Box } from '../../promql/region.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';
import type { Liftable } from './holes.ts';

/** One rule of a family as it was found. */
export interface Copy {
  readonly place: { readonly item: number; readonly group: number; readonly rule: number };
  readonly group: CompiledRuleGroup;
  readonly rule: CompiledRule;
  /** With those of its rule group. */
  readonly labels: ReadonlyMap<string, string>;
  /** What its selectors demand of labels, one by one. */
  readonly boxes: readonly Box[];
  readonly places: readonly Liftable[];
  /** A series that it reads and its own rule group records. */
  readonly reads?: string;
}
