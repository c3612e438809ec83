import type { Analysis } from '../../promql/kept.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Inventory } from '../model/inventory.ts';
import { mayBeIn } from '../model/inventory.ts';
import type { Rule } from '../model/rule.ts';
import type { Instance } from './instantiate.ts';

/** Of a rule from nothing that is split, the instances whose region has a target; the others would fire for ever. */
export function withTargets(
  rule: Rule,
  analysis: Analysis,
  cells: readonly RuleCell[],
  instances: readonly Instance[],
  inventory: Inventory,
  diagnostics: Diagnostic[],
): readonly Instance[] {
  if (!analysis.fromNothing || isWhole(instances, cells)) return instances;
  if ((inventory.whole ?? inventory).targets.length === 0) {
    const by = instances.flatMap((i) => i.cell.declarations).find((d) => d.byName && d.group.depth > 0);
    diagnostics.push(
      diagnostic(
        'split-from-nothing',
        by?.span ?? rule.span,
        `Rule "${rule.id}" fires where nothing is found, and is split by group; without an inventory nobody can say which regions have targets, and in an empty one it would fire for ever.`,
        {
          help: 'list the targets in groups/targets/ (file_sd files; `rulewright inventory pull` writes them), or say this of the rule in "default" only',
          notes: [{ message: 'the rule', span: rule.span }],
        },
      ),
    );
    return instances;
  }
  const watched = instances.filter((instance) =>
    inventory.targets.some(
      (t) => mayBeIn(t, instance.cell.region, inventory.known) && concerns(instance, t.labels, inventory.known),
    ),
  );
  const idle = instances.filter((instance) => !watched.includes(instance));
  const [first] = idle;
  if (first) {
    const owners = [...new Set(idle.map((i) => `"${i.cell.owner}"`))];
    const where =
      owners.length > 5 ? `${owners.slice(0, 5).join(', ')} and ${owners.length - 5} more` : owners.join(', ');
    diagnostics.push(
      diagnostic(
        'region-without-target',
        first.cell.declarations.at(-1)?.span ?? rule.span,
        `Rule "${rule.id}" fires where nothing is found; it is left out of ${where}, where the inventory has no target of it: it would fire for ever.`,
        { notes: [{ message: 'the rule', span: rule.span }] },
      ),
    );
  }
  return watched;
}

/** Whether one instance looks at all that the rule's own expression looks at. */
function isWhole(instances: readonly Instance[], cells: readonly RuleCell[]): boolean {
  if (instances.length !== 1 || cells.length < 2) return instances.length < 2;
  const placed = [...(instances[0] as Instance).placed.values()];
  return placed.length > 0 && placed.every((p) => p.add.length === 0 && p.minus.length === 0);
}

/** Whether some selector of an instance could find a target, by the labels that are known of it. */
function concerns(instance: Instance, labels: ReadonlyMap<string, string>, known: ReadonlySet<string>): boolean {
  const regions = [...instance.placed.values()].map((p) => p.region);
  if (regions.length === 0) return true;
  return regions.some(
    (region) => region && mayBeIn({ id: '', hostname: '', labels, span: instance.rule.span }, region, known),
  );
}
