import type { VectorSelector } from '../../promql/ast.ts';
import type { Analysis } from '../../promql/kept.ts';
import type { Region } from '../../promql/region.ts';
import type { Placed } from '../../promql/selector-region.ts';
import { authorMatchers, placeRegion } from '../../promql/selector-region.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Rule } from '../model/rule.ts';
import type { Value } from '../model/value.ts';
import type { SeriesLabels } from './metrics.ts';
import type { Shape, Shapes } from './shape.ts';

/** Regions of an instance by selector, for whoever compares instances. */
export const regionOn =
  (instance: Instance) =>
  (selector: VectorSelector): Region | undefined =>
    instance.placed.get(selector)?.region;

/** A rule compiled for one region. */
export interface Instance {
  readonly rule: Rule;
  readonly cell: RuleCell;
  readonly values: ReadonlyMap<string, Value>;
  readonly shape: Shape;
  /** What stands in the shape's holes. */
  readonly holes: readonly string[];
  /** What the region comes to on each selector of the shape. */
  readonly placed: ReadonlyMap<VectorSelector, Placed>;
}

/** What is known of a rule before any group has a say. */
export interface RuleContext {
  readonly rule: Rule;
  readonly shapes: Shapes;
  readonly labelsOf: (selector: VectorSelector) => SeriesLabels;
  /** Whether a selector's series carry some label that regions of the rule may test. */
  readonly isTouched: (selector: VectorSelector) => boolean;
  /** Params that the rule's texts read. */
  readonly used: ReadonlySet<string>;
}

/** Makes the instance of a cell; none where every selector of the rule contradicts the region. */
export function instantiate(
  context: RuleContext,
  cell: RuleCell,
): { instance?: Instance; diagnostics: readonly Diagnostic[] } {
  const { rule, shapes, used } = context;
  const { values, missing, complete } = valuesOf(rule, cell, used);
  if (!complete) return { diagnostics: missing };
  const { shape, diagnostics } = shapes.shape(values);
  if (!shape) return { diagnostics };
  const { texts, diagnostics: wrong } = shapes.fill(shape, values);
  if (!texts) return { diagnostics: wrong };
  const placed = new Map<VectorSelector, Placed>();
  for (const selector of shape.selectors) {
    placed.set(
      selector,
      placeRegion(cell.region, authorMatchers(selector, shape.holes), context.labelsOf(selector).kept),
    );
  }
  if (placed.size > 0 && [...placed.values()].every((p) => p.region === undefined)) return { diagnostics: [] };
  return { instance: { rule, cell, values, shape, holes: texts, placed }, diagnostics: [] };
}

/** The instance of a cell, where the rule is for it and enabled there. What is wrong with it joins `problems`. */
export function instanceIn(context: RuleContext, cell: RuleCell, problems: Diagnostic[]): Instance | undefined {
  if (!cell.applies || !cell.enabled) return undefined;
  const { instance, diagnostics } = instantiate(context, cell);
  problems.push(...diagnostics);
  return instance;
}

function valuesOf(
  rule: Rule,
  cell: RuleCell,
  used: ReadonlySet<string>,
): { values: Map<string, Value>; missing: Diagnostic[]; complete: boolean } {
  const values = new Map<string, Value>();
  const missing: Diagnostic[] = [];
  let complete = true;
  for (const [name, param] of rule.params) {
    const setting = cell.settings.get(`param:${name}`);
    if (setting && setting.value !== null) values.set(name, setting.value as Value);
    else if (used.has(name)) {
      complete = false;
      if (param.broken) continue;
      const where = cell.owner === 'default' ? 'by default' : `in "${cell.owner}"`;
      missing.push(
        diagnostic(
          'missing-value',
          setting?.span ?? param.span,
          `Param "${name}" of rule "${rule.id}" has no value ${where}.`,
          {
            help: `give it a default: ${name}: { default: … }, or a value in every group that the rule is for`,
            notes: setting
              ? [{ message: 'declared here', span: param.span }]
              : [{ message: 'the rule', span: rule.span }],
          },
        ),
      );
    }
  }
  return { values, missing, complete };
}

/** Whether less may split a rule by one analysis than by the other. */
export function worse(a: Analysis, b: Analysis): boolean {
  return (a.fleetWide && !b.fleetWide) || (a.fromNothing && !b.fromNothing);
}

/** Whether an instance's expression asks for series that are not there: then its region is said in another way. */
export const hasAbsent = ({ shape }: Pick<Instance, 'shape'>): boolean =>
  shape.cuts.some((c) => c.kind === 'absent' || (c.kind === 'unit' && c.parts.some((p) => p.kind === 'absent')));
