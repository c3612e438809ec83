import type { Region } from '../promql/region.ts';
import { splice } from '../promql/inject.ts';
import type { VectorSelector } from '../promql/ast.ts';
import type { Placed } from '../promql/selector-region.ts';
import type { Instance } from './instantiate.ts';
import { instanceTexts } from './labels.ts';
import type { Program } from './resolve.ts';
import type { CompiledRule, CompiledRuleGroup, RuleFile, RuleSet } from './ruleset.ts';
import type { RuleGroupSource } from './rule.ts';
import { fillRange } from './shape.ts';

/** Plans the files: one for each group that owns an instance, in it one rule group for each source file. */
export function plan(program: Program): RuleSet {
  const byOwner = new Map<string, Instance[]>();
  for (const { instances } of program.rules) {
    for (const instance of instances) {
      const own = byOwner.get(instance.cell.owner);
      if (own) own.push(instance);
      else byOwner.set(instance.cell.owner, [instance]);
    }
  }
  const files = [...byOwner].map(([owner, instances]) => ruleFile(owner, instances, program));
  return { files: files.sort((a, b) => (a.fileName < b.fileName ? -1 : 1)) };
}

function ruleFile(owner: string, instances: readonly Instance[], program: Program): RuleFile {
  const groups = new Map<RuleGroupSource, Instance[]>();
  for (const instance of instances) groups.set(instance.rule.group, [...(groups.get(instance.rule.group) ?? []), instance]);
  const ordered = [...groups].sort(([a], [b]) => (a.name < b.name ? -1 : 1));
  const sources = new Set<string>();
  for (const { rule, cell } of instances) {
    sources.add(rule.group.file.path);
    for (const { group } of cell.declarations) if (group.written) sources.add(group.written.file.path);
  }
  return {
    fileName: `group-${owner}.yml`,
    groupId: owner,
    ruleCount: instances.length,
    sources: [...sources].sort(),
    *ruleGroups() {
      for (const [source, own] of ordered) yield ruleGroup(owner, source, own, program);
    },
  };
}

function ruleGroup(owner: string, source: RuleGroupSource, instances: readonly Instance[], program: Program): CompiledRuleGroup {
  return {
    name: `${owner}/${source.name}`,
    labels: new Map(),
    rules: instances.map((instance) => compiledRule(instance, program)),
    span: source.span,
    ...(source.interval !== undefined && { interval: source.interval }),
    ...(source.queryOffset !== undefined && { queryOffset: source.queryOffset }),
    ...(source.limit !== undefined && { limit: source.limit }),
  };
}

/** The instance's expression: the shape with its values in the holes and its region in the selectors. */
export function instanceExpr({ shape, holes, placed }: Instance): string {
  const text = splice(shape.cuts, (range) => fillRange(shape, holes, range), (selector: VectorSelector) => placed.get(selector) as Placed);
  // The last line break of a YAML block is not the expression's.
  return text.trim();
}

export function compiledRule(instance: Instance, program: Program): CompiledRule {
  const { rule } = instance;
  const texts = instanceTexts(instance, program);
  return {
    kind: rule.kind,
    name: rule.name.value,
    expr: instanceExpr(instance),
    labels: texts.labels,
    annotations: texts.annotations,
    comment: commentOf(instance),
    span: rule.span,
    origin: texts.origin,
    ...(texts.for !== undefined && { for: texts.for }),
    ...(texts.keepFiringFor !== undefined && { keepFiringFor: texts.keepFiringFor }),
  };
}

/** Which file the rule is from and which groups had a say; no line numbers, so that an edit elsewhere changes nothing here. */
function commentOf({ rule, cell }: Instance): string[] {
  const who = [...new Set(cell.declarations.map((d) => d.group.id))];
  const id = rule.id === rule.name.value ? '' : ` (${rule.id})`;
  return [`${rule.group.file.path}${id}${who.length > 0 ? `; set by ${who.join(', ')}` : ''}`];
}

/** Regions of an instance by selector, for whoever compares instances. */
export const regionOn = (instance: Instance) => (selector: VectorSelector): Region | undefined => instance.placed.get(selector)?.region;
