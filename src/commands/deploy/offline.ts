import { inspect } from '../../io/deploy/rule-path.ts';
import { isProblem } from '../context.ts';
import { withChangedRules } from './changed.ts';
import { type Closing, keep, type Turn } from './close.ts';
import { readContents } from './contents.ts';
import type { Goal } from './goal.ts';
import { dropHold, switchHeld } from './holds.ts';
import { judge } from './judge.ts';
import { mends } from './keep.ts';
import type { Ready } from './ready.ts';
import { end, refuse, type Session } from './session.ts';
import { interrupted, planMessage } from './words.ts';

/** Places the files, and leaves it to others that the server loads them. */
export async function withoutServer(session: Session, { facts, plan, lock }: Ready, goal: Goal): Promise<Turn> {
  const contents = plan.changes.length > 0 ? await readContents(plan.release) : [];
  if (isProblem(contents)) return { outcome: refuse(facts, contents) };
  const judged =
    plan.changes.length > 0 && !mends(plan)
      ? await judge(session, facts, plan.release, contents, undefined)
      : { facts };
  if ('status' in judged) return { outcome: judged };
  const told = { ...judged.facts, changes: await withChangedRules(judged.facts.changes) };
  if (session.settings.dryRun) return { outcome: end(told, 'planned', { message: planMessage(told) }) };
  if (plan.changes.length === 0 && plan.deployed.confirmed) {
    const message = `The rule path holds release ${plan.release.id} already; no server was asked whether it has loaded it.`;
    return { outcome: end(judged.facts, 'unchanged', { message }) };
  }
  if (session.interrupt.signal !== undefined) return { outcome: interrupted(session, judged.facts) };
  const open = await switchHeld(session, plan, goal);
  if (isProblem(open)) return { outcome: refuse(judged.facts, open) };
  if (plan.changes.length > 0) session.switched.add(plan.deployed.rulePath);
  const message = `Release ${plan.release.id} is in place; a reload of the server is due.`;
  const done = end({ ...told, now: plan.release.id }, 'switched', { message });
  const closed: Closing = { session, plan, lock, open, goal, done };
  return {
    outcome: done,
    open: {
      confirm: () => keep(closed),
      takeBack: async (why) => {
        const problem = await open.undo();
        const undone = problem ? undefined : await inspect(plan.deployed.rulePath);
        if (undone && !isProblem(undone)) await dropHold(undone);
        await lock?.release();
        const back = { ...done, now: facts.previous };
        return problem
          ? end({ ...back, now: undefined }, 'broken', { ...why, message: `${why.message} ${problem.message}` })
          : end(back, 'undone', { ...why, message: `${why.message} The files of before are back.` });
      },
    },
  };
}
