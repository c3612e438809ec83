import { shared } from '../../promql/apart.ts';
import type { VectorSelector } from '../../promql/ast.ts';
import { hasLabel } from '../../promql/label-names.ts';
import { authorMatchers, MAX_PIECES, placeRegion } from '../../promql/selector-region.ts';
import { metricNames } from '../../promql/selectors.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { hasAbsent, regionOn } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/** The matchers that really were injected must be disjoint for every two instances of a rule, and leave out where it is off. */
export function checkDisjoint({ rules }: Program): Diagnostic[] {
  return rules.flatMap((resolved) => [...overlapping(resolved), ...tooManyPieces(resolved)]);
}

function overlapping(resolved: ResolvedRule): Diagnostic[] {
  const { rule, cascade, context, analysis } = resolved;
  if (tellsAll(resolved)) return [];
  const { instances } = resolved;
  const lacking = (blamed: VectorSelector, a: RuleCell, b: RuleCell): string[] =>
    labelsOf(a, b).filter((label) => !hasLabel(context.labelsOf(blamed).kept, label));
  for (const [i, a] of instances.entries()) {
    for (const b of instances.slice(i + 1)) {
      const blamed = shared(a.shape.expr, regionOn(a), regionOn(b), analysis.through)[0];
      if (blamed) return [describe(rule, a.cell, b.cell, blamed, lacking(blamed, a.cell, b.cell))];
    }
  }
  // Where the rule is off, no instance may see a series either.
  const off = cascade.cells.filter((cell) => !cell.applies || !cell.enabled);
  for (const a of instances) {
    for (const cell of off) {
      const there = (s: VectorSelector) =>
        placeRegion(cell.region, authorMatchers(s, a.shape.holes), context.labelsOf(s).kept).region;
      const blamed = shared(a.shape.expr, regionOn(a), there, analysis.through)[0];
      if (blamed) return [describeOff(rule, a.cell, cell, blamed, lacking(blamed, a.cell, cell))];
    }
  }
  return [];
}

/** Whether every selector has every label that regions test: then what is disjoint stays so. */
function tellsAll({ samples, cascade: { partition }, context }: ResolvedRule): boolean {
  const labels = [...partition.labels];
  const shapes = [...new Set(samples.map((i) => i.shape))];
  return shapes.every(({ selectors }) =>
    selectors.every((s) => {
      const { kept } = context.labelsOf(s);
      return labels.every((label) => hasLabel(kept, label));
    }),
  );
}

const regionLabels = ({ region }: RuleCell): string[] => [
  ...new Set([...region.base.keys(), ...region.minus.flatMap((box) => [...box.keys()])]),
];

const labelsOf = (a: RuleCell, b: RuleCell): string[] => [...new Set([...regionLabels(a), ...regionLabels(b)])].sort();

function describe(
  rule: ResolvedRule['rule'],
  a: RuleCell,
  b: RuleCell,
  selector: VectorSelector,
  lacking: readonly string[],
): Diagnostic {
  const owners = `"${a.owner}" and "${b.owner}"`;
  return notDisjoint(
    rule,
    [b, a],
    selector,
    lacking,
    `Rule "${rule.id}" cannot differ between ${owners}`,
    'both instances would watch the same series and fire twice',
  );
}

function describeOff(
  rule: ResolvedRule['rule'],
  on: RuleCell,
  off: RuleCell,
  selector: VectorSelector,
  lacking: readonly string[],
): Diagnostic {
  const where = off.owner === on.owner ? `part of "${off.owner}"` : `"${off.owner}"`;
  const what = off.applies ? `cannot be switched off in ${where}` : `cannot leave out ${where}`;
  return notDisjoint(
    rule,
    [off, on],
    selector,
    lacking,
    `Rule "${rule.id}" ${what}`,
    `the instance of "${on.owner}" would watch those targets all the same`,
  );
}

function notDisjoint(
  rule: ResolvedRule['rule'],
  cells: readonly RuleCell[],
  selector: VectorSelector,
  lacking: readonly string[],
  what: string,
  effect: string,
): Diagnostic {
  const metric = metricNames(selector)?.join('|') ?? 'a metric';
  const labels = lacking.map((l) => `"${l}"`).join(', ');
  const all = cells.flatMap((cell) => cell.declarations);
  const by = all.find((d) => d.group.depth > 0) ?? all[0];
  return diagnostic(
    'not-disjoint',
    by?.span ?? rule.span,
    `${what}: ${metric} lacks the label ${labels || 'that tells them apart'}, so that ${effect}.`,
    {
      help: `keep ${labels || 'the label'} in the recording rule, where one makes ${metric} (by (…) or without (…)); correct \`metrics:\` in rulewright.yaml, if its series do carry it; join a metric that has it; or say this of the rule in "default" for all`,
      notes: [{ message: 'the expression', span: rule.expr.span }],
    },
  );
}

function tooManyPieces({ rule, samples }: ResolvedRule): Diagnostic[] {
  const bad = samples.find(
    (i) => hasAbsent(i) && [...i.placed.values()].some((p) => p.minus.length > 0 && p.pieces().length === 0),
  );
  if (!bad) return [];
  return [
    diagnostic(
      'too-many-selectors',
      rule.span,
      `In "${bad.cell.owner}" absent() of rule "${rule.id}" would need more than ${MAX_PIECES} selectors, for what is excluded there multiplies.`,
      {
        help: 'let fewer overlapping groups with several matchers speak of this rule',
      },
    ),
  ];
}
