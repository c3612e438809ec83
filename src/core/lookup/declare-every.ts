import { applySettings, unknownParam } from '../expand/settings.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Rule } from '../model/rule.ts';
import type { Said } from './declaration.ts';
import { EVERY } from './declaration.ts';
import type { Group } from './groups.ts';

/** "*" with a param that no rule has says nothing; values of the wrong type for some rule are errors. */
export function reportUselessEvery(
  groups: readonly Group[],
  said: ReadonlyMap<Group, ReadonlyMap<string, Said>>,
  rules: readonly Rule[],
  diagnostics: Diagnostic[],
): void {
  const allParams = new Map(rules.flatMap((r) => [...r.params]));
  for (const group of groups) {
    const every = said.get(group)?.get(EVERY);
    for (const override of [...(every?.thresholds ?? []), ...(every?.overrides ?? [])]) {
      for (const [name, raw] of override.params) {
        if (!allParams.has(name)) diagnostics.push(unknownParam(name, raw.keySpan, allParams, { id: EVERY }));
      }
      for (const c of override.where) {
        diagnostics.push(
          diagnostic(
            'invalid-value',
            c.id.span,
            '`where` belongs to a rule by name: a case is about the labels of that rule’s series.',
            { help: 'move it below the rule’s own name' },
          ),
        );
      }
      for (const rule of rules) {
        const params = new Map(
          [...override.params].filter(([name]) => rule.params.has(name) && !rule.params.get(name)?.fixed),
        );
        applySettings(
          { ...override, params },
          { kind: 'group', name: group.id },
          rule.params,
          new Map(),
          diagnostics,
          rule,
        );
      }
    }
  }
}
