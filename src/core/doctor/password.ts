import { type Check, fine } from './finding.ts';

/** The server, or what stands before it, wants to know who asks. */
export const password: Check = {
  code: 'password-wanted',
  look({ live }) {
    if (live.reach === 'unreachable' || live.reach === 'other') return undefined;
    if (live.reach !== 'password') return fine('it lets us in');
    return {
      severity: 'error',
      message: live.said?.message ?? 'The server wants a user and a password.',
      help: live.said?.help ?? 'Give them by the environment.',
      remedy: ['export PROMETHEUS_USERNAME=USER', 'export PROMETHEUS_PASSWORD_FILE=/run/secrets/prometheus'],
    };
  },
};
