import { environmentProblem, type Problem } from '../problem.ts';
import { type Hold, readHolds } from './hold.ts';
import { keptRelease, presentRelease } from './kept.ts';
import { readStore, releaseNamed } from './store.ts';
import type { Deployed, Release } from './types.ts';

/** What there is to go back to, and what of the release in force can't be had again. */

/** Ids of the releases that people went away from. */
export function rolledBack(holds: readonly Hold[]): ReadonlySet<string> {
  return new Set(holds.filter(({ failure }) => failure === undefined).map(({ release }) => release));
}

/** Which of `deployed.kept` are there to go back to, in the order in which `rollback` counts them. Each a number from 1. */
export async function openNumbers(deployed: Deployed): Promise<readonly number[] | Problem> {
  const holds = await readHolds(deployed.rulePath);
  if ('code' in holds) return holds;
  const held = rolledBack(holds);
  return deployed.kept.flatMap(({ id }, index) => (held.has(id) ? [] : [index + 1]));
}

/** The N of `rollback N` for the newest kept release that is whole; undefined: there is none. */
export async function wholeNumber(deployed: Deployed): Promise<number | undefined> {
  const open = await openNumbers(deployed);
  if ('code' in open) return undefined;
  for (const [index, number] of open.entries()) {
    if (!('code' in (await keptRelease(deployed, number)))) return index + 1;
  }
  return undefined;
}

/**
 * The release in force, for putting it in place again; where the store has lost which it is, the one that was deployed
 * last. One whose list of files can't be believed is a problem: another must not take its place unasked. Undefined: there
 * is none.
 */
export async function releaseInForce(deployed: Deployed): Promise<Release | Problem | undefined> {
  if (deployed.current) return presentRelease(deployed);
  const store = readStore(deployed.rulePath);
  const shown = releaseNamed(store, store.current);
  if (shown?.broken !== undefined) {
    return environmentProblem(`The release ${shown.id} is damaged:\n  the list of its files ${shown.broken}`);
  }
  const open = shown ? [] : await openNumbers(deployed);
  if ('code' in open) return open;
  return open[0] === undefined ? undefined : keptRelease(deployed, open[0]);
}

/** What of the release in force somebody damaged so that the store can't give it back, a line each; none: it can. */
export async function lostInForce(deployed: Deployed): Promise<readonly string[]> {
  if (!deployed.current || deployed.damaged.length === 0) return [];
  const present = await presentRelease(deployed);
  return 'code' in present ? linesOf(present) : [];
}

/** The single complaints of a problem that has some, else its message. */
export function linesOf({ message }: Problem): readonly string[] {
  const [head = '', ...lines] = message.split('\n').map((line) => line.trim());
  return lines.length > 0 ? lines : [head];
}
