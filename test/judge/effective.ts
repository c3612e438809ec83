import type { Compiled } from '../../src/core/compile.ts';
import { effectiveRules } from '../../src/core/effective/effective.ts';
import type { Meaning } from './brute.ts';
import { leftOut } from './left-out.ts';
import type { Repository } from './model.ts';
import { matchesAll, nameOf } from './model.ts';

/** What a target is known to have or to lack; other labels are the series' own. */
const KNOWN = new Set(['instance', 'job', 'env', 'site', 'tier', 'pool', 'queue']);

/** For every label set: what `effective` says of it, against the brute force (which promtool holds against what fires). */
export function compareEffective(repository: Repository, compiled: Compiled, meaning: Meaning): string[] {
  const found: string[] = [];
  for (const rule of repository.rules) {
    for (const labels of meaning.universe(rule)) {
      const known = new Map(Object.entries(labels).filter(([, value]) => value !== ''));
      const rows = effectiveRules(compiled.program, known, KNOWN).filter((e) => e.resolved.rule.id === rule.id);
      const is = rows.map(({ instance: { cell, values }, condition }) => {
        const value = values.get('threshold');
        const threshold = value?.type === 'number' ? value.value : undefined;
        return { owner: cell.owner, case: cell.caseId ?? '', threshold, condition };
      });
      const want = meaning.settle(rule, labels);
      const watched = want.on && matchesAll(labels, rule.author) && !leftOut(rule, labels, repository, meaning);
      const should = watched
        ? [{ owner: want.owner, case: want.cases.join('--'), threshold: want.threshold, condition: null }]
        : [];
      if (JSON.stringify(is) !== JSON.stringify(should)) {
        found.push(
          `effective ${rule.id} at ${nameOf(labels)}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`,
        );
      }
    }
  }
  return found;
}
