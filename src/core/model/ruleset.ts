import type { Span } from '../ground/source.ts';

/**
 * What was compiled, before any backend's format: files of rule groups of rules. `ruleGroups` is
 * a function so that a file's text exists only while it is written (a release may have a million rules).
 */
export interface RuleSet {
  /** Sorted by file name. */
  readonly files: readonly RuleFile[];
}

export interface RuleFile {
  /** Below `dist/rules/`: `group-<id>.yml` or `static-<path>.yml`. */
  readonly fileName: string;
  readonly groupId: string;
  readonly ruleCount: number;
  /** Paths of the sources that had a part in it, sorted. */
  readonly sources: readonly string[];
  /** The same groups each time it is called. */
  ruleGroups(): Iterable<CompiledRuleGroup>;
}

export interface CompiledRuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly queryOffset?: string;
  readonly limit?: number;
  /** Only where every server in range knows group labels. */
  readonly labels: ReadonlyMap<string, string>;
  readonly rules: readonly CompiledRule[];
  /** The same rules for whoever writes them: most of a large release as copies. */
  readonly written?: readonly (CompiledRule | RuleCopy)[];
  readonly span: Span;
}

/**
 * A copy of a rule (`instance/copies.ts`): the sample, which is one object for all of them, and what is its own. Where the sample's texts have the
 * character U+E000 + n, the rule has `values[n]`: digits with perhaps a point, ids, or matchers; printable ASCII without
 * spaces or colons at its ends, without `: ` and ` #`.
 */
export interface RuleCopy {
  readonly sample: CompiledRule;
  readonly values: readonly string[];
}

export interface CompiledRule {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly expr: string;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Lines above the rule: which file it is from, which groups had a say. Without `#`, any text. */
  readonly comment: readonly string[];
  /** The rule in its source: what a complaint about this rule points at. */
  readonly span: Span;
  /** Where the fields came from, by `expr`, `for`, `keep_firing_for`, `label:<name>`, `annotation:<name>`, `param:<name>`. */
  readonly origin: ReadonlyMap<string, Span>;
}
