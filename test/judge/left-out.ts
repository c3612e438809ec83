import type { Meaning } from './brute.ts';
import type { LabelSet, Repository, RuleModel } from './model.ts';
import { matchesAll } from './model.ts';
import { shapeOf } from './shapes.ts';

/** Whether a rule from nothing has no instance here, since the inventory has no target of it there. */
export function leftOut(rule: RuleModel, labels: LabelSet, repository: Repository, meaning: Meaning): boolean {
  if (shapeOf(rule.shape).nature !== 'nothing') return false;
  const { cell } = meaning.settle(rule, labels);
  const all = meaning.universe(rule).filter((l) => matchesAll(l, rule.author));
  const whole = all.every((l) => meaning.settle(rule, l).cell === cell);
  return (
    !whole && !repository.inventory.some((l) => matchesAll(l, rule.author) && meaning.settle(rule, l).cell === cell)
  );
}
