import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Program } from '../instance/program.ts';
import { fieldKey } from '../model/rule.ts';

const FIELD = 'param:threshold';

/** A native rule that asks for one number twice, as those that burn an error budget over two windows do: a group's number replaces the first. */
export function checkHalfThreshold({ rules }: Program): Diagnostic[] {
  return rules.flatMap(({ rule, samples }) => {
    const { again } = rule.implicit ?? {};
    if (!again) return [];
    const own = { type: 'number', value: rule.implicit?.value ?? 0 } as const;
    const said = samples
      .flatMap(({ cell }) => cell.settings.get(FIELD) ?? [])
      .find(({ level, value }) => level.kind !== 'rule' && fieldKey(FIELD, value) !== fieldKey(FIELD, own));
    if (!said) return [];
    const where = rule.expr.value.slice(again.from, again.to).replace(/\s+/g, ' ');
    return [
      diagnostic(
        'half-threshold',
        said.span,
        `Rule "${rule.id}" has its number in two conditions, and this one replaces the first only: \`${where}\` stays.`,
        {
          help: `if both are meant, let \`rulewright adopt --params ${rule.group.file.path}\` write the rule in our own format, with a param for each; if not, silence this line with a reason`,
          notes: [{ message: 'the condition that stays', span: subSpan(rule.expr, again.from, again.to) }],
        },
      ),
    ];
  });
}
