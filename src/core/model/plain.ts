import type { CompiledRule, CompiledRuleGroup } from './ruleset.ts';
import type { NativeRule, NativeRuleFile, TextMap } from './written.ts';

/** The rule groups of a Prometheus rule file as plain values, to compare and to print; group labels stay the group's. */
export function plainGroups({ groups }: NativeRuleFile): CompiledRuleGroup[] {
  return groups.map((group) => ({
    name: group.name.value,
    labels: textsOf(group.labels),
    rules: group.rules.map(plainRule),
    span: group.span,
    ...(group.interval && { interval: group.interval.value }),
    ...(group.queryOffset && { queryOffset: group.queryOffset.value }),
    ...(group.limit && { limit: group.limit.value }),
  }));
}

function plainRule(rule: NativeRule): CompiledRule {
  return {
    kind: rule.alert ? 'alert' : 'record',
    name: (rule.alert ?? rule.record)?.value ?? '',
    expr: rule.expr.value.trim(),
    labels: textsOf(rule.labels),
    annotations: textsOf(rule.annotations),
    comment: [],
    span: rule.span,
    origin: new Map(),
    ...(rule.for && { for: rule.for.value }),
    ...(rule.keepFiringFor && { keepFiringFor: rule.keepFiringFor.value }),
  };
}

const textsOf = (texts: TextMap): Map<string, string> =>
  new Map([...texts].map(([name, { value }]) => [name, value ?? '']));

/** The labels that a rule's series and alerts get: its rule group's, and its own over them. */
export const allLabels = (group: CompiledRuleGroup, rule: CompiledRule): Map<string, string> =>
  new Map([...group.labels, ...rule.labels]);
