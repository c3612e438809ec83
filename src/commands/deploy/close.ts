import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import type { Lock } from '../../io/deploy/lock.ts';
import type { OpenSwitch, SwitchPlan } from '../../io/deploy/types.ts';
import type { Asked } from './ask.ts';
import type { Goal } from './goal.ts';
import { endHolds } from './holds.ts';
import type { Ending, Session } from './session.ts';
import { takeBack } from './undo.ts';

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

/** The release stays. A deploy ends every hold; what a rollback went away from was held back before it. */
export async function keep({ plan, lock, open, goal, done }: Closing): Promise<ServerOutcome> {
  const problems = [await open.confirm(), goal.kind === 'deploy' ? await endHolds(plan.deployed) : undefined];
  await lock?.release();
  const wrong = problems.flatMap((problem) => problem?.message ?? []);
  return { ...done, warnings: [...done.warnings, ...wrong] };
}
