import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { Setting } from '../model/rule.ts';
import type { Instance } from './instantiate.ts';
import type { Program } from './program.ts';

/** The static labels and the annotations of an instance, rendered. */
export interface InstanceTexts {
  readonly for?: string;
  readonly keepFiringFor?: string;
  /** Sorted by name; the group label and `rule_case` among them. */
  readonly labels: ReadonlyMap<string, string>;
  /** In the order written. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly origin: ReadonlyMap<string, Span>;
  /** Labels of the sample that its Go templates use. */
  readonly uses: readonly Located<string>[];
  readonly diagnostics: readonly Diagnostic[];
}

export const CASE_LABEL = 'rule_case';

/** Renders all texts of an instance but its expression. */
export function instanceTexts({ rule, cell, values }: Instance, { texts, config }: Program): InstanceTexts {
  const labels = new Map<string, string>();
  const annotations = new Map<string, string>();
  const origin = new Map<string, Span>([['expr', rule.expr.span]]);
  const uses: Located<string>[] = [];
  const diagnostics: Diagnostic[] = [];
  const times: { for?: string; keepFiringFor?: string } = {};
  const put = (field: string, setting: Setting): void => {
    origin.set(field, setting.span);
    if (field.startsWith('param:') || field === 'enabled') return;
    if (setting.value === null) {
      if (field.startsWith('label:')) labels.delete(field.slice(6));
      return;
    }
    const { rendered, diagnostics: wrong } = texts.of(rule, field, setting).render(values);
    diagnostics.push(...wrong);
    if (!rendered) return;
    uses.push(...rendered.labels);
    if (field === 'for') times.for = rendered.text;
    else if (field === 'keep_firing_for') times.keepFiringFor = rendered.text;
    else if (field.startsWith('label:')) labels.set(field.slice(6), rendered.text);
    else annotations.set(field.slice(11), rendered.text);
  };
  for (const [name, setting] of cell.groupLabels) put(`label:${name}`, setting);
  for (const [field, setting] of cell.settings) put(field, setting);
  if (config.groupLabel !== false && cell.owner !== ROOT_ID) labels.set(config.groupLabel, cell.owner);
  if (cell.caseId !== undefined) labels.set(CASE_LABEL, cell.caseId);
  const sorted = new Map([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...times, labels: sorted, annotations, origin, uses, diagnostics };
}
