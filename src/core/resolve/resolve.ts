import type { VectorSelector } from '../../promql/ast.ts';
import type { Analysis } from '../../promql/kept.ts';
import { analyse } from '../../promql/kept.ts';
import { hasLabel } from '../../promql/label-names.ts';
import type { Cascade, CascadeContext } from '../cascade/cascade.ts';
import { cascade, cascadeContext } from '../cascade/cascade.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { copiesOf } from '../instance/copies.ts';
import type { Instance, RuleContext } from '../instance/instantiate.ts';
import { instanceIn, instantiate, worse } from '../instance/instantiate.ts';
import type { Matchers } from '../instance/matchers-of-cells.ts';
import { matchersOf } from '../instance/matchers-of-cells.ts';
import { seriesLabels } from '../instance/metrics.ts';
import type { Program, ProgramParts, ResolvedRule } from '../instance/program.ts';
import { isCopy } from '../instance/program.ts';
import type { Insertions, Shape } from '../instance/shape.ts';
import { shapesOf } from '../instance/shape.ts';
import { withTargets } from '../instance/with-targets.ts';
import type { Rule } from '../model/rule.ts';
import type { Value } from '../model/value.ts';
import { leaveOut } from '../shares/leave-out.ts';

/** Resolves all rules: the cascade, the regions, the instances. Rules with errors are left out. */
export function resolve(rules: readonly Rule[], parts: ProgramParts): { program: Program; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const analyses = new Map<Rule, Analysis | undefined>();
  const analysisOf = (rule: Rule): Analysis | undefined => {
    if (!analyses.has(rule)) analyses.set(rule, analyseRule(contexts.get(rule) as RuleContext, diagnostics));
    return analyses.get(rule);
  };
  const labelsOf = seriesLabels(parts.config, rules, analysisOf);
  const matchers = matchersOf(parts.tree);
  const known = { ...parts, labelsOf, tested: matchers.tested };
  const contexts = new Map(rules.map((rule) => [rule, ruleContext(rule, known)]));
  const shared: Shared = { ...cascadeContext(parts.tree, parts.declared, parts.config.maxCells), matchers };
  const resolved = rules.flatMap((rule) => {
    const analysis = analysisOf(rule);
    return analysis ? resolveRule(contexts.get(rule) as RuleContext, analysis, shared, parts, diagnostics) : [];
  });
  const program = leaveOut({ ...parts, rules: resolved }, ({ rule }, insertions) => {
    const context = ruleContext(rule, known, insertions);
    // What there is to say of the rule has been said.
    const analysis = analyseRule(context, []);
    return analysis && resolveRule(context, analysis, shared, parts, [])[0];
  });
  return { program, diagnostics };
}

interface Known extends ProgramParts {
  readonly labelsOf: RuleContext['labelsOf'];
  /** Labels that groups match on. */
  readonly tested: ReadonlySet<string>;
}

function ruleContext(
  rule: Rule,
  { texts, versions, declared, labelsOf, tested }: Known,
  insertions?: Insertions,
): RuleContext {
  const expr = texts.expr(rule);
  const used = new Set(expr.names.keys());
  for (const [field, setting] of rule.base) {
    if (typeof setting.value !== 'string') continue;
    for (const name of texts.of(rule, field, setting).names) used.add(name);
  }
  const isTouched = (selector: VectorSelector): boolean => {
    const { kept } = labelsOf(selector);
    const has = (label: string): boolean => hasLabel(kept, label);
    return [...tested].some(has) || declared.of(rule).some((d) => d.case?.labels.some(has));
  };
  return {
    rule,
    labelsOf,
    isTouched,
    used,
    shapes: shapesOf(expr, versions, rule.group.native !== undefined, insertions),
  };
}

/** What the expression is by the rule's own values; where a param has none, by one of its type. */
function analyseRule(context: RuleContext, diagnostics: Diagnostic[]): Analysis | undefined {
  const { shape, diagnostics: problems } = context.shapes.shape(standInValues(context.rule));
  diagnostics.push(...problems);
  return shape && analyseShape(shape, context);
}

const analyseShape = (shape: Shape, context: RuleContext): Analysis =>
  analyse(shape.expr, context.labelsOf, context.isTouched);

function standInValues(rule: Rule): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, param] of rule.params) {
    const own = rule.base.get(`param:${name}`)?.value;
    values.set(name, own && typeof own === 'object' ? own : standIn(param));
  }
  return values;
}

function standIn({ type, min, values }: Rule['params'] extends ReadonlyMap<string, infer P> ? P : never): Value {
  switch (type) {
    case 'number':
      return { type, value: min ?? 1 };
    case 'duration':
      return { type, ms: 300_000, text: '5m' };
    case 'list':
      return { type, items: ['x'] };
    case 'boolean':
      return { type, value: false };
    case 'enum':
      return { type, value: values?.[0] ?? 'x' };
    default:
      return { type, value: 'x' };
  }
}

function resolveRule(
  context: RuleContext,
  first: Analysis,
  shared: Shared,
  parts: ProgramParts,
  diagnostics: Diagnostic[],
): ResolvedRule[] {
  let analysis = first;
  for (;;) {
    const made = cascade(context.rule, analysis, shared);
    const problems: Diagnostic[] = [...made.diagnostics];
    const { instances, ...more } = made.partition.overLimit
      ? NO_INSTANCES
      : analysis.fromNothing
        ? eagerly(context, made, problems)
        : (withCopies(context, made, { shared, parts }, problems) ?? eagerly(context, made, problems));
    // A value that chose another branch may have made the rule fleet-wide: then less may split it.
    const shapes = new Set(more.samples.map((i) => i.shape));
    const other = [...shapes].map((shape) => analyseShape(shape, context)).find((a) => worse(a, analysis));
    if (other) {
      analysis = { ...other, fleetWide: true, fromNothing: other.fromNothing || analysis.fromNothing };
      continue;
    }
    const isThere = (index: number): boolean =>
      more.others.has(index) || isCopy(more.copies, index) || !contradicts(context, made.cell(index));
    const resolved = { rule: context.rule, context, analysis, cascade: made, conflicts: made.conflicts(isThere) };
    if (more.copies) {
      diagnostics.push(...problems);
      return [
        {
          ...resolved,
          ...more,
          leftOut: [],
          get instances() {
            return instances();
          },
        },
      ];
    }
    const all = instances();
    const kept = withTargets(context.rule, analysis, made.cells, all, parts.inventory, problems);
    diagnostics.push(...problems);
    const there = new Set(kept);
    const leftOut = all.filter((i) => !there.has(i)).map((i) => i.cell);
    const others = new Map([...more.others].filter(([, instance]) => there.has(instance)));
    return [{ ...resolved, instances: kept, samples: kept, others, leftOut }];
  }
}

type Shared = CascadeContext & { readonly matchers: Matchers };

/** Of cells that are too many, and some of which are not even known, none is compiled. */
const NO_INSTANCES: Made = { instances: () => [], samples: [], others: new Map() };

type Made = Pick<ResolvedRule, 'samples' | 'copies' | 'others'> & { readonly instances: () => readonly Instance[] };

/** The instance of each cell. */
function eagerly(context: RuleContext, { cells }: Cascade, problems: Diagnostic[]): Made {
  const others = new Map<number, Instance>();
  for (const [i, cell] of cells.entries()) {
    const instance = instanceIn(context, cell, problems);
    if (instance) others.set(i, instance);
  }
  const instances = [...others.values()];
  return { instances: () => instances, samples: instances, others };
}

/** Whether the rule's own matchers leave nothing of a cell; what can't be compiled, or is switched off there, may be in it. */
function contradicts(context: RuleContext, cell: RuleCell): boolean {
  const { instance, diagnostics } = instantiate(context, cell);
  return instance === undefined && diagnostics.length === 0;
}

/** The same where most instances are copies of one: these are made when they are asked for. */
function withCopies(
  context: RuleContext,
  cascade: Cascade,
  { shared, parts }: { readonly shared: Shared; readonly parts: ProgramParts },
  problems: Diagnostic[],
): Made | undefined {
  const { thresholds, partition, cell } = cascade;
  if (!thresholds) return undefined;
  const first = thresholds.first();
  const sample = instanceIn(context, cell(first), problems);
  const { texts } = parts;
  const copies =
    sample && copiesOf(sample, first, thresholds, partition, { context, texts, matchers: shared.matchers });
  if (!copies || copies.count < 2) return undefined;
  const others = new Map<number, Instance>();
  for (let i = 0; i < partition.cells.length; i++) {
    const other = !isCopy(copies, i) ? instanceIn(context, cell(i), problems) : undefined;
    if (other) others.set(i, other);
  }
  const instances = shared.keep(() =>
    cascade.cells.flatMap((own, i) => {
      if (i === first) return sample;
      return others.get(i) ?? (isCopy(copies, i) ? (instanceIn(context, own, []) ?? []) : []);
    }),
  );
  const samples = [...others, [first, sample] as const].sort(([a], [b]) => a - b).map(([, instance]) => instance);
  return { instances, samples, copies, others };
}
