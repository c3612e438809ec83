import type { LabelMatcher } from '../../promql/matcher.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import type { Config } from './config.ts';
import type { Inventory } from './inventory.ts';
import type { ParamType } from './value.ts';

/**
 * The sources as they were written, checked for shape and located, but not yet resolved:
 * no name has been looked up, no template expanded, no param typed.
 */

/** A scalar as YAML read it, beside its own text (`1.10` as a string is "1.10", not "1.1"). */
export interface RawScalar {
  readonly value: string | number | boolean | null;
  readonly text: string;
}
export type RawValue = RawScalar | readonly Located<RawScalar>[];

/** `null` unsets. */
export type Text = Located<string | null>;
export type TextMap = ReadonlyMap<string, Text & { readonly keySpan: Span }>;

/** `threshold: { type: number, default: 80 }`, or short for it: `threshold: 80`. */
export interface WrittenParam {
  readonly name: Located<string>;
  readonly span: Span;
  readonly type?: Located<ParamType>;
  readonly default?: Located<RawValue>;
  readonly unit?: Located<string>;
  readonly min?: Located<RawScalar>;
  readonly max?: Located<RawScalar>;
  readonly values?: readonly Located<string>[];
  readonly description?: string;
  /** No group may set it; then it may stand in a label. */
  readonly fixed?: Located<boolean>;
  /** The short form: the value alone. */
  readonly short: boolean;
}

/** What one level (template, rule, tier, group, case) says of a rule. */
export interface WrittenSettings {
  readonly span: Span;
  readonly params: ReadonlyMap<string, Located<RawValue> & { readonly keySpan: Span }>;
  readonly for?: Text;
  readonly keepFiringFor?: Text;
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly enabled?: Located<boolean>;
}

/** The body of a rule, of a template, or of both. */
export interface WrittenBody {
  readonly span: Span;
  readonly alert?: Located<string>;
  readonly record?: Located<string>;
  readonly template?: Located<string>;
  readonly description?: Located<string>;
  readonly owner?: Located<string>;
  readonly expr?: Located<string>;
  readonly params: ReadonlyMap<string, WrittenParam>;
  readonly for?: Text;
  readonly keepFiringFor?: Text;
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly enabled?: Located<boolean>;
  readonly only?: readonly Located<string>[];
  readonly except?: readonly Located<string>[];
  readonly tiers?: ReadonlyMap<string, WrittenSettings & { readonly keySpan: Span }>;
}

export interface WrittenRule extends WrittenBody {
  readonly id?: Located<string>;
}

/** One file of `rules/` in our own format. */
export interface WrittenRuleFile {
  readonly file: SourceFile;
  readonly name: Located<string>;
  /** Durations as written, e.g. "30s". */
  readonly interval?: Located<string>;
  readonly queryOffset?: Located<string>;
  readonly limit?: Located<number>;
  readonly rules: readonly WrittenRule[];
}

/** One file of `rules/` with `groups:` at the top: a Prometheus rule file, a source as it is. */
export interface NativeRuleFile {
  readonly file: SourceFile;
  readonly groups: readonly NativeRuleGroup[];
}
export interface NativeRuleGroup {
  readonly span: Span;
  readonly name: Located<string>;
  readonly interval?: Located<string>;
  readonly queryOffset?: Located<string>;
  readonly limit?: Located<number>;
  readonly labels: TextMap;
  readonly rules: readonly NativeRule[];
}
export interface NativeRule {
  readonly span: Span;
  readonly alert?: Located<string>;
  readonly record?: Located<string>;
  readonly expr: Located<string>;
  readonly for?: Located<string>;
  readonly keepFiringFor?: Located<string>;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** One file `templates/<name>.yaml`; its name is the path below `templates/` without the ending. */
export interface WrittenTemplate {
  readonly name: string;
  readonly file: SourceFile;
  readonly body: WrittenBody;
}

/** A file `templates/<name>.njk` of macros. */
export interface MacroFile {
  /** The path below `templates/`, with its ending: what `import` names. */
  readonly name: string;
  readonly file: SourceFile;
}

/** A case of `where`: settings for the series that also match `match`. */
export interface WrittenCase extends WrittenSettings {
  readonly id: Located<string>;
  readonly match: readonly LocatedMatcher[];
}

export interface LocatedMatcher {
  readonly matcher: LabelMatcher;
  readonly span: Span;
}

/** `disabled: [X, { rule: X, reason, until }]`. `until` is YYYY-MM-DD. */
export interface WrittenDisabled {
  readonly rule: Located<string>;
  readonly reason?: string;
  readonly until?: Located<string>;
}

export interface WrittenOverride extends WrittenSettings {
  /** The rule's id as the group wrote it, or "*". */
  readonly rule: Located<string>;
  readonly where: readonly WrittenCase[];
}

export interface WrittenGroup {
  readonly file: SourceFile;
  readonly span: Span;
  readonly id: Located<string>;
  readonly name?: Located<string>;
  readonly description?: Located<string>;
  readonly owner?: Located<string>;
  readonly parent?: Located<string>;
  readonly match: readonly LocatedMatcher[];
  /** Whether there is a `match` at all, were it empty or wrong. */
  readonly hasMatch: boolean;
  /** The whole of `match`, or of the document where there is none. */
  readonly matchSpan: Span;
  readonly priority?: Located<number>;
  readonly thresholds: Thresholds;
  readonly overrides: readonly WrittenOverride[];
  readonly disabled: readonly WrittenDisabled[];
  readonly labels: TextMap;
}

/**
 * What a group says under `thresholds:`, in the order written. Nearly all of it is numbers, a million of them in a
 * large repository, and an object for each (with its spans and its map of params) would be all that memory holds.
 * So numbers stand in a column here, and become objects only for whoever asks.
 */
export interface Thresholds extends Iterable<WrittenOverride> {
  readonly length: number;
  /** The rule that entry `i` names. */
  name(i: number): string;
  /** Whether entry `i` is one number, and nothing else or more. */
  isSet(i: number): boolean;
  /** That number. */
  number(i: number): number;
  /** Where the number of such an entry stands. */
  valueSpan(i: number): Span;
  /** Entry `i` as it was written; another object each time. */
  at(i: number): WrittenOverride;
  /** The numbers of all entries. */
  keys(): Iterable<number>;
  /** Whether some entry names this rule. */
  names(rule: string): boolean;
}

/** Everything that was written, read for itself; no name is looked up yet. */
export interface WrittenSources {
  readonly config: Config;
  readonly rules: readonly WrittenRuleFile[];
  readonly native: readonly NativeRuleFile[];
  readonly groups: readonly WrittenGroup[];
  readonly templates: readonly WrittenTemplate[];
  readonly macros: readonly MacroFile[];
  readonly inventory: Inventory;
  /** Top folders with a file that could not be read whole: that a name is missing there is then no news. */
  readonly unread: ReadonlySet<string>;
  /** All files, for what is said about lines of them. */
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}
