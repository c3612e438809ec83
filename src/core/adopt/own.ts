/** Sources in our own format as `adopt` proposes them: plain values, printed by `outputs/own-yaml.ts`. */

export interface OwnParam {
  readonly name: string;
  /** As it stands in YAML: `80`, `10GiB`, `5m`. */
  readonly value: string;
  readonly unit?: string;
}

/** What a tier or a group says of a rule; null unsets. */
export interface OwnSettings {
  readonly params: ReadonlyMap<string, string>;
  readonly for?: string | null;
  readonly keepFiringFor?: string | null;
  readonly labels: ReadonlyMap<string, string | null>;
  readonly annotations: ReadonlyMap<string, string | null>;
}

export interface OwnRule {
  /** Where it is not the name. */
  readonly id?: string;
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly params: readonly OwnParam[];
  readonly expr: string;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly only?: readonly string[];
  readonly tiers?: ReadonlyMap<string, OwnSettings>;
}

export interface OwnFile {
  /** From the repository's root. */
  readonly path: string;
  /** Lines at its top, without `#`. */
  readonly comment: readonly string[];
  readonly interval?: string;
  readonly queryOffset?: string;
  readonly limit?: number;
  readonly rules: readonly OwnRule[];
}

export interface OwnGroup {
  readonly id: string;
  readonly match: ReadonlyMap<string, readonly string[]>;
  /** By rule id. */
  readonly overrides: ReadonlyMap<string, OwnSettings>;
  readonly disabled: readonly string[];
}

export const isSaying = (s: OwnSettings): boolean =>
  s.params.size > 0 ||
  s.for !== undefined ||
  s.keepFiringFor !== undefined ||
  s.labels.size > 0 ||
  s.annotations.size > 0;

/** A text as it must stand in our own format to come out as it is: what would open or close a template is put in by one. */
export function asTemplate(text: string): string {
  return text.replace(/<[<%#]|[%#]>/g, (delimiter) => `<< "${delimiter}" >>`);
}
