import type { Adoptable } from '../../core/adopt/read.ts';
import { style } from '../../report/color.ts';
import { visible } from '../../report/visible.ts';
import { type Io, useColor } from '../context.ts';
import { liftKey, type Proposal } from './layout.ts';
import type { AdoptOptions, AdoptPlan, Declined } from './plan.ts';
import { familyKey, planAdoption } from './plan.ts';

/** More lines than this scroll away what they are asked about. */
const MOST_LINES = 60;

const COLOR = { root: '', format: 'text', quiet: false, strict: false, color: 'auto' } as const;

/**
 * Shows each proposed file and asks. A rewrite that is skipped stays native; a native file that is skipped is left
 * out. What is left is planned and proven anew.
 */
export async function askEach(
  items: readonly Adoptable[],
  first: AdoptPlan,
  options: AdoptOptions,
  io: Io,
): Promise<{ plan: AdoptPlan; declined: Declined }> {
  const families = new Set<string>();
  const lifts = new Set<string>();
  const left = new Set<string>();
  const rewrites = first.proposals.filter((p) => p.kind === 'rules');
  const shown = new Set(rewrites.flatMap((p) => p.lifts ?? []));
  let all = false;
  for (const proposal of rewrites) {
    if (all) break;
    const groups = first.proposals.filter(
      (p) => p.kind === 'group' && p.families?.some((f) => proposal.families?.includes(f)),
    );
    for (const one of [...groups, proposal]) showFile(one, io);
    const answer = await choice(
      `${visible(proposal.path)}: write it like this [y], leave the rules as they are [n], or all that follows [a]? `,
      io,
    );
    if (answer === 'a') all = true;
    if (answer !== 'n') continue;
    for (const family of proposal.families ?? []) {
      families.add(familyKey(family));
      // Nobody has seen its copies in our own format, so that they are not put there instead.
      for (const { place } of family.copies)
        if (!shown.has(liftKey(place.item, place.group))) lifts.add(liftKey(place.item, place.group));
    }
    for (const key of proposal.lifts ?? []) lifts.add(key);
  }
  let plan = families.size + lifts.size > 0 ? planAdoption(items, options, { families, lifts }) : first;
  for (const proposal of plan.proposals.filter((p) => p.kind === 'native')) {
    if (all) break;
    showFile(proposal, io);
    const answer = await choice(
      `${visible(proposal.path)}: take it over [y], skip it [n], or all that follows [a]? `,
      io,
    );
    if (answer === 'a') all = true;
    if (answer === 'n') left.add(proposal.path);
  }
  if (left.size > 0) plan = { ...plan, proposals: plan.proposals.filter((p) => !left.has(p.path)) };
  return { plan, declined: { families, lifts } };
}

function showFile({ path, text }: Proposal, io: Io): void {
  const styles = style(useColor(COLOR, io, io.stderr));
  const lines = text.trimEnd().split('\n');
  const head = lines.slice(0, MOST_LINES).map((line) => `  ${visible(line)}`);
  if (lines.length > MOST_LINES) head.push(styles.dim(`  … and ${lines.length - MOST_LINES} more lines`));
  io.stderr.write(`\n${styles.bold(visible(path))}\n${head.join('\n')}\n`);
}

/** Asks until the answer is one of those offered; the end of the input says no. */
async function choice(question: string, io: Io): Promise<'y' | 'n' | 'a'> {
  for (let tries = 0; tries < 5; tries++) {
    const answer = ((await io.ask?.(question)) ?? '').trim().toLowerCase()[0];
    if (answer === 'y' || answer === 'n' || answer === 'a') return answer;
  }
  return 'n';
}
