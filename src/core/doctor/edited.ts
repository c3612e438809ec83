import { type Check, fine, serverOption } from './finding.ts';

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'is no part of it' } as const;

/** Somebody edited our files in the rule path. */
export const edited: Check = {
  code: 'files-edited',
  look(facts) {
    const deployed = facts.directory.deployed;
    if (!deployed || deployed.release === undefined) return undefined;
    if (deployed.damaged.length === 0) return fine('nobody has edited what was deployed');
    const count = deployed.damaged.length === 1 ? 'A file' : `${deployed.damaged.length} files`;
    return {
      severity: 'error',
      message: `${count} in ${facts.rulePath} ${deployed.damaged.length === 1 ? 'is' : 'are'} not as release ${deployed.release} had them: somebody edited, deleted or restored them by hand.`,
      help: 'If the change is meant, make it in the sources: a deploy puts its own files back.',
      remedy: [`rulewright drift${serverOption(facts)}`, `rulewright deploy${serverOption(facts)}`],
      details: deployed.damaged.slice(0, 5).map(({ fileName, what }) => `${fileName} ${WHAT[what]}`),
    };
  },
};
