import type { VectorSelector } from '../../promql/ast.ts';
import type { SelectorRegion } from '../../promql/inject.ts';
import { splice } from '../../promql/inject.ts';
import type { Partition } from '../cascade/partition.ts';
import { memo } from '../ground/memo.ts';
import type { Column } from '../model/column.ts';
import type { Setting } from '../model/rule.ts';
import { numberText } from '../model/value.ts';
import type { Instance, RuleContext } from './instantiate.ts';
import { hasAbsent } from './instantiate.ts';
import type { Matchers } from './matchers-of-cells.ts';
import { fillRange } from './shape.ts';
import type { Texts } from './texts.ts';

/**
 * A thousand groups that each give a rule a number make a thousand instances that are one text with other values in its
 * gaps. This file, and what it names, is why a million of them cost seconds and not minutes: one of them, the sample,
 * is compiled and checked as every instance is; of the others only the values are ever made, and none is an
 * object that stays. Whoever asks for the instances themselves gets them, each compiled in the usual way.
 */
export interface Copies {
  readonly sample: Instance;
  /** The index of the sample's cell. */
  readonly first: number;
  /** By the partition's cells: the threshold of a copy; the sample is one. */
  readonly thresholds: Column;
  readonly count: number;
  /** The sample's expression with marks in its gaps. */
  readonly expr: string;
  /** A text of the sample with marks in its gaps. */
  text(field: string, setting: Setting): string;
  /** What stands in the gaps of a copy, by the number of the mark. */
  values(cell: number): readonly string[];
  /** The last of these, which the region puts into the selectors. */
  matchers(cell: number): readonly string[];
}

/** A mark stands for the value of its number: characters for private use, which no reader gives a meaning. */
export const mark = (number: number): string => String.fromCharCode(0xe000 + number);
export const MARKS = /[\ue000-\uf8ff]/;

/** The numbers of the values of every copy; those of matchers come behind them. */
export const VALUE = { threshold: 0, float: 1, owner: 2, groups: 3, matchers: 4 } as const;

const FIELD = 'threshold';

export interface CopyContext {
  readonly context: RuleContext;
  readonly texts: Texts;
  readonly matchers: Matchers;
}

/**
 * The copies of a sample; undefined where a threshold may do more to the rule than to stand in a gap. Cells whose region is
 * more than some matchers are no copies: they have no threshold in the result.
 */
export function copiesOf(
  sample: Instance,
  first: number,
  thresholds: Column,
  partition: Partition,
  { context, texts, matchers }: CopyContext,
): Copies | undefined {
  const { rule, shape, cell } = sample;
  if (shape.structural.has(FIELD) || hasAbsent(sample) || rule.group.native) return undefined;
  if ([...partition.labels].some((label) => !matchers.tested.has(label))) return undefined;
  const inGaps = shape.holes.map(({ piece, context: place }) =>
    piece.params.includes(FIELD)
      ? piece.bare === FIELD && place.kind === 'number' && piece.value.type === 'number'
      : null,
  );
  if (inGaps.includes(false)) return undefined;
  const marked = new Map<Setting, string>();
  for (const [field, setting] of cell.settings) {
    if (typeof setting.value !== 'string' || field.startsWith('param:')) continue;
    const text = texts.of(rule, field, setting);
    if (!text.names.has(FIELD)) continue;
    const found = text.marked(sample.values, FIELD, { text: mark(VALUE.threshold), action: mark(VALUE.float) });
    if (found === undefined) return undefined;
    marked.set(setting, found);
  }
  const places = shape.selectors.map((s) => matchers.of(s, shape.holes, context.labelsOf(s).kept));
  const distinct = [...new Set(places)];
  const columns = distinct.map(
    (place) => place && memo(partition.columns, place, () => partition.cells.map(({ region }) => place(region))),
  );
  if (columns.some((column) => column?.[first] === undefined)) return undefined;
  const { own, count } = like(first, thresholds, columns as readonly RegionTexts[]);
  const regions = new Map(
    shape.selectors.map((s, i): [VectorSelector, SelectorRegion] => {
      const column = distinct.indexOf(places[i]);
      const add = columns[column]?.[first] === '' ? '' : mark(VALUE.matchers + column);
      return [s, { add, minus: [], pieces: () => [] }];
    }),
  );
  const holes = sample.holes.map((text, i) => (inGaps[i] ? mark(VALUE.threshold) : text));
  const expr = splice(
    shape.cuts,
    (range) => fillRange(shape, holes, range),
    (s) => regions.get(s) as SelectorRegion,
  );
  return {
    sample,
    first,
    thresholds: own,
    count,
    expr: expr.trim(),
    text: (field, setting) =>
      marked.get(setting) ?? texts.of(rule, field, setting).render(sample.values).rendered?.text ?? '',
    matchers: (i) => columns.map((column) => column?.[i] as string),
    values: (i) => {
      const { owner, who } = partition.cells[i] as Partition['cells'][number];
      const threshold = own.at(i);
      const text = numberText(threshold);
      const values = [text, Number.isInteger(threshold) ? `${text}.0` : text, owner, who];
      for (const column of columns) values.push(column?.[i] as string);
      return values;
    },
  };
}

/** By cell: what a region puts into a selector; undefined where that is more than matchers. */
type RegionTexts = readonly (string | undefined)[];

/** The thresholds of the cells that add matchers where the first does, and nothing else. */
function like(first: number, thresholds: Column, columns: readonly RegionTexts[]): { own: Column; count: number } {
  const own = thresholds.copy();
  for (const column of columns) {
    const isEmpty = column[first] === '';
    for (let i = 0; i < own.length; i++) {
      const text = column[i];
      if (text === undefined || (text === '') !== isEmpty) own.unset(i);
    }
  }
  return { own, count: own.count() };
}
