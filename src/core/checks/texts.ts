import { hasLabel } from '../../promql/kept.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { diagnostic } from '../diagnostic.ts';
import { CASE_LABEL, instanceTexts } from '../labels.ts';
import type { Program, ResolvedRule } from '../resolve.ts';

/** Renders every text of every instance: what is wrong with it, and labels that the expression drops. */
export function checkTexts(program: Program): Diagnostic[] {
  return program.rules.flatMap((resolved) => [...reserved(resolved, program), ...rendered(resolved, program)]);
}

function rendered({ rule, instances, analysis }: ResolvedRule, program: Program): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const instance of instances) {
    const { uses, diagnostics } = instanceTexts(instance, program);
    for (const d of diagnostics) seen.set(`${d.code} ${d.span.file.path} ${d.span.start} ${d.message}`, d);
    for (const { value: label, span } of uses) {
      const key = `${span.file.path} ${span.start}`;
      if (seen.has(key) || rule.group.native || hasLabel(analysis.carried, label)) continue;
      const kept = analysis.carried.all ? 'others' : [...analysis.carried.names].sort().join(', ') || 'none';
      seen.set(
        key,
        diagnostic('dropped-label', span, `The expression of "${rule.id}" drops the label "${label}", so that this is always empty (labels it keeps: ${kept}).`, {
          help: `add "${label}" to by (…), or take it out of this text`,
          notes: [{ message: 'the expression', span: rule.expr.span }],
        }),
      );
    }
  }
  return [...seen.values()];
}

/** The labels that the compiler gives itself. */
function reserved({ rule, cascade }: ResolvedRule, { config }: Program): Diagnostic[] {
  const spans = new Map<string, Diagnostic>();
  for (const { settings } of cascade.cells) {
    for (const name of [config.groupLabel, CASE_LABEL]) {
      const setting = name === false ? undefined : settings.get(`label:${name}`);
      if (!setting || setting.value === null) continue;
      spans.set(
        `${setting.span.file.path} ${setting.span.start}`,
        diagnostic('invalid-value', setting.span, `The label "${name}" of rule "${rule.id}" is the compiler's own: it tells instances apart.`, {
          help: name === CASE_LABEL ? 'use another label' : 'use another label, or another `group_label` in rulewright.yaml',
        }),
      );
    }
  }
  return [...spans.values()];
}
