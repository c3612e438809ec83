import type { MatchOp } from './matcher.ts';

/**
 * PromQL as a tree, with half-open UTF-16 offsets into the expression's text. It is what
 * `parse` gives: operators bind, and `offset`, `@` and ranges attach, as in Prometheus' own parser.
 */
export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Unary
  | Binary
  | Aggregate
  | Call
  | Paren;

export interface Range {
  /** Offsets, `from` included, `to` not; all modifiers of the node lie inside. */
  readonly from: number;
  readonly to: number;
}

export interface NumberLiteral extends Range {
  readonly kind: 'number';
  /** By value: hexadecimal, exponents, `Inf`, `NaN`, and durations as numbers (3.x) read. */
  readonly value: number;
  /** Whether it was written as a duration (2.54). */
  readonly duration?: true;
}

export interface StringLiteral extends Range {
  readonly kind: 'string';
  readonly value: string;
}

export interface SelectorMatcher extends Range {
  readonly label: string;
  readonly op: MatchOp;
  /** The value, its escapes read. */
  readonly value: string;
  readonly valueRange: Range;
  /** Whether something else will stand in its value: then nothing is known of what it finds. */
  readonly open?: true;
}

/** `@ <timestamp>`, `@ start()`, `@ end()`, `offset <duration>`, `anchored` and `smoothed`, wherever they were written. */
export interface Modifiers {
  /** Milliseconds, signed; undefined where there is none (or it is an expression). */
  readonly offset?: number;
  /** The offset as a normalised text, where it is an expression (3.14). */
  readonly offsetExpr?: string;
  /** A time in milliseconds since 1970, or the start or end of the evaluated range. */
  readonly at?: number | 'start' | 'end';
  /** Of a selector or its range (3.16): samples around the range count as well. */
  readonly extended?: 'anchored' | 'smoothed';
}

export interface VectorSelector extends Range {
  readonly kind: 'selector';
  /** The metric's name, from in front of the braces or quoted inside them; not from `__name__=`. */
  readonly name?: string;
  readonly nameRange?: Range;
  /** The matchers inside the braces in the order written, `__name__` ones among them. */
  readonly matchers: readonly SelectorMatcher[];
  /** The selector alone, without `offset`, `@` or a range. */
  readonly core: Range;
  /** The braces, where there are any: offsets of `{` and just behind `}`. */
  readonly braces?: Range;
  /**
   * Where a matcher can be inserted: `at` is the offset; `wrap` tells how the text must look there:
   * 'after' → `, m` behind the last matcher (or quoted name), 'inside' → `m` in empty braces, 'braces' → `{m}` behind the name.
   */
  readonly insert: { readonly at: number; readonly wrap: 'after' | 'inside' | 'braces' };
  readonly modifiers: Modifiers;
}

export interface MatrixSelector extends Range {
  readonly kind: 'matrix';
  readonly vector: VectorSelector;
  /** The text between the brackets. */
  readonly range: Range;
  /** Milliseconds; undefined where it is an expression. */
  readonly rangeMs?: number;
  /** The range as a normalised text, where it is an expression (3.14). */
  readonly rangeExpr?: string;
}

export interface Subquery extends Range {
  readonly kind: 'subquery';
  readonly expr: Expr;
  /** The text between the brackets: the range, a colon and the step. */
  readonly range: Range;
  /** Milliseconds; undefined where it is an expression. */
  readonly rangeMs?: number;
  readonly rangeExpr?: string;
  /** Milliseconds; undefined where there is none, or it is an expression. */
  readonly stepMs?: number;
  readonly stepExpr?: string;
  readonly modifiers: Modifiers;
}

export interface Unary extends Range {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless';

export interface Fill {
  readonly left?: number;
  readonly right?: number;
}

export interface VectorMatching {
  /** `on (…)` or `ignoring (…)`; without either: ignoring nothing. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** The side that may have many: `left` for group_left, `right` for group_right. */
  readonly many?: 'left' | 'right';
  readonly include: readonly string[];
  /** `fill (…)`, `fill_left (…)`, `fill_right (…)`: what stands for a series that a side lacks (3.10, experimental). */
  readonly fill?: Fill;
  /** `group_left` or `group_right` written without parentheses: offset just behind the word. */
  readonly bareGroupEnd?: number;
}

export interface Binary extends Range {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly opRange: Range;
  readonly lhs: Expr;
  readonly rhs: Expr;
  readonly bool: boolean;
  readonly matching: VectorMatching;
}

export interface Aggregate extends Range {
  readonly kind: 'aggregate';
  readonly op: string;
  /** `by (…)`, `without (…)`, or neither. */
  readonly grouping?: Grouping;
  readonly param?: Expr;
  readonly expr: Expr;
}

export interface Grouping {
  readonly by: boolean;
  readonly labels: readonly string[];
  /** Where another label can be put into the list: behind the last one, or behind the parenthesis of an empty list. */
  readonly insertAt: number;
}

export interface Call extends Range {
  readonly kind: 'call';
  readonly func: string;
  readonly args: readonly Expr[];
}

export interface Paren extends Range {
  readonly kind: 'paren';
  readonly expr: Expr;
}

/** Something wrong with an expression; offsets as everywhere here. */
export interface PromqlProblem extends Range {
  readonly kind: 'syntax' | 'type' | 'version';
  readonly message: string;
  readonly help?: string;
}
