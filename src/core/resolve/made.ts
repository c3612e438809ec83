import type { Cascade } from '../cascade/cascade.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Keeper } from '../ground/keeper.ts';
import { copiesOf } from '../instance/copies.ts';
import type { Instance, RuleContext } from '../instance/instantiate.ts';
import { instanceIn, instantiate } from '../instance/instantiate.ts';
import type { Matchers } from '../instance/matchers-of-cells.ts';
import type { ResolvedRule } from '../instance/program.ts';
import { isCopy } from '../instance/program.ts';
import type { Texts } from '../instance/texts.ts';

/** Of cells that are too many, and some of which are not even known, none is compiled. */
const NO_INSTANCES: Made = { instances: () => [], samples: [], others: new Map() };

/** The instances of a rule, and what they are kept as. */
export type Made = Pick<ResolvedRule, 'samples' | 'copies' | 'others'> & {
  readonly instances: () => readonly Instance[];
};

/** What copies are made with. */
export interface Given {
  readonly matchers: Matchers;
  readonly texts: Texts;
  readonly keep: Keeper;
}

/**
 * The instances of all cells of a rule.
 * @param fromNothing whether it gives something where there are no series: then no instance is a copy.
 */
export function instancesIn(
  context: RuleContext,
  made: Cascade,
  fromNothing: boolean,
  given: Given,
  problems: Diagnostic[],
): Made {
  if (made.partition.overLimit) return NO_INSTANCES;
  return (fromNothing ? undefined : withCopies(context, made, given, problems)) ?? eagerly(context, made, problems);
}

/** The instance of each cell. */
function eagerly(context: RuleContext, { cells }: Cascade, problems: Diagnostic[]): Made {
  const others = new Map<number, Instance>();
  for (const [i, cell] of cells.entries()) {
    const instance = instanceIn(context, cell, problems);
    if (instance) others.set(i, instance);
  }
  const instances = [...others.values()];
  return { instances: () => instances, samples: instances, others };
}

/** Whether the rule's own matchers leave nothing of a cell; what can't be compiled, or is switched off there, may be in it. */
export function contradicts(context: RuleContext, cell: RuleCell): boolean {
  const { instance, diagnostics } = instantiate(context, cell);
  return instance === undefined && diagnostics.length === 0;
}

/** The same where most instances are copies of one: these are made when they are asked for. */
function withCopies(
  context: RuleContext,
  cascade: Cascade,
  { matchers, texts, keep }: Given,
  problems: Diagnostic[],
): Made | undefined {
  const { thresholds, partition, cell } = cascade;
  if (!thresholds) return undefined;
  const first = thresholds.first();
  const sample = instanceIn(context, cell(first), problems);
  const copies = sample && copiesOf(sample, first, thresholds, partition, { context, texts, matchers });
  if (!copies || copies.count < 2) return undefined;
  const others = new Map<number, Instance>();
  for (let i = 0; i < partition.cells.length; i++) {
    const other = !isCopy(copies, i) ? instanceIn(context, cell(i), problems) : undefined;
    if (other) others.set(i, other);
  }
  const instances = keep(() =>
    cascade.cells.flatMap((own, i) => {
      if (i === first) return sample;
      return others.get(i) ?? (isCopy(copies, i) ? (instanceIn(context, own, []) ?? []) : []);
    }),
  );
  const samples = [...others, [first, sample] as const].sort(([a], [b]) => a - b).map(([, instance]) => instance);
  return { instances, samples, copies, others };
}
