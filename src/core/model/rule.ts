import { parseDuration } from '../ground/duration.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import type { Param } from './params.ts';
import type { Value } from './value.ts';
import { valueKey } from './value.ts';

/** Which level of the cascade said something. */
export interface Level {
  readonly kind: 'template' | 'rule' | 'tier' | 'group' | 'case';
  /** The template's, tier's, group's or case's name; of a rule its id. */
  readonly name: string;
}

/**
 * What can be set, one by one: `param:<name>`, `for`, `keep_firing_for`, `label:<name>`,
 * `annotation:<name>`, `enabled`.
 */
export type Field = string;

/** A param's value, a text (templated still), a switch; null unsets. */
export type FieldValue = Value | string | boolean | null;

export interface Setting {
  readonly value: FieldValue;
  readonly span: Span;
  readonly level: Level;
}

export type Settings = ReadonlyMap<Field, Setting>;

/** What one level of a rule's own says: a template, the rule itself, or a tier. */
export interface LayerSettings {
  readonly level: Level;
  readonly span: Span;
  readonly settings: Settings;
}

/** A key that is equal exactly where two values of one field mean the same. */
export function fieldKey(field: Field, value: FieldValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    const duration = field === 'for' || field === 'keep_firing_for' ? parseDuration(value) : undefined;
    return duration && duration.problem === undefined ? `d${duration.ms}` : `t${value}`;
  }
  return valueKey(value);
}

/** The rule group that a rule compiles into, apart from the group that owns the instance. */
export interface RuleGroupSource {
  readonly file: SourceFile;
  readonly name: string;
  readonly interval?: string;
  readonly queryOffset?: string;
  readonly limit?: number;
  readonly span: Span;
  /** Where `query_offset` and `limit` are said. */
  readonly fieldSpans: { readonly queryOffset?: Span; readonly limit?: Span };
  /** Of a native file: where the root's instances go, as what, and the rule group's own labels. */
  readonly native?: {
    readonly fileName: string;
    readonly groupName: string;
    readonly order: number;
    readonly labels: ReadonlyMap<string, string>;
  };
}

/** A number in an expression that is a param: offsets in its text. */
export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly value: number;
  /** Another condition that compares the same way with the same number. */
  readonly again?: { readonly from: number; readonly to: number };
}

/** A rule with its templates merged in; each tier is a rule of its own. */
export interface Rule {
  readonly id: string;
  readonly kind: 'alert' | 'record';
  readonly name: Located<string>;
  readonly group: RuleGroupSource;
  /** Order in its rule group. */
  readonly index: number;
  /** Of a tier: the rule's id without the tier, and the tier's name. */
  readonly tier?: { readonly of: string; readonly name: string };
  readonly params: ReadonlyMap<string, Param>;
  readonly expr: Located<string>;
  /** Of a native rule: the number that is its `threshold`. */
  readonly implicit?: Hole;
  /** What the rule itself says: template, then rule, then tier. */
  readonly base: Settings;
  /** The same level by level, each with all that it said: the farthest template first. */
  readonly layers: readonly LayerSettings[];
  readonly only?: readonly Located<string>[];
  readonly except?: readonly Located<string>[];
  readonly owner?: string;
  readonly description?: string;
  readonly span: Span;
}
