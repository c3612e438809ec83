import type { DoctorFacts } from './facts.ts';
import { type Check, fine } from './finding.ts';
import { isLost, spoiledByHand } from './memory.ts';

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'is no part of it' } as const;

/** Somebody edited our files in the rule path. */
export const edited: Check = {
  code: 'files-edited',
  look(facts) {
    const deployed = facts.directory.deployed;
    if (!deployed || deployed.release === undefined) return undefined;
    if (isLost(facts)) return undefined;
    if (deployed.damaged.length === 0) return fine('nobody has edited what was deployed');
    const one = deployed.damaged.length === 1;
    const subject = one ? 'A file in' : `${deployed.damaged.length} files in`;
    const reload = spoiledByHand(facts)
      ? ' The server’s last reload failed because of it, so it holds the rules of before, and its next start will fail too.'
      : '';
    const causes = spoiledByHand(facts) ? (facts.live.causes ?? []) : [];
    return {
      severity: 'error',
      message: `${subject} ${facts.rulePath} ${one ? 'is' : 'are'} not as release ${deployed.release} had ${one ? 'it' : 'them'}: somebody edited, deleted or restored ${one ? 'it' : 'them'} by hand.${reload}`,
      help: `If the change is meant, make it in the sources: a deploy puts its own files back${held(facts)}.`,
      remedy: ['rulewright drift', 'rulewright deploy'],
      details: [
        ...deployed.damaged.slice(0, 5).map(({ fileName, what }) => `${fileName} ${WHAT[what]}`),
        ...causes.slice(0, 3).map(({ path, message }) => `${path}: ${message}`),
      ],
    };
  },
};

/** A deploy that is held looks after what is in force, and says that the other one doesn't come: that is meant. */
function held({ directory: { deployed }, dist }: DoctorFacts): string {
  const hold = deployed?.held.find(({ release }) => release === dist.release?.id);
  return hold ? `, also one that says that release ${hold.release} is held back` : '';
}
