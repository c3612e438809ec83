import type { VectorSelector } from '../promql/ast.ts';
import { splice } from '../promql/inject.ts';
import type { Region } from '../promql/region.ts';
import type { Placed } from '../promql/selector-region.ts';
import { ROOT_ID } from './groups.ts';
import type { Instance } from './instantiate.ts';
import { instanceTexts } from './labels.ts';
import type { StaticFile } from './native.ts';
import type { Program } from './resolve.ts';
import type { RuleGroupSource } from './rule.ts';
import type { CompiledRule, CompiledRuleGroup, RuleFile, RuleSet } from './ruleset.ts';
import { fillRange } from './shape.ts';
import { allHave } from './versions.ts';

/**
 * Plans the files: one for each group that owns an instance, in it one rule group for each source file;
 * and one for each native file, in it what the root has of its rules, under its own rule groups.
 */
export function plan(program: Program, statics: readonly StaticFile[]): RuleSet {
  const byFile = new Map<string, Instance[]>();
  for (const { instances } of program.rules) {
    for (const instance of instances) {
      const fileName = fileNameOf(instance);
      const own = byFile.get(fileName);
      if (own) own.push(instance);
      else byFile.set(fileName, [instance]);
    }
  }
  const native = statics.map((file) => staticFile(file, byFile.get(file.fileName) ?? [], program));
  for (const { fileName } of native) byFile.delete(fileName);
  const groups = [...byFile].map(([fileName, instances]) => groupFile(fileName, instances, program));
  return { files: [...groups, ...native].sort((a, b) => (a.fileName < b.fileName ? -1 : 1)) };
}

function fileNameOf({ rule, cell }: Instance): string {
  return rule.group.native && cell.owner === ROOT_ID ? rule.group.native.fileName : `group-${cell.owner}.yml`;
}

function groupFile(fileName: string, instances: readonly Instance[], program: Program): RuleFile {
  const owner = (instances[0] as Instance).cell.owner;
  const groups = byGroup(instances);
  const ordered = [...groups].sort(([a], [b]) => (a.name < b.name ? -1 : 1));
  return {
    fileName,
    groupId: owner,
    ruleCount: instances.length,
    sources: sourcesOf(instances),
    *ruleGroups() {
      for (const [source, own] of ordered)
        yield { ...ruleGroup(`${owner}/${source.name}`, source, own, program), labels: new Map() };
    },
  };
}

function staticFile(
  { file, fileName, groups }: StaticFile,
  instances: readonly Instance[],
  program: Program,
): RuleFile {
  const own = byGroup(instances);
  const keepLabels = allHave(program.versions, [3, 0]);
  return {
    fileName,
    groupId: ROOT_ID,
    ruleCount: instances.length,
    sources: [...new Set([file.path, ...sourcesOf(instances)])].sort(),
    *ruleGroups() {
      for (const source of groups) {
        const found = [...own].find(([s]) => s.native?.order === source.native.order)?.[1] ?? [];
        const group = ruleGroup(source.native.groupName, source, found, program);
        yield keepLabels ? liftLabels(group, source.native.labels) : group;
      }
    },
  };
}

/** Labels of a native rule group stay the rule group's where all its rules still have them. */
function liftLabels(group: CompiledRuleGroup, labels: ReadonlyMap<string, string>): CompiledRuleGroup {
  if (!group.rules.every((rule) => [...labels.keys()].every((name) => rule.labels.has(name)))) return group;
  const rules = group.rules.map((rule) => ({
    ...rule,
    labels: new Map([...rule.labels].filter(([name, value]) => labels.get(name) !== value)),
  }));
  return { ...group, labels, rules };
}

function byGroup(instances: readonly Instance[]): Map<RuleGroupSource, Instance[]> {
  const groups = new Map<RuleGroupSource, Instance[]>();
  for (const instance of instances) {
    const own = groups.get(instance.rule.group);
    if (own) own.push(instance);
    else groups.set(instance.rule.group, [instance]);
  }
  return groups;
}

function sourcesOf(instances: readonly Instance[]): string[] {
  const sources = new Set<string>();
  for (const { rule, cell } of instances) {
    sources.add(rule.group.file.path);
    for (const { group } of cell.declarations) if (group.written) sources.add(group.written.file.path);
  }
  return [...sources].sort();
}

function ruleGroup(
  name: string,
  source: RuleGroupSource,
  instances: readonly Instance[],
  program: Program,
): CompiledRuleGroup {
  return {
    name,
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
  const text = splice(
    shape.cuts,
    (range) => fillRange(shape, holes, range),
    (selector: VectorSelector) => placed.get(selector) as Placed,
  );
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
  // In a native file's own output its header says where it is from.
  if (rule.group.native && cell.declarations.length === 0) return [];
  const who = [...new Set(cell.declarations.map((d) => d.group.id))];
  const id = rule.id === rule.name.value ? '' : ` (${rule.id})`;
  return [`${rule.group.file.path}${id}${who.length > 0 ? `; set by ${who.join(', ')}` : ''}`];
}

/** Regions of an instance by selector, for whoever compares instances. */
export const regionOn =
  (instance: Instance) =>
  (selector: VectorSelector): Region | undefined =>
    instance.placed.get(selector)?.region;
