import { readFile } from 'node:fs/promises';
import type { ChangedFile, ServerOutcome } from '../../core/deploy/outcome.ts';
import { errnoText } from '../../io/problem.ts';
import { style } from '../../report/color.ts';
import { unifiedDiff } from '../../report/unified-diff.ts';
import { visible } from '../../report/visible.ts';

/** For each server by its name: the unified diff of all files that its plan changes. */
export async function planDiffs(outcomes: readonly ServerOutcome[]): Promise<ReadonlyMap<string, string>> {
  const diffs = new Map<string, string>();
  for (const { name, changes, restored } of outcomes) {
    const parts: string[] = [];
    // What was not brought has no changes of its own, and what is in force may be put back.
    for (const change of [...changes, ...(restored?.changes ?? [])]) parts.push(await fileDiff(change));
    diffs.set(name, parts.join(''));
  }
  return diffs;
}

async function fileDiff({ fileName, before, after }: ChangedFile): Promise<string> {
  try {
    const old = before === undefined ? undefined : await readFile(before, 'utf8');
    const next = after === undefined ? undefined : await readFile(after, 'utf8');
    if (old === next) return '';
    return unifiedDiff({ name: fileName, before: old, after: next });
  } catch (error) {
    // The plan stands all the same; what can't be shown of it is said in its place.
    return `--- a/${fileName}\n+++ b/${fileName}\n(cannot be read: ${errnoText(error)})\n`;
  }
}

/** A diff for a terminal. Where it goes to a program, it is left as it is. */
export function shownDiff(diff: string, terminal: boolean, color: boolean): string {
  if (!terminal) return diff;
  const styles = style(color);
  const lines = diff.split('\n').map((line) => {
    const text = visible(line);
    if (/^(?:\+\+\+|---) /.test(line)) return styles.bold(text);
    if (line.startsWith('@@')) return styles.note(text);
    if (line.startsWith('+')) return styles.added(text);
    return line.startsWith('-') ? styles.error(text) : text;
  });
  return lines.join('\n');
}
