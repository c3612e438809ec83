import type { CompiledRuleGroup } from '../ruleset.ts';
import { lift, liftables } from './holes.ts';
import { freeName, slug } from './names.ts';
import type { OwnFile, OwnRule } from './own.ts';
import { asTemplate } from './own.ts';
import { allLabels } from './plain.ts';

/** A rule group in our own format: its alerts with params for limits and ranges, all else as it was. */
export function liftGroup(
  group: CompiledRuleGroup,
  path: string,
  comment: readonly string[],
  ids: Set<string>,
): OwnFile {
  return {
    path,
    comment,
    rules: group.rules.map((rule): OwnRule => {
      const labels = allLabels(group, rule);
      const { expr, params } =
        rule.kind === 'alert' ? lift(rule.expr, liftables(rule.expr)) : { expr: rule.expr, params: [] };
      const id = ruleId(rule.name, labels.get('severity'), ids);
      return {
        kind: rule.kind,
        name: rule.name,
        params,
        // What looks like a template in an expression can only stand in a string of it.
        expr: params.length === 0 ? asTemplate(expr) : expr,
        labels: templated(labels),
        annotations: templated(rule.annotations),
        ...(id !== rule.name && { id }),
        ...(rule.for !== undefined && { for: rule.for }),
        ...(rule.keepFiringFor !== undefined && { keepFiringFor: rule.keepFiringFor }),
      };
    }),
    ...(group.interval !== undefined && { interval: group.interval }),
    ...(group.queryOffset !== undefined && { queryOffset: group.queryOffset }),
    ...(group.limit !== undefined && { limit: group.limit }),
  };
}

/** The rule's name where no other rule has it for an id; else with its severity, else with a number. */
export function ruleId(name: string, severity: string | undefined, ids: Set<string>): string {
  if (!ids.has(name.toLowerCase())) {
    ids.add(name.toLowerCase());
    return name;
  }
  const base = slug(name);
  const better = severity === undefined || severity.includes('{{') ? base : `${base}-${slug(severity)}`;
  return freeName(better, ids);
}

export const templated = (texts: ReadonlyMap<string, string>): Map<string, string> =>
  new Map([...texts].map(([name, text]) => [name, asTemplate(text)]));
