import type { Aggregate } from '../../promql/ast.ts';
import { labelText } from '../../promql/matcher.ts';
import { EVERYTHING } from '../../promql/region.ts';
import { authorMatchers, placeRegion } from '../../promql/selector-region.ts';
import { memo } from '../ground/memo.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { instanceCount } from '../instance/program.ts';
import type { Insertions, Shape } from '../instance/shape.ts';
import { sharesOf } from './expression.ts';
import type { Records } from './records.ts';
import { recordsOf } from './records.ts';

/**
 * What a group says of a recording rule puts the group label on its share of the series, and `without (instance)` keeps
 * a label that its author has never heard of: one sum would become two. So where that label would keep apart what a
 * reader combines, the reader is compiled with it left out: `without (instance, group_id)`.
 * @param again compiles a rule once more, with more text in its expression.
 */
export function leaveOut(
  program: Program,
  again: (resolved: ResolvedRule, insertions: Insertions) => ResolvedRule | undefined,
): Program {
  const settled = new Map<ResolvedRule, ResolvedRule>();
  const open = new Set<ResolvedRule>();
  const settle = (resolved: ResolvedRule): ResolvedRule => {
    if (!records || open.has(resolved)) return resolved;
    const of = records;
    return memo(settled, resolved, () => {
      open.add(resolved);
      const insertions = insertionsFor(resolved, of, program);
      open.delete(resolved);
      return insertions.size === 0 ? resolved : (again(resolved, insertions) ?? resolved);
    });
  };
  const records = recordsOf(program, settle);
  return records ? { ...program, rules: program.rules.map(settle) } : program;
}

function insertionsFor(resolved: ResolvedRule, records: Records, { inventory }: Program): Insertions {
  const left = new Map<Shape, Map<Aggregate, Set<string>>>();
  for (const label of records.labelsReadBy(resolved)) {
    // What targets carry themselves is theirs to keep apart.
    if (inventory.known.has(label)) continue;
    for (const instance of readersAmong(resolved, records, label)) {
      const own = memo(left, instance.shape, () => new Map<Aggregate, Set<string>>());
      const reader = records.reader(resolved, instance, label, (finding) => {
        if (finding.kind === 'aggregate') memo(own, finding.node, () => new Set<string>()).add(label);
      });
      sharesOf(instance.shape.expr, reader);
    }
  }
  const insertions = new Map(
    [...left].map(
      ([shape, nodes]) => [shape.sample, [...nodes].flatMap(([node, labels]) => insertionsOf(node, labels))] as const,
    ),
  );
  return new Map([...insertions].filter(([, some]) => some.length > 0));
}

/** What to put into the text of a `without (…)` so that it names these labels as well. */
export function insertionsOf({ grouping }: Aggregate, labels: ReadonlySet<string>): { at: number; text: string }[] {
  if (!grouping) return [];
  const names = [...labels].map(labelText).join(', ');
  return [{ at: grouping.insertAt, text: grouping.labels.length > 0 ? `, ${names}` : names }];
}

/** Instances times shares above which not every instance is looked at. */
const MOST_LOOKS = 1_000_000;

/**
 * The instances by which it is decided what a rule leaves out. Where they are too many, one that reads everything stands
 * for all: what tells its shares apart does so in each.
 */
export function readersAmong(resolved: ResolvedRule, records: Records, label: string): readonly Instance[] {
  if (instanceCount(resolved) * records.mostRead(resolved, label) <= MOST_LOOKS) return resolved.instances;
  const { samples, context } = resolved;
  return samples.map((sample) => {
    const placed = sample.shape.selectors.map((selector) => {
      const author = authorMatchers(selector, sample.shape.holes);
      return [selector, placeRegion({ base: EVERYTHING, minus: [] }, author, context.labelsOf(selector).kept)] as const;
    });
    return { ...sample, placed: new Map(placed) };
  });
}
