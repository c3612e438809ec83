import { type Check, fine } from './finding.ts';
import { isLost } from './memory.ts';

/** Somebody damaged what is in force, and what it consisted of is nowhere to be had. */
export const lost: Check = {
  code: 'files-lost',
  look(facts) {
    const { directory, dist, live } = facts;
    const { deployed } = directory;
    if (!deployed || deployed.release === undefined) return undefined;
    if (!isLost(facts)) return fine('what is in force can be put back');
    const held = deployed.held.some(({ release }) => release === dist.release?.id);
    const memory = live.memory?.groups
      ? ' The server has rules of it in memory; a reload or a start loads what lies there.'
      : '';
    const back =
      deployed.whole === undefined ? [] : [`rulewright rollback${deployed.whole === 1 ? '' : ` ${deployed.whole}`}`];
    const anew = held ? 'rulewright deploy --again' : 'rulewright deploy';
    const word = `release ${dist.release?.id}${held ? ', which is held back' : ''}`;
    return {
      severity: 'error',
      message: `Release ${deployed.release}, which is in force in ${facts.rulePath}, is damaged, and its pristine copies are lost too: no deploy can put it back.${memory}`,
      help: `Put a whole release in its place${back.length > 0 ? ': an older one, or the one that dist/ has' : ''}. To have this very one again, check out the commit that it is from, build and deploy there.`,
      remedy:
        back.length > 0
          ? [...back, `# or, ${word}: ${anew}`]
          : dist.release
            ? [anew]
            : ['rulewright build', 'rulewright deploy'],
      details: deployed.lost.slice(0, 5),
    };
  },
};
