import type { Difference } from '../deploy/read-back.ts';
import type { DoctorFacts } from './facts.ts';

/** A difference between a server's memory and what it should have loaded, as a line. */
export function differenceLine({ what, fileName, group, rule }: Difference): string {
  const where = `${fileName}, rule group ${group}${rule === undefined ? '' : `, rule ${rule}`}`;
  if (what === 'group-missing' || what === 'rule-missing') return `${where}: the server doesn’t have it`;
  if (what === 'group-left-over' || what === 'rule-left-over') return `${where}: only the server has it`;
  return `${where}: the server has it otherwise`;
}

/** The header that the skew is taken from has whole seconds: less than this is no skew. */
const NO_SKEW = 3000;

/** Whether the server has surely read its files since the release was put in place. */
export function reloadedSince({ live, directory }: DoctorFacts): boolean | undefined {
  const { lastReload, skew = 0 } = live;
  const switchedAt = directory.deployed?.switchedAt;
  if (!lastReload || switchedAt === undefined) return undefined;
  return lastReload.at - (Math.abs(skew) < NO_SKEW ? 0 : skew) > switchedAt;
}

/** Whether nothing of ours lies in the rule path, so that there is nothing that the server should have. */
export function nothingThere({ directory: { deployed } }: DoctorFacts): boolean {
  return deployed !== undefined && deployed.release === undefined && deployed.damaged.length === 0;
}

/** Whether somebody changed what was deployed. */
export function isEdited({ directory: { deployed } }: DoctorFacts): boolean {
  return deployed?.release !== undefined && deployed.damaged.length > 0;
}

/** Whether somebody damaged what is in force so that nothing can put it back; what `dist/` has the same is had from there. */
export function isLost({ directory: { deployed }, dist }: DoctorFacts): boolean {
  if (!deployed || deployed.release === undefined || deployed.lost.length === 0) return false;
  const { release } = dist;
  if (!release) return true;
  // Another release takes its place, unless it is held back.
  return release.id !== deployed.release && deployed.held.some((one) => one.release === release.id);
}

/** Whether the last reload failed by files of ours that somebody edited or removed, and by nothing else that is known. */
export function spoiledByHand(facts: DoctorFacts): boolean {
  const { lastReload, causes = [] } = facts.live;
  if (lastReload?.successful !== false || !isEdited(facts) || causes.length === 0) return false;
  const damaged = new Set(facts.directory.deployed?.damaged.map(({ fileName }) => fileName));
  return causes.every(({ ours, path }) => ours && damaged.has(path.slice(path.lastIndexOf('/') + 1)));
}
