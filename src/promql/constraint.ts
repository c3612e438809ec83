import type { LabelMatcher } from './matcher.ts';
import { finiteValues, literalPrefix, regexMatches, regexQuote } from './regex.ts';

/**
 * What is known of the value of one label: one of some values, or none of some values and
 * matching (not matching) some regexes. A label that a series lacks has the value "", as in
 * Prometheus, so that the set of all values is closed under negation.
 */
export type Constraint = In | Out;

export interface In {
  readonly kind: 'in';
  readonly values: ReadonlySet<string>;
}

export interface Out {
  readonly kind: 'out';
  readonly values: ReadonlySet<string>;
  /** Regexes that the value matches; sorted, distinct. */
  readonly like: readonly string[];
  /** Regexes that the value does not match; sorted, distinct. */
  readonly unlike: readonly string[];
}

const NONE: Constraint = { kind: 'in', values: new Set() };

export const ANYTHING: Out = { kind: 'out', values: new Set(), like: [], unlike: [] };

export const oneOf = (...values: string[]): Constraint => ({ kind: 'in', values: new Set(values) });

export function fromMatcher({ op, value }: LabelMatcher): Constraint {
  switch (op) {
    case '=':
      return oneOf(value);
    case '!=':
      return { ...ANYTHING, values: new Set([value]) };
    case '=~':
      return regexConstraint(value);
    case '!~': {
      const positive = regexConstraint(value);
      return complement(positive) ?? NONE;
    }
  }
}

function regexConstraint(pattern: string): Constraint {
  if (/^\(*\.\*\)*$/.test(pattern)) return ANYTHING;
  if (/^\(*\.\+\)*$/.test(pattern)) return { ...ANYTHING, values: new Set(['']) };
  const values = finiteValues(pattern);
  if (values) return { kind: 'in', values };
  return { kind: 'out', values: new Set(), like: [pattern], unlike: [] };
}

export function satisfies(value: string, c: Constraint): boolean {
  if (c.kind === 'in') return c.values.has(value);
  return (
    !c.values.has(value) &&
    c.like.every((re) => regexMatches(re, value)) &&
    c.unlike.every((re) => !regexMatches(re, value))
  );
}

export const isNone = (c: Constraint): boolean => c.kind === 'in' && c.values.size === 0;

export const isAnything = (c: Constraint): boolean =>
  c.kind === 'out' && c.values.size === 0 && c.like.length === 0 && c.unlike.length === 0;

export function both(a: Constraint, b: Constraint): Constraint {
  if (a.kind === 'in') return { kind: 'in', values: new Set([...a.values].filter((v) => satisfies(v, b))) };
  if (b.kind === 'in') return both(b, a);
  const like = union(a.like, b.like);
  const unlike = union(a.unlike, b.unlike);
  if (like.some((re) => unlike.includes(re)) || !prefixesAgree(like)) return NONE;
  // A value that a regex excludes already needs no matcher of its own.
  const regexes: Constraint = { kind: 'out', values: new Set(), like, unlike };
  const values = new Set<string>();
  for (const value of [...a.values, ...b.values]) if (satisfies(value, regexes)) values.add(value);
  return { kind: 'out', values, like, unlike };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return [...new Set([...a, ...b])].sort();
}

function prefixesAgree(patterns: readonly string[]): boolean {
  if (patterns.length < 2) return true;
  const prefixes = patterns.map(literalPrefix);
  return prefixes.every((p, i) => prefixes.slice(i + 1).every((q) => p.startsWith(q) || q.startsWith(p)));
}

/** Whether every value of `a` is one of `b`'s, as far as that can be proven. */
export function implies(a: Constraint, b: Constraint): boolean {
  if (a.kind === 'in') {
    for (const value of a.values) if (!satisfies(value, b)) return false;
    return true;
  }
  if (b.kind === 'in') return false;
  for (const value of b.values) if (satisfies(value, a)) return false;
  return b.like.every((re) => a.like.includes(re)) && b.unlike.every((re) => a.unlike.includes(re));
}

/** Whether no value is in both, as far as that can be proven. */
export const apart = (a: Constraint, b: Constraint): boolean => {
  if (a.kind === 'in' && b.kind === 'in') {
    const [few, many] = a.values.size < b.values.size ? [a.values, b.values] : [b.values, a.values];
    for (const value of few) if (many.has(value)) return false;
    return true;
  }
  return isNone(both(a, b));
};

/** All other values, where that is one constraint. */
export function complement(c: Constraint): Constraint | undefined {
  const parts = complementParts(c);
  return parts.length === 0 ? NONE : parts.length === 1 ? parts[0] : undefined;
}

/** All other values, as disjoint constraints. */
export function complementParts(c: Constraint): Constraint[] {
  if (c.kind === 'in') return [{ kind: 'out', values: c.values, like: [], unlike: [] }];
  const parts: Constraint[] = [];
  if (c.values.size > 0) parts.push({ kind: 'in', values: c.values });
  let rest: Constraint = { kind: 'out', values: c.values, like: [], unlike: [] };
  const split = (like: readonly string[], unlike: readonly string[]): void => {
    const part = both(rest, { kind: 'out', values: new Set(), like: unlike, unlike: like });
    if (!isNone(part)) parts.push(part);
    rest = both(rest, { kind: 'out', values: new Set(), like, unlike });
  };
  for (const re of c.like) split([re], []);
  for (const re of c.unlike) split([], [re]);
  return parts;
}

/** The matchers that say a constraint, values sorted; none for everything. */
export function toMatchers(label: string, c: Constraint): LabelMatcher[] {
  const [only] = c.values;
  if (c.kind === 'in') {
    if (c.values.size === 1) return [{ label, op: '=', value: only as string }];
    return [{ label, op: '=~', value: alternation(c) }];
  }
  const matchers: LabelMatcher[] = [];
  for (const value of c.like) matchers.push({ label, op: '=~', value });
  for (const value of c.unlike) matchers.push({ label, op: '!~', value });
  if (c.values.size === 1) matchers.push({ label, op: '!=', value: only as string });
  if (c.values.size > 1) matchers.push({ label, op: '!~', value: alternation(c) });
  return matchers;
}

const alternations = new WeakMap<Constraint, string>();

/** The values as one regex, sorted; made once, for what a thousand siblings leave to the root has a thousand values in every rule. */
function alternation(c: Constraint): string {
  let text = alternations.get(c);
  if (text === undefined) {
    text = [...c.values].sort().map(regexQuote).join('|');
    alternations.set(c, text);
  }
  return text;
}

/** A value that satisfies a constraint, where one is easily found: for examples in messages. */
export function example(c: Constraint): string | undefined {
  if (c.kind === 'in') return [...c.values].sort()[0];
  const guesses = [
    '',
    'x',
    'other',
    ...c.like.flatMap((re) => [literalPrefix(re), `${literalPrefix(re)}x`, `${literalPrefix(re)}1`]),
  ];
  return guesses.find((guess) => satisfies(guess, c));
}
