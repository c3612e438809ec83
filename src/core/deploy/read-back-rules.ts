import type { Losses } from '../../promql/losses.ts';
import { couldTell } from '../../promql/printed.ts';
import { exprMeaning } from '../adopt/compare.ts';
import { formatDuration } from '../ground/duration.ts';

/** A rule as a release and a server's memory can both tell it. */
export interface ReadBackRule {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** The rule group's among them. */
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** One way in which a server's memory differs from a release. `wanted` is the release's, `found` the server's. */
export interface Difference {
  readonly what:
    | 'group-missing'
    | 'group-left-over'
    | 'group-changed'
    | 'rule-missing'
    | 'rule-left-over'
    | 'rule-changed'
    | 'order';
  readonly fileName: string;
  readonly group: string;
  readonly rule?: string;
  /** Of what is changed: `expr`, `for`, `label severity`, `interval`. */
  readonly field?: string;
  readonly wanted?: string;
  readonly found?: string;
}

/**
 * Compares rules in steps: those that are equal are paired, then those that have a name in common, and what is left is
 * missing or left over.
 * @param losses what the server loses of expressions that it tells: only what is left of them is compared
 */
export function compareRules(
  wanted: readonly ReadBackRule[],
  found: readonly ReadBackRule[],
  place: Pick<Difference, 'fileName' | 'group'>,
  losses: Losses,
): Difference[] {
  const mine = wanted.map(meaningOf);
  const theirs = found.map(meaningOf);
  const pairs = new Map<number, number>();
  const free = new Set(theirs.keys());
  pairUp(mine, theirs, pairs, free, ({ written }) => written);
  pairUp(mine, theirs, pairs, free, ({ all }) => all());
  pairUp(mine, theirs, pairs, free, ({ name, labels }) => `${name}\0${labels}`);
  pairUp(mine, theirs, pairs, free, ({ name }) => name);
  const out: Difference[] = [];
  wanted.forEach((rule, index) => {
    const other = pairs.get(index);
    if (other === undefined) {
      out.push({ ...place, what: 'rule-missing', rule: rule.name });
      return;
    }
    const [a, b] = [mine[index] as Meaning, theirs[other] as Meaning];
    if (a.written !== b.written && a.all() !== b.all()) {
      out.push(...changedFields(rule, found[other] as ReadBackRule, a, b, place, losses));
    }
  });
  for (const index of free) out.push({ ...place, what: 'rule-left-over', rule: found[index]?.name ?? '' });
  const order = [...pairs].sort(([a], [b]) => a - b).map(([, other]) => other);
  if (order.some((other, index) => index > 0 && other < (order[index - 1] as number))) {
    out.push({ ...place, what: 'order' });
  }
  return out;
}

/** Pairs rules that are alike in a key, the first with the first. */
function pairUp(
  mine: readonly Meaning[],
  theirs: readonly Meaning[],
  pairs: Map<number, number>,
  free: Set<number>,
  key: (meaning: Meaning) => string,
): void {
  const waiting = new Map<string, number[]>();
  for (const index of free) {
    const own = key(theirs[index] as Meaning);
    const list = waiting.get(own);
    if (list) list.push(index);
    else waiting.set(own, [index]);
  }
  for (const list of waiting.values()) list.reverse();
  mine.forEach((meaning, index) => {
    if (pairs.has(index)) return;
    const other = waiting.get(key(meaning))?.pop();
    if (other === undefined) return;
    pairs.set(index, other);
    free.delete(other);
  });
}

/** A rule in texts. */
interface Meaning {
  /** Where these are equal the meaning is; they may differ all the same. Much cheaper than reading the expressions. */
  readonly written: string;
  /** Equal exactly where the meaning is. */
  readonly all: () => string;
  /** With the kind. */
  readonly name: string;
  readonly labels: string;
  readonly fields: () => ReadonlyMap<string, string>;
}

function meaningOf(rule: ReadBackRule): Meaning {
  const labels = texts('label', rule.labels);
  const others: readonly [string, string][] = [
    ['for', durationOf(rule.forMs)],
    ['keep_firing_for', durationOf(rule.keepFiringForMs)],
    ...labels,
    ...texts('annotation', rule.annotations),
  ];
  const name = `${rule.kind} ${rule.name}`;
  let read: ReadonlyMap<string, string> | undefined;
  const fields = (): ReadonlyMap<string, string> => {
    read ??= new Map([['expr', exprMeaning(rule.expr, 'exact')], ...others]);
    return read;
  };
  return {
    written: JSON.stringify([name, withoutSpace(rule.expr), ...others]),
    all: () => JSON.stringify([name, ...fields()]),
    name,
    labels: JSON.stringify(labels),
    fields,
  };
}

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/.source;
const PIECE = new RegExp(`${STRING}|\\s+`, 'g');
const PUNCTUATION = /[(){}[\],=!<>+*/%^@-]/;

/** An expression without the space that means nothing: what stands beside punctuation. Comments stay. */
function withoutSpace(expr: string): string {
  const text = expr.trim();
  if (!/[\s#]/.test(text) || text.includes('#')) return text;
  return text.replace(PIECE, (piece, at: number) => {
    if (piece.trim() !== '') return piece;
    const beside = PUNCTUATION.test(text[at - 1] ?? '') || PUNCTUATION.test(text[at + piece.length] ?? '');
    return beside ? '' : ' ';
  });
}

/** Labels or annotations as fields; one without a value is none. */
function texts(kind: string, map: ReadonlyMap<string, string>): [string, string][] {
  const pairs = [...map].filter(([, value]) => value !== '').sort(([a], [b]) => byText(a, b));
  return pairs.map(([name, value]) => [`${kind} ${name}`, value]);
}

function changedFields(
  rule: ReadBackRule,
  told: ReadBackRule,
  a: Meaning,
  b: Meaning,
  place: Pick<Difference, 'fileName' | 'group'>,
  losses: Losses,
): Difference[] {
  const [mine, theirs] = [a.fields(), b.fields()];
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  return [...names].flatMap((field) => {
    const [wanted, found] = [mine.get(field), theirs.get(field)];
    if (wanted === found || (field === 'expr' && couldTell(rule.expr, told.expr, losses))) return [];
    const values = { ...(wanted !== undefined && { wanted }), ...(found !== undefined && { found }) };
    return [{ ...place, what: 'rule-changed' as const, rule: rule.name, field, ...values }];
  });
}

export const durationOf = (ms: number): string => formatDuration(Math.round(ms));

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
