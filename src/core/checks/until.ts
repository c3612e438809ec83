import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { GroupTree } from '../lookup/groups.ts';

/** `disabled` entries whose `until` has passed. They stay disabled: bytes never depend on the date. */
export function checkUntil(tree: GroupTree, today: string): Diagnostic[] {
  return tree.groups.flatMap((group) =>
    (group.written?.disabled ?? []).flatMap(({ rule, until }) => {
      if (!until || until.value >= today) return [];
      return [
        diagnostic(
          'until-passed',
          until.span,
          `"${rule.value}" was to be disabled in "${group.id}" until ${until.value}, which has passed; it is disabled still.`,
          {
            help: 'remove the entry to switch the rule on again, or set a later date',
          },
        ),
      ];
    }),
  );
}
