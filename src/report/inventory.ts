import type { TargetChanges } from '../core/inventory/file-sd.ts';
import { sortedObject } from '../core/inventory/file-sd.ts';
import { targetId } from '../core/model/target.ts';
import { matcherText } from '../promql/matcher.ts';
import type { LabelSet } from '../promql/region.ts';
import { style } from './color.ts';
import { visible } from './visible.ts';

/** Of each kind. */
const MOST_LINES = 20;

/** What became of the targets, for a program. */
export function changesJson({ added, removed, changed }: TargetChanges): object {
  const row = (labels: LabelSet) => ({ target_id: targetId(labels), labels: sortedObject(labels) });
  return {
    added: added.map(row),
    removed: removed.map(row),
    relabelled: changed.map(({ id, from, to }) => ({ target_id: id, from: sortedObject(from), to: sortedObject(to) })),
  };
}

/** The same for people: a line each, the counts where there are many. */
export function changesText({ added, removed, changed }: TargetChanges, color: boolean): string[] {
  const styles = style(color);
  // Each kind has its share, so that a hundred thousand new targets don't hide the one that is gone.
  const lines = [
    ...removed.slice(0, MOST_LINES).map((t) => `${styles.error('-')} ${named(t)}`),
    ...changed
      .slice(0, MOST_LINES)
      .map(({ id, from, to }) => `${styles.warning('~')} ${visible(id)}  ${styles.dim(differences(from, to))}`),
    ...added.slice(0, MOST_LINES).map((t) => `${styles.added('+')} ${named(t)}`),
  ];
  if (lines.length === removed.length + changed.length + added.length) return lines;
  const counts = `${removed.length} removed, ${changed.length} with other labels, ${added.length} added`;
  return [...lines, styles.dim(`  … in all ${counts}`)];
}

function named(target: LabelSet): string {
  return `${visible(targetId(target))}  ${labelsText(target)}`;
}

/** A target's labels but those that its name tells already. */
export function labelsText(target: LabelSet): string {
  const own = [...target].filter(([label]) => !['job', 'instance', 'target_id'].includes(label));
  return own.length === 0
    ? ''
    : `{${own
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(pair)
        .join(', ')}}`;
}

function differences(from: LabelSet, to: LabelSet): string {
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  const parts = names.flatMap((name) => {
    const [old, now] = [from.get(name), to.get(name)];
    if (old === now) return [];
    if (old === undefined) return [`+${pair([name, now ?? ''])}`];
    if (now === undefined) return [`-${pair([name, old])}`];
    return [`${visible(name)}: ${JSON.stringify(old)} → ${JSON.stringify(now)}`];
  });
  return visible(parts.join(', '));
}

const pair = ([label, value]: readonly [string, string]): string => visible(matcherText({ label, op: '=', value }));
