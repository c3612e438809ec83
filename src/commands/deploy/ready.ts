import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { keptRelease, presentRelease } from '../../io/deploy/kept.ts';
import { type Lock, takeLock } from '../../io/deploy/lock.ts';
import { planSwitch } from '../../io/deploy/plan.ts';
import { recover } from '../../io/deploy/recover.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import { writeProblem } from '../../io/deploy/say.ts';
import type { Deployed, Release, SwitchPlan } from '../../io/deploy/types.ts';
import { openNumbers, releaseInForce, wholeNumber } from '../../io/deploy/way-back.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { plural } from '../../report/text.ts';
import { isProblem } from '../context.ts';
import type { Goal } from './goal.ts';
import { dropHold, heldBack, holdOn } from './holds.ts';
import { beyondRepair, heldTurn } from './keep.ts';
import { movedProblem } from './moved.ts';
import { type Facts, noFacts, refuse, type Session, withPlan, withRelease } from './session.ts';
import { brokenOff, staysBack } from './words.ts';

/** A rule path that was looked at, under our lock (a dry run takes none). */
export interface Ready {
  readonly facts: Facts;
  readonly plan: SwitchPlan;
  readonly lock: Lock | undefined;
  /** Whether a switch that was broken off had to be put right first. */
  readonly recovered: boolean;
  /** What is done: what was asked for, or the end of a rollback that was broken off. */
  readonly goal: Goal;
}

/** Looks at the rule path and plans. Changes nothing but to put right what a run that was killed left behind. */
export async function readyServer(session: Session, goal: Goal): Promise<Ready | ServerOutcome> {
  const { server, settings, io } = session;
  const facts = noFacts(session);
  if (goal.kind === 'deploy' && isProblem(goal.release)) return refuse(facts, goal.release);
  // What is wrong with the directory is better told by looking at it than by a lock that fails.
  const seen = await inspect(server.rulePath);
  if (isProblem(seen)) return refuse(facts, seen);
  const moved = await movedProblem(session, seen.rulePath);
  if (moved) return refuse(facts, moved);
  const unwritable = writeProblem(seen.rulePath);
  if (unwritable) return refuse(facts, unwritable);
  const room = goal.kind === 'rollback';
  const lock = settings.dryRun ? undefined : await takeLock(seen.rulePath, { pid: io.pid, now: io.now(), room });
  if (lock && isProblem(lock)) return refuse(facts, lock);
  // Before we had the lock, another may have changed everything.
  const deployed = lock ? await inspect(server.rulePath) : seen;
  const ready = isProblem(deployed) ? refuse(facts, deployed) : await planned(session, goal, facts, deployed, lock);
  if ('status' in ready) await lock?.release();
  return ready;
}

async function planned(
  session: Session,
  goal: Goal,
  blank: Facts,
  found: Deployed,
  lock: Lock | undefined,
): Promise<Ready | ServerOutcome> {
  const { server, settings } = session;
  const warnings: string[] = [];
  let facts: Facts = {
    ...blank,
    previous: found.current?.id,
    now: found.current?.id,
    rulesBefore: found.current?.rulesCount ?? 0,
  };
  let deployed = found;
  let recovered = false;
  if (found.unfinished && settings.dryRun) {
    warnings.push(brokenOff(found.unfinished, undefined, goal));
  } else if (found.unfinished) {
    const recovery = await recover(found);
    if (isProblem(recovery)) return refuse(facts, recovery);
    deployed = recovery.deployed;
    recovered = recovery.what !== 'nothing';
    if (recovery.what !== 'nothing') warnings.push(brokenOff(found.unfinished, recovery.what, goal));
  }
  // A rollback that was broken off before its switch has left its hold on what is in force.
  if (lock) await dropHold(deployed);
  if (deployed.damaged.length > 0) {
    const names = deployed.damaged.slice(0, 3).map(({ fileName, what }) => `${fileName} ${WHAT[what]}`);
    const more = deployed.damaged.length > 3 ? ` and ${deployed.damaged.length - 3} more` : '';
    warnings.push(
      `Somebody else touched ${plural(deployed.damaged.length, 'file')} of ours in ${server.rulePath}: ${names.join(', ')}${more}.`,
    );
  }
  if (deployed.unbelieved !== undefined) {
    warnings.push(
      `The list of files of release ${deployed.unbelieved}, which was in force, can't be believed any more: nothing in place is taken to be that release.`,
    );
  }
  facts = { ...facts, drift: deployed.damaged.length > 0, warnings, now: deployed.current?.id };

  if (goal.kind === 'keep') return keeping(session, { goal, facts, deployed, lock, recovered });
  const release = goal.kind === 'rollback' ? await wantedOf(session, deployed, goal.n) : goal.release;
  if (isProblem(release)) return refuse(facts, release);
  const left = deployed.rolledBackFrom;
  const hold = goal.kind === 'rollback' || settings.again ? undefined : await holdOn(deployed, release);
  if (hold && isProblem(hold)) return refuse(facts, hold);
  // Its files are in place, and perhaps nobody is there to finish it: whoever comes next does.
  if (hold && left === hold.release) {
    const present = await presentRelease(deployed);
    if (isProblem(present)) return refuse(facts, present);
    const told = { ...facts, warnings: [...facts.warnings, staysBack(hold)] };
    return towards(session, present, { goal: RESUMED, facts: told, deployed, lock, recovered });
  }
  if (hold)
    return keeping(session, { goal: { kind: 'keep', instead: { hold, release } }, facts, deployed, lock, recovered });
  const resumed = goal.kind === 'rollback' && left !== undefined && release.id === deployed.current?.id;
  return towards(session, release, { goal: resumed ? RESUMED : goal, facts, deployed, lock, recovered });
}

const RESUMED: Goal = { kind: 'rollback', n: 1, resumed: true };

/** All that is known before the plan. */
type Seen = Omit<Ready, 'plan'> & { readonly deployed: Deployed };

/** Plans the way to a release. */
async function towards(
  { server }: Session,
  release: Release,
  { deployed, ...seen }: Seen,
): Promise<Ready | ServerOutcome> {
  // What is in force keeps the form that it has.
  const layout = seen.goal.kind === 'keep' ? (deployed.layout ?? server.layout) : server.layout;
  const plan = await planSwitch(deployed, release, layout);
  if (isProblem(plan)) return refuse(seen.facts, plan);
  return { ...seen, facts: withPlan(withRelease(seen.facts, release), plan), plan };
}

/** Plans to put right what is in force; where its store has lost its way, that is what was in force last. */
async function keeping(
  session: Session,
  seen: Seen & { readonly goal: Goal & { kind: 'keep' } },
): Promise<Ready | ServerOutcome> {
  const { deployed, facts, goal } = seen;
  const release = await releaseInForce(deployed);
  if (release && !isProblem(release)) return towards(session, release, seen);
  const { instead } = goal;
  if (!release && instead) return heldBack(session, instead.hold, withRelease(facts, instead.release));
  if (!release) return refuse(facts, environmentProblem(`No release lies in ${session.server.rulePath}.`));
  const end = beyondRepair(facts, deployed, release, await wholeNumber(deployed));
  return instead ? heldTurn(session, instead.hold, instead.release, end) : end;
}

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'should not be there' } as const;

/** The n-th kept release; those that were rolled back before are passed over, for nobody goes back to them. */
async function wantedOf({ switched }: Session, deployed: Deployed, n: number): Promise<Release | Problem> {
  // A server before this one has the same rule path, and went back already: once is what was asked for.
  if (switched.has(deployed.rulePath) && deployed.current) return deployed.current;
  // One step back was asked for before, and broken off behind its switch: this is that step.
  if (n === 1 && deployed.rolledBackFrom !== undefined) return presentRelease(deployed);
  const open = await openNumbers(deployed);
  if (isProblem(open)) return open;
  const wanted = open[n - 1];
  if (wanted !== undefined) return keptOrNext(deployed, open, n);
  const count =
    open.length === 0 ? 'No release is' : open.length === 1 ? 'Only 1 release is' : `Only ${open.length} are`;
  const besides = open.length < deployed.kept.length ? ' beside what was rolled back before' : '';
  return {
    code: 'usage',
    message: `${count} kept in ${deployed.rulePath} to go back to${besides}.`,
    help: '`rulewright rollback --list` shows them; older ones come back by `git revert`, build and deploy.',
  };
}

/** The release of a number, or why it can't be restored and which one behind it can. `open`: numbers among all that are kept. */
async function keptOrNext(deployed: Deployed, open: readonly number[], n: number): Promise<Release | Problem> {
  const release = await keptRelease(deployed, open[n - 1] ?? 0);
  if (!isProblem(release)) return release;
  for (let other = n + 1; other <= open.length; other += 1) {
    const next = await keptRelease(deployed, open[other - 1] ?? 0);
    if (isProblem(next)) continue;
    const help = `The newest one before it that is whole is ${next.id}: \`rulewright rollback ${other}\` goes back to that.`;
    return { ...release, help };
  }
  return release;
}
