import { type Check, fine } from './finding.ts';

/** Sources with errors compile to nothing, so that nothing new ever gets anywhere. */
export const sourcesBroken: Check = {
  code: 'sources-broken',
  look({ sources }) {
    if (!sources) return undefined;
    if (sources.errors === 0) return fine('the sources compile');
    const count = sources.errors === 1 ? 'an error' : `${sources.errors} errors`;
    return {
      severity: 'error',
      message: `The sources have ${count}: nothing is compiled until they have none, so that no change arrives.`,
      help: 'Mend what `check` shows.',
      remedy: ['rulewright check --sources'],
      ...(sources.first !== undefined && { details: [sources.first] }),
    };
  },
};
