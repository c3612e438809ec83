import type { Diagnostic } from './diagnostic.ts';
import { diagnostic } from './diagnostic.ts';
import { aliasesOf } from './native.ts';
import type { Rule } from './rule.ts';
import type { Located } from './source.ts';
import { suggest } from './suggest.ts';

/** Rules that are there and not among those expanded, for their own errors. */
export interface Missing {
  readonly broken: ReadonlySet<string>;
  /** Top folders with files that could not be read whole. */
  readonly unread: ReadonlySet<string>;
}

/** The names by which groups speak of rules. */
export interface RuleNames {
  /** The ids that a name means (a rule with tiers has several), and what is wrong with the name. */
  find(name: Located<string>): { readonly ids: readonly string[]; readonly problem?: Diagnostic };
  /** Whether a name means several rules. */
  isFamily(name: string): boolean;
}

export function ruleNames(rules: readonly Rule[], missing: Missing): RuleNames {
  const byName = new Map(rules.map((r) => [r.id, [r]]));
  const known = [...byName.keys(), ...missing.broken];
  for (const rule of rules) {
    if (!rule.tier || (byName.has(rule.tier.of) && !byName.get(rule.tier.of)?.[0]?.tier)) continue;
    byName.set(rule.tier.of, [...(byName.get(rule.tier.of) ?? []), rule]);
  }
  addAliases(rules, byName);
  return {
    isFamily: (name) => (byName.get(name)?.length ?? 0) > 1,
    find(name) {
      const found = byName.get(name.value);
      if (!found) return isUnknown(name.value, missing) ? { ids: [], problem: unknownRule(name, known) } : { ids: [] };
      if (found.length > 1 && found.some((r) => r.group.native)) return { ids: [], problem: severalRules(name, found) };
      return { ids: found.map((r) => r.id) };
    },
  };
}

/** Whether no rule has this id, nor is there one with errors of its own that may have it. */
const isUnknown = (id: string, { broken, unread }: Missing): boolean =>
  !unread.has('rules') && !broken.has(id) && !broken.has(id.slice(0, Math.max(0, id.lastIndexOf('.'))));

/** Native rules can be called by more than their id, where that says which one is meant. */
function addAliases(rules: readonly Rule[], ids: Map<string, Rule[]>): void {
  const aliases = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (!rule.group.native) continue;
    for (const alias of aliasesOf(rule)) aliases.set(alias, [...(aliases.get(alias) ?? []), rule]);
  }
  for (const [alias, named] of aliases) if (!ids.has(alias)) ids.set(alias, named);
}

function severalRules(name: Located<string>, rules: readonly Rule[]): Diagnostic {
  return diagnostic('unknown-rule', name.span, `"${name.value}" could be any of ${rules.length} rules.`, {
    help: `say which: ${rules
      .slice(0, 6)
      .map((r) => r.id)
      .join(', ')}`,
    notes: rules.slice(0, 4).map((r) => ({ message: `"${r.id}"`, span: r.span })),
  });
}

function unknownRule(name: Located<string>, ids: Iterable<string>): Diagnostic {
  const all = [...ids].sort();
  const close = suggest(name.value, all);
  const tiers = all.filter((id) => id.startsWith(`${name.value}.`));
  const list =
    tiers.length > 0
      ? `it has tiers: ${tiers.join(', ')}`
      : `the rules are: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}`;
  return diagnostic('unknown-rule', name.span, `There is no rule "${name.value}", so that nothing would happen.`, {
    help: close ? `did you mean "${close}"?` : all.length > 0 ? list : 'there are no rules yet in rules/',
  });
}
