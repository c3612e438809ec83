import type { Expr } from '../../promql/ast.ts';
import { inRegion } from '../../promql/region.ts';
import { metricNames } from '../../promql/selectors.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Finding } from '../shares/expression.ts';
import { sharesOf } from '../shares/expression.ts';
import { readersAmong } from '../shares/leave-out.ts';
import type { Records } from '../shares/records.ts';
import { recordsOf } from '../shares/records.ts';
import type { Share } from '../shares/share.ts';

/**
 * What reads series of which a split put the group label on some, and would compute something else with it than without.
 * What can be left out in the reader has been; a join that compares the label finds no partner there, one that doesn't
 * may find two.
 */
export function checkGroupJoins(program: Program): Diagnostic[] {
  const records = recordsOf(program);
  if (!records) return [];
  return program.rules.flatMap((resolved) => {
    const found = firstFinding(resolved, records, program.inventory);
    return found ? [describe(resolved, found.label, found.finding)] : [];
  });
}

function firstFinding(
  resolved: ResolvedRule,
  records: Records,
  inventory: Inventory,
): { label: string; finding: Finding } | undefined {
  for (const label of records.labelsReadBy(resolved)) {
    for (const instance of readersAmong(resolved, records, label)) {
      let first: Finding | undefined;
      const reader = records.reader(resolved, instance, label, (finding) => {
        if (!first && !finding.pair.every((share) => isTheirOwn(share, label, inventory))) first = finding;
      });
      sharesOf(instance.shape.expr, reader);
      if (first) return { label, finding: first };
    }
  }
  return undefined;
}

/** Whether the targets of a share carry the label themselves, as the split has it: then it changes nothing of them. */
function isTheirOwn({ value, region }: Share, label: string, { targets, known }: Inventory): boolean {
  if (!known.has(label)) return false;
  return value === '' || targets.every((t) => !inRegion(t.labels, region) || t.labels.get(label) === value);
}

function describe({ rule }: ResolvedRule, label: string, finding: Finding): Diagnostic {
  const [one, other] = finding.pair[0].value === '' ? [finding.pair[1], finding.pair[0]] : finding.pair;
  const notes = [...new Set([one.rule, other.rule])].flatMap((made) =>
    made ? [{ message: 'the recording rule is here', span: made.span }] : [],
  );
  const span = subSpan(rule.expr, 0, rule.expr.value.length);
  const unlabelled = other.value === '' ? 'without it' : `"${other.value}"`;
  switch (finding.kind) {
    case 'join': {
      const { lhs, rhs } = finding.node;
      const names = [one.metric, other.metric ?? nameOf(finding.pair[0] === one ? rhs : lhs)];
      return diagnostic(
        'group-label-join',
        span,
        `In "${rule.id}" ${names[0]} carries the label "${label}" for ${one.value}, and ${names[1]} doesn't or not alike: compared by it, their series find no partner there.`,
        {
          help: `write ignoring (${label}) or on (…) without it in this join, or let the same groups say something of both recording rules`,
          notes,
        },
      );
    }
    case 'double':
      return diagnostic(
        'group-label-double',
        span,
        `In "${rule.id}" ${one.metric ?? nameOf(finding.side)} may have two series that differ in "${label}" alone ("${one.value}" and ${unlabelled}), where ${finding.node.kind === 'call' ? 'scalar() takes one: it gives no number' : 'the join takes one: the server gives up the whole rule'}.`,
        {
          help: `combine them first (sum by (…) or max by (…), without "${label}"), keep the labels that the groups match on in the recording rule, or say this of it in "default" only`,
          notes,
        },
      );
    case 'aggregate':
      return diagnostic(
        'group-label-kept',
        span,
        `In "${rule.id}" \`${finding.node.op} without (…)\` keeps series of ${one.metric ?? nameOf(finding.node)} apart by the label "${label}" ("${one.value}" and ${unlabelled}), which a group's word put on some of them; targets of the inventory carry it too, so that only you can say whether it counts.`,
        {
          help: `name "${label}" in without (…) where it shall not keep them apart, or write by (…) with the labels that shall`,
          notes,
        },
      );
  }
}

function nameOf(expr: Expr): string {
  if (expr.kind === 'selector') return metricNames(expr)?.join(' or ') ?? 'the other side';
  const [first] = childrenOf(expr);
  return first ? nameOf(first) : 'the other side';
}
