import { metricNames } from '../../promql/selectors.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program } from '../instance/program.ts';
import { ownersOf } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';

/** A recording rule and a reader of it in different files: Prometheus evaluates them in no order. */
export function checkOrder({ rules }: Program): Diagnostic[] {
  const recorded = new Set(rules.flatMap(({ rule }) => (rule.kind === 'record' ? [rule.name.value] : [])));
  const namesIn = ({ shape }: Instance): string[] =>
    [...new Set(shape.selectors.flatMap((s) => metricNames(s) ?? []))].filter((name) => recorded.has(name));
  const readers = new Map<string, { id: string; owner: string; span: Span }[]>();
  for (const resolved of rules) {
    const { rule, samples } = resolved;
    if (!samples.some((sample) => namesIn(sample).length > 0)) continue;
    for (const instance of resolved.instances) {
      const { owner } = instance.cell;
      if (owner === ROOT_ID) continue;
      for (const name of namesIn(instance)) {
        memo(readers, name, () => []).push({ id: rule.id, owner, span: rule.span });
      }
    }
  }
  return rules.flatMap((resolved) => {
    const { rule } = resolved;
    if (rule.kind !== 'record') return [];
    const own = new Set(ownersOf(resolved));
    if (!own.has(ROOT_ID)) return [];
    // A group that records it as well has both in its own file, in their order.
    const found = (readers.get(rule.name.value) ?? []).filter((r) => !own.has(r.owner));
    const [first] = found;
    if (!first) return [];
    const owners = [...new Set(found.map((r) => r.owner))].sort().join(', ');
    return [
      diagnostic(
        'order-lost',
        rule.span,
        `"${rule.name.value}" is recorded in the root's file and read by "${first.id}" in those of ${owners}: there it may be read one interval late.`,
        {
          notes: [{ message: 'it is read here', span: first.span }],
        },
      ),
    ];
  });
}
