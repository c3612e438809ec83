import { pieceFinder, type Searchable, searchable } from '../../promql/piece.ts';
import { parseSelector } from '../../promql/selector-text.ts';
import { memo } from '../ground/memo.ts';
import type { Rule } from './rule.ts';

/**
 * How the rules of native files are called: `Name`, `path:Name`, either with static labels of the rule,
 * `path:Name{severity="x"}`, and with a piece of its expression, `path:Name(write_lat)` or `path:Name{severity="x"}(write_lat)`.
 * Never by position: an edit elsewhere in the file must not make an address mean another rule.
 */
export interface Addresses {
  find(address: string): Found;
}

export interface Found {
  /** The rules that an address fits; one is meant only where there is one. */
  readonly rules: readonly Rule[];
  /** Those of that name, whatever is said of labels and the expression. */
  readonly named: readonly Rule[];
}

export function addressesOf(rules: readonly Rule[]): Addresses {
  const byHead = new Map<string, Rule[]>();
  for (const rule of rules) for (const head of headsOf(rule)) memo(byHead, head, () => []).push(rule);
  const exprs = new Map<Rule, Searchable>();
  const exprOf = (rule: Rule): Searchable => memo(exprs, rule, () => searchable(rule.expr.value));
  return {
    find(address) {
      const hits: { readonly rules: readonly Rule[]; readonly named: readonly Rule[] }[] = [];
      for (const [head, tail] of cuts(address)) {
        const named = byHead.get(head);
        if (!named) continue;
        const said = tail === '' ? undefined : parseTail(tail);
        if (tail === '') hits.push({ rules: named, named });
        else hits.push({ rules: said ? named.filter(fits(said, exprOf)) : [], named });
      }
      const [only = { rules: [], named: [] }] = hits;
      if (hits.length < 2) return only;
      const all = (which: 'rules' | 'named'): Rule[] => [...new Set(hits.flatMap((hit) => hit[which]))];
      return { rules: all('rules'), named: all('named') };
    },
  };
}

function fits({ labels, piece }: Tail, exprOf: (rule: Rule) => Searchable): (rule: Rule) => boolean {
  const hasPiece = piece === undefined ? undefined : pieceFinder(piece);
  return (rule) => hasLabels(rule, labels) && (!hasPiece || hasPiece(exprOf(rule)));
}

/** The path below `rules/`, without its ending. */
export const pathOf = (path: string): string => path.replace(/^rules\//, '').replace(/\.ya?ml$/, '');

/** A rule's name, alone and behind its file, or its file and rule group. */
function headsOf({ name, group }: Rule): ReadonlySet<string> {
  const { path } = group.file;
  const places = [pathOf(path), path.replace(/^rules\//, ''), path, group.name];
  return new Set([name.value, ...places.map((place) => `${place}:${name.value}`)]);
}

/** An address cut into what is the name and what tells rules of that name apart, in every way: names may hold anything. */
function* cuts(address: string): Iterable<readonly [head: string, tail: string]> {
  yield [address, ''];
  for (const { index } of address.matchAll(/[{(]/g)) yield [address.slice(0, index), address.slice(index)];
}

interface Tail {
  readonly labels: ReadonlyMap<string, string>;
  readonly piece?: string;
}

/** `{label="value",…}`, `(piece)`, or both in this order. */
function parseTail(tail: string): Tail | undefined {
  const [braces = ''] = /^\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}/.exec(tail) ?? [];
  const { matchers, problems } = braces === '' ? NONE : parseSelector(braces);
  if (problems.length > 0 || matchers.some(({ matcher }) => matcher.op !== '=')) return undefined;
  const labels = new Map(matchers.map(({ matcher: { label, value } }) => [label, value]));
  const rest = tail.slice(braces.length);
  if (rest === '') return { labels };
  const [, piece = ''] = /^\((.*)\)$/s.exec(rest) ?? [];
  return piece.trim() === '' ? undefined : { labels, piece };
}

const NONE: ReturnType<typeof parseSelector> = { matchers: [], problems: [] };

/** Whether a rule has these static labels; as in a matcher, "" is a label that it hasn't. */
function hasLabels(rule: Rule, labels: ReadonlyMap<string, string>): boolean {
  for (const [name, value] of labels) if (labelOf(rule, name) !== value) return false;
  return true;
}

export function labelOf({ base }: Rule, name: string): string {
  const value = base.get(`label:${name}`)?.value;
  return typeof value === 'string' ? value : '';
}

/** Whether an address that fits one rule is this one's. */
export function isAddressOf(rule: Rule, address: string): boolean {
  return rule.group.native !== undefined && addressesOf([rule]).find(address).rules.length > 0;
}

/** The rule that an address by position, as they were once, means in the file as it is now. */
export function findByPosition(address: string, addresses: Addresses): Found & { readonly meant?: Rule } {
  const [, base = '', position = ''] = /^(.*)#(\d+)$/s.exec(address) ?? [];
  const found = base === '' ? { rules: [], named: [] } : addresses.find(base);
  const meant = found.rules[Number(position) - FIRST];
  return meant ? { ...found, meant } : found;
}

/** The first of several was `#2`. */
const FIRST = 2;

/** An address as the key of a YAML map, for to be typed. */
export function asKey(address: string): string {
  return /^[\w./][\w./:()-]*$/.test(address) ? address : `'${address.replaceAll("'", "''")}'`;
}
