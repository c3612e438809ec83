import { readFile } from 'node:fs/promises';
import type { ChangedFile } from '../../core/deploy/outcome.ts';
import { type ReadBackGroup, releasedGroups } from '../../core/deploy/read-back.ts';

/** Reading a file twice takes some milliseconds: of more files nobody reads the list. */
const MOST_FILES = 100;

/** Counts in files that stay how many of their rules change: one rule of seven is not seven. */
export async function withChangedRules(changes: readonly ChangedFile[]): Promise<readonly ChangedFile[]> {
  if (changes.length > MOST_FILES) return changes;
  return Promise.all(
    changes.map(async (change) => {
      const { kind, before, after } = change;
      if (kind !== 'update' || before === undefined || after === undefined) return change;
      const texts = await Promise.all([before, after].map((path) => readFile(path, 'utf8'))).catch(() => undefined);
      const [old, next] = texts ?? [];
      if (old === undefined || next === undefined) return change;
      return { ...change, rulesChanged: old === next ? 0 : changedRules(old, next), sameBytes: old === next };
    }),
  );
}

/** How many rules of the second text the first one has not, as they stand there. */
function changedRules(old: string, next: string): number {
  const left = new Map<string, number>();
  for (const key of ruleKeys(old)) left.set(key, (left.get(key) ?? 0) + 1);
  return ruleKeys(next).filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  }).length;
}

function ruleKeys(text: string): string[] {
  const { groups } = releasedGroups([{ fileName: '', text }]);
  return groups.flatMap(({ name, intervalMs, limit, rules }: ReadBackGroup) =>
    rules.map(({ labels, annotations, ...rule }) =>
      JSON.stringify([name, intervalMs, limit, rule, [...labels].sort(), [...annotations].sort()]),
    ),
  );
}
