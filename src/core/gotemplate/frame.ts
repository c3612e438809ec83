import type { VersionRange } from '../../promql/version.ts';
import type { Place, Tree } from './tree.ts';
import type { Trouble } from './trouble.ts';
import type { Alternatives } from './values.ts';

/** What is known while a template runs, and what is found to fail in it. */

export interface Failure extends Place {
  readonly message: string;
  readonly help?: string;
  /** Whatever the alert's labels and value: the whole text is lost each time. */
  readonly certain: boolean;
  /** `misprint`: it runs, and writes something like `%!d(float64=5)`. */
  readonly kind: 'fails' | 'misprint';
}

/** What is known while a list of statements runs. */
export interface Frame {
  readonly failures: Failure[];
  /** It fails each time that it is run. */
  fails: boolean;
  /** A `break` or `continue` may have left it. */
  left: boolean;
  /** One has. */
  gone: boolean;
}

export interface Variable {
  readonly name: string;
  value: Alternatives;
}

/** Variables, and what `.` is. */
export interface Scope {
  readonly dot: Alternatives;
  readonly variables: Variable[];
  /** Pipelines, as written, that a condition around found to give something. */
  readonly given: ReadonlySet<string>;
}

export interface Run {
  readonly text: string;
  readonly tree: Tree;
  readonly versions: VersionRange;
  /** What the alert's value may be. */
  readonly value: Alternatives;
  /** The templates that are being run, each within the one before. */
  readonly calls: { readonly name: string; readonly dot: string; readonly branches: number }[];
  /** How many `if`, `with` and `range` the statement stands in, those of callers included. */
  branches: number;
  steps: number;
}

export const newFrame = (): Frame => ({ failures: [], fails: false, left: false, gone: false });

/** A statement that runs several times says the same each time. */
export function once(failures: readonly Failure[]): readonly Failure[] {
  const found = new Map<string, Failure>();
  for (const failure of failures) {
    const key = `${failure.from} ${failure.to} ${failure.kind}`;
    if (!found.get(key)?.certain) found.set(key, failure);
  }
  return [...found.values()].sort((a, b) => a.from - b.from || a.to - b.to);
}

export function fail(frame: Frame, place: Place, { trouble: message, help }: Trouble, certain: boolean): void {
  const sure = certain && !frame.left;
  const failure = { message, from: place.from, to: place.to, certain: sure, kind: 'fails' } as const;
  frame.failures.push(help === undefined ? failure : { ...failure, help });
  frame.fails ||= sure;
}

/** A pipeline as written, whatever its white space and parentheses. */
export const plainly = (written: string): string =>
  written
    .replace(/^\$[\p{L}\p{Nd}_]*\s*:?=/u, '')
    .replace(/\s+/g, ' ')
    .trim();
