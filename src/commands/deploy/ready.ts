import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { readHolds } from '../../io/deploy/hold.ts';
import { keptRelease, presentRelease } from '../../io/deploy/kept.ts';
import { type Lock, takeLock } from '../../io/deploy/lock.ts';
import { planSwitch } from '../../io/deploy/plan.ts';
import { recover } from '../../io/deploy/recover.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import { writeProblem } from '../../io/deploy/say.ts';
import type { Deployed, Release, SwitchPlan } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';
import { plural } from '../../report/text.ts';
import { isProblem } from '../context.ts';
import { dropHold, heldBack, holdOn, rolledBack } from './holds.ts';
import { type Facts, noFacts, refuse, type Session, withPlan, withRelease } from './session.ts';
import { brokenOff, staysBack } from './words.ts';

/** What a server is to get: a release from `dist/`, or the n-th of those that are kept. */
export type Goal =
  | { readonly kind: 'deploy'; readonly release: Release | Problem }
  | {
      readonly kind: 'rollback';
      readonly n: number;
      /** It was broken off behind its switch: what is left is to load and to confirm it. */
      readonly resumed?: boolean;
    };

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
  facts = { ...facts, drift: deployed.damaged.length > 0, warnings, now: deployed.current?.id };

  let release = goal.kind === 'rollback' ? await wantedOf(session, deployed, goal.n) : goal.release;
  if (isProblem(release)) return refuse(facts, release);
  const left = deployed.rolledBackFrom;
  let resumed = goal.kind === 'rollback' && left !== undefined && release.id === deployed.current?.id;
  const hold = goal.kind === 'rollback' || settings.again ? undefined : await holdOn(deployed, release);
  if (hold && isProblem(hold)) return refuse(facts, hold);
  if (hold) {
    // Its files are in place, and perhaps nobody is there to finish it: whoever comes next does.
    resumed = left === hold.release;
    if (!resumed) return heldBack(session, hold, withRelease(facts, release));
    facts = { ...facts, warnings: [...warnings, staysBack(hold)] };
    release = await presentRelease(deployed);
    if (isProblem(release)) return refuse(facts, release);
  }
  const plan = await planSwitch(deployed, release, server.layout);
  if (isProblem(plan)) return refuse(facts, plan);
  facts = withPlan(withRelease(facts, release), plan);
  return { facts, plan, lock, recovered, goal: resumed ? { kind: 'rollback', n: 1, resumed } : goal };
}

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'should not be there' } as const;

/** The n-th kept release; those that were rolled back before are passed over, for nobody goes back to them. */
async function wantedOf({ switched }: Session, deployed: Deployed, n: number): Promise<Release | Problem> {
  // A server before this one has the same rule path, and went back already: once is what was asked for.
  if (switched.has(deployed.rulePath) && deployed.current) return deployed.current;
  // One step back was asked for before, and broken off behind its switch: this is that step.
  if (n === 1 && deployed.rolledBackFrom !== undefined) return presentRelease(deployed);
  const holds = await readHolds(deployed.rulePath);
  if (isProblem(holds)) return holds;
  const held = rolledBack(holds);
  const open = deployed.kept.flatMap(({ id }, index) => (held.has(id) ? [] : [index + 1]));
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
