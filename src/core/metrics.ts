import type { VectorSelector } from '../promql/ast.ts';
import type { Analysis } from '../promql/kept.ts';
import type { Labels } from '../promql/label-names.ts';
import { ALL, commonLabels, eitherLabels, onlyLabels, withLabels, without } from '../promql/label-names.ts';
import { finiteValues, regexMatches } from '../promql/regex.ts';
import type { Config } from './config.ts';
import type { Rule } from './rule.ts';

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
    if (rule.kind === 'record') recorded.set(rule.name.value, [...(recorded.get(rule.name.value) ?? []), rule]);
  }
  const known = new Map<string, SeriesLabels>();
  const open = new Set<string>();

  const ofName = (name: string): SeriesLabels => {
    const found = known.get(name);
    if (found) return found;
    // A recording rule that reads itself adds nothing to what it keeps.
    if (open.has(name)) return { carried: ALL, kept: ALL };
    open.add(name);
    const labels = look(name);
    open.delete(name);
    known.set(name, labels);
    return labels;
  };

  const look = (name: string): SeriesLabels => {
    const fact = config.metrics.find((m) => regexMatches(m.metric.value, name));
    if (fact) return { carried: ALL, kept: onlyLabels(fact.labels) };
    const makers = recorded.get(name) ?? [];
    const made = makers.flatMap((rule): SeriesLabels[] => {
      const analysis = analysisOf(rule);
      if (!analysis) return [];
      const own = [...rule.base.keys()].flatMap((f) => (f.startsWith('label:') ? [f.slice(6)] : []));
      const group = config.groupLabel === false ? [] : [config.groupLabel];
      return [
        { carried: withLabels(analysis.carried, [...own, ...group]), kept: without(analysis.kept, [...own, ...group]) },
      ];
    });
    return made.reduce<SeriesLabels | undefined>(merge, undefined) ?? { carried: ALL, kept: ALL };
  };

  return (selector) => {
    const names = metricNames(selector);
    if (!names) {
      // Of the many that a pattern finds, what is recorded here carries no more than its rule keeps.
      const found = [...recorded.keys()].filter((name) => namedLike(selector, name));
      return found.map(ofName).reduce<SeriesLabels>(merge, { carried: ALL, kept: ALL });
    }
    return names.map(ofName).reduce<SeriesLabels | undefined>(merge, undefined) ?? { carried: ALL, kept: ALL };
  };
}

const merge = (a: SeriesLabels | undefined, b: SeriesLabels): SeriesLabels =>
  a ? { carried: eitherLabels(a.carried, b.carried), kept: commonLabels(a.kept, b.kept) } : b;

/** The names that a selector can find, where they are few. */
export function metricNames(selector: VectorSelector): readonly string[] | undefined {
  if (selector.name !== undefined) return [selector.name];
  for (const { label, op, value } of selector.matchers) {
    if (label !== '__name__') continue;
    if (op === '=') return [value];
    const values = op === '=~' ? finiteValues(value) : undefined;
    if (values) return [...values].sort();
  }
  return undefined;
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
