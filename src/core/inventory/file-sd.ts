import type { LabelSet } from '../../promql/region.ts';
import { targetId } from '../model/target.ts';

/** The targets of a server as a file_sd file that is committed, and what differs between two such lists. */

/** A target whose labels changed. */
export interface ChangedTarget {
  readonly id: string;
  readonly from: LabelSet;
  readonly to: LabelSet;
}

export interface TargetChanges {
  readonly added: readonly LabelSet[];
  readonly removed: readonly LabelSet[];
  readonly changed: readonly ChangedTarget[];
}

/** Label sets without repetitions, sorted by what a target is called and then by its labels. */
export function distinctTargets(targets: readonly LabelSet[]): LabelSet[] {
  const byKey = new Map(targets.map((labels) => [labelsKey(labels), labels]));
  return [...byKey]
    .sort(([a], [b]) => compare(a, b))
    .map(([, labels]) => labels)
    .sort(byId);
}

/**
 * A file_sd file: targets that differ in their `instance` alone share an entry, whose `targets` are the
 * instances (of which file_sd makes that label again). The same targets give the same bytes, in whatever order.
 */
export function fileSdText(targets: readonly LabelSet[]): string {
  const entries = new Map<string, { labels: LabelSet; instances: Set<string> }>();
  for (const target of targets) {
    const labels = new Map([...target].filter(([label]) => label !== 'instance'));
    const key = labelsKey(labels);
    const entry = entries.get(key) ?? { labels, instances: new Set() };
    entry.instances.add(target.get('instance') ?? '');
    entries.set(key, entry);
  }
  const sorted = [...entries].sort(([a], [b]) => compare(a, b));
  const list = sorted.map(([, { labels, instances }]) => ({
    targets: [...instances].sort(compare),
    labels: sortedObject(labels),
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** What became of the targets: one that keeps its name and has other labels is changed, not removed and added. */
export function compareTargets(before: readonly LabelSet[], after: readonly LabelSet[]): TargetChanges {
  if (before === after) return { added: [], removed: [], changed: [] };
  const old = keyed(before);
  const now = keyed(after);
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  const came = [...now].filter(([key]) => !old.has(key)).map(([, labels]) => labels);
  const goneById = new Map<string, LabelSet[]>();
  for (const labels of gone) goneById.set(targetId(labels), [...(goneById.get(targetId(labels)) ?? []), labels]);
  const added: LabelSet[] = [];
  const changed: ChangedTarget[] = [];
  for (const labels of came.sort(byId)) {
    const id = targetId(labels);
    const from = goneById.get(id)?.shift();
    if (from) changed.push({ id, from, to: labels });
    else added.push(labels);
  }
  const removed = [...goneById.values()].flat().sort(byId);
  return { added, removed, changed };
}

/** Labels as an object, sorted by name. */
export function sortedObject(labels: LabelSet): Record<string, string> {
  return Object.fromEntries([...labels].sort(([a], [b]) => compare(a, b)));
}

/** A key that is equal exactly where two label sets are. */
export function labelsKey(labels: LabelSet): string {
  return JSON.stringify([...labels].sort(([a], [b]) => compare(a, b)));
}

const keyed = (targets: readonly LabelSet[]): Map<string, LabelSet> =>
  new Map(targets.map((labels) => [labelsKey(labels), labels]));

const byId = (a: LabelSet, b: LabelSet): number => compare(targetId(a), targetId(b));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
