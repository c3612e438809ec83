import { boxOf, meet } from '../../promql/region.ts';
import { applySettings } from '../expand/settings.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Located } from '../ground/source.ts';
import type { Level, Rule, Setting } from '../model/rule.ts';
import type { Thresholds, WrittenCase, WrittenOverride } from '../model/written.ts';
import type { Declaration, Declarations, Said } from './declaration.ts';
import { EVERY } from './declaration.ts';
import { reportUselessEvery } from './declare-every.ts';
import { lookUpOne, takeNumbers } from './declare-numbers.ts';
import type { Group, GroupTree } from './groups.ts';
import { unknownGroup } from './groups.ts';
import type { Missing, RuleNames } from './rule-names.ts';
import { ruleNames } from './rule-names.ts';
import { decided } from './servers.ts';

/** Looks up every name that groups and rules use, and reports those that there are not. */
export function declarations(rules: readonly Rule[], tree: GroupTree, missing: Missing): Declarations {
  const diagnostics: Diagnostic[] = [];
  const names = ruleNames(rules, missing);
  const said = new Map<Group, Map<string, Said>>();
  const numbers: Declaration[][] = rules.map(() => []);
  const lookUp = lookUpOne(rules, names);
  for (const group of tree.groups) {
    said.set(
      group,
      indexGroup(group, names, diagnostics, (saysMore, thresholds) =>
        takeNumbers(group, thresholds, saysMore, lookUp, rules, numbers),
      ),
    );
  }
  const speakers = new Map<string, Group[]>();
  const everySpeakers: Group[] = [];
  for (const [group, byRule] of said) {
    for (const id of byRule.keys()) {
      if (id === EVERY) everySpeakers.push(group);
      else memo(speakers, id, () => []).push(group);
    }
  }
  const scopes = new Map(rules.map((rule) => [rule, scopeOf(rule, tree, diagnostics)]));
  const scope = (rule: Rule): Scope => scopes.get(rule) ?? { except: [] };
  const made = new Map<Rule, Declaration[]>();
  for (const [i, rule] of rules.entries()) {
    const { only, except } = scope(rule);
    const groups = new Set([...everySpeakers, ...(speakers.get(rule.id) ?? []), ...(only ?? []), ...except]);
    const own = numbers[i] as Declaration[];
    // What a rule's `only` names is declared, but a threshold has said so already.
    if (groups.size > 0) for (const { group } of own) groups.delete(group);
    for (const group of groups)
      own.push(...declare(rule, group, said.get(group) as Map<string, Said>, scope(rule), tree, diagnostics));
    made.set(rule, own);
  }
  reportUselessEvery(everySpeakers, said, rules, diagnostics);
  return {
    of: (rule) => made.get(rule) ?? [],
    only: (rule) => scope(rule).only,
    except: (rule) => scope(rule).except,
    diagnostics,
  };
}

interface Scope {
  readonly only?: readonly Group[];
  readonly except: readonly Group[];
}

function scopeOf(rule: Rule, tree: GroupTree, diagnostics: Diagnostic[]): Scope {
  const lookUp = (names: readonly Located<string>[]): Group[] =>
    names.flatMap((name) => {
      const group = tree.byId.get(name.value);
      // Tiers share these lines; what is reported once for each tier is one when diagnostics are sorted.
      if (!group && tree.whole && !tree.ids.has(name.value)) diagnostics.push(unknownGroup(name, tree.ids));
      return group ?? [];
    });
  return { except: lookUp(rule.except ?? []), ...(rule.only && { only: lookUp(rule.only) }) };
}

/** `takeNumbers` takes the thresholds that can be dealt with alone, and gives back the entries that can't. */
function indexGroup(
  group: Group,
  names: RuleNames,
  diagnostics: Diagnostic[],
  takeNumbers: (saysMore: (rule: string) => boolean, thresholds: Thresholds) => readonly number[],
): Map<string, Said> {
  const index = new Map<string, Said>();
  const written = group.written;
  if (!written) return index;
  const entry = (id: string): Said => memo(index, id, () => ({ thresholds: [], overrides: [], disabled: [] }));
  const resolve = (name: Located<string>): string[] => {
    if (name.value === EVERY) return [EVERY];
    const { ids, problem } = names.find(name);
    if (problem) diagnostics.push(problem);
    return [...ids];
  };
  for (const override of written.overrides) for (const id of resolve(override.rule)) entry(id).overrides.push(override);
  for (const disabled of written.disabled) for (const id of resolve(disabled.rule)) entry(id).disabled.push(disabled);
  const { thresholds } = written;
  const alsoSaid = idsOfOthers(thresholds, names);
  const saysMore = (id: string): boolean => index.has(EVERY) || index.has(id) || alsoSaid.has(id);
  for (const i of alsoSaid.has(EVERY) ? thresholds.keys() : takeNumbers(saysMore, thresholds)) {
    const override = thresholds.at(i);
    for (const id of resolve(override.rule)) entry(id).thresholds.push(override);
  }
  return index;
}

/** The rules that entries of thresholds name which are more than a number, or which name several rules. */
function idsOfOthers(thresholds: Thresholds, names: RuleNames): ReadonlySet<string> {
  const ids = new Set<string>();
  for (let i = 0; i < thresholds.length; i++) {
    const name = thresholds.name(i);
    if (name === EVERY) ids.add(EVERY);
    if (thresholds.isSet(i) && !names.isFamily(name)) continue;
    for (const id of names.find(thresholds.at(i).rule).ids) ids.add(id);
  }
  return ids;
}

function declare(
  rule: Rule,
  group: Group,
  said: ReadonlyMap<string, Said>,
  scope: Scope,
  tree: GroupTree,
  diagnostics: Diagnostic[],
): Declaration[] {
  const own = said.get(rule.id);
  const every = said.get(EVERY);
  const settings = new Map<string, Setting>();
  const level: Level = { kind: 'group', name: group.id };
  // Within a group: "*", then thresholds, then overrides.
  for (const override of [...(every?.thresholds ?? []), ...(every?.overrides ?? [])])
    applyEvery(override, level, rule, settings);
  for (const { rule: at } of every?.disabled ?? []) settings.set('enabled', { value: false, span: at.span, level });
  const saidByEvery = settings.size > 0;
  for (const override of own?.thresholds ?? []) applyNamed(override, level, rule, settings, diagnostics);
  for (const { rule: at } of own?.disabled ?? []) settings.set('enabled', { value: false, span: at.span, level });
  for (const override of own?.overrides ?? []) applyNamed(override, level, rule, settings, diagnostics);
  const named = scope.only?.includes(group) || scope.except.includes(group);
  if (!own && !named && !saidByEvery) return [];
  const first = own?.thresholds[0]?.rule.span ?? own?.overrides[0]?.rule.span ?? own?.disabled[0]?.rule.span;
  const declaration: Declaration = {
    group,
    box: group.box,
    settings,
    byName: own !== undefined || named === true,
    span: first ?? settings.values().next().value?.span ?? group.span,
  };
  const cases = [...(own?.thresholds ?? []), ...(own?.overrides ?? [])].flatMap((o) => o.where);
  return [declaration, ...cases.flatMap((c, index) => declareCase(rule, declaration, c, index, tree, diagnostics))];
}

function declareCase(
  rule: Rule,
  { group }: Declaration,
  written: WrittenCase,
  index: number,
  tree: GroupTree,
  diagnostics: Diagnostic[],
): Declaration[] {
  const whole = boxOf(written.match.map((m) => m.matcher));
  const own = whole && tree.external ? decided(whole, tree.external) : whole;
  // A case that asks for another site is none of this server's.
  if (whole && !own) return [];
  const box = own && meet(group.box, own);
  if (!box) {
    diagnostics.push(
      diagnostic(
        'empty-region',
        written.id.span,
        `Nothing can match case "${written.id.value}" of rule "${rule.id}": its matchers contradict ${own ? `those of group "${group.id}"` : 'one another'}.`,
        {
          help: 'mend its `match`, or move it to the group that it is about',
        },
      ),
    );
    return [];
  }
  const settings = new Map<string, Setting>();
  applySettings(written, { kind: 'case', name: written.id.value }, rule.params, settings, diagnostics, rule);
  refuseRecordFields(rule, settings, diagnostics);
  const labels = [...own.keys()];
  return [{ group, case: { id: written.id.value, index, labels }, box, settings, byName: true, span: written.id.span }];
}

function applyNamed(
  override: WrittenOverride,
  level: Level,
  rule: Rule,
  into: Map<string, Setting>,
  diagnostics: Diagnostic[],
): void {
  const own = new Map<string, Setting>();
  applySettings(override, level, rule.params, own, diagnostics, rule);
  refuseRecordFields(rule, own, diagnostics);
  refuseTierParams(override, rule, diagnostics);
  for (const [field, setting] of own) into.set(field, setting);
}

/** A value for all tiers at once would make them fire together. */
function refuseTierParams(override: WrittenOverride, rule: Rule, diagnostics: Diagnostic[]): void {
  if (!rule.tier || override.rule.value !== rule.tier.of) return;
  for (const [name, { keySpan }] of override.params) {
    if (rule.base.get(`param:${name}`)?.level.kind !== 'tier') continue;
    diagnostics.push(
      diagnostic(
        'unknown-rule',
        override.rule.span,
        `"${rule.tier.of}" has tiers, and each has its own "${name}"; one value for all would make them fire together.`,
        {
          help: `name the tier: "${rule.id}"`,
          notes: keySpan.start === override.rule.span.start ? [] : [{ message: 'set here', span: keySpan }],
        },
      ),
    );
  }
}

function applyEvery(override: WrittenOverride, level: Level, rule: Rule, into: Map<string, Setting>): void {
  const params = new Map(
    [...override.params].filter(([name]) => rule.params.has(name) && !rule.params.get(name)?.fixed),
  );
  const own = new Map<string, Setting>();
  // What a value does wrong is reported once, where "*" itself is checked.
  applySettings({ ...override, params }, level, rule.params, own, [], rule);
  for (const [field, setting] of own)
    if (rule.kind === 'alert' || field.startsWith('param:') || field === 'enabled') into.set(field, setting);
}

function refuseRecordFields(rule: Rule, settings: Map<string, Setting>, diagnostics: Diagnostic[]): void {
  if (rule.kind !== 'record') return;
  for (const [field, { span }] of settings) {
    if (field.startsWith('param:') || field === 'enabled') continue;
    diagnostics.push(
      diagnostic(
        'invalid-value',
        span,
        `"${rule.id}" is a recording rule: a group can set its params or switch it off, not ${field.replace(':', ' ')}.`,
        {
          help: field.startsWith('label:')
            ? 'labels on recorded series would break what reads them; the group label is added by itself'
            : 'remove it',
        },
      ),
    );
  }
}
