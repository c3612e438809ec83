import { parse } from '../../promql/parse.ts';
import { metricNames, selectorsOf } from '../../promql/selectors.ts';
import { isCounted } from '../expand/native-ids.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import { suggest, suggestWhole } from '../ground/suggest.ts';
import { type Addresses, addressesOf, asKey, findByPosition } from '../model/address.ts';
import type { Rule } from '../model/rule.ts';

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
  const own = new Map<string, Rule[]>();
  const native: Rule[] = [];
  for (const rule of rules) {
    if (rule.group.native) native.push(rule);
    else own.set(rule.id, [rule]);
  }
  for (const rule of rules) {
    if (!rule.tier || (own.has(rule.tier.of) && !own.get(rule.tier.of)?.[0]?.tier)) continue;
    own.set(rule.tier.of, [...(own.get(rule.tier.of) ?? []), rule]);
  }
  const known = [...rules.map((rule) => rule.id), ...missing.broken];
  let addresses: Addresses | undefined;
  return {
    isFamily: (name) => (own.get(name)?.length ?? 0) > 1,
    find(name) {
      const found = own.get(name.value);
      if (found) return { ids: found.map((r) => r.id) };
      addresses ??= addressesOf(native);
      const { rules: fitting, named } = addresses.find(name.value);
      if (fitting.length === 1) return { ids: fitting.map((r) => r.id) };
      if (!isUnknown(name.value, missing)) return { ids: [] };
      if (fitting.length > 1) return { ids: [], problem: severalRules(name, fitting) };
      const { meant, rules: others } = findByPosition(name.value, addresses);
      if (meant) return { ids: [], problem: byPosition(name, meant, others) };
      if (named.length > 0) return { ids: [], problem: noneFits(name, named) };
      return { ids: [], problem: unknownRule(name, known, addresses, native) };
    },
  };
}

/** Whether no rule has this id, nor is there one with errors of its own that may have it. */
const isUnknown = (id: string, { broken, unread }: Missing): boolean =>
  !unread.has('rules') && !broken.has(id) && !broken.has(id.slice(0, Math.max(0, id.lastIndexOf('.'))));

function severalRules(name: Located<string>, rules: readonly Rule[]): Diagnostic {
  const alike = rules.filter((rule) => isCounted(rule.id));
  const help =
    alike.length === rules.length
      ? 'nothing tells them apart: they have the same name, labels and expression. Take one out, or give it a label of its own in its file'
      : `say which: ${spelled(rules)}`;
  return diagnostic('unknown-rule', name.span, `"${name.value}" could be any of ${rules.length} rules.`, {
    help,
    notes: notesOn(rules),
  });
}

/** The name is known, what was said beside it is true of none of that name. */
function noneFits(name: Located<string>, named: readonly Rule[]): Diagnostic {
  const [first] = named as readonly [Rule];
  const which =
    named.length === 1
      ? `the one rule "${first.name.value}" there is`
      : `any of the ${named.length} rules "${first.name.value}"`;
  return diagnostic('unknown-rule', name.span, `"${name.value}" does not fit ${which}, so that nothing would happen.`, {
    help: `an address is a name, labels in braces, and a piece of the expression in parentheses; ${named.length === 1 ? 'write' : 'say which'}: ${spelled(named)}`,
    notes: notesOn(named),
  });
}

/** Addresses by position meant another rule as soon as one was put in above; they are read no more. */
function byPosition(name: Located<string>, meant: Rule, rules: readonly Rule[]): Diagnostic {
  const others = rules.filter((rule) => rule !== meant);
  const more = others.length === 0 ? '' : `; the ${others.length === 1 ? 'other is' : 'others are'} ${spelled(others)}`;
  return diagnostic(
    'unknown-rule',
    name.span,
    `"${name.value}" is a rule by its position, which another one has as soon as the file changes above it.`,
    {
      help: isCounted(meant.id)
        ? 'nothing tells this rule apart from another: they have the same name, labels and expression. Take one out, or give it a label of its own in its file'
        : `write ${asKey(meant.id)}, if it is this rule that is meant${more}`,
      notes: notesOn([meant, ...others]),
    },
  );
}

const MOST_SPELLED = 6;
const MOST_NOTES = 4;

function spelled(rules: readonly Rule[]): string {
  const list = rules.slice(0, MOST_SPELLED).map((rule) => asKey(rule.id));
  return `${list.join(', ')}${rules.length > MOST_SPELLED ? ', …' : ''}`;
}

/** Each rule with what it reads, by which people know it. */
const notesOn = (rules: readonly Rule[]): { readonly message: string; readonly span: Span }[] =>
  rules.slice(0, MOST_NOTES).map((rule) => ({ message: `"${rule.id}"${reads(rule)}`, span: rule.span }));

function reads(rule: Rule): string {
  const { expr } = parse(rule.expr.value);
  const names = [...new Set(expr ? selectorsOf(expr).flatMap((selector) => metricNames(selector) ?? []) : [])];
  return names.length === 0 ? '' : `, which reads ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}

function unknownRule(
  name: Located<string>,
  ids: readonly string[],
  addresses: Addresses,
  native: readonly Rule[],
): Diagnostic {
  const all = [...ids].sort();
  const names = new Set([...all, ...native.map((rule) => rule.name.value)]);
  const near = suggest(name.value, names);
  // The name of several is no address.
  const several = near === undefined || ids.includes(near) ? [] : addresses.find(near).rules;
  const tiers = all.filter((id) => id.startsWith(`${name.value}.`));
  // Of hundreds of rules the first of the alphabet help nobody; the longer names that hold this one do.
  const longer = near === undefined && tiers.length === 0 ? suggestWhole(name.value, names).slice(0, 3) : [];
  const meant = near === undefined ? longer : [near];
  const close = several.length > 0 ? spelled(several) : meant.map((one) => `"${one}"`).join(' or ');
  const list =
    tiers.length > 0
      ? `it has tiers: ${tiers.join(', ')}`
      : `the rules are: ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}`;
  return diagnostic('unknown-rule', name.span, `There is no rule "${name.value}", so that nothing would happen.`, {
    help: close ? `did you mean ${close}?` : all.length > 0 ? list : 'there are no rules yet in rules/',
  });
}
