import type { CauseFacts, DoctorFacts } from './facts.ts';
import { type Check, type Found, fine, quoted, reloadLine, some } from './finding.ts';
import { spoiledByHand } from './memory.ts';

/** The server refused its files at its last reload, and holds what it had before. */
export const reloadFailed: Check = {
  code: 'reload-failed',
  look(facts) {
    const { live } = facts;
    if (!live.lastReload) return undefined;
    if (live.lastReload.successful) return fine('its last reload succeeded');
    // Then files-edited tells both: they are one thing, with one remedy.
    if (spoiledByHand(facts)) return undefined;
    const causes = live.causes ?? [];
    const own = causes.filter(({ ours }) => ours);
    const others = causes.filter(({ ours }) => !ours);
    const [message, help, remedy] =
      others.length > 0 ? foreign(others, facts) : own.length > 0 ? ours(own, facts) : unknown(facts);
    return {
      severity: 'error',
      message: `The server’s last reload failed, so it holds the rules of before, and its next start will fail too. ${message}`,
      help,
      remedy,
      details: [...others, ...own].slice(0, 5).map((cause) => `${cause.path}: ${cause.message}`),
    };
  },
};

type Words = readonly [message: string, help: string, remedy: Found['remedy']];

/** Mending comes first: it keeps rules that moving the file away would stop. */
function foreign(causes: readonly CauseFacts[], facts: DoctorFacts): Words {
  const files = [...new Map(causes.map((cause) => [cause.path, cause])).values()];
  const [first] = files;
  const what = files.length === 1 ? `${first?.path}, which is not ours` : `${files.length} files that are not ours`;
  const holds = files.filter(({ held = [] }) => held.length > 0).slice(0, 3);
  const kept = holds.map(
    ({ path, held = [] }) =>
      ` The server still holds ${held.length === 1 ? 'a rule' : `${held.length} rules`} of ${nameOf(path)} from before (${some(held, 5)}): mending keeps ${held.length === 1 ? 'it' : 'them'}, moving the file away stops ${held.length === 1 ? 'it' : 'them'}.`,
  );
  return [
    `The fault is in ${what}: one bad file blocks them all.${kept.join('')}`,
    'Mend it and reload. Only where that can’t be done now, move it out of the way of the globs.',
    [
      ...files.slice(0, 3).map(({ path }) => `promtool check rules ${quoted(path)}`),
      reloadLine(facts),
      ...files.slice(0, 3).map(moveLine),
    ],
  ];
}

/** As a comment, so that nobody pastes away an alert. */
function moveLine({ path, held, movable }: CauseFacts): string {
  const stops = held === undefined || held.length === 0 ? '' : `   (stops ${some(held, 5)})`;
  return `# or, then reload: ${movable === false ? 'sudo ' : ''}mv ${quoted(path)} ${quoted(`${path}.bad`)}${stops}`;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function ours(causes: readonly CauseFacts[], facts: DoctorFacts): Words {
  const { version } = facts.live;
  const [first] = causes;
  const message = `It refuses a file of ours, ${first?.path}.`;
  const help = `Put what was compiled in place again, which reloads too, or else the release before it. Where it is as compiled, let prometheus.version cover this server${version === undefined ? '' : ` (${version})`}.`;
  return [message, help, ['rulewright deploy', '# or, where that is refused: rulewright rollback']];
}

function unknown(facts: DoctorFacts): Words {
  const { promtool } = facts;
  const { globs, configFile } = facts.live;
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
      reloadLine(facts),
    ],
  ];
}
