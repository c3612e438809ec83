import type { Box } from '../promql/region.ts';
import { boxOf, meet } from '../promql/region.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnostic } from './diagnostic.ts';
import type { Group, GroupTree } from './groups.ts';
import { unknownGroup } from './groups.ts';
import { remember } from './remember.ts';
import type { Level, Rule, Setting, Settings } from './rule.ts';
import type { Missing, RuleNames } from './rule-names.ts';
import { ruleNames } from './rule-names.ts';
import { applySettings, unknownParam } from './settings.ts';
import type { Located, Span } from './source.ts';
import type { WrittenCase, WrittenDisabled, WrittenOverride } from './written.ts';

/**
 * Who says what of a rule. A declaration is a group's, or one of its cases'; together their boxes
 * partition the label sets of the rule.
 */
export interface Declaration {
  readonly group: Group;
  readonly case?: { readonly id: string; readonly index: number; readonly labels: readonly string[] };
  readonly box: Box;
  /** The group's own settings (of a case: the case's), folded in the group's own order. */
  readonly settings: Settings;
  /** Said of the rule by its name, not only through "*". */
  readonly byName: boolean;
  /** The first place that speaks of the rule. */
  readonly span: Span;
}

/** All that the groups say, looked up: rules by id, groups by id. */
export interface Declarations {
  /** What groups other than through group-wide labels say of a rule, in no order. */
  of(rule: Rule): readonly Declaration[];
  /** The subtrees that a rule is for; undefined: everywhere. */
  only(rule: Rule): readonly Group[] | undefined;
  except(rule: Rule): readonly Group[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Said {
  readonly thresholds: WrittenOverride[];
  readonly overrides: WrittenOverride[];
  readonly disabled: WrittenDisabled[];
}

const EVERY = '*';

/** Looks up every name that groups and rules use, and reports those that there are not. */
export function declarations(rules: readonly Rule[], tree: GroupTree, missing: Missing): Declarations {
  const diagnostics: Diagnostic[] = [];
  const names = ruleNames(rules, missing);
  const said = new Map<Group, Map<string, Said>>();
  for (const group of tree.groups) said.set(group, indexGroup(group, names, diagnostics));
  const speakers = new Map<string, Group[]>();
  const everySpeakers: Group[] = [];
  for (const [group, byRule] of said) {
    for (const id of byRule.keys()) {
      if (id === EVERY) everySpeakers.push(group);
      else speakers.set(id, [...(speakers.get(id) ?? []), group]);
    }
  }
  const scopes = new Map(rules.map((rule) => [rule, scopeOf(rule, tree, diagnostics)]));
  const scope = (rule: Rule): Scope => scopes.get(rule) ?? { except: [] };
  const made = new Map<Rule, Declaration[]>();
  for (const rule of rules) {
    const { only, except } = scope(rule);
    const groups = new Set([...everySpeakers, ...(speakers.get(rule.id) ?? []), ...(only ?? []), ...except]);
    made.set(
      rule,
      [...groups].flatMap((group) =>
        declare(rule, group, said.get(group) as Map<string, Said>, scope(rule), diagnostics),
      ),
    );
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

function indexGroup(group: Group, names: RuleNames, diagnostics: Diagnostic[]): Map<string, Said> {
  const index = new Map<string, Said>();
  const written = group.written;
  if (!written) return index;
  const entry = (id: string): Said => remember(index, id, () => ({ thresholds: [], overrides: [], disabled: [] }));
  const resolve = (name: Located<string>): string[] => {
    if (name.value === EVERY) return [EVERY];
    const { ids, problem } = names.find(name);
    if (problem) diagnostics.push(problem);
    return [...ids];
  };
  for (const override of written.thresholds)
    for (const id of resolve(override.rule)) entry(id).thresholds.push(override);
  for (const override of written.overrides) for (const id of resolve(override.rule)) entry(id).overrides.push(override);
  for (const disabled of written.disabled) for (const id of resolve(disabled.rule)) entry(id).disabled.push(disabled);
  return index;
}

function declare(
  rule: Rule,
  group: Group,
  said: ReadonlyMap<string, Said>,
  scope: Scope,
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
  return [declaration, ...cases.flatMap((c, index) => declareCase(rule, declaration, c, index, diagnostics))];
}

function declareCase(
  rule: Rule,
  { group }: Declaration,
  written: WrittenCase,
  index: number,
  diagnostics: Diagnostic[],
): Declaration[] {
  const own = boxOf(written.match.map((m) => m.matcher));
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

/** "*" with a param that no rule has says nothing; values of the wrong type for some rule are errors. */
function reportUselessEvery(
  groups: readonly Group[],
  said: ReadonlyMap<Group, ReadonlyMap<string, Said>>,
  rules: readonly Rule[],
  diagnostics: Diagnostic[],
): void {
  const allParams = new Map(rules.flatMap((r) => [...r.params]));
  for (const group of groups) {
    const every = said.get(group)?.get(EVERY);
    for (const override of [...(every?.thresholds ?? []), ...(every?.overrides ?? [])]) {
      for (const [name, raw] of override.params) {
        if (!allParams.has(name)) diagnostics.push(unknownParam(name, raw.keySpan, allParams, { id: EVERY }));
      }
      for (const c of override.where) {
        diagnostics.push(
          diagnostic(
            'invalid-value',
            c.id.span,
            '`where` belongs to a rule by name: a case is about the labels of that rule’s series.',
            { help: 'move it below the rule’s own name' },
          ),
        );
      }
      for (const rule of rules) {
        const params = new Map(
          [...override.params].filter(([name]) => rule.params.has(name) && !rule.params.get(name)?.fixed),
        );
        applySettings(
          { ...override, params },
          { kind: 'group', name: group.id },
          rule.params,
          new Map(),
          diagnostics,
          rule,
        );
      }
    }
  }
}
