import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { instanceCount } from '../instance/program.ts';
import type { RuleGroupSource } from '../model/rule.ts';

/**
 * A `limit` counts the alerts of one rule (the series, where it records). A rule that is cut by region is several rules
 * for the server, each with the whole limit.
 */
export function checkLimits({ rules }: Program): Diagnostic[] {
  const cut = new Map<RuleGroupSource, ResolvedRule[]>();
  for (const resolved of rules) {
    const { group } = resolved.rule;
    if (group.limit !== undefined && group.limit > 0 && instanceCount(resolved) > 1)
      memo(cut, group, () => []).push(resolved);
  }
  return [...cut].map(([group, own]) => {
    const most = own.reduce((a, b) => (instanceCount(b) > instanceCount(a) ? b : a));
    const [limit, times] = [group.limit ?? 0, instanceCount(most)];
    const what = most.rule.kind === 'alert' ? 'alerts' : 'series';
    const others = own.length === 1 ? '' : ` (and ${own.length - 1} more of the rule group)`;
    return diagnostic(
      'limit-copied',
      group.fieldSpans.limit ?? group.span,
      `The limit of ${limit} holds for each instance of a rule: "${most.rule.id}"${others} is compiled for ${times} regions, which together may have ${limit * times} ${what}.`,
      { help: 'nothing is lost by it; where the limit guards the server, lower it to the share of the largest region' },
    );
  });
}
