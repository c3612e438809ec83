import type { ReadBackGroup } from '../core/read-back.ts';
import type { SwitchPlan } from '../io/deploy/types.ts';
import type { Problem } from '../io/problem.ts';
import { isProblem } from './context.ts';
import type { Asked } from './deploy-ask.ts';
import { differences, differenceText, oursAmong, type ReleaseText, readTexts, wantedGroups } from './deploy-memory.ts';

/** A server's memory before anything is done, held against what it should be. */
export interface Memory {
  /** The files of the release. */
  readonly texts: readonly ReleaseText[];
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

/** Compares what a server holds with the release, and with what was released last. */
export async function memoryOf(plan: SwitchPlan, asked: Asked): Promise<Memory | Problem> {
  const { deployed, release, layout, changes } = plan;
  const isOurs = oursAmong(deployed, release, asked.folder);
  const texts = await readTexts(release);
  if (isProblem(texts)) return texts;
  const wanted = wantedGroups(texts, layout, release);
  const behind = differences(wanted, asked.loaded, asked.evaluationInterval, isOurs).map(differenceText);
  const base = { texts, wanted, behind, isOurs };
  const { current, confirmed } = deployed;
  if (!current || !confirmed || current.rulesCount > MOST_RULES) return { ...base, drift: false, warnings: [] };
  // Bytes that somebody changed say nothing of what the last deploy left in memory; that they were changed is drift enough.
  if (deployed.damaged.length > 0) return { ...base, drift: true, warnings: [] };
  let off = behind;
  if (changes.length > 0) {
    const before = await readTexts(current);
    if (isProblem(before)) return before;
    const held = wantedGroups(before, deployed.layout ?? layout, current);
    off = differences(held, asked.loaded, asked.evaluationInterval, isOurs).map(differenceText);
  }
  if (off.length === 0) return { ...base, drift: false, warnings: [] };
  const more = off.length > 1 ? ` (and ${off.length - 1} more)` : '';
  const warning = `The server did not hold release ${current.id}, which lay in the rule path: ${off[0]}${more}.`;
  return { ...base, drift: true, warnings: [warning] };
}
