import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/**
 * Instances of one rule and one owner are told apart by their cases alone. Groups that overlap may each
 * have a case of one id; where these match different series, the label could not say which is meant.
 */
export function checkCases({ rules }: Program): Diagnostic[] {
  return rules.flatMap(alike);
}

function alike({ rule, samples }: ResolvedRule): Diagnostic[] {
  const seen = new Map<string, Instance>();
  for (const instance of samples) {
    const { owner, caseId } = instance.cell;
    if (caseId === undefined) continue;
    const other = seen.get(`${owner}\n${caseId}`);
    if (other) return describe(rule.id, owner, other, instance);
    seen.set(`${owner}\n${caseId}`, instance);
  }
  return [];
}

function describe(rule: string, owner: string, a: Instance, b: Instance): Diagnostic[] {
  const cases = [...new Set([...a.cell.declarations, ...b.cell.declarations])].filter((d) => d.case);
  const first = cases.find((d) => cases.some((o) => o !== d && o.case?.id === d.case?.id));
  const second = cases.find((d) => d !== first && d.case?.id === first?.case?.id);
  if (!first || !second) return [];
  return [
    diagnostic(
      'duplicate-id',
      first.span,
      `Groups "${second.group.id}" and "${first.group.id}" each have a case "${first.case?.id}" of rule "${rule}" for different series; in "${owner}", where both have a say, the label rule_case could not tell their alerts apart.`,
      {
        help: 'give one of the cases another `id`, or both the same `match`',
        notes: [{ message: 'the other case of that id', span: second.span }],
      },
    ),
  ];
}
