import { type Check, fine } from './finding.ts';

/** A server that starts evaluates no rules yet, and takes no reload. */
export const notReady: Check = {
  code: 'server-not-ready',
  look({ live, url }) {
    if (live.reach !== 'answers' && live.reach !== 'starting') return undefined;
    if (live.reach === 'answers') return fine('it is ready');
    return {
      severity: 'error',
      message: `${url} is not ready: it is still starting, or stopping, and evaluates no rules meanwhile.`,
      help: 'It reads its storage first, which may take minutes. Where it never gets ready, its log says why.',
      remedy: [
        `until curl -sf ${url}/-/ready; do sleep 5; done`,
        'journalctl -u prometheus -n 50   # or: docker logs, kubectl logs',
      ],
    };
  },
};
