import type { Severity } from '../ground/codes.ts';
import type { Span } from '../ground/source.ts';

/**
 * What a change of the sources does, as data: what `diff` prints and the Action puts on a pull
 * request. Texts in here are as people wrote them; whoever prints them escapes them.
 */
export interface DiffReport {
  readonly base: DiffSide;
  readonly head: DiffSide;
  /** Most important first; empty: the change has no consequences. */
  readonly changes: readonly Change[];
  /** What the base was told and the head is not told any more. */
  readonly mended: readonly { readonly code: string; readonly severity: Severity; readonly message: string }[];
  /** Owners of the rules and groups concerned, sorted. */
  readonly owners: readonly string[];
  /** Whether the two could be compared: not where the head has errors. */
  readonly compared: boolean;
  /** Whether some rule group has no interval of its own, so that the load assumes one minute. */
  readonly assumesInterval: boolean;
}

/** One of the two states that are compared. */
export interface DiffSide {
  /** What people call it: `main (3f2a1b9)`, `the work tree`. */
  readonly name: string;
  /** `absent`: there is no such repository yet, as before the first commit. */
  readonly state: 'compiled' | 'refused' | 'absent';
  /** Compiled rules (a rule for each region), alerting and recording. */
  readonly rules: number;
  /** Of compiled rules, by the interval of their rule group. */
  readonly evaluationsPerSecond: number;
  readonly targets: number;
  readonly errors: number;
}

/** Kinds of changes, in the order in which they are told. */
export const CHANGE_KINDS = [
  'refusal',
  'cover-lost',
  'rule-removed',
  'cover-gained',
  'setting',
  'fleet-wide',
  'restart',
  'rule-added',
  'rule-moved',
  'expression',
  'schedule',
  'server',
  'group-renamed',
  'overlap',
  'warning',
  'target-removed',
  'target-added',
  'target-moved',
  'annotation',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One consequence. Sorted by kind, then by how many targets it concerns. */
export interface Change {
  readonly kind: ChangeKind;
  /** How an annotation on the pull request shows it. */
  readonly severity: 'error' | 'warning' | 'notice';
  /** One sentence in plain text that stands for itself, with its full stop. */
  readonly message: string;
  /** The line that did it; in the base's text where the head has no such line any more. */
  readonly place?: ChangePlace;
  /** Ids of the rules concerned, as the head calls them where it has them. */
  readonly rules: readonly string[];
  /** The group that decides, or that is concerned; `default` is the root. */
  readonly group?: string;
  /** `param:<name>`, `for`, `keep_firing_for`, `label:<name>`, `annotation:<name>`, `interval`, … */
  readonly field?: string;
  /** As people write it; undefined: there was none. */
  readonly old?: string;
  /** As people write it; undefined: there is none any more. */
  readonly new?: string;
  /** Why, where the kind alone doesn't say it: a sentence without its capital and full stop. */
  readonly why?: string;
  readonly affected: Affected;
  readonly owners: readonly string[];
  /** The server that it is about, where the servers of the repository differ in it. */
  readonly server?: string;
}

export interface ChangePlace {
  readonly side: 'base' | 'head';
  readonly span: Span;
}

/** Whom a change concerns. */
export interface Affected {
  /** Ids of targets that both inventories have (of `target-*` kinds: of one), sorted. */
  readonly targets: readonly string[];
  /** The deepest groups that these are in, with how many of them; most first. A target may be in several. */
  readonly groups: readonly { readonly id: string; readonly targets: number }[];
  /** Regions that no target of the inventory is in, as selectors: only where `targets` is empty. */
  readonly regions: readonly string[];
  /** The label of the series that must also hold, as a selector; undefined: none. */
  readonly condition?: string;
}

export const NOBODY: Affected = { targets: [], groups: [], regions: [] };
