import type { LabelSet, Matcher } from './model.ts';

/**
 * The three times at which is looked: some values are just above their thresholds and some just below, then the other way
 * round, then all are far beyond every threshold, which shows whoever else watches with a higher one.
 */
export const PHASES = [0, 1, 2] as const;
export type Phase = (typeof PHASES)[number];
export type Values = readonly [number, number, number];

/** A target (or one series of it) with the value that it shall have in each phase. */
export interface Datum {
  /** The labels that are there, `instance` among them. */
  readonly labels: LabelSet;
  /** What of them the series of a metric that lacks some carries. */
  readonly lean: LabelSet;
  readonly values: Values;
  /** What recording rules that were split put on the series that is read. */
  readonly extra: LabelSet;
}

/** An element of a result, before it is compared with the threshold. */
export interface Element {
  readonly labels: LabelSet;
  readonly value: number;
  /** What it is made of, where that is series of several targets. */
  readonly of?: readonly Datum[];
}

export interface Series {
  readonly labels: LabelSet;
  /** Of a counter what it grows by a second; NaN where there is no sample. */
  readonly values: Values;
  readonly counter?: boolean;
}

/** What stands in an expression: metrics by their last letter, the author's matchers among those given. */
export type Selector = (metric: string, ...more: string[]) => string;

/** A kind of expression, and what it computes: known by reasoning, not by asking the compiler. */
export interface Shape {
  readonly name: string;
  /** Per series, fleet-wide, or from nothing. */
  readonly nature: 'series' | 'fleet' | 'nothing';
  /** Of a fleet-wide one: the labels by which a split changes nothing. */
  readonly through: readonly string[];
  /** Whether the series of a target differ in `queue`. */
  readonly queue?: boolean;
  /** Whether the metric has only some labels of its target: those of the repository's `carried`. */
  readonly lacks?: boolean;
  /** Whether the author has no matchers but the shape's. */
  readonly plain?: boolean;
  /** Whether it joins a metric that lacks some labels (the letter is k) with one that has them all. */
  readonly mixed?: boolean;
  /** A recording rule that it reads: its expression and the labels of the target that it keeps. */
  readonly record?: {
    readonly expr: (s: Selector) => string;
    readonly keeps: readonly string[] | 'all';
    /** A second one that reads the first (the letter is q), and is what the rule reads. */
    readonly again?: (s: Selector) => string;
  };
  /** Whether it joins what it reads with a metric that no rule records, by all labels. */
  readonly compares?: boolean;
  /** Whether it combines what it reads by `without (…)`: what `through` doesn't name. */
  readonly combines?: boolean;
  /** Whether the elements are series that it reads, with all their labels. */
  readonly selects?: boolean;
  /** Of a fleet-wide one: the value that is far beyond every threshold. */
  readonly loud?: number;
  readonly three?: boolean;
  /** Whether it fires below the threshold. */
  readonly less?: boolean;
  /** The whole expression; T is the threshold. */
  readonly expr: (s: Selector) => string;
  readonly series: (
    metric: (letter: string) => string,
    datum: Datum,
  ) => readonly (Series & { readonly name: string })[];
  /** The elements for some targets, in one phase; `author` are the selectors' own matchers. */
  readonly evaluate: (data: readonly Datum[], phase: Phase, author: readonly Matcher[]) => readonly Element[];
}

/** What stands for the threshold in an expression. */
export const T = '<< threshold >>';
export const pick = (labels: LabelSet, names: readonly string[]): LabelSet =>
  Object.fromEntries(names.flatMap((n) => (labels[n] ? [[n, labels[n]]] : [])));
