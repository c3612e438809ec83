import type { Box } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Span } from '../ground/source.ts';
import type { Rule, Settings } from '../model/rule.ts';
import type { WrittenDisabled, WrittenOverride } from '../model/written.ts';
import type { Group } from './groups.ts';

/**
 * Who says what of a rule. A declaration is a group's, or one of its cases'; together their boxes
 * partition the label sets of the rule.
 */
export interface Declaration {
  readonly group: Group;
  readonly case?: { readonly id: string; readonly index: number; readonly labels: readonly string[] };
  readonly box: Box;
  /** The group's own settings (of a case: the case's), folded in the group's own order. */
  readonly settings: Settings;
  /** Said of the rule by its name, not only through "*". */
  readonly byName: boolean;
  /** The first place that speaks of the rule. */
  readonly span: Span;
  /** The number, where all that it says is a threshold of one number. */
  readonly number?: number;
}

/** All that the groups say, looked up: rules by id, groups by id. */
export interface Declarations {
  /** What groups other than through group-wide labels say of a rule, in no order. */
  of(rule: Rule): readonly Declaration[];
  /** The subtrees that a rule is for; undefined: everywhere. */
  only(rule: Rule): readonly Group[] | undefined;
  except(rule: Rule): readonly Group[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a group says of one rule, or of all. */
export interface Said {
  readonly thresholds: WrittenOverride[];
  readonly overrides: WrittenOverride[];
  readonly disabled: WrittenDisabled[];
}

export const EVERY = '*';
