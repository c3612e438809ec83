import { hasLabel } from '../../promql/label-names.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Span } from '../ground/source.ts';
import { goBracesHelp, goBracesMessage } from '../instance/expr-problems.ts';
import { CASE_LABEL, instanceTexts } from '../instance/labels.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { labelsSpokenOf, meantLabel } from './label-names.ts';

/** Renders every text of every kind of instance: what is wrong with it, and labels that the expression drops. */
export function checkTexts(program: Program): Diagnostic[] {
  let names: ReadonlySet<string> | undefined;
  const known = (): ReadonlySet<string> => {
    names ??= labelsSpokenOf(program);
    return names;
  };
  return program.rules.flatMap((resolved) => [
    ...reserved(resolved, program),
    ...bracesInMatchers(resolved),
    ...rendered(resolved, program, known),
  ]);
}

/** `{{ threshold }}` in a matcher is valid PromQL, and finds nothing. */
function bracesInMatchers({ rule, samples }: ResolvedRule): Diagnostic[] {
  if (rule.group.native) return [];
  const values = samples[0]?.shape.selectors.flatMap((s) => s.matchers.map((m) => m.value)) ?? [];
  const found = values.flatMap((value) => [...value.matchAll(/\{\{\s*([.$]?\w+(?:\.\w+)*)\s*\}\}/g)]);
  return found.flatMap(([braces, inside]) => {
    const at = rule.expr.value.indexOf(braces);
    if (at < 0 || inside === undefined || !(inside.startsWith('$') || rule.params.has(inside))) return [];
    return diagnostic('go-template-in-expr', subSpan(rule.expr, at, at + braces.length), goBracesMessage(braces), {
      help: goBracesHelp(inside),
    });
  });
}

function rendered(
  { rule, samples, analysis }: ResolvedRule,
  program: Program,
  known: () => ReadonlySet<string>,
): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const instance of samples) {
    const { uses, diagnostics } = instanceTexts(instance, program);
    for (const d of diagnostics)
      if (d.code !== 'value-in-label' || !rule.group.native)
        seen.set(`${d.code} ${d.span.file.path} ${d.span.start} ${d.message}`, d);
    for (const { value: label, span } of uses) {
      const key = `${span.file.path} ${span.start}`;
      if (seen.has(key)) continue;
      if (hasLabel(analysis.carried, label)) {
        const meant = meantLabel(label, known());
        if (meant !== undefined) seen.set(key, misspelt(label, meant, span));
        continue;
      }
      if (rule.group.native) continue;
      const kept = analysis.carried.all ? 'others' : [...analysis.carried.names].sort().join(', ') || 'none';
      seen.set(
        key,
        diagnostic(
          'dropped-label',
          span,
          `The expression of "${rule.id}" drops the label "${label}", so that this is always empty (labels it keeps: ${kept}).`,
          {
            help: `add "${label}" to by (…), or take it out of this text`,
            notes: [{ message: 'the expression', span: rule.expr.span }],
          },
        ),
      );
    }
  }
  return [...seen.values()];
}

function misspelt(label: string, meant: string, span: Span): Diagnostic {
  const message = `Nothing here knows a label "${label}", but "${meant}" is known: if it is misspelt, this is always empty.`;
  const help = `write "${meant}" if that is meant; if series do have "${label}", silence this line with that reason`;
  return diagnostic('unknown-label', span, message, { help });
}

/** The labels that the compiler gives itself. */
function reserved({ rule, cascade }: ResolvedRule, { config }: Program): Diagnostic[] {
  const spans = new Map<string, Diagnostic>();
  for (const { settings } of cascade.kinds) {
    const alertname = rule.group.native ? undefined : settings.get('label:alertname');
    if (alertname && alertname.value !== null) {
      spans.set(
        `${alertname.span.file.path} ${alertname.span.start}`,
        diagnostic(
          'invalid-name',
          alertname.span,
          `Prometheus overwrites the label "alertname" of rule "${rule.id}" with the name of the alert.`,
          { help: 'remove it, or use another label' },
        ),
      );
    }
    for (const name of [config.groupLabel, CASE_LABEL]) {
      const setting = name === false ? undefined : settings.get(`label:${name}`);
      if (!setting || setting.value === null) continue;
      spans.set(
        `${setting.span.file.path} ${setting.span.start}`,
        diagnostic(
          'invalid-value',
          setting.span,
          `The label "${name}" of rule "${rule.id}" is the compiler's own: it tells instances apart.`,
          {
            help:
              name === CASE_LABEL
                ? 'use another label'
                : 'use another label, or another `group_label` in rulewright.yaml',
          },
        ),
      );
    }
  }
  return [...spans.values()];
}
