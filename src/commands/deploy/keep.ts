import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { succeeded } from '../../core/deploy/outcome.ts';
import type { Hold } from '../../io/deploy/hold.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import type { Deployed, Release, SwitchPlan } from '../../io/deploy/types.ts';
import { linesOf } from '../../io/deploy/way-back.ts';
import type { Problem } from '../../io/problem.ts';
import { plural } from '../../report/text.ts';
import { isProblem } from '../context.ts';
import type { Turn } from './close.ts';
import { heldBack } from './holds.ts';
import { end, type Facts, type Session, withRelease } from './session.ts';

/**
 * What is in force stays in force: where a turn does not bring the release that it was asked for, it looks after the one
 * that lies there. What somebody damaged is put back from the store, loaded and proven.
 */

/** Whether a plan only puts a release back that a server has proven already: then nothing speaks against it. */
export function mends({ deployed, release, layoutChanged }: SwitchPlan): boolean {
  return deployed.confirmed && deployed.current?.id === release.id && !layoutChanged;
}

/** Whether somebody damaged a release that a server had proven to hold. */
export async function isDamaged({ server }: Session): Promise<boolean> {
  const now = await inspect(server.rulePath);
  return !isProblem(now) && now.confirmed && now.damaged.length > 0 && now.unfinished === undefined;
}

/** A turn that ends without a question to others: what it mended stays, whatever becomes of other servers. */
export async function closed({ outcome, open }: Turn): Promise<ServerOutcome> {
  return open ? open.confirm() : outcome;
}

/** The end of a turn that a hold kept from its release, and that looked after the one in force instead. */
export function heldTurn(session: Session, hold: Hold, asked: Release, kept: ServerOutcome): ServerOutcome {
  return besides(heldBack(session, hold, withRelease({ ...factsOf(kept), changes: [] }, asked)), kept);
}

/** What was asked for did not come to be (`told`), and this became of what is in force (`kept`). */
export function besides(told: ServerOutcome, kept: ServerOutcome): ServerOutcome {
  const { release, status, previous, now, rulesBefore, changes, alertsReset, verified } = kept;
  const warnings = [...new Set([...told.warnings, ...kept.warnings])];
  const drift = told.drift || kept.drift;
  const restored = { release, status, changes };
  const sum = { ...told, previous, now, rulesBefore, restored, alertsReset, verified, drift, warnings };
  const touched = changes.length > 0 || status === 'reloaded';
  const calm = (text: string): string => (touched ? withoutCalm(text) : text);
  const help = told.help && calm(told.help);
  if (succeeded(kept)) return { ...sum, ...(help && { help }), message: `${calm(told.message)} ${staysText(kept)}` };
  // The same thing stood in the way of both.
  if (kept.message === told.message) return sum;
  const both = [...new Set([kept.help, help])].filter((one) => one !== undefined).join(' ');
  return {
    ...sum,
    status,
    message: `${calm(told.message)} ${kept.message}`,
    details: [...told.details, ...kept.details],
    ...(both !== '' && { help: both }),
    ...(kept.fault !== undefined && { fault: kept.fault }),
  };
}

/** What became of the release in force, in a sentence. */
function staysText({ status, now, changes, verified }: ServerOutcome): string {
  const [first, ...more] = changes.map(({ fileName }) => fileName);
  const damaged = `${first}${more.length === 0 ? ' was' : ` and ${plural(more.length, 'more file')} were`} damaged`;
  const stays = `Release ${now}, which stays in force,`;
  if (status === 'planned') {
    return changes.length > 0
      ? `${stays} would be put back (${damaged}).`
      : `${stays} is whole; it would be proven anew that the server holds it.`;
  }
  if (changes.length > 0) {
    return `${stays} was put back (${damaged})${verified ? ', and the server proved that it holds it' : '; a reload of the server is due'}.`;
  }
  if (status === 'reloaded')
    return `The server did not hold release ${now}, which stays in force; it was reloaded, and holds it now.`;
  return verified
    ? `The server holds release ${now}, which stays in force.`
    : `The rule path holds release ${now}, which stays in force.`;
}

/** Without the sentence that nothing was changed, where something was put back after it was said. */
function withoutCalm(text: string): string {
  return text
    .replace(/: nothing was changed\./, '.')
    .replace(/ ?Nothing was changed\./, '')
    .trim();
}

/** The release in force is damaged, and what it consisted of is nowhere to be had. */
export function beyondRepair(
  facts: Facts,
  deployed: Deployed,
  problem: Problem,
  next: number | undefined,
): ServerOutcome {
  const { current } = deployed;
  const which = current === undefined ? 'The release' : `Release ${current.id},`;
  return end({ ...facts, now: current?.id }, 'damaged', {
    message: `${which} which is in force${current === undefined ? '' : ','} is damaged, and can't be put back: its pristine copies are lost too. Until another one is deployed, a reload or a start of the server loads what lies there.`,
    details: linesOf(problem),
    help: `${next === undefined ? '' : `\`rulewright rollback ${next}\` goes back to a release that is whole. `}To have this one again, check out the commit that it is from, and \`rulewright build\` and \`rulewright deploy\` there.`,
    fault: 'environment',
  });
}

function factsOf(outcome: ServerOutcome): Facts {
  const { status: _, message: __, help: ___, fault: ____, ...facts } = outcome;
  return { ...facts, details: [] };
}
