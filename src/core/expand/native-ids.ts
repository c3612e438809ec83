import { canonical } from '../../promql/canonical.ts';
import { matcherText } from '../../promql/matcher.ts';
import { parse } from '../../promql/parse.ts';
import { memo } from '../ground/memo.ts';
import { addressesOf, labelOf, pathOf } from '../model/address.ts';
import type { Rule } from '../model/rule.ts';
import { tellingPieces } from './pieces.ts';

/**
 * Gives native rules their ids: of each the shortest address that fits it alone, and that will go on doing so while
 * others come and go. `taken`: what our own rules are called. Rules that no address tells apart, for they are alike in
 * name, labels and expression, are counted.
 */
export function withIds(rules: readonly Rule[], taken: ReadonlySet<string>): Rule[] {
  const addresses = addressesOf(rules);
  const isFree = (address: string, rule: Rule): boolean =>
    !taken.has(address) && isAlone(addresses.find(address).rules, rule);
  const byName = groupBy(rules, (rule) => rule.name.value);
  const ids = new Map<Rule, string>();
  for (const [name, namesakes] of byName) {
    for (const [path, alike] of groupBy(namesakes, (rule) => pathOf(rule.group.file.path))) {
      const head = `${path}:${name}`;
      const short = namesakes.length === 1 ? [name, head] : [head];
      let left: readonly Rule[] = alike;
      for (const propose of alike.length === 1 ? [() => () => short] : PROPOSALS) {
        if (left.length === 0) break;
        const proposed = propose(alike, head);
        left = left.filter((rule) => {
          const id = proposed(rule).find((address) => isFree(address, rule));
          if (id !== undefined) ids.set(rule, id);
          return id === undefined;
        });
      }
      for (const [rule, id] of counted(left, head)) ids.set(rule, id);
    }
  }
  return rules.map((rule) => ({ ...rule, id: ids.get(rule) as string }));
}

const isAlone = (found: readonly Rule[], rule: Rule): boolean => found.length === 1 && found[0] === rule;

/** Of rules of one name in one file: what each could be called. */
type Proposal = (alike: readonly Rule[], head: string) => (rule: Rule) => readonly string[];

/** The best first: what is in a label or a word lasts longer than a number, which the next version changes. */
const PROPOSALS: readonly Proposal[] = [
  (alike, head) => {
    const labels = labelsOf(alike);
    const count = countBy(alike, (rule) => labels.map((label) => braces(rule, [label])));
    return (rule) => labels.map((label) => braces(rule, [label])).flatMap((b) => (count(b) === 1 ? [head + b] : []));
  },
  byPiece('words', () => () => ''),
  (alike, head) => {
    const labels = labelsOf(alike);
    const count = countBy(alike, (rule) => [braces(rule, labels)]);
    return (rule) => (count(braces(rule, labels)) === 1 ? [head + braces(rule, labels)] : []);
  },
  byPiece('words', bracesOfGroup),
  byPiece('all', () => () => ''),
  byPiece('all', bracesOfGroup),
  (alike) => {
    const labels = labelsOf(alike);
    return (rule) => ['', braces(rule, labels)].map((b) => `${rule.group.name}:${rule.name.value}${b}`);
  },
];

/** By a piece that none of those has which `text` tells the same of. */
function byPiece(kind: 'words' | 'all', textOf: (alike: readonly Rule[]) => (rule: Rule) => string): Proposal {
  return (alike, head) => {
    const text = textOf(alike);
    const found = new Map<Rule, readonly string[]>();
    // Twins are told apart by no piece but one of how they are written, which says nothing.
    const twins = twinsAmong(alike);
    for (const [, own] of groupBy(alike, text))
      if (own.length > 1) {
        const pieces = tellingPieces(
          own.map((rule) => rule.expr.value),
          kind,
        );
        for (const [i, rule] of own.entries()) if (!twins.has(rule)) found.set(rule, pieces(i));
      }
    return (rule) => (found.get(rule) ?? []).map((piece) => `${head}${text(rule)}(${piece})`);
  };
}

/** The labels of some rules, severity first. */
function labelsOf(rules: readonly Rule[]): readonly string[] {
  const names = new Set(
    rules.flatMap(({ base }) => [...base.keys()].flatMap((f) => (f.startsWith('label:') ? [f.slice(6)] : []))),
  );
  const rest = [...names].filter((name) => name !== 'severity').sort();
  return names.has('severity') ? ['severity', ...rest] : rest;
}

const braces = (rule: Rule, labels: readonly string[]): string =>
  labels.length === 0
    ? ''
    : `{${labels.map((label) => matcherText({ label, op: '=', value: labelOf(rule, label) })).join(',')}}`;

/** The shortest text that picks those which have all labels in common with a rule. */
function bracesOfGroup(alike: readonly Rule[]): (rule: Rule) => string {
  const labels = labelsOf(alike);
  const count = countBy(alike, (rule) => [braces(rule, labels), ...labels.map((label) => braces(rule, [label]))]);
  return (rule) => {
    const all = braces(rule, labels);
    return labels.map((label) => braces(rule, [label])).find((b) => count(b) === count(all)) ?? all;
  };
}

/** The rules that have a label set and a meaning of their expression in common with another. */
function twinsAmong(rules: readonly Rule[]): ReadonlySet<Rule> {
  return new Set([...sameness(rules).values()].flatMap((own) => (own.length > 1 ? own : [])));
}

function sameness(rules: readonly Rule[]): Map<string, Rule[]> {
  const labels = labelsOf(rules);
  return groupBy(rules, (rule) => `${braces(rule, labels)} ${meaningOf(rule.expr.value)}`);
}

/** Rules that are alike in all that an address can say: counted in the order of what else they say, not of the file. */
function counted(rules: readonly Rule[], head: string): [Rule, string][] {
  const labels = labelsOf(rules);
  return [...sameness(rules).values()].flatMap((own) => {
    const rest = (rule: Rule): string =>
      JSON.stringify([rule.group.name, [...rule.base].map(([field, { value }]) => [field, value]).sort()]);
    const sorted = [...own].sort((a, b) => (rest(a) < rest(b) ? -1 : rest(a) > rest(b) ? 1 : 0));
    return sorted.map((rule, i): [Rule, string] => [
      rule,
      `${head}${braces(rule, labels)} (${i + 1} of ${own.length})`,
    ]);
  });
}

/** Whether an id counts, so that it is no address. */
export const isCounted = (id: string): boolean => / \(\d+ of \d+\)$/.test(id);

function meaningOf(text: string): string {
  const { expr } = parse(text);
  return expr ? canonical(expr) : text;
}

function groupBy<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) memo(groups, key(one), () => []).push(one);
  return groups;
}

function countBy<T>(all: readonly T[], keys: (one: T) => readonly string[]): (key: string) => number {
  const counts = new Map<string, number>();
  for (const one of all) for (const key of new Set(keys(one))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return (key) => counts.get(key) ?? 0;
}
