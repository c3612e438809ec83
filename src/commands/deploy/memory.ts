import { compareLoaded, type Difference, type ReadBackGroup } from '../../core/deploy/read-back.ts';
import { oursAmong } from '../../io/deploy/loaded.ts';
import type { SwitchPlan } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';
import { differenceText } from '../../report/drift.ts';
import { isProblem } from '../context.ts';
import type { Asked } from './ask.ts';
import { type Content, readContents, wantedGroups } from './contents.ts';

/** A server's memory before anything is done, held against what it should be. */
export interface Memory {
  /** The files of the release. */
  readonly contents: readonly Content[];
  /** What it holds once it has loaded the release. */
  readonly wanted: readonly ReadBackGroup[];
  /** In what it differs from that now. */
  readonly behind: readonly string[];
  /** Whether it is not what the last deploy left there. */
  readonly drift: boolean;
  readonly warnings: readonly string[];
  readonly isOurs: (file: string) => boolean;
}

/** Parsing a release takes some 0.1 ms a rule: above this, what lay there before is not looked at for a warning's sake. */
const MOST_RULES = 20_000;

/** In what a server's memory differs from a release, as a line for people. */
export const differenceFrom = (difference: Difference): string => differenceText(difference, 'the release');

/** Compares what a server holds with the release, and with what was released last. */
export async function memoryOf(plan: SwitchPlan, asked: Asked): Promise<Memory | Problem> {
  const { deployed, release, layout, changes } = plan;
  const isOurs = oursAmong(asked.folder, deployed.foreign);
  const contents = await readContents(release);
  if (isProblem(contents)) return contents;
  const { evaluationInterval, losses } = asked;
  const apartFrom = (groups: readonly ReadBackGroup[]): string[] =>
    compareLoaded(groups, asked.loaded, { evaluationInterval, losses, isOurs }).map(differenceFrom);
  const wanted = wantedGroups(contents, layout);
  const behind = apartFrom(wanted);
  const base = { contents, wanted, behind, isOurs };
  const { current, confirmed } = deployed;
  if (!current || !confirmed || current.rulesCount > MOST_RULES) return { ...base, drift: false, warnings: [] };
  // Bytes that somebody changed say nothing of what the last deploy left in memory; that they were changed is drift enough.
  if (deployed.damaged.length > 0) return { ...base, drift: true, warnings: [] };
  let off = behind;
  if (changes.length > 0) {
    const before = await readContents(current);
    if (isProblem(before)) return before;
    off = apartFrom(wantedGroups(before, deployed.layout ?? layout));
  }
  if (off.length === 0) return { ...base, drift: false, warnings: [] };
  const more = off.length > 1 ? ` (and ${off.length - 1} more)` : '';
  const warning = `The server did not hold release ${current.id}, which lay in the rule path: ${off[0]}${more}.`;
  return { ...base, drift: true, warnings: [warning] };
}
