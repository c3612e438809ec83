import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import type { Goal } from './ready.ts';
import { end, type Facts, type Session } from './session.ts';

/** The sentences of a deploy that say how a turn ended. */

export const LAYOUT_COSTS =
  'The layout changes, and with it the path of every alert: all that are pending or firing start anew. It is chosen once.';

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
  if (behind > 0)
    return `The files of release ${release} were in place; the server's memory was behind, and holds it now.`;
  return `The server holds release ${release}, whose deploy had been broken off; it is confirmed now.`;
}
