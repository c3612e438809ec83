import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { type Hold, readHolds } from '../../io/deploy/hold.ts';
import { keptRelease } from '../../io/deploy/kept.ts';
import { type Lock, takeLock } from '../../io/deploy/lock.ts';
import { planSwitch } from '../../io/deploy/plan.ts';
import { recover } from '../../io/deploy/recover.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import type { Deployed, Release, SwitchPlan } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';
import { plural } from '../../report/text.ts';
import { isProblem } from '../context.ts';
import { end, type Facts, noFacts, refuse, type Session, withPlan, withRelease } from './session.ts';

/** What a server is to get: a release from `dist/`, or the n-th of those that are kept. */
export type Goal =
  | { readonly kind: 'deploy'; readonly release: Release | Problem }
  | { readonly kind: 'rollback'; readonly n: number };

/** A rule path that was looked at, under our lock (a dry run takes none). */
export interface Ready {
  readonly facts: Facts;
  readonly plan: SwitchPlan;
  readonly lock: Lock | undefined;
  /** Whether a switch that was broken off had to be put right first. */
  readonly recovered: boolean;
}

/** Looks at the rule path and plans. Changes nothing but to put right what a run that was killed left behind. */
export async function readyServer(session: Session, goal: Goal): Promise<Ready | ServerOutcome> {
  const { server, settings, io } = session;
  const facts = noFacts(session);
  if (goal.kind === 'deploy' && isProblem(goal.release)) return refuse(facts, goal.release);
  // What is wrong with the directory is better told by looking at it than by a lock that fails.
  const seen = await inspect(server.rulePath);
  if (isProblem(seen)) return refuse(facts, seen);
  const lock = settings.dryRun ? undefined : await takeLock(seen.rulePath, { pid: io.pid, now: io.now() });
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
    warnings.push(
      `A deploy of ${found.unfinished.to} was broken off; the next one that is not dry puts that right first.`,
    );
  } else if (found.unfinished) {
    const recovery = await recover(found);
    if (isProblem(recovery)) return refuse(facts, recovery);
    deployed = recovery.deployed;
    recovered = recovery.what !== 'nothing';
    if (recovered) {
      const what = recovery.what === 'finished' ? 'its files are all in place now' : 'its files were taken back';
      warnings.push(`A deploy of ${found.unfinished.to} had been broken off: ${what}.`);
    }
  }
  if (deployed.damaged.length > 0) {
    const names = deployed.damaged.slice(0, 3).map(({ fileName, what }) => `${fileName} ${WHAT[what]}`);
    const more = deployed.damaged.length > 3 ? ` and ${deployed.damaged.length - 3} more` : '';
    warnings.push(
      `Somebody else touched ${plural(deployed.damaged.length, 'file')} of ours in ${server.rulePath}: ${names.join(', ')}${more}.`,
    );
  }
  facts = { ...facts, drift: deployed.damaged.length > 0, warnings, now: deployed.current?.id };

  const release = goal.kind === 'rollback' ? await wantedOf(session, deployed, goal.n) : goal.release;
  if (isProblem(release)) return refuse(facts, release);
  facts = withRelease(facts, release);
  if (goal.kind === 'deploy' && !settings.again) {
    const held = await heldBack(session, deployed, release, facts);
    if (held) return held;
  }
  const plan = await planSwitch(deployed, release, server.layout);
  if (isProblem(plan)) return refuse(facts, plan);
  return { facts: withPlan(facts, plan), plan, lock, recovered };
}

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'should not be there' } as const;

/** The n-th kept release; those that were rolled back before are passed over, for nobody goes back to them. */
async function wantedOf({ switched }: Session, deployed: Deployed, n: number): Promise<Release | Problem> {
  // A server before this one has the same rule path, and went back already: once is what was asked for.
  if (switched.has(deployed.rulePath) && deployed.current) return deployed.current;
  const holds = await readHolds(deployed.rulePath);
  if (isProblem(holds)) return holds;
  const held = rolledBack(holds);
  const open = deployed.kept.flatMap(({ id }, index) => (held.has(id) ? [] : [index + 1]));
  const wanted = open[n - 1];
  if (wanted !== undefined) return keptRelease(deployed, wanted);
  const count =
    open.length === 0 ? 'No release is' : open.length === 1 ? 'Only 1 release is' : `Only ${open.length} are`;
  const besides = open.length < deployed.kept.length ? ' beside what was rolled back before' : '';
  return {
    code: 'usage',
    message: `${count} kept in ${deployed.rulePath} to go back to${besides}.`,
    help: '`rulewright rollback --list` shows them; older ones come back by `git revert`, build and deploy.',
  };
}

/** Ids of the releases that people went away from. */
export function rolledBack(holds: readonly Hold[]): ReadonlySet<string> {
  return new Set(holds.filter(({ failure }) => failure === undefined).map(({ release }) => release));
}

/**
 * A release that a person rolled back must not come back by itself: a timer would undo the rollback within minutes. And
 * one that failed must not be tried by every run of it: that would be two reloads each time, for ever.
 */
async function heldBack(
  { server }: Session,
  deployed: Deployed,
  release: Release,
  facts: Facts,
): Promise<ServerOutcome | undefined> {
  if (deployed.current?.id === release.id) return undefined;
  const holds = await readHolds(deployed.rulePath);
  if (isProblem(holds)) return refuse(facts, holds);
  const hold = holds.find((one) => one.release === release.id);
  if (!hold) return undefined;
  const since = new Date(hold.since).toISOString().replace(/\.\d+Z$/, 'Z');
  const where = server.name === '' ? '' : ` --server ${server.name}`;
  const again = `rulewright deploy --again${where}`;
  if (hold.failure !== undefined) {
    return end(facts, 'refused', {
      message: `Release ${release.id} was tried on ${since} and failed, so that it is not tried again unasked. Nothing was changed.`,
      details: [hold.failure],
      help: `Mend the sources and build: another release goes out as usual. If something else was at fault: ${again}.`,
      fault: 'release',
    });
  }
  return end(facts, 'held', {
    message: `Release ${release.id} was rolled back on ${since} and is held back: nothing was changed.`,
    help: `Mend or revert the sources and build: another release goes out as usual. To deploy this one all the same: ${again}.`,
    fault: 'release',
  });
}
