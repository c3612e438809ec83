import type { Box } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';
import type { Inventory, Target } from '../model/inventory.ts';

type ByValue = ReadonlyMap<string, readonly Target[]>;

const indices = new WeakMap<Inventory, Map<string, ByValue>>();

/**
 * Targets among which are all that could be in a box: those with one of the values that it asks of a label that all targets
 * are known to have or to lack, where it asks for any; so that a thousand groups don't cost a thousand walks through
 * a hundred thousand targets.
 */
export function targetsNear(inventory: Inventory, box: Box): readonly Target[] {
  let best: readonly (readonly Target[])[] | undefined;
  let least = inventory.targets.length;
  for (const [label, c] of box) {
    if (c.kind !== 'in' || !inventory.known.has(label)) continue;
    const byValue = valuesOf(inventory, label);
    const lists = Array.from(c.values, (value) => byValue.get(value) ?? []);
    const count = lists.reduce((sum, list) => sum + list.length, 0);
    if (count > least) continue;
    least = count;
    best = lists;
  }
  return best?.flat() ?? inventory.targets;
}

function valuesOf(inventory: Inventory, label: string): ByValue {
  const labels = memo(indices, inventory, () => new Map<string, ByValue>());
  return memo(labels, label, () => {
    const byValue = new Map<string, Target[]>();
    for (const target of inventory.targets) memo(byValue, target.labels.get(label) ?? '', () => []).push(target);
    return byValue;
  });
}
