import type { Declaration } from '../lookup/declaration.ts';
import { isAddressOf } from '../model/address.ts';
import type { Field, Rule, Setting } from '../model/rule.ts';
import type { WrittenOverride } from '../model/written.ts';
import type { Why } from './why.ts';

/**
 * What a param or a duration would be without the line that decides it: the next in the cascade.
 * Undefined where nobody else says anything of it, and for texts.
 */
export function withoutLine({ resolved: { rule }, cell }: Why, field: Field): Setting | undefined {
  if (!field.startsWith('param:') && field !== 'for' && field !== 'keep_firing_for') return undefined;
  const layers = rule.layers.flatMap(({ settings }) => settings.get(field) ?? []);
  const groups = cell.declarations.filter(({ settings }) => settings.has(field));
  const winner = groups.at(-1);
  if (winner && saysTwice(winner, field, rule)) return undefined;
  const all = [...layers, ...groups.map(({ settings }) => settings.get(field) as Setting)];
  const next = all.at(-2);
  if (!next) return undefined;
  // A group that unsets a param gives it the rule's own value again.
  const own = next.value === null && field.startsWith('param:') ? rule.base.get(field) : undefined;
  return own ? { ...next, value: own.value } : next;
}

/**
 * Whether a group says a field of a rule in several places, by "*" or below `thresholds` and `overrides`
 * both: only the last of them is kept, so that nothing is known of the one behind it.
 */
function saysTwice({ group, case: own }: Declaration, field: Field, rule: Rule): boolean {
  if (own || !group.written) return false;
  const { thresholds, overrides } = group.written;
  const names = new Set(['*', rule.id, rule.name.value, rule.tier?.of]);
  const isNamed = (name: string): boolean => names.has(name) || isAddressOf(rule, name);
  return [...thresholds, ...overrides].filter((o) => says(o, field) && isNamed(o.rule.value)).length > 1;
}

function says(override: WrittenOverride, field: Field): boolean {
  if (field === 'for') return override.for !== undefined;
  if (field === 'keep_firing_for') return override.keepFiringFor !== undefined;
  return override.params.has(field.slice('param:'.length));
}
