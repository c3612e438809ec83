import { shared } from '../../promql/apart.ts';
import type { VectorSelector } from '../../promql/ast.ts';
import { hasLabel } from '../../promql/kept.ts';
import { MAX_PIECES } from '../../promql/selector-region.ts';
import { metricNames } from '../metrics.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { diagnostic } from '../diagnostic.ts';
import type { Instance } from '../instantiate.ts';
import { regionOn } from '../plan.ts';
import type { Program, ResolvedRule } from '../resolve.ts';

/** For every two instances of a rule the matchers that really were injected must be disjoint. */
export function checkDisjoint({ rules }: Program): Diagnostic[] {
  return rules.flatMap((resolved) => [...overlapping(resolved), ...tooManyPieces(resolved)]);
}

function overlapping({ rule, instances, context, analysis }: ResolvedRule): Diagnostic[] {
  if (instances.length < 2 || instances.every((i) => tellsAll(i, context))) return [];
  for (const [i, a] of instances.entries()) {
    for (const b of instances.slice(i + 1)) {
      const blamed = shared(a.shape.expr, regionOn(a), regionOn(b), analysis.through)[0];
      if (!blamed) continue;
      const lacking = labelsOf(a, b).filter((label) => !hasLabel(context.labelsOf(blamed).kept, label));
      return [describe(rule, a, b, blamed, lacking)];
    }
  }
  return [];
}

/** Whether every selector has every label that the region tests: then what is disjoint stays so. */
function tellsAll(instance: Instance, context: ResolvedRule['context']): boolean {
  const labels = regionLabels(instance);
  return instance.shape.selectors.every((s) => {
    const { kept } = context.labelsOf(s);
    return labels.every((label) => hasLabel(kept, label));
  });
}

const regionLabels = ({ cell: { region } }: Instance): string[] => [...new Set([...region.base.keys(), ...region.minus.flatMap((box) => [...box.keys()])])];

const labelsOf = (a: Instance, b: Instance): string[] => [...new Set([...regionLabels(a), ...regionLabels(b)])].sort();

function describe(rule: ResolvedRule['rule'], a: Instance, b: Instance, selector: VectorSelector, lacking: readonly string[]): Diagnostic {
  const metric = metricNames(selector)?.join('|') ?? 'a metric';
  const labels = lacking.map((l) => `"${l}"`).join(', ');
  const by = [...b.cell.declarations, ...a.cell.declarations].find((d) => d.group.depth > 0) ?? b.cell.declarations[0];
  const owners = `"${a.cell.owner}" and "${b.cell.owner}"`;
  return diagnostic(
    'not-disjoint',
    by?.span ?? rule.span,
    `Rule "${rule.id}" cannot differ between ${owners}: ${metric} lacks the label ${labels || 'that tells them apart'}, so that both instances would watch the same series and fire twice.`,
    {
      help: `keep ${labels || 'the label'} in the recording rule that makes ${metric} (by (…) or without (…)), correct \`metrics:\` in rulewright.yaml if its series do carry it, join a metric that has it, or say this of the rule in "default" for all`,
      notes: [{ message: 'the expression', span: rule.expr.span }],
    },
  );
}

function tooManyPieces({ rule, instances }: ResolvedRule): Diagnostic[] {
  const bad = instances.find((i) => hasAbsent(i) && [...i.placed.values()].some((p) => p.minus.length > 0 && p.pieces().length === 0));
  if (!bad) return [];
  return [
    diagnostic('too-many-selectors', rule.span, `In "${bad.cell.owner}" absent() of rule "${rule.id}" would need more than ${MAX_PIECES} selectors, for what is excluded there multiplies.`, {
      help: 'let fewer overlapping groups with several matchers speak of this rule',
    }),
  ];
}

const hasAbsent = ({ shape }: Instance): boolean => shape.cuts.some((c) => c.kind === 'absent' || (c.kind === 'unit' && c.parts.some((p) => p.kind === 'absent')));
