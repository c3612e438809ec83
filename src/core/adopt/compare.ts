import type { Expr, VectorSelector } from '../../promql/ast.ts';
import { canonical } from '../../promql/canonical.ts';
import { constantOf } from '../../promql/constant.ts';
import { parse } from '../../promql/parse.ts';
import { rebuild } from '../../promql/rebuild.ts';
import { boxMatchers, boxOf } from '../../promql/region.ts';
import { parseDuration } from '../ground/duration.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';

/** What must stay equal of a rule, each as a text that is equal exactly where the meaning is. */
export type Meaning = Readonly<Record<string, string>>;

/** How closely expressions are compared. `exact`: as Prometheus prints them. `matchers`: `env=~"b|a"` is `env=~"a|b"`, too. */
export type Closeness = 'exact' | 'matchers';

/** A rule's meaning; without the label `but`, which tells instances of one rule apart. */
export function ruleMeaning(group: CompiledRuleGroup, rule: CompiledRule, how: Closeness, but?: string): Meaning {
  const labels = [...allLabels(group, rule)].filter(([name]) => name !== but);
  return {
    kind: rule.kind,
    name: rule.name,
    expr: exprMeaning(rule.expr, how),
    for: durationMeaning(rule.for),
    keep_firing_for: durationMeaning(rule.keepFiringFor),
    ...Object.fromEntries(labels.sort(byName).map(([name, value]) => [`label ${name}`, value])),
    ...Object.fromEntries([...rule.annotations].sort(byName).map(([name, value]) => [`annotation ${name}`, value])),
  };
}

/** What must stay equal of a rule group beside its name and its rules. */
export function groupMeaning(group: CompiledRuleGroup): Meaning {
  return {
    // No interval is the server's own, which is not nought.
    interval: group.interval === undefined ? '' : durationMeaning(group.interval),
    query_offset: group.queryOffset === undefined ? '' : durationMeaning(group.queryOffset),
    limit: String(group.limit ?? 0),
  };
}

/** The fields in which two meanings differ, for people: `expr: a became b`. */
export function fieldDifferences(before: Meaning, after: Meaning): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => {
    const [a, b] = [before[field] ?? 'nothing', after[field] ?? 'nothing'];
    return a === b ? [] : [`${field}: ${shown(a)} became ${shown(b)}`];
  });
}

/** Compares rule groups in their order and rules in theirs; names of rule groups only where they must stay. */
export function differences(
  before: readonly CompiledRuleGroup[],
  after: readonly CompiledRuleGroup[],
  how: Closeness,
  names: boolean,
): string[] {
  const out: string[] = [];
  if (before.length !== after.length) out.push(`${before.length} rule groups became ${after.length}`);
  before.forEach((group, index) => {
    const other = after[index];
    if (!other) return;
    if (names && group.name !== other.name) out.push(`rule group "${group.name}" became "${other.name}"`);
    const place = `rule group "${group.name}"`;
    for (const difference of fieldDifferences(groupMeaning(group), groupMeaning(other)))
      out.push(`${place}: ${difference}`);
    if (group.rules.length !== other.rules.length)
      out.push(`${place}: ${group.rules.length} rules became ${other.rules.length}`);
    group.rules.forEach((rule, at) => {
      const changed = other.rules[at];
      if (!changed) return;
      const fields = fieldDifferences(ruleMeaning(group, rule, how), ruleMeaning(other, changed, how));
      out.push(...fields.map((field) => `${place}, "${rule.name}": ${field}`));
    });
  });
  return out;
}

/** An expression's meaning as a text; one that doesn't parse means only itself. */
export function exprMeaning(text: string, how: Closeness): string {
  const { expr } = parse(text);
  if (!expr) return text;
  return canonical(
    rebuild(expr, (n) => (n.kind === 'selector' ? (how === 'exact' ? n : withPlainMatchers(n)) : computed(n))),
  );
}

/** Arithmetic of numbers as the number that it is, whose place it may have become. */
function computed(node: Expr): Expr {
  const value = node.kind === 'number' ? undefined : constantOf(node);
  return value === undefined ? node : { kind: 'number', value, from: node.from, to: node.to };
}

/** The selector with its matchers in the one form that says the same: `=~"a"` is `=`, several `!=` are one `!~`. */
function withPlainMatchers(selector: VectorSelector): VectorSelector {
  const box = boxOf(selector.matchers);
  if (!box) return selector;
  const places = { from: 0, to: 0, valueRange: { from: 0, to: 0 } };
  return { ...selector, matchers: boxMatchers(box).map((matcher) => ({ ...matcher, ...places })) };
}

/** A `for` of nought is none. */
function durationMeaning(text: string | undefined): string {
  if (text === undefined || text === '') return '0ms';
  const parsed = parseDuration(text);
  return parsed.problem === undefined ? `${parsed.ms}ms` : text;
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);

const shown = (text: string): string => (text.length > 160 ? `${text.slice(0, 159)}…` : text);
