import { type Check, fine } from './finding.ts';

/** Rules of ours that are loaded, but fail when they are evaluated. */
export const failingRules: Check = {
  code: 'rules-failing',
  look({ live: { memory } }) {
    if (!memory || memory.groups === 0) return undefined;
    const { failing } = memory;
    if (failing.length === 0) return fine('none of our rules fails');
    return {
      severity: 'error',
      message: `${failing.length === 1 ? 'A rule of ours is' : `${failing.length} rules of ours are`} loaded, but fail${failing.length === 1 ? 's' : ''} when evaluated: an alert that fails never fires.`,
      help: 'Mend the expression in the sources. Many-to-many matching and duplicate series come with the data, so that no check before could tell.',
      remedy: ['rulewright check --live'],
      details: failing.slice(0, 5).map(({ rule, group, error }) => `${rule} (${group}): ${error}`),
    };
  },
};
