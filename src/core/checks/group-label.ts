import { hasLabel } from '../../promql/label-names.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/**
 * Without a group label nothing but the series' own labels tells two instances apart; where the
 * expression drops what their regions test, Alertmanager would take one for the other.
 */
export function checkGroupLabel(program: Program): Diagnostic[] {
  if (program.config.groupLabel !== false) return [];
  return program.rules.flatMap((resolved) => {
    const twins = indistinct(resolved, program);
    if (!twins) return [];
    const { rule } = resolved;
    const by = twins[1].cell.declarations.at(-1);
    return [
      diagnostic(
        'same-identity',
        by?.span ?? rule.span,
        `Without a group label nothing tells the instances of rule "${rule.id}" in "${twins[0].cell.owner}" and "${twins[1].cell.owner}" apart, for the expression drops the labels by which they differ: ${rule.kind === 'alert' ? 'their alerts would be one alert' : 'both would write the same series'}.`,
        {
          help: 'name a `group_label` in rulewright.yaml, give the rule a label of its own in one of the groups, or keep the label that the groups match on in the expression',
          notes: [{ message: 'the expression', span: rule.expr.span }],
        },
      ),
    ];
  });
}

function indistinct(resolved: ResolvedRule, program: Program): [Instance, Instance] | undefined {
  const { analysis, instances } = resolved;
  // A result that keeps its target's `instance` belongs to one region, and with it to one instance.
  if (!analysis.fromNothing && hasLabel(analysis.kept, 'instance')) return undefined;
  const seen = new Map<string, Instance>();
  for (const instance of instances) {
    const tested = [...instance.cell.region.base.keys()];
    if (!analysis.fromNothing && tested.length > 0 && tested.every((label) => hasLabel(analysis.kept, label))) continue;
    const key = JSON.stringify([...instanceTexts(instance, program).labels]);
    const twin = seen.get(key);
    if (twin) return [twin, instance];
    seen.set(key, instance);
  }
  return undefined;
}

type Instance = ResolvedRule['instances'][number];
