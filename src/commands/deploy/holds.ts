import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { commandLine } from '../../core/ground/paste.ts';
import { type Hold, readHolds, writeHolds } from '../../io/deploy/hold.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import { openSwitch } from '../../io/deploy/switch.ts';
import type { Deployed, OpenSwitch, Release, SwitchPlan } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';
import { isProblem } from '../context.ts';
import type { Goal } from './goal.ts';
import { end, type Facts, type Session } from './session.ts';

/** Releases that are not to come back by themselves. */

/**
 * The hold on a release that a deploy is to put there, if there is one. A release that a person rolled back must not come
 * back by itself: a timer would undo the rollback within minutes. And one that failed must not be tried by every run of
 * it: that would be two reloads each time, for ever.
 */
export async function holdOn(deployed: Deployed, release: Release): Promise<Hold | Problem | undefined> {
  if (deployed.current?.id === release.id) return undefined;
  const holds = await readHolds(deployed.rulePath);
  return isProblem(holds) ? holds : holds.find((one) => one.release === release.id);
}

/** The end of a turn whose release is held back. */
export function heldBack({ server, caller }: Session, { release, since, failure }: Hold, facts: Facts): ServerOutcome {
  const date = new Date(since).toISOString().replace(/\.\d+Z$/, 'Z');
  const again = commandLine('deploy --again', { ...caller, server: server.name });
  if (failure !== undefined) {
    return end(facts, 'refused', {
      message: `Release ${release} was tried on ${date} and failed, so that it is not tried again unasked. Nothing was changed.`,
      details: [failure],
      help: `Mend the sources and build: another release goes out as usual. If something else was at fault: ${again}.`,
      fault: 'release',
    });
  }
  return end(facts, 'held', {
    message: `Release ${release} was rolled back on ${date} and is held back: nothing was changed.`,
    help: `Mend or revert the sources and build: another release goes out as usual. To deploy this one all the same: ${again}.`,
    fault: 'release',
  });
}

/**
 * Holds back what a rollback goes away from. That comes before the switch: a rollback that is killed behind it is finished
 * by the next run, and that may be a timer's, which would bring the very release back that a person is fleeing from.
 */
async function holdFirst(session: Session, plan: SwitchPlan, goal: Goal): Promise<Problem | undefined> {
  const { deployed, release, changes } = plan;
  const left = deployed.current?.id ?? deployed.unbelieved;
  if (goal.kind === 'deploy' || left === undefined || left === release.id || changes.length === 0) return undefined;
  return addHold(deployed, { release: left, since: session.io.now() }, { room: true });
}

/** A switch was taken back: what is in force again was not left after all. */
export async function dropHold({ rulePath, current, unbelieved, unfinished }: Deployed): Promise<Problem | undefined> {
  // Whichever way the next run goes from here, it decides.
  if (unfinished) return undefined;
  const before = await readHolds(rulePath);
  if (isProblem(before)) return before;
  const others = before.filter(
    ({ release, failure }) => failure !== undefined || release !== (current?.id ?? unbelieved),
  );
  return others.length === before.length ? undefined : writeHolds(rulePath, others);
}

/** Switches; for a rollback with the hold that must be there before. A problem: nothing was changed, unless it says so. */
export async function switchHeld(session: Session, plan: SwitchPlan, goal: Goal): Promise<OpenSwitch | Problem> {
  const { io, settings } = session;
  const hold = await holdFirst(session, plan, goal);
  if (hold) return { ...hold, message: `${hold.message}. Nothing was changed.` };
  const rollback = goal.kind === 'rollback';
  const open = await openSwitch(plan, { pid: io.pid, now: io.now(), keep: settings.keep, rollback });
  if (rollback && isProblem(open)) {
    const now = await inspect(plan.deployed.rulePath);
    if (!isProblem(now)) await dropHold({ ...plan.deployed, unfinished: now.unfinished });
  }
  return open;
}

/** A deploy that succeeded ends every hold. */
export async function endHolds({ rulePath }: Deployed): Promise<Problem | undefined> {
  const before = await readHolds(rulePath);
  if (isProblem(before)) return before;
  return before.length > 0 ? writeHolds(rulePath, []) : undefined;
}

/** Holds one more release back. */
export async function addHold(
  { rulePath }: Deployed,
  added: Hold,
  { room = false } = {},
): Promise<Problem | undefined> {
  const before = await readHolds(rulePath);
  if (isProblem(before)) return before;
  const others = before.filter(({ release }) => release !== added.release);
  return writeHolds(rulePath, [...others, added], { room });
}
