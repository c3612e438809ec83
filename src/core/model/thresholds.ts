import type { SourceFile, Span } from '../ground/source.ts';
import { Column } from './column.ts';
import type { TextMap, Thresholds, WrittenOverride } from './written.ts';

/** An entry to be: a number with its places, or whatever else was written. */
export type ThresholdEntry =
  | { readonly name: string; readonly number: number; readonly keySpan: Span; readonly valueSpan: Span }
  | WrittenOverride;

const NO_TEXTS: TextMap = new Map();

/** Puts the entries of one file into columns. */
export function thresholdsOf(file: SourceFile, entries: Iterable<ThresholdEntry>): Thresholds {
  const names: string[] = [];
  const numbers: (number | undefined)[] = [];
  const places: number[] = [];
  const others = new Map<number, WrittenOverride>();
  for (const entry of entries) {
    if ('rule' in entry) {
      others.set(names.length, entry);
      names.push(entry.rule.value);
      numbers.push(undefined);
      places.push(0, 0, 0, 0);
    } else {
      const { name, number, keySpan, valueSpan } = entry;
      names.push(name);
      numbers.push(number);
      places.push(keySpan.start, keySpan.end, valueSpan.start, valueSpan.end);
    }
  }
  return columns(file, names, columnOf(numbers), Int32Array.from(places), others);
}

function columnOf(numbers: readonly (number | undefined)[]): Column {
  const column = Column.empty(numbers.length);
  for (const [i, number] of numbers.entries()) if (number !== undefined) column.set(i, number);
  return column;
}

function columns(
  file: SourceFile,
  names: readonly string[],
  numbers: Column,
  places: Int32Array,
  others: ReadonlyMap<number, WrittenOverride>,
): Thresholds {
  const span = (i: number, offset: 0 | 2): Span => ({
    file,
    start: places[4 * i + offset] as number,
    end: places[4 * i + offset + 1] as number,
  });
  const at = (i: number): WrittenOverride => {
    const other = others.get(i);
    if (other) return other;
    const keySpan = span(i, 0);
    const valueSpan = span(i, 2);
    const value = { value: numbers.at(i), text: file.text.slice(valueSpan.start, valueSpan.end) };
    return {
      rule: { value: names[i] as string, span: keySpan },
      span: valueSpan,
      params: new Map([['threshold', { value, span: valueSpan, keySpan }]]),
      labels: NO_TEXTS,
      annotations: NO_TEXTS,
      where: [],
    };
  };
  return {
    length: names.length,
    name: (i) => names[i] as string,
    isSet: (i) => numbers.isSet(i),
    number: (i) => numbers.at(i),
    valueSpan: (i) => span(i, 2),
    at,
    keys: () => names.keys(),
    names: (rule) => names.includes(rule),
    *[Symbol.iterator]() {
      for (let i = 0; i < names.length; i++) yield at(i);
    },
  };
}
