import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import type { Hold } from '../../io/deploy/hold.ts';
import type { UnfinishedSwitch } from '../../io/deploy/types.ts';
import type { Goal } from './goal.ts';
import { end, type Facts, type Session } from './session.ts';

/** The sentences of a deploy that say how a turn ended. */

export const LAYOUT_COSTS =
  'The layout changes, and with it the path of every alert: all that are pending or firing start anew. Do not change it again later: every alert starts anew each time.';

export function interrupted({ interrupt }: Session, facts: Facts): ServerOutcome {
  const message = `Stopped by ${interrupt.signal} before anything was changed.`;
  return end(facts, 'refused', { message, fault: 'environment' });
}

export function planMessage({ release, changes, previous }: Facts, behind = 0): string {
  if (changes.length > 0 && release === previous) return `Would put release ${release} in place anew.`;
  if (changes.length > 0) return `Would release ${release}${previous === undefined ? '' : ` in place of ${previous}`}.`;
  if (behind > 0) return `The files of release ${release} are in place; would reload the server, whose memory differs.`;
  return `The rule path holds release ${release} already.`;
}

export function doneMessage({ release, previous }: Facts, inPlace: boolean, behind: number, goal: Goal): string {
  if (!inPlace && release === previous) return `Put release ${release} in place anew.`;
  if (!inPlace) {
    const verb = goal.kind === 'rollback' ? 'Rolled back to' : 'Released';
    return `${verb} ${release}${previous === undefined ? '' : ` in place of ${previous}`}.`;
  }
  if (goal.kind === 'rollback' && goal.resumed) {
    return `The rollback to release ${release}, which had been broken off, is complete: the server holds it.`;
  }
  if (behind > 0)
    return `The files of release ${release} were in place; the server's memory was behind, and holds it now.`;
  return `The server holds release ${release}, whose deploy had been broken off; it is confirmed now.`;
}

/** A switch that a run before this one did not bring to its end. `what` became of it now; undefined: a dry run let it be. */
export function brokenOff(
  { from, to, rollback }: UnfinishedSwitch,
  what: 'finished' | 'undone' | undefined,
  goal: Goal,
): string {
  const which = rollback ? `A rollback from ${from} to ${to}` : `A deploy of ${to}`;
  if (what === undefined) return `${which} was broken off; the next run that is not dry puts that right first.`;
  if (what === 'finished') return `${which} had been broken off: its files are all in place now.`;
  const back = `${which} had been broken off, and its files were taken back`;
  if (!rollback) return `${back}.`;
  const still = `${back}: release ${from} is still in force.`;
  return goal.kind === 'rollback' ? still : `${still} To go back from it after all: \`rulewright rollback\`.`;
}

/** Why a deploy that finishes a rollback does not do what it was asked for. */
export function staysBack({ release }: Hold): string {
  return `Release ${release}, which this run was to deploy, was rolled back: it stays held back, and the rollback, which had been broken off, was finished instead. To go further back: \`rulewright rollback\`.`;
}
