import { openSwitch } from '../io/deploy/switch.ts';
import { isProblem } from './context.ts';
import { type Closing, keep, type Turn } from './deploy-close.ts';
import { judge } from './deploy-judge.ts';
import { readTexts } from './deploy-memory.ts';
import type { Goal, Ready } from './deploy-ready.ts';
import { end, refuse, type Session } from './deploy-session.ts';
import { interrupted, planMessage } from './deploy-words.ts';

/** Places the files, and leaves it to others that the server loads them. */
export async function withoutServer(session: Session, { facts, plan, lock }: Ready, goal: Goal): Promise<Turn> {
  const texts = plan.changes.length > 0 ? await readTexts(plan.release) : [];
  if (isProblem(texts)) return { outcome: refuse(facts, texts) };
  const judged = plan.changes.length > 0 ? await judge(session, facts, plan.release, texts, undefined) : { facts };
  if ('status' in judged) return { outcome: judged };
  if (session.settings.dryRun) return { outcome: end(judged.facts, 'planned', { message: planMessage(judged.facts) }) };
  if (plan.changes.length === 0 && plan.deployed.confirmed) {
    const message = `The rule path holds release ${plan.release.id} already; no server was asked whether it has loaded it.`;
    return { outcome: end(judged.facts, 'unchanged', { message }) };
  }
  if (session.interrupt.signal !== undefined) return { outcome: interrupted(session, judged.facts) };
  const { pid, now } = session.io;
  const open = await openSwitch(plan, { pid, now: now(), keep: session.settings.keep });
  if (isProblem(open)) return { outcome: refuse(judged.facts, open) };
  const message = `Release ${plan.release.id} is in place; a reload of the server is due.`;
  const done = end({ ...judged.facts, now: plan.release.id }, 'switched', { message });
  const closed: Closing = { session, plan, lock, open, goal, done };
  return {
    outcome: done,
    open: {
      confirm: () => keep(closed),
      takeBack: async (why) => {
        const problem = await open.undo();
        await lock?.release();
        const back = { ...done, now: facts.previous };
        return problem
          ? end({ ...back, now: undefined }, 'broken', { ...why, message: `${why.message} ${problem.message}` })
          : end(back, 'undone', { ...why, message: `${why.message} The files of before are back.` });
      },
    },
  };
}
