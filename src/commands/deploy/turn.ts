import { resetAlerts } from '../../core/deploy/alerts.ts';
import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { identities } from '../../outputs/table.ts';
import { isProblem } from '../context.ts';
import { uncoveredAlerts } from './alerts.ts';
import { type Asked, askServer } from './ask.ts';
import { alreadyBlocked } from './blocked.ts';
import { withChangedRules } from './changed.ts';
import { openTurn, type Turn } from './close.ts';
import { ownGroups } from './contents.ts';
import type { Goal } from './goal.ts';
import { addHold, switchHeld } from './holds.ts';
import { judge, withRemark } from './judge.ts';
import { besides, closed, heldTurn, isDamaged, mends } from './keep.ts';
import { memoryOf } from './memory.ts';
import { rememberPlace } from './moved.ts';
import { withoutServer } from './offline.ts';
import { type Ready, readyServer } from './ready.ts';
import { end, type Facts, refuse, type Session } from './session.ts';
import { settled, twiceWarnings } from './settled.ts';
import { takeBack } from './undo.ts';
import { reloadAndVerify, type Wanted } from './verify.ts';
import { doneMessage, interrupted, LAYOUT_COSTS, planMessage } from './words.ts';

/**
 * One server's turn: look, plan, ask, judge, switch, reload, read back. Everything that can refuse a release comes before
 * the switch; what fails behind it is undone, and the server reloaded again.
 */
export async function takeTurn(session: Session, asked: Goal): Promise<Turn> {
  const ready = await readyServer(session, asked);
  if (!('status' in ready) && ready.goal.kind === 'keep') return { outcome: await keepInForce(session, ready) };
  const turn = 'status' in ready ? { outcome: ready } : await carryOut(session, ready);
  if (turn.outcome.status !== 'refused' || !(await isDamaged(session))) return turn;
  // Whatever keeps the release from its place, what somebody damaged there is put right.
  const rest = await readyServer(session, { kind: 'keep' });
  return { outcome: besides(turn.outcome, 'status' in rest ? rest : await keepInForce(session, rest)) };
}

async function carryOut(session: Session, ready: Ready): Promise<Turn> {
  const turn = session.settings.offline
    ? await withoutServer(session, ready, ready.goal)
    : await withServer(session, ready, ready.goal);
  if (!turn.open) await ready.lock?.release();
  await rememberPlace(session, ready.plan.deployed.rulePath, turn.outcome);
  return turn;
}

/** Nothing new comes: the release that is in force is put right, loaded and proven. */
async function keepInForce(session: Session, ready: Ready): Promise<ServerOutcome> {
  const { goal } = ready;
  const kept = await closed(await carryOut(session, ready));
  return goal.kind === 'keep' && goal.instead ? heldTurn(session, goal.instead.hold, goal.instead.release, kept) : kept;
}

async function withServer(session: Session, ready: Ready, goal: Goal): Promise<Turn> {
  const { plan } = ready;
  const asked = await askServer(session, plan.deployed, plan.release, plan.layout);
  if (isProblem(asked)) {
    const help = `${asked.help === undefined ? '' : `${asked.help} `}Nothing was changed. To place the files without asking the server: --offline.`;
    const refused = refuse(ready.facts, { ...asked, help });
    if (!mends(plan) || plan.changes.length === 0) return { outcome: refused };
    // What a server has proven once is put back without its word: the next start is the better for it.
    return { outcome: besides(refused, await closed(await withoutServer(session, ready, goal))) };
  }
  const turn = await asTold(session, ready, goal, asked);
  if (!turn.open) await asked.connection.close();
  return turn;
}

/** The part of a turn that the server has a say in. */
async function asTold(session: Session, ready: Ready, goal: Goal, asked: Asked): Promise<Turn> {
  const { plan, lock } = ready;
  const { io, settings, prometheus } = session;
  const memory = await memoryOf(plan, asked);
  if (isProblem(memory)) return { outcome: refuse(ready.facts, memory) };
  const { wanted, behind, isOurs } = memory;
  const shared = session.switched.has(plan.deployed.rulePath);
  const twice = twiceWarnings(asked.loaded, memory);
  let facts: Facts = {
    ...ready.facts,
    drift: ready.facts.drift || (memory.drift && !shared),
    warnings: [...ready.facts.warnings, ...asked.warnings, ...(shared ? [] : memory.warnings), ...twice],
  };
  const inPlace = plan.changes.length === 0;
  const proven = mends(plan);
  if (inPlace && behind.length === 0 && plan.deployed.confirmed && !ready.recovered) {
    return { outcome: await settled(session, facts, asked, isOurs) };
  }
  const blocked = inPlace || proven ? undefined : await alreadyBlocked(session, asked, isOurs);
  if (blocked) return { outcome: refuse(facts, blocked) };
  if (!inPlace) {
    const judged = proven
      ? { facts: await withRemark(session, facts) }
      : await judge(session, facts, plan.release, memory.contents, asked);
    if ('status' in judged) return { outcome: judged };
    facts = { ...judged.facts, changes: await withChangedRules(judged.facts.changes) };
  }
  if (plan.layoutChanged) facts = { ...facts, warnings: [...facts.warnings, LAYOUT_COSTS] };
  const own = ownGroups(asked.loaded, isOurs);
  const moved = resetAlerts(own, wanted, plan.layoutChanged && !inPlace, identities(session.server));
  facts = { ...facts, alertsReset: [...moved, ...(await uncoveredAlerts(session, asked, own, wanted))] };
  if (settings.dryRun) return { outcome: end(facts, 'planned', { message: planMessage(facts, behind.length) }) };
  if (session.interrupt.signal !== undefined) return { outcome: interrupted(session, facts) };

  const open = await switchHeld(session, plan, goal);
  if (isProblem(open)) return { outcome: refuse(facts, open) };
  if (!inPlace || (goal.kind === 'rollback' && goal.resumed)) session.switched.add(plan.deployed.rulePath);
  facts = { ...facts, now: plan.release.id };
  if (!prometheus.reloadEnabled && (!inPlace || behind.length > 0)) {
    const message = `Release ${plan.release.id} is in place, and the server does not hold it yet: \`reload_enabled\` is false, so a reload by other means is due.`;
    const done = end(facts, 'switched', { message });
    return openTurn({ session, plan, lock, open, goal, done }, asked);
  }
  const target: Wanted = { groups: wanted, isOurs, proven };
  // Servers don't tell all (no query_offset), so that a memory which looks right is no reason to leave the reload out.
  const verdict = prometheus.reloadEnabled
    ? await reloadAndVerify(session, asked, target)
    : ({ kind: 'holds', warnings: [], loaded: undefined } as const);
  if (verdict.kind === 'holds') {
    // A file that was moved away beforehand is loaded no more.
    const besides = facts.warnings.filter((one) => !twice.includes(one));
    const now = verdict.loaded ? twiceWarnings(verdict.loaded, memory) : twice;
    const done = end(
      { ...facts, verified: true, warnings: [...besides, ...now, ...verdict.warnings] },
      inPlace ? 'reloaded' : 'released',
      {
        message: doneMessage(facts, inPlace, behind.length, goal),
      },
    );
    return openTurn({ session, plan, lock, open, goal, done }, asked);
  }
  if (verdict.kind === 'loading') {
    // Undoing under a load that runs could hand the server half of each. Its files are whole: let it finish.
    const message = `${verdict.message} The rule path holds release ${plan.release.id}, whole; whether the server takes it is not known yet.`;
    const help =
      'Run this again when it is through (a timer does): that confirms the release, or takes it back. If loads always take so long, raise prometheus.reload_timeout.';
    return { outcome: end(facts, 'loading', { message, help, fault: 'environment' }) };
  }
  if (verdict.kind === 'unconfirmed') {
    // Nobody has said anything against the release. Whoever loads it gets it whole, and the next run asks again.
    const problem = await (proven ? open.confirm() : open.leave());
    const path = `The rule path holds release ${plan.release.id}, whole${proven ? '' : ' and unconfirmed'}.`;
    const message = [verdict.message, path, problem?.message].filter(Boolean).join(' ');
    return { outcome: end(facts, 'unconfirmed', { message, help: verdict.help, fault: 'environment' }) };
  }
  if (proven) {
    // A server proved once that these very files are good, and there is no other state to go back to.
    const problem = inPlace ? undefined : await open.confirm();
    const path = `The rule path holds release ${plan.release.id}, ${inPlace ? 'as before' : 'whole again'}`;
    const holds = behind.length === 0 ? 'the server has it in memory still' : 'the server does not';
    const message = [verdict.message, `${path}; ${holds}.`, problem?.message].filter(Boolean).join(' ');
    return { outcome: end(facts, 'broken', { ...verdict, message }) };
  }
  const outcome = await takeBack(session, { facts, plan, open, asked, why: verdict });
  if (goal.kind !== 'deploy' || verdict.fault !== 'release' || outcome.status !== 'undone') return { outcome };
  const failure = [verdict.message, ...verdict.details.slice(0, 3)].join(' ');
  await addHold(plan.deployed, { release: plan.release.id, since: io.now(), failure });
  return { outcome };
}
