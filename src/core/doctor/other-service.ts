import { type Check, fine, settingLines } from './finding.ts';

const ADDRESS = 'http://HOST:9090 (with its path, if it has one)';

/** Somebody answers at the address, but no Prometheus does. */
export const otherService: Check = {
  code: 'not-prometheus',
  look(facts) {
    const { live, url } = facts;
    if (live.reach === 'unreachable' || live.reach === 'password') return undefined;
    if (live.reach !== 'other') return fine('it is a Prometheus');
    return {
      severity: 'error',
      message: live.said?.message ?? `What answers at ${url} is not Prometheus.`,
      help: 'Another service has this port, or Prometheus lies below a path (--web.external-url). Name its own address.',
      remedy:
        facts.server === ''
          ? settingLines(facts, 'url', ADDRESS)
          : [`# ${facts.settings.path}, server ${facts.server} of prometheus.servers: url: ${ADDRESS}`],
    };
  },
};
