import type { VectorSelector } from '../../promql/ast.ts';
import { fromMatcher, satisfies } from '../../promql/constraint.ts';
import type { Analysis } from '../../promql/kept.ts';
import type { Labels } from '../../promql/label-names.ts';
import { ALL, commonLabels, eitherLabels, onlyLabels, withLabels, without } from '../../promql/label-names.ts';
import { regexMatches } from '../../promql/regex.ts';
import { metricNames } from '../../promql/selectors.ts';
import { memo } from '../ground/memo.ts';
import type { Config } from '../model/config.ts';
import type { Rule } from '../model/rule.ts';

/** Which labels the series of a metric have. */
export interface SeriesLabels {
  /** Labels that they may carry, their own among them. */
  readonly carried: Labels;
  /** Labels of their target that they carry unchanged: on these a region can be asked for. */
  readonly kept: Labels;
}

/**
 * What is known of metrics: `metrics:` of rulewright.yaml, then what our own recording rules keep;
 * else that series carry all labels of their target.
 */
export function seriesLabels(
  config: Config,
  rules: readonly Rule[],
  analysisOf: (rule: Rule) => Analysis | undefined,
): (selector: VectorSelector) => SeriesLabels {
  const recorded = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (rule.kind === 'record') memo(recorded, rule.name.value, () => []).push(rule);
  }
  const known = new Map<Rule, SeriesLabels>();
  const open = new Set<Rule>();

  const ofRule = (rule: Rule): SeriesLabels | undefined => {
    const found = known.get(rule);
    if (found) return found;
    // A recording rule that reads itself adds nothing to what it keeps.
    if (open.has(rule)) return EVERY_LABEL;
    open.add(rule);
    const analysis = analysisOf(rule);
    open.delete(rule);
    if (!analysis) return undefined;
    const own = [...rule.base.keys()].flatMap((f) => (f.startsWith('label:') ? [f.slice(6)] : []));
    const group = config.groupLabel === false ? [] : [config.groupLabel];
    const labels = {
      carried: withLabels(analysis.carried, [...own, ...group]),
      kept: without(analysis.kept, [...own, ...group]),
    };
    known.set(rule, labels);
    return labels;
  };

  const ofName = (name: string, selector: VectorSelector): SeriesLabels => {
    const fact = config.metrics.find((m) => regexMatches(m.metric.value, name));
    if (fact) return { carried: ALL, kept: onlyLabels(fact.labels) };
    return merged(writtenFor(selector, recorded.get(name) ?? []).flatMap((rule) => ofRule(rule) ?? []));
  };

  return (selector) => {
    const names = metricNames(selector);
    if (names) return merged(names.map((name) => ofName(name, selector)));
    // Of the many that a pattern finds, what is recorded here carries no more than its rule keeps.
    const found = [...recorded.keys()].filter((name) => namedLike(selector, name));
    return merged([EVERY_LABEL, ...found.map((name) => ofName(name, selector))]);
  };
}

/** Of the recording rules of one name those whose series a selector can find by their static labels; all, where it finds none. */
export function writtenFor(selector: VectorSelector, makers: readonly Rule[]): readonly Rule[] {
  if (makers.length < 2) return makers;
  const fitting = makers.filter((rule) =>
    selector.matchers.every((m) => {
      const own = m.open ? undefined : rule.base.get(`label:${m.label}`)?.value;
      if (typeof own !== 'string' || (own.includes('<') && !rule.group.native)) return true;
      return satisfies(own, fromMatcher(m));
    }),
  );
  return fitting.length > 0 ? fitting : makers;
}

const EVERY_LABEL: SeriesLabels = { carried: ALL, kept: ALL };

const merged = ([first = EVERY_LABEL, ...more]: readonly SeriesLabels[]): SeriesLabels =>
  more.reduce((a, b) => ({ carried: eitherLabels(a.carried, b.carried), kept: commonLabels(a.kept, b.kept) }), first);

/** What a selector reads of what rules record: by name the rules, and whether it may find anything else. */
export function recordsRead<T extends { readonly rule: Rule }>(
  selector: VectorSelector,
  makers: ReadonlyMap<string, readonly T[]>,
): { metrics: { name: string; rules: readonly T[] }[]; others: boolean } {
  const names = metricNames(selector);
  const nameless = !selector.matchers.some((m) => m.label === '__name__');
  const read = names ?? [...makers.keys()].filter((name) => nameless || namedLike(selector, name));
  const metrics = read.flatMap((name) => {
    const all = makers.get(name) ?? [];
    const fitting = new Set(
      writtenFor(
        selector,
        all.map(({ rule }) => rule),
      ),
    );
    const rules = all.filter(({ rule }) => fitting.has(rule));
    return rules.length > 0 ? [{ name, rules }] : [];
  });
  return { metrics, others: names === undefined || metrics.length < names.length };
}

/** Whether a selector by patterns of names finds a name. */
function namedLike(selector: VectorSelector, name: string): boolean {
  const patterns = selector.matchers.filter((m) => m.label === '__name__');
  return (
    patterns.some((m) => m.op === '=~') &&
    patterns.every(
      (m) =>
        (m.op === '=~' && regexMatches(m.value, name)) ||
        (m.op === '!~' && !regexMatches(m.value, name)) ||
        (m.op === '!=' && m.value !== name),
    )
  );
}
