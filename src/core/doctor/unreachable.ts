import { type Check, fine } from './finding.ts';

/** Nobody answers where the server should be. */
export const unreachable: Check = {
  code: 'server-unreachable',
  look({ live, url }) {
    if (live.reach !== 'unreachable') return fine('the server answers');
    return {
      severity: 'error',
      message: live.said?.message ?? `${url} can't be reached.`,
      help: live.said?.help ?? 'Look whether it runs, and whether the address is right.',
      remedy: [`curl -sv ${new URL('-/healthy', `${url}/`).href}`],
      details: ['A server that does not run has no rules at all, whatever lies in its directory.'],
    };
  },
};
