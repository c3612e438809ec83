import type { VectorSelector } from '../../promql/ast.ts';
import type { Analysis } from '../../promql/kept.ts';
import { analyse } from '../../promql/kept.ts';
import { hasLabel } from '../../promql/label-names.ts';
import type { Cascade, CascadeContext } from '../cascade/cascade.ts';
import { cascade, cascadeContext } from '../cascade/cascade.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import type { RuleContext } from '../instance/instantiate.ts';
import { worse } from '../instance/instantiate.ts';
import type { Matchers } from '../instance/matchers-of-cells.ts';
import { matchersOf } from '../instance/matchers-of-cells.ts';
import { seriesLabels } from '../instance/metrics.ts';
import type { Program, ProgramParts, ResolvedRule } from '../instance/program.ts';
import { isCopy } from '../instance/program.ts';
import type { Insertions, Shape } from '../instance/shape.ts';
import { shapesOf } from '../instance/shape.ts';
import { withTargets } from '../instance/with-targets.ts';
import type { Rule } from '../model/rule.ts';
import { leaveOut } from '../shares/leave-out.ts';
import type { Given, Made } from './made.ts';
import { contradicts, instancesIn } from './made.ts';
import { standInValues } from './stand-ins.ts';

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

function resolveRule(
  context: RuleContext,
  first: Analysis,
  shared: Shared,
  parts: ProgramParts,
  diagnostics: Diagnostic[],
): ResolvedRule[] {
  const {
    analysis,
    made,
    instances: found,
    problems,
  } = untilSettled(context, first, { ...shared, texts: parts.texts });
  const { instances, ...more } = found;
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

interface Settled {
  readonly analysis: Analysis;
  readonly made: Cascade;
  readonly instances: Made;
  readonly problems: Diagnostic[];
}

/**
 * Cuts a rule into cells and makes its instances until the one agrees with the other: what may split a rule is decided by its
 * expression, and a value that a group gives may choose another branch of the template, with an expression that
 * less may split. Each round raises one of two flags and lowers none (`worse`), so that there are three at most.
 */
function untilSettled(context: RuleContext, first: Analysis, shared: Shared & Given): Settled {
  for (let analysis = first; ; ) {
    const made = cascade(context.rule, analysis, shared);
    const problems: Diagnostic[] = [...made.diagnostics];
    const instances = instancesIn(context, made, analysis.fromNothing, shared, problems);
    const shapes = new Set(instances.samples.map((i) => i.shape));
    const before = analysis;
    const other = [...shapes].map((shape) => analyseShape(shape, context)).find((a) => worse(a, before));
    if (!other) return { analysis, made, instances, problems };
    analysis = { ...other, fleetWide: true, fromNothing: other.fromNothing || analysis.fromNothing };
  }
}

type Shared = CascadeContext & { readonly matchers: Matchers };
