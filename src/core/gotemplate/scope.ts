import type { Version } from '../../promql/version.ts';
import type { Cursor } from './cursor.ts';
import type { Statement } from './tree.ts';

/** What a parser of Go templates knows of the names in scope, and which labels it has seen used. */

/** A label of the sample that the template reads. */
export interface LabelUse {
  readonly name: string;
  /** Half-open UTF-16 offsets of the label's name in the text. */
  readonly from: number;
  readonly to: number;
  /** An `if` or `with` asks whether the label is there: the author knows that it may be missing. */
  readonly guarded: boolean;
}

/** What a value is, as far as labels are concerned: the template's data, the labels, or anything else. */
export type Kind = 'root' | 'labels' | 'other';

export interface Variable {
  readonly name: string;
  readonly kind: Kind;
}

/** Definitions have a scope of their own, in which `$` is all there is. */
export interface Scope {
  variables: Variable[];
  /** What `.` is. */
  dot: Kind;
  /** What `$` is. */
  readonly root: Kind;
  ranges: number;
  parentheses: number;
  /** Labels that an enclosing `if` or `with` asks for. */
  guards: readonly string[];
}

export interface Uses {
  readonly labels: LabelUse[];
  value: boolean;
}

/** What stays the same while a text is parsed. */
export interface Parser {
  readonly cursor: Cursor;
  readonly uses: Uses;
  readonly min: Version;
  /** By name; `filled` where it holds more than white space. */
  readonly definitions: Map<string, { readonly statements: readonly Statement[]; readonly filled: boolean }>;
  depth: number;
}

/** The scope that Prometheus gives: it declares four variables before the text. */
export function outerScope(): Scope {
  const variables: Variable[] = [
    { name: '$', kind: 'root' },
    { name: '$labels', kind: 'labels' },
    { name: '$externalLabels', kind: 'other' },
    { name: '$externalURL', kind: 'other' },
    { name: '$value', kind: 'other' },
  ];
  return { variables, dot: 'root', root: 'root', ranges: 0, parentheses: 0, guards: [] };
}

/** The scope of `define` and `block`: what they are given is not known here. */
export function definitionScope(): Scope {
  const variables: Variable[] = [{ name: '$', kind: 'other' }];
  return { variables, dot: 'other', root: 'other', ranges: 0, parentheses: 0, guards: [] };
}

/** Follows `.field` and notes what it uses. Offsets are those of the field, its dot included. */
export function follow(kind: Kind, field: string, at: { from: number; to: number }, scope: Scope, uses: Uses): Kind {
  const name = field.slice(1);
  if (kind === 'root') {
    if (name === 'Value') uses.value = true;
    return name === 'Labels' ? 'labels' : 'other';
  }
  if (kind === 'labels') useLabel(name, { from: at.from + 1, to: at.to }, scope, uses);
  return 'other';
}

export function useLabel(name: string, at: { from: number; to: number }, scope: Scope, uses: Uses): void {
  uses.labels.push({ name, ...at, guarded: scope.guards.includes(name) });
}
