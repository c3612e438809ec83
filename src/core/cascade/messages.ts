import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Rule } from '../model/rule.ts';
import type { GroupCell } from './partition.ts';

/** Of derived cells that are too many (`over`: more than `max`, the limit) or many; names the groups that most multiply. */
export function manyCells(rule: Rule, derived: readonly GroupCell[], over: boolean, max: number): Diagnostic {
  const count = new Map<string, number>();
  for (const cell of derived) for (const group of cell.leaves) count.set(group.id, (count.get(group.id) ?? 0) + 1);
  const most = [...count].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 5);
  const which = most.map(([id, n]) => `${id} (in ${n})`).join(', ');
  const help =
    'let one of them be the `parent` of the other, make their `match` exclude one another, or say less of this rule in one of them';
  return over
    ? diagnostic(
        'too-many-cells',
        rule.span,
        `Overlapping groups cut rule "${rule.id}" into more than ${max} derived cells; most multiply: ${which}.`,
        { help: `${help}; the limit is \`max_cells\` of rulewright.yaml` },
      )
    : diagnostic(
        'many-derived-cells',
        rule.span,
        `Overlapping groups cut rule "${rule.id}" into ${derived.length} derived cells; most multiply: ${which}.`,
        { help },
      );
}
