import type { VectorSelector } from '../../promql/ast.ts';
import { splice } from '../../promql/inject.ts';
import type { Placed as PlacedRegion } from '../../promql/selector-region.ts';
import type { GroupCell } from '../cascade/partition.ts';
import type { StaticFile } from '../expand/native.ts';
import { memo } from '../ground/memo.ts';
import { allHave } from '../ground/versions.ts';
import type { Copies } from '../instance/copies.ts';
import { MARKS, mark, VALUE } from '../instance/copies.ts';
import type { Instance } from '../instance/instantiate.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { forEachPlace, instanceAt } from '../instance/program.ts';
import { fillRange } from '../instance/shape.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { Rule, RuleGroupSource, Setting } from '../model/rule.ts';
import type { CompiledRule, CompiledRuleGroup, RuleCopy, RuleFile, RuleSet } from '../model/ruleset.ts';

/**
 * Plans the files: one for each group that owns an instance, in it one rule group for each source file;
 * and one for each native file, in it what the root has of its rules, under its own rule groups.
 */
export function plan(program: Program, statics: readonly StaticFile[]): RuleSet {
  const byOwner = new Map<string, Placed[]>();
  const byNative = new Map<string, Placed[]>();
  for (const resolved of program.rules) {
    const { native } = resolved.rule.group;
    forEachPlace(resolved, (index, cell, instance) => {
      const placed: Placed = { resolved, index, cell, instance };
      if (native && cell.owner === ROOT_ID) memo(byNative, native.fileName, () => []).push(placed);
      else memo(byOwner, cell.owner, () => []).push(placed);
    });
  }
  const native = statics.map((file) => staticFile(file, byNative.get(file.fileName) ?? [], program));
  const groups = [...byOwner].map(([owner, placed]) => groupFile(owner, placed, program));
  return { files: [...groups, ...native].sort((a, b) => (a.fileName < b.fileName ? -1 : 1)) };
}

/** An instance as the rule and its cell. */
interface Placed {
  readonly resolved: ResolvedRule;
  readonly index: number;
  readonly cell: GroupCell;
  /** Undefined where it is a copy. */
  readonly instance: Instance | undefined;
}

const instanceOf = ({ resolved, index }: Placed): Instance => instanceAt(resolved, index) as Instance;

function groupFile(owner: string, placed: readonly Placed[], program: Program): RuleFile {
  const groups = byGroup(placed);
  const ordered = [...groups].sort(([a], [b]) => (a.name < b.name ? -1 : 1));
  return {
    fileName: `group-${owner}.yml`,
    groupId: owner,
    ruleCount: placed.length,
    sources: sourcesOf(placed),
    *ruleGroups() {
      for (const [source, own] of ordered) yield ruleGroup(`${owner}/${source.name}`, source, own, program);
    },
  };
}

function staticFile({ file, fileName, groups }: StaticFile, placed: readonly Placed[], program: Program): RuleFile {
  const own = byGroup(placed);
  const keepLabels = allHave(program.versions, [3, 0]);
  return {
    fileName,
    groupId: ROOT_ID,
    ruleCount: placed.length,
    sources: [...new Set([file.path, ...sourcesOf(placed)])].sort(),
    *ruleGroups() {
      for (const source of groups) {
        const found = [...own].find(([s]) => s.native?.order === source.native.order)?.[1] ?? [];
        const { written: _, ...group } = ruleGroup(source.native.groupName, source, found, program);
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

function byGroup(placed: readonly Placed[]): Map<RuleGroupSource, Placed[]> {
  const groups = new Map<RuleGroupSource, Placed[]>();
  for (const one of placed) memo(groups, one.resolved.rule.group, () => []).push(one);
  return groups;
}

function sourcesOf(placed: readonly Placed[]): string[] {
  const sources = new Set<string>();
  let lastGroup: RuleGroupSource | undefined;
  let lastCell: GroupCell | undefined;
  for (const { resolved, cell, instance } of placed) {
    const { group } = resolved.rule;
    if (group !== lastGroup) sources.add(group.file.path);
    lastGroup = group;
    if (instance) {
      for (const d of instance.cell.declarations) if (d.group.written) sources.add(d.group.written.file.path);
    } else if (cell !== lastCell) {
      // Rules that the same groups declare share their cells.
      for (const { written } of cell.groups) if (written) sources.add(written.file.path);
      lastCell = cell;
    }
  }
  return [...sources].sort();
}

function ruleGroup(
  name: string,
  source: RuleGroupSource,
  placed: readonly Placed[],
  program: Program,
): CompiledRuleGroup {
  const copied = placed.some(({ instance }) => !instance);
  return {
    name,
    labels: new Map(),
    get rules() {
      return placed.map((one) => compiledRule(instanceOf(one), program));
    },
    ...(copied && { written: placed.map((one) => writtenRule(one, program)) }),
    span: source.span,
    ...(source.interval !== undefined && { interval: source.interval }),
    ...(source.queryOffset !== undefined && { queryOffset: source.queryOffset }),
    ...(source.limit !== undefined && { limit: source.limit }),
  };
}

/** A copy as the sample and its values, any other instance whole. */
function writtenRule(placed: Placed, program: Program): CompiledRule | RuleCopy {
  const { copies } = placed.resolved;
  const sample = placed.instance || !copies ? undefined : markedSample(copies, program);
  if (!copies || !sample) return compiledRule(placed.instance ?? instanceOf(placed), program);
  return { sample, values: copies.values(placed.index) };
}

const samples = new WeakMap<Copies, { readonly marked: CompiledRule | undefined }>();

/** The sample with marks for what is not the same in every copy; undefined where a text of its own has such characters. */
function markedSample(copies: Copies, program: Program): CompiledRule | undefined {
  return memo(samples, copies, () => {
    const { sample } = copies;
    const rule = compiledRule(sample, program);
    const texts = [rule.name, rule.expr, ...rule.comment, ...rule.labels.values(), ...rule.annotations.values()];
    if (texts.some((text) => MARKS.test(text))) return { marked: undefined };
    const { groupLabel } = program.config;
    const annotations = [...rule.annotations.keys()].map((name): [string, string] => {
      const field = `annotation:${name}`;
      return [name, copies.text(field, sample.cell.settings.get(field) as Setting)];
    });
    const marked: CompiledRule = {
      ...rule,
      expr: copies.expr,
      annotations: new Map(annotations),
      comment: comment(sample.rule, mark(VALUE.groups)),
      labels: new Map([...rule.labels].map(([name, value]) => [name, name === groupLabel ? mark(VALUE.owner) : value])),
    };
    return { marked };
  }).marked;
}

/** The instance's expression: the shape with its values in the holes and its region in the selectors. */
export function instanceExpr({ shape, holes, placed }: Instance): string {
  const text = splice(
    shape.cuts,
    (range) => fillRange(shape, holes, range),
    (selector: VectorSelector) => placed.get(selector) as PlacedRegion,
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
  return comment(rule, [...new Set(cell.declarations.map((d) => d.group.id))].join(', '));
}

function comment(rule: Rule, who: string): string[] {
  const id = rule.id === rule.name.value ? '' : ` (${rule.id})`;
  return [`${rule.group.file.path}${id}${who === '' ? '' : `; set by ${who}`}`];
}
