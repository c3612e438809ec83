import { fromMatcher, satisfies } from '../../promql/constraint.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/** Matchers of the author's on external labels: a server's own series lack them, so they find nothing, or exclude nothing. */
export function checkExternalLabels({ rules }: Program, external: LabelSet): Diagnostic[] {
  if (external.size === 0) return [];
  return rules.flatMap((resolved) => useless(resolved, external));
}

function useless({ rule, samples }: ResolvedRule, external: LabelSet): Diagnostic[] {
  const shape = samples[0]?.shape;
  for (const selector of shape?.selectors ?? []) {
    for (const m of selector.matchers) {
      if (!external.has(m.label)) continue;
      const holds = satisfies('', fromMatcher(m));
      // `site=""` says what is so.
      if (holds && (m.op === '=' || m.op === '=~')) continue;
      const piece = shape?.sample.slice(m.from, m.to) ?? '';
      const at = piece === '' ? -1 : rule.expr.value.indexOf(piece);
      const span = at < 0 ? rule.expr.span : subSpan(rule.expr, at, at + piece.length);
      return [
        diagnostic(
          'external-label',
          span,
          `In "${rule.id}" the matcher on "${m.label}" ${holds ? 'excludes nothing' : 'finds nothing, so that the rule never fires'}: "${m.label}" is an external label, which a server's own series don't carry.`,
          {
            help: `remove the matcher and say it by groups, which are decided for each server: match: { ${m.label}: … } in a group, and \`only\` or \`except\` in the rule; or, where the series do carry it, remove it from the server's \`labels\``,
          },
        ),
      ];
    }
  }
  return [];
}
