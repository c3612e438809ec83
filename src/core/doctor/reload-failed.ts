import type { CauseFacts, DoctorFacts, LiveFacts } from './facts.ts';
import { type Check, type Found, fine, quoted, reloadLine } from './finding.ts';

/** The server refused its files at its last reload, and holds what it had before. */
export const reloadFailed: Check = {
  code: 'reload-failed',
  look(facts) {
    const { live } = facts;
    if (!live.lastReload) return undefined;
    if (live.lastReload.successful) return fine('its last reload succeeded');
    const causes = live.causes ?? [];
    const own = causes.filter(({ ours }) => ours);
    const others = causes.filter(({ ours }) => !ours);
    const [message, help, remedy] =
      others.length > 0 ? foreign(others) : own.length > 0 ? ours(own, live) : unknown(facts);
    return {
      severity: 'error',
      message: `The server’s last reload failed, so it holds the rules of before, and its next start will fail too. ${message}`,
      help,
      remedy: [...remedy, reloadLine(facts)],
      details: [...others, ...own].slice(0, 5).map((cause) => `${cause.path}: ${cause.message}`),
    };
  },
};

type Words = readonly [message: string, help: string, remedy: Found['remedy']];

function foreign(causes: readonly CauseFacts[]): Words {
  const paths = [...new Set(causes.map(({ path }) => path))];
  const [first = ''] = paths;
  const what = paths.length === 1 ? `${first}, which is not ours` : `${paths.length} files that are not ours`;
  return [
    `The fault is in ${what}: one bad file blocks them all.`,
    'Mend it, or move it out of the way of the globs, and reload.',
    paths
      .slice(0, 3)
      .flatMap((path) => [`promtool check rules ${quoted(path)}`, `mv ${quoted(path)} ${quoted(`${path}.bad`)}`]),
  ];
}

function ours(causes: readonly CauseFacts[], { version }: LiveFacts): Words {
  const [first] = causes;
  const message = `It refuses a file of ours, ${first?.path}.`;
  const help = `Put what was compiled in place again, or the release before it. Where it is as compiled, let prometheus.version cover this server${version === undefined ? '' : ` (${version})`}.`;
  return [message, help, ['rulewright deploy', 'rulewright rollback']];
}

function unknown({ live: { globs, configFile }, promtool }: DoctorFacts): Words {
  const file = configFile ?? '/etc/prometheus/prometheus.yml';
  return [
    promtool.version === undefined
      ? 'Without promtool nobody here can say which of its files is at fault, or whether its configuration is.'
      : 'No rule file that can be read from here is at fault: it is one that lies elsewhere, or its configuration.',
    'On the server’s machine promtool says which; so does its log. `promtool check config` follows rule_files too.',
    [
      `promtool check config ${quoted(file)}`,
      ...(globs ?? []).slice(0, 3).map((glob) => `promtool check rules ${glob}`),
      'journalctl -u prometheus -n 50   # or: docker logs, kubectl logs',
    ],
  ];
}
