import { boxOf, inBox } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { suggest } from '../ground/suggest.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program } from '../instance/program.ts';
import { targetsNear } from '../inventory/target-index.ts';
import type { Group } from '../lookup/groups.ts';
import { groupsOf, ownerId } from '../lookup/groups.ts';
import type { Inventory } from '../model/inventory.ts';
import { mayBeIn } from '../model/inventory.ts';

/** What the inventory says of groups and rules: who has no target, and who carries our label already. */
export function checkInventory(program: Program): Diagnostic[] {
  if ((program.inventory.whole ?? program.inventory).targets.length === 0) return [];
  return [...emptyGroups(program), ...idleRules(program), ...labelTaken(program)];
}

function emptyGroups({ tree, inventory }: Program): Diagnostic[] {
  return tree.groups.flatMap((group) => {
    if (!group.written || targetsNear(inventory, group.box).some((t) => inBox(t.labels, group.box))) return [];
    const { reason, help } = whyEmpty(group, inventory);
    return [
      diagnostic(
        'group-without-target',
        group.written.matchSpan,
        `No target of the inventory is in group "${group.id}"${reason}, so that nothing it says has an effect today.`,
        {
          help: `${help} its \`match\`, add its targets to the inventory, or silence this line with a reason if they are still to come`,
        },
      ),
    ];
  });
}

/** The first of a group's own matchers that no target satisfies, and what was probably meant. */
function whyEmpty(group: Group, { targets, known }: Inventory): { reason: string; help: string } {
  for (const { matcher } of group.written?.match ?? []) {
    const { label, op, value } = matcher;
    const one = boxOf([matcher]);
    if (one && targets.some((t) => inBox(t.labels, one))) continue;
    if (!known.has(label)) {
      const close = suggest(label, known);
      return {
        reason: `: no target has the label "${label}"`,
        help: close ? `did you mean "${close}"? Mend` : `the labels of the targets are: ${some(known)}; mend`,
      };
    }
    const values = new Set(targets.flatMap((t) => t.labels.get(label) ?? []));
    const close = op === '=' ? suggest(value, values) : undefined;
    return {
      reason: `: no target has ${label}${op}${JSON.stringify(value)}`,
      help: close ? `did you mean "${close}"? Mend` : `known values of "${label}" are: ${some(values)}; mend`,
    };
  }
  const together = (group.written?.match.length ?? 0) > 1 || group.ancestors.some((g) => g.box.size > 0);
  return {
    reason: together ? ': each of its matchers finds targets, but no target satisfies them all' : '',
    help: 'mend',
  };
}

/** The first ten in order, and how many more there are. */
function some(names: Iterable<string>): string {
  const sorted = [...names].sort();
  const more = sorted.length - 10;
  return `${sorted.slice(0, 10).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function idleRules({ rules, inventory }: Program): Diagnostic[] {
  return rules.flatMap((resolved) => {
    const { rule, samples, copies, leftOut } = resolved;
    // A native file often brings rules for exporters that a site doesn't run.
    if (rule.group.native) return [];
    const watches = (i: Instance): boolean => {
      const regions = [...i.placed.values()].flatMap((p) => p.region ?? []);
      return (
        i.placed.size === 0 ||
        regions.some((r) => targetsNear(inventory, r.base).some((t) => mayBeIn(t, r, inventory.known)))
      );
    };
    // Of what is left to the root, where groups have most targets, only a walk through all of them could tell.
    const inGroup = copies ? [copies.sample] : [];
    if ((samples.length === 0 && leftOut.length === 0) || [...inGroup, ...samples].some(watches)) return [];
    if (copies && resolved.instances.some(watches)) return [];
    return [
      diagnostic(
        'rule-without-target',
        rule.span,
        `Rule "${rule.id}" watches no target of the inventory: no target has the labels that its selectors and groups ask for.`,
        {
          help: 'compare its matchers with the labels in groups/targets/, or see `only`, `except` and `disabled`',
          notes: [{ message: 'the expression', span: rule.expr.span }],
        },
      ),
    ];
  });
}

function labelTaken({ config, tree, inventory: { targets } }: Program): Diagnostic[] {
  const label = config.groupLabel;
  if (label === false) return [];
  const bad = targets.find((t) => {
    const value = t.labels.get(label);
    if (value === undefined) return false;
    const own = groupsOf(tree, t.labels);
    return !own.some((g) => g.id === value) && value !== ownerId(own);
  });
  if (!bad) return [];
  return [
    diagnostic(
      'group-label-taken',
      bad.span,
      `Target "${bad.id}" carries the label "${label}" already, as "${bad.labels.get(label)}", which is no group that it is in; on its alerts it would be overwritten.`,
      {
        help: `choose another \`group_label\` in rulewright.yaml`,
      },
    ),
  ];
}
