import type { Binary, Expr, Range } from '../../promql/ast.ts';
import { parse } from '../../promql/parse.ts';
import { childrenOf } from '../../promql/walk.ts';
import { comparedNumber, LIMITS, mainComparison, numberOf } from '../expand/implicit.ts';
import { numberText } from '../model/value.ts';
import { metricNamesIn } from './names.ts';
import type { OwnParam } from './own.ts';
import { guessUnit } from './units.ts';

/** A piece of an expression that can become a param: a compared number, or a range. Offsets into the expression's text. */
export interface Liftable extends Range {
  readonly param: OwnParam;
  /** Equal where the values are. */
  readonly key: string;
}

/**
 * The numbers that an alert compares with, and its ranges, in the order of the text. `==` and `!=` tell states apart,
 * not limits, and a further `> 0` guards against nothing: these stay. Names depend on places, never on values.
 */
export function liftables(text: string): Liftable[] {
  const { expr } = parse(text);
  if (!expr) return [];
  const names = new Set<string>();
  const numbers = comparisons(expr, mainComparison(expr), text).map(({ range, value, node, main }): Liftable => {
    const unit = guessUnit(numberOf(node.rhs, text) ? node.lhs : node.rhs);
    const name = unique(main ? 'threshold' : nameOf(node, text), names);
    const written = unit === 'bytes' ? bytesText(value) : numberText(value);
    return { ...range, key: String(value), param: { name, value: written, ...(unit && { unit }) } };
  });
  return [...numbers, ...windows(expr, text)].sort((a, b) => a.from - b.from);
}

interface Compared {
  readonly node: Binary;
  readonly range: Range;
  readonly value: number;
  readonly main: boolean;
}

function comparisons(expr: Expr, main: Binary | undefined, text: string): Compared[] {
  const below = childrenOf(expr).flatMap((child) => comparisons(child, main, text));
  if (expr.kind !== 'binary' || !LIMITS.has(expr.op)) return below;
  const number = comparedNumber(expr, text);
  if (!number || (numberOf(expr.lhs, text) && numberOf(expr.rhs, text)) || !Number.isFinite(number.value)) return below;
  if (expr !== main && number.value === 0) return below;
  const range = { from: number.from, to: number.to };
  return [...below, { node: expr, range, value: number.value, main: expr === main }];
}

/** Of a further comparison: what is compared and which way it is out of bounds. */
function nameOf(node: Binary, text: string): string {
  const onRight = numberOf(node.rhs, text) !== undefined;
  const over = node.op.startsWith('>') === onRight;
  const [metric = 'value'] = metricNamesIn(onRight ? node.lhs : node.rhs);
  const word =
    metric
      .replace(/[^a-zA-Z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .toLowerCase() || 'value';
  return `${/^\d/.test(word) ? `m_${word}` : word}_${over ? 'above' : 'below'}`;
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}

/** The ranges of an expression: one name for each length that stands in it, told apart by their order of length. */
function windows(expr: Expr, text: string): Liftable[] {
  const found = rangesOf(expr, text);
  const lengths = [...new Set(found.map((f) => f.ms))].sort((a, b) => a - b);
  const names =
    lengths.length === 1
      ? ['window']
      : lengths.length === 2
        ? ['short_window', 'long_window']
        : lengths.map((_, i) => `window_${i + 1}`);
  const written = new Map<number, string>();
  return found.map(({ from, to, ms }) => {
    // One param has one text, that of its first place.
    const value = written.get(ms) ?? text.slice(from, to);
    written.set(ms, value);
    return { from, to, key: `${ms}ms`, param: { name: names[lengths.indexOf(ms)] as string, value } };
  });
}

function rangesOf(expr: Expr, text: string): (Range & { ms: number })[] {
  const below = childrenOf(expr).flatMap((child) => rangesOf(child, text));
  if ((expr.kind !== 'matrix' && expr.kind !== 'subquery') || expr.rangeMs === undefined) return below;
  const written = text.slice(expr.range.from, expr.range.to).split(':')[0] ?? '';
  const from = expr.range.from + written.length - written.trimStart().length;
  const to = from + written.trim().length;
  // Only a plain duration: not one with a comment in it.
  return /^[0-9a-z]+$/.test(text.slice(from, to)) ? [...below, { from, to, ms: expr.rangeMs }] : below;
}

/** The expression with params in the places of some liftables, and the params, each once. */
export function lift(text: string, places: readonly Liftable[]): { expr: string; params: OwnParam[] } {
  let expr = '';
  let at = 0;
  const params = new Map<string, OwnParam>();
  for (const { from, to, param } of [...places].sort((a, b) => a.from - b.from)) {
    const before = text.slice(at, from);
    // `<` and the delimiter would run together.
    expr += `${before}${before.endsWith('<') ? ' ' : ''}<< ${param.name} >>`;
    at = to;
    params.set(param.name, param);
  }
  return { expr: expr + text.slice(at), params: [...params.values()] };
}

const SIZES = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
] as const; // bytes

/** A number of bytes as people write it, where that is exact and short. */
function bytesText(value: number): string {
  const found = SIZES.find(([, size]) => value >= size && Number.isInteger((value / size) * 10));
  return found ? `${numberText(value / found[1])}${found[0]}` : numberText(value);
}
