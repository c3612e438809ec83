import { hasLabel } from '../../promql/label-names.ts';
import { metricNames } from '../../promql/selectors.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Group } from '../lookup/groups.ts';

/** What a split does to rules that combine series of different targets. */
export function checkFleet(program: Program): Diagnostic[] {
  return [...program.rules.flatMap(split), ...casesCombined(program), ...unreachable(program), ...unheard(program)];
}

function split(resolved: ResolvedRule): Diagnostic[] {
  const { rule, context, analysis } = resolved;
  if (!analysis.fleetWide && !analysis.fromNothing) return [];
  const { instances } = resolved;
  if (instances.length < 2) return [];
  const groups = new Map<Group, Declaration>();
  for (const { cell } of instances) {
    for (const d of cell.declarations) {
      const through = [...d.box.keys()].every((label) => hasLabel(analysis.through, label));
      if (d.byName && d.group.depth > 0 && !d.case && !through && !groups.has(d.group)) groups.set(d.group, d);
    }
  }
  const [first, ...more] = [...groups.values()];
  if (!first) return [];
  const owners = [...new Set(instances.map((i) => i.cell.owner))].sort();
  const where = `for each region (${list(owners)})`;
  const [message, keep] = analysis.fromNothing
    ? [`fires where nothing is found, and now does so ${where} separately, not once for all`, '']
    : [
        `combines series of several targets, and is now computed once ${where}, not once for all: what was one number becomes ${instances.length}`,
        ', or keep the labels that groups match on in its by (…)',
      ];
  return [
    diagnostic('fleet-wide-split', first.span, `Rule "${rule.id}" ${message}.`, {
      help: `if that is meant, silence this line with a reason; if not, say it of the rule in "default"${keep}`,
      notes: [
        { message: 'the expression', span: rule.expr.span },
        ...wholeParts({ context, instances }).map((metric) => ({
          message: `${metric} lacks the labels of these regions: its part stays that of the whole fleet`,
          span: rule.expr.span,
        })),
        ...more.map((d) => ({ message: `"${d.group.id}" splits it as well`, span: d.span })),
      ],
    }),
  ];
}

/** Metrics of an expression that no region can narrow, for they lack a label that it tests. */
function wholeParts({ context, instances }: Pick<ResolvedRule, 'context' | 'instances'>): string[] {
  const found = instances.flatMap(({ shape, cell }) =>
    shape.selectors
      .filter((s) => [...cell.region.base.keys()].some((label) => !hasLabel(context.labelsOf(s).kept, label)))
      .map((s) => metricNames(s)?.join('|') ?? 'one selector'),
  );
  return [...new Set(found)].sort();
}

/** A case is about a label of the series; where the expression combines series that differ in it, each case counts alone. */
function casesCombined({ rules }: Program): Diagnostic[] {
  return rules.flatMap(({ rule, analysis, samples }) => {
    const cases = new Map<string, Declaration>();
    for (const { cell } of samples)
      for (const d of cell.declarations) if (d.case) cases.set(`${d.group.id} ${d.case.id}`, d);
    return [...cases.values()].flatMap((d) => {
      const lost = d.case?.labels.filter((label) => !hasLabel(analysis.through, label)) ?? [];
      if (lost.length === 0 || analysis.fleetWide) return [];
      return [
        diagnostic(
          'fleet-wide-split',
          d.span,
          `Rule "${rule.id}" combines series that differ in "${lost.join('", "')}"; with case "${d.case?.id}" it is computed once for them and once for the rest.`,
          {
            help: `if that is meant, silence this line with a reason; if not, keep "${lost[0]}" in the expression's by (…)`,
            notes: [{ message: 'the expression', span: rule.expr.span }],
          },
        ),
      ];
    });
  });
}

const list = (ids: readonly string[]): string =>
  ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');

/** One warning for all rules that stay whole although a group gives labels to its targets' alerts. */
function unreachable({ rules }: Program): Diagnostic[] {
  const unreached = rules.filter((r) => r.cascade.unreached.length > 0);
  const group = unreached[0]?.cascade.unreached[0];
  const labels = group?.written?.labels.values().next().value;
  if (!group || !labels) return [];
  const ids = unreached.map((r) => r.rule.id).sort();
  return [
    diagnostic(
      'labels-cannot-reach',
      labels.keySpan,
      `Group-wide labels can't reach ${ids.length === 1 ? 'a rule' : `${ids.length} rules`} without changing what they compute, for they combine series of several targets: ${list(ids)}. Their alerts go without them.`,
      {
        help: 'keep the labels that groups match on in the by (…) of these rules, name the rule in the group if it should be computed there alone, or silence this line with a reason',
        notes: unreached.slice(0, 5).map((r) => ({
          message: `"${r.rule.id}" gets no labels of ${list(r.cascade.unreached.map((g) => g.id))}`,
          span: r.rule.expr.span,
        })),
      },
    ),
  ];
}

/** For each group one warning of the rules that its "*" does not reach. */
function unheard({ rules }: Program): Diagnostic[] {
  const byGroup = new Map<Group, { span: Span; ids: string[] }>();
  for (const { rule, cascade } of rules) {
    for (const { group, span } of cascade.unheard) {
      memo(byGroup, group, () => ({ span, ids: [] })).ids.push(rule.id);
    }
  }
  return [...byGroup].map(([group, { span, ids }]) =>
    diagnostic(
      'every-cannot-reach',
      span,
      `What "${group.id}" says of "*" does not reach ${ids.length === 1 ? 'a rule that combines' : `${ids.length} rules that combine`} series of several targets, for a split would change what is computed: ${list(ids.sort())}.`,
      {
        help: 'name a rule here if it should be computed for this group alone, keep the labels that the group matches on in its by (…), or silence this line with a reason',
      },
    ),
  );
}
