import type { ServerOutcome } from '../core/deploy/outcome.ts';
import { dropHold, writeHold } from '../io/deploy/hold.ts';
import type { Lock } from '../io/deploy/lock.ts';
import type { OpenSwitch, SwitchPlan } from '../io/deploy/types.ts';
import type { Asked } from './deploy-ask.ts';
import type { Goal } from './deploy-ready.ts';
import type { Ending, Session } from './deploy-session.ts';
import { takeBack } from './deploy-undo.ts';

/** A server's turn that has come so far that only the last word is missing. */
export interface Turn {
  readonly outcome: ServerOutcome;
  /** Where a switch is open; exactly one of them must be called. */
  readonly open?: Open;
}

export interface Open {
  /** Keeps what is there, for good. */
  confirm(): Promise<ServerOutcome>;
  /** Goes back to what was there, because another server failed. */
  takeBack(why: Ending): Promise<ServerOutcome>;
}

/** A turn whose switch waits for the last word; server and lock are let go with it. */
export function openTurn(closing: Closing, asked: Asked): Turn {
  const { session, plan, lock, open, done } = closing;
  const letGo = async <T>(outcome: Promise<T>): Promise<T> => {
    const result = await outcome;
    await asked.connection.close();
    await lock?.release();
    return result;
  };
  return {
    outcome: done,
    open: {
      confirm: () => letGo(keep(closing)),
      takeBack: (why) => letGo(takeBack(session, { facts: { ...done, verified: false }, plan, open, asked, why })),
    },
  };
}

export interface Closing {
  readonly session: Session;
  readonly plan: SwitchPlan;
  readonly lock: Lock | undefined;
  readonly open: OpenSwitch;
  readonly goal: Goal;
  readonly done: ServerOutcome;
}

/** The release stays. A rollback holds back what it went away from; a deploy ends every hold. */
export async function keep({ session, plan, lock, open, goal, done }: Closing): Promise<ServerOutcome> {
  const { rulePath, current } = plan.deployed;
  const { pid, now } = session.io;
  const problems = [await open.confirm()];
  if (goal.kind === 'deploy') problems.push(await dropHold(rulePath));
  else if (current && plan.changes.length > 0) {
    problems.push(await writeHold(rulePath, { release: current.id, since: now() }, pid));
  }
  await lock?.release();
  const wrong = problems.flatMap((problem) => problem?.message ?? []);
  return { ...done, warnings: [...done.warnings, ...wrong] };
}
