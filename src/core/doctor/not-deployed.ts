import type { DoctorFacts } from './facts.ts';
import { type Check, type Found, fine } from './finding.ts';
import { differenceLine } from './memory.ts';

/** What was compiled is not what lies in the rule path. */
export const notDeployed: Check = {
  code: 'not-deployed',
  look(facts) {
    const { dist, directory, live } = facts;
    if (!dist.release) return undefined;
    const { id } = dist.release;
    const { deployed } = directory;
    if (!deployed) return byMemory(facts, id, live.memory?.fromDist);
    if (deployed.release === id) return fine(`release ${id} is deployed`);
    const hold = deployed.held.find(({ release }) => release === id);
    if (hold) {
      return {
        severity: 'warning',
        message: `Release ${id} was ${hold.failed ? 'tried, and failed' : 'rolled back'}, and is held back until it is deployed by word or something else is compiled; the rule path has ${deployed.release ?? 'none'}.`,
        help: 'Mend the sources, or revert the change in git; what is then compiled is deployed as ever. If the release was right after all, deploy it by word.',
        remedy: ['rulewright deploy --again'],
      };
    }
    const what =
      deployed.release === undefined
        ? deployed.damaged.length > 0
          ? `files that were copied there, not deployed (${deployed.damaged.length})`
          : 'no release at all'
        : `release ${deployed.release}`;
    return {
      severity: 'error',
      message: `What was compiled is not deployed: ${dist.place} has release ${id}, ${facts.rulePath} has ${what}.`,
      help: 'Look at what a deploy would do, then do it.',
      remedy: ['rulewright deploy --dry-run', 'rulewright deploy'],
    };
  },
};

/** The rule path can't be looked into, but the server tells what it holds. */
function byMemory(
  facts: DoctorFacts,
  id: string,
  differences: NonNullable<DoctorFacts['live']['memory']>['fromDist'],
): Found | ReturnType<typeof fine> | undefined {
  if (!differences) return undefined;
  if (differences.length === 0) return fine(`the server holds release ${id} of ${facts.dist.place}`);
  return {
    severity: 'error',
    message: `The server does not hold release ${id} of ${facts.dist.place}.`,
    help: 'Deploy it, from a machine that sees the rule path.',
    remedy: ['rulewright deploy'],
    details: differences.slice(0, 3).map(differenceLine),
  };
}
