import type { Region } from '../../promql/region.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Group } from '../lookup/groups.ts';
import type { Setting, Settings } from '../model/rule.ts';

/** One cell of a rule's partition, with the settings that the cascade gives it. */
export interface RuleCell {
  readonly region: Region;
  /** The group whose file it goes to; a derived one joins several ids. */
  readonly owner: string;
  /** What was said of the rule here, in fold order: later wins. */
  readonly declarations: readonly Declaration[];
  /** Groups that were taken out of the region. */
  readonly excluded: readonly Group[];
  /** The static label `rule_case`, where cases have a say. */
  readonly caseId?: string;
  /** Folded: the rule's own, then the declarations'. */
  readonly settings: Settings;
  /** Group-wide labels of every group that contains the region, folded; weaker than `settings`. */
  readonly groupLabels: ReadonlyMap<string, Setting>;
  /** Whether the rule is for this cell at all (`only`, `except`). */
  readonly applies: boolean;
  readonly enabled: boolean;
}
