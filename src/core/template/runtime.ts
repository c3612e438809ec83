import type { Value } from '../model/value.ts';
import { numberText } from '../model/value.ts';
import type { TemplateSource } from './source.ts';

/** What a template computes with: values that know which params they depend on. */

/** Values of params, and what only a template has: nothing, a list of anything, the output of a macro. */
export type Plain =
  | Value
  | { readonly type: 'none' }
  | { readonly type: 'sequence'; readonly items: readonly Computed[] }
  | { readonly type: 'markup'; readonly parts: readonly Part[] };

export interface Computed {
  readonly value: Plain;
  readonly deps: Deps;
}

/** Names of params. */
export type Deps = ReadonlySet<string>;
export const NO_DEPS: Deps = new Set();

/** Where in a macro a piece of output was written. */
export interface MacroPlace {
  readonly source: TemplateSource;
  readonly from: number;
  readonly to: number;
}

/** A piece of output before it becomes public: constant text, or a value that depends on params. */
export type Part =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly from: number;
      readonly to: number;
      readonly exact: boolean;
      readonly macro?: MacroPlace;
    }
  | {
      readonly kind: 'value';
      readonly value: Value;
      readonly deps: Deps;
      readonly from: number;
      readonly to: number;
      /** The hole is nothing but this param. */
      readonly bare?: string;
      readonly macro?: MacroPlace;
    };

export function constant(value: Plain): Computed {
  return { value, deps: NO_DEPS };
}

export function bool(value: boolean): Plain {
  return { type: 'boolean', value };
}

export function num(value: number): Plain {
  return { type: 'number', value };
}

export function str(value: string): Plain {
  return { type: 'string', value };
}

export function union(a: Deps, b: Deps): Deps {
  if (b.size === 0 || a === b) return a;
  if (a.size === 0) return b;
  return new Set([...a, ...b]);
}

/** The text of a string, a regex, an enum or of a macro's output; undefined for anything else. */
export function textOf(value: Plain): string | undefined {
  switch (value.type) {
    case 'string':
    case 'regex':
    case 'enum':
      return value.value;
    case 'markup':
      return value.parts.map((part) => (part.kind === 'text' ? part.text : (plainText(part.value) ?? ''))).join('');
    default:
      return undefined;
  }
}

/** The text that a value is printed as; undefined for lists, which have no text of their own. */
export function plainText(value: Plain): string | undefined {
  switch (value.type) {
    case 'none':
      return '';
    case 'number':
      return numberText(value.value);
    case 'boolean':
      return String(value.value);
    case 'duration':
      return value.text;
    case 'list':
    case 'sequence':
      return undefined;
    default:
      return textOf(value);
  }
}

/** The items of a list, each depending on what the list depends on. */
export function itemsOf(list: Computed): readonly Computed[] | undefined {
  if (list.value.type === 'sequence') {
    return list.value.items.map((item) => ({ value: item.value, deps: union(item.deps, list.deps) }));
  }
  if (list.value.type !== 'list') return undefined;
  return list.value.items.map((value) => ({ value: { type: 'string', value }, deps: list.deps }));
}

const NAMES: Readonly<Record<Plain['type'], string>> = {
  number: 'a number',
  duration: 'a duration',
  string: 'a string',
  regex: 'a regex',
  enum: 'an enum',
  list: 'a list',
  sequence: 'a list',
  boolean: 'a boolean',
  none: 'none',
  markup: 'the output of a macro',
};

/** "a number", "a list": for messages. */
export function typeName(value: Plain): string {
  return NAMES[value.type];
}
