import { type Check, fine } from './finding.ts';

/** A deploy was broken off between its steps. */
export const unfinished: Check = {
  code: 'unfinished-switch',
  look({ directory: { deployed } }) {
    if (!deployed) return undefined;
    if (!deployed.unfinished) return fine('no deploy was broken off');
    const { from, to } = deployed.unfinished;
    return {
      severity: 'error',
      message: `A deploy was broken off while it switched from ${from === undefined ? 'nothing' : `release ${from}`} to ${to}. What lies there loads, but nobody has confirmed it.`,
      help: 'Deploy again: that finishes or undoes it first. If another deploy runs at this moment, wait for it.',
      remedy: ['rulewright deploy'],
    };
  },
};
