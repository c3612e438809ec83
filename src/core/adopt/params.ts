import { implicitThreshold } from '../expand/implicit.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';
import { numberText } from '../model/value.ts';
import { type Liftable, lift, liftables } from './holes.ts';
import { freeName, slug } from './names.ts';
import type { OwnFile, OwnRule } from './own.ts';
import { asTemplate } from './own.ts';
import { withNumbers } from './texts.ts';

/**
 * A rule group in our own format: its alerts with params for limits and ranges, all else as it was.
 * @param tuned whether groups speak of the rule already: then what is its threshold today stays so
 */
export function liftGroup(
  group: CompiledRuleGroup,
  path: string,
  comment: readonly string[],
  ids: Set<string>,
  tuned: (rule: CompiledRule) => boolean = () => false,
): OwnFile {
  return {
    path,
    comment,
    rules: group.rules.map((rule): OwnRule => {
      const labels = allLabels(group, rule);
      const places = tuned(rule) ? withImplicit(rule.expr) : liftables(rule.expr);
      const lifted = rule.kind === 'alert' ? places : [];
      const { expr, params } = lift(rule.expr, lifted);
      const id = ruleId(rule.name, labels.get('severity'), ids);
      return {
        kind: rule.kind,
        name: rule.name,
        params,
        // What looks like a template in an expression can only stand in a string of it.
        expr: params.length === 0 ? asTemplate(expr) : expr,
        labels: templated(labels),
        annotations: new Map([...rule.annotations].map(([name, text]) => [name, withNumbers(text, lifted)])),
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

/** What can be lifted, and among it the number that groups set today, were it one that tells states apart. */
function withImplicit(text: string): Liftable[] {
  const places = liftables(text);
  const implicit = implicitThreshold(text);
  if (!implicit) return places;
  const { from, to, value } = implicit;
  const same = places.find((p) => p.param.name === 'threshold' && p.from === from && p.to === to);
  if (same) return places;
  const others = places.filter((p) => p.param.name !== 'threshold' && (p.to <= from || p.from >= to));
  const own: Liftable = { from, to, key: String(value), param: { name: 'threshold', value: numberText(value) } };
  return [...others, own].sort((a, b) => a.from - b.from);
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
