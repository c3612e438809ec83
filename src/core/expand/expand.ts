import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import type { Param } from '../model/params.ts';
import { typedParam } from '../model/params.ts';
import type { LayerSettings, Level, Rule, RuleGroupSource, Setting, Settings } from '../model/rule.ts';
import type {
  WrittenBody,
  WrittenParam,
  WrittenRule,
  WrittenRuleFile,
  WrittenSettings,
  WrittenSources,
  WrittenTemplate,
} from '../model/written.ts';
import {
  bothKinds,
  circular,
  lacks,
  notOfRecords,
  recordWithTiers,
  twoFiles,
  twoRules,
  unknownTemplate,
} from './messages.ts';
import { applySettings, applyTexts, setParam } from './settings.ts';

/** Expands rules: templates are merged in, params typed, tiers made rules of their own, ids checked. */
export function expandRules({
  rules: files,
  templates,
  unread,
}: Pick<WrittenSources, 'rules' | 'templates' | 'unread'>): {
  rules: Rule[];
  broken: Set<string>;
  diagnostics: Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const broken = new Set<string>();
  const byName: Templates = { all: new Map(templates.map((t) => [t.name, t])), whole: !unread.has('templates') };
  const rules: Rule[] = [];
  const groups = new Map<string, RuleGroupSource>();
  for (const file of files) {
    const group = ruleGroupSource(file);
    const twin = groups.get(group.name);
    if (twin) {
      diagnostics.push(twoFiles(file.name, twin.span));
      continue;
    }
    groups.set(group.name, group);
    file.rules.forEach((written, index) => {
      const made = expandRule(written, group, index, byName, diagnostics);
      rules.push(...made);
      const id = written.id ?? written.alert ?? written.record;
      if (made.length === 0 && id) broken.add(id.value);
    });
  }
  return { rules: uniqueRules(rules, diagnostics), broken, diagnostics };
}

interface Templates {
  readonly all: ReadonlyMap<string, WrittenTemplate>;
  /** Whether all files of templates could be read. */
  readonly whole: boolean;
}

function ruleGroupSource(file: WrittenRuleFile): RuleGroupSource {
  return {
    file: file.file,
    name: file.name.value,
    span: file.name.span,
    ...(file.interval && { interval: file.interval.value }),
    ...(file.queryOffset && { queryOffset: file.queryOffset.value }),
    ...(file.limit && { limit: file.limit.value }),
    fieldSpans: {
      ...(file.queryOffset && { queryOffset: file.queryOffset.span }),
      ...(file.limit && { limit: file.limit.span }),
    },
  };
}

function uniqueRules(rules: readonly Rule[], diagnostics: Diagnostic[]): Rule[] {
  const byId = new Map<string, Rule>();
  for (const rule of rules) {
    const first = byId.get(rule.id);
    if (!first) {
      byId.set(rule.id, rule);
      continue;
    }
    diagnostics.push(twoRules(rule, first.name.span));
  }
  return [...byId.values()];
}

/** A level of inheritance: who says it, and what. */
interface Layer {
  readonly level: Level;
  readonly body: WrittenBody;
}

function expandRule(
  written: WrittenRule,
  group: RuleGroupSource,
  index: number,
  templates: Templates,
  diagnostics: Diagnostic[],
): Rule[] {
  const layers = inherit(written, templates, diagnostics);
  if (!layers) return [];
  const last = <K extends keyof WrittenBody>(key: K): WrittenBody[K] | undefined =>
    layers.findLast((l) => l.body[key] !== undefined)?.body[key];
  const [alert, record, expr] = [last('alert'), last('record'), last('expr')];
  const name = written.alert ?? written.record ?? alert ?? record;
  if (!name || !expr) {
    // Of a rule without a template its file was checked for both.
    if (layers.length === 1) return [];
    diagnostics.push(lacks(name ? 'an `expr`' : 'a name: `alert` or `record`', name?.span ?? written.span));
    return [];
  }
  const kind = written.record || (!written.alert && record) ? 'record' : 'alert';
  if (alert && record) {
    diagnostics.push(bothKinds(name.span, alert.span, record.span));
    return [];
  }
  const id = written.id?.value ?? name.value;
  const params = new Map<string, Param>();
  const base = new Map<string, Setting>();
  const said: LayerSettings[] = layers.map(({ level: { kind, name }, body }) => {
    const level: Level = { kind, name: kind === 'rule' ? id : name };
    applyLayer({ level, body }, params, base, diagnostics);
    return { level, span: body.span, settings: saidBy(level, base) };
  });
  if (kind === 'record') refuseAlertFields(name, base, diagnostics);
  const [owner, description, only, except] = [last('owner'), last('description'), last('only'), last('except')];
  const rule: Rule = {
    id,
    kind,
    name,
    group,
    index,
    params,
    expr,
    base,
    layers: said,
    span: name.span,
    ...(only && { only }),
    ...(except && { except }),
    ...(owner && { owner: owner.value }),
    ...(description && { description: description.value }),
  };
  const tiers = layers.flatMap((l) => [...(l.body.tiers ?? [])]);
  if (tiers.length === 0) return [rule];
  if (kind === 'record') {
    diagnostics.push(recordWithTiers(name.span));
    return [];
  }
  return [...new Set(tiers.map(([tier]) => tier))].map((tier) => tierRule(rule, tier, tiers, diagnostics));
}

function tierRule(
  rule: Rule,
  tier: string,
  tiers: readonly [string, WrittenSettings & { keySpan: Span }][],
  diagnostics: Diagnostic[],
): Rule {
  const base = new Map(rule.base);
  const level: Level = { kind: 'tier', name: tier };
  const own = tiers.filter(([name]) => name === tier).map(([, settings]) => settings);
  base.set('label:severity', { value: tier, span: (own[0] as WrittenSettings & { keySpan: Span }).keySpan, level });
  for (const settings of own) applySettings(settings, level, rule.params, base, diagnostics, rule);
  const layer: LayerSettings = { level, span: own[0]?.span ?? rule.span, settings: saidBy(level, base) };
  return {
    ...rule,
    id: `${rule.id}.${tier}`,
    tier: { of: rule.id, name: tier },
    base,
    layers: [...rule.layers, layer],
  };
}

/** What a level has just said: all that it put over the levels before. */
const saidBy = (level: Level, base: Settings): Settings =>
  new Map([...base].filter(([, setting]) => setting.level === level));

/** The layers of a rule, the farthest template first, the rule last; undefined after an error. */
function inherit(
  written: WrittenRule,
  { all: templates, whole }: Templates,
  diagnostics: Diagnostic[],
): Layer[] | undefined {
  const layers: Layer[] = [{ level: { kind: 'rule', name: '' }, body: written }];
  const trail: string[] = [];
  for (let body: WrittenBody = written; body.template; ) {
    const { value: name, span } = body.template;
    const template = templates.get(name);
    if (!template) {
      if (!whole) return undefined;
      diagnostics.push(unknownTemplate(body.template, [...templates.keys()]));
      return undefined;
    }
    if (trail.includes(name)) {
      diagnostics.push(circular(span, [...trail.slice(trail.indexOf(name)), name]));
      return undefined;
    }
    trail.push(name);
    layers.unshift({ level: { kind: 'template', name }, body: template.body });
    body = template.body;
  }
  return layers;
}

function applyLayer(
  { level, body }: Layer,
  params: Map<string, Param>,
  base: Map<string, Setting>,
  diagnostics: Diagnostic[],
): void {
  for (const [name, written] of body.params) declareParam(name, written, level, params, base, diagnostics);
  applyTexts(body, level, base);
}

/** A short form for a param that a template has declared gives it a value; anything else declares it. */
function declareParam(
  name: string,
  written: WrittenParam,
  level: Level,
  params: Map<string, Param>,
  base: Map<string, Setting>,
  diagnostics: Diagnostic[],
): void {
  const declared = params.get(name);
  if (declared && written.default && isOnlyDefault(written)) {
    setParam(declared, written.default, level, base, diagnostics);
    return;
  }
  const typed = typedParam(written);
  diagnostics.push(...typed.diagnostics);
  if (typed.param) params.set(name, typed.param);
  if (typed.value) base.set(`param:${name}`, { ...typed.value, level });
}

const isOnlyDefault = (w: WrittenParam): boolean =>
  w.short || !(w.type || w.unit || w.min || w.max || w.values || w.fixed);

function refuseAlertFields(name: Located<string>, base: ReadonlyMap<string, Setting>, diagnostics: Diagnostic[]): void {
  for (const [field, { span }] of base) {
    if (field !== 'for' && field !== 'keep_firing_for' && !field.startsWith('annotation:')) continue;
    diagnostics.push(notOfRecords(name.value, field.startsWith('annotation:') ? 'annotations' : field, span));
  }
}
