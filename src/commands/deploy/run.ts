import { mayGoOn, type ServerOutcome } from '../../core/deploy/outcome.ts';
import type { Open } from './close.ts';
import type { Goal } from './goal.ts';
import { end, noFacts, placedOutcome, type Session } from './session.ts';
import { takeTurn } from './turn.ts';

/** A server that is to have a turn. */
export interface Turned {
  readonly session: Session;
  readonly goal: Goal;
}

/** One server's outcome and how long it took, in seconds. */
export interface Timed {
  readonly outcome: ServerOutcome;
  readonly duration: number;
}

/**
 * One server after the other; behind the first that fails none is tried. With `allOrNothing` nothing is confirmed before
 * all have proven it, and one failure takes all of them back. `onEnd` hears of each as soon as its outcome is final.
 */
export async function runServers(
  turns: readonly Turned[],
  allOrNothing: boolean,
  onEnd: (ended: Timed) => void,
): Promise<readonly Timed[]> {
  const ended: Timed[] = [];
  const open: { readonly index: number; readonly open: Open }[] = [];
  let failed: ServerOutcome | undefined;
  const tell = (index: number): void => onEnd(ended[index] as Timed);

  for (const [index, { session, goal }] of turns.entries()) {
    const { io, interrupt } = session;
    const started = io.now();
    if (failed || (index > 0 && interrupt.signal !== undefined)) {
      ended.push({ outcome: notTried(session, failed), duration: 0 });
      continue;
    }
    const turn = await takeTurn(session, goal);
    const waits = turn.open !== undefined && allOrNothing && turns.length > 1;
    const outcome = placedOutcome(session, turn.open && !waits ? await turn.open.confirm() : turn.outcome);
    session.progress.clear();
    ended.push({ outcome, duration: (io.now() - started) / 1000 });
    if (turn.open && waits) open.push({ index, open: turn.open });
    else tell(index);
    if (!mayGoOn(outcome)) failed = outcome;
  }

  const stopped = failed !== undefined || ended.some(({ outcome }) => outcome.status === 'not-tried');
  // The last that was switched goes back first, as one undoes things.
  for (const { index, open: one } of stopped ? open.reverse() : open) {
    const { session } = turns[index] as Turned;
    const started = session.io.now();
    const because = failed === undefined ? 'Somebody asked to stop' : `${failed.name} failed`;
    const why = { message: `${because}, and it was to be all or nothing.`, fault: failed?.fault };
    const outcome = placedOutcome(session, stopped ? await one.takeBack(why) : await one.confirm());
    session.progress.clear();
    const before = (ended[index] as Timed).duration;
    ended[index] = { outcome, duration: before + (session.io.now() - started) / 1000 };
    tell(index);
  }
  for (const [index, { outcome }] of ended.entries()) if (outcome.status === 'not-tried') tell(index);
  return ended;
}

function notTried(session: Session, failed: ServerOutcome | undefined): ServerOutcome {
  const because = failed === undefined ? 'somebody asked to stop' : `${failed.name} failed`;
  return end(noFacts(session), 'not-tried', {
    message: `Not tried, for ${because}: this server has the release that it had.`,
    fault: failed?.fault ?? 'environment',
  });
}
