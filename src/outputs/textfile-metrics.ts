/** What a run of `deploy` says of one server, for the textfile collector of the node exporter. */
export interface DeployMetrics {
  /** "" where there is one server alone: then the series carry no label `server`. */
  readonly server: string;
  /** Seconds since 1970. */
  readonly lastRun: number;
  /** Whether the server was proven to hold what was asked for. */
  readonly succeeded: boolean;
  readonly failed: boolean;
  /** The release in the rule path; undefined: none, or it could not be read. */
  readonly release: string | undefined;
  /** Rules of that release. */
  readonly rules: number;
  /** Seconds. */
  readonly duration: number;
  readonly drift: boolean;
}

interface Family {
  readonly name: string;
  readonly help: string;
}

const LAST_SUCCESS: Family = {
  name: 'rulewright_deploy_last_success_timestamp_seconds',
  help: 'When a deploy last proved that the server holds the release.',
};
const LAST_RUN: Family = {
  name: 'rulewright_deploy_last_run_timestamp_seconds',
  help: 'When a deploy last ran, whatever became of it.',
};
const FAILED: Family = { name: 'rulewright_deploy_failed', help: 'Whether the last deploy failed.' };
const INFO: Family = { name: 'rulewright_deploy_release_info', help: 'The release that lies in the rule path.' };
const RULES: Family = { name: 'rulewright_deploy_rules', help: 'Rules of the release that lies in the rule path.' };
const DURATION: Family = { name: 'rulewright_deploy_duration_seconds', help: 'How long the last deploy took.' };
const DRIFT: Family = {
  name: 'rulewright_deploy_drift',
  help: 'Whether the rule path or the memory of the server had changed since the last deploy when this one began.',
};
const FAMILIES = [LAST_SUCCESS, LAST_RUN, FAILED, INFO, RULES, DURATION, DRIFT];

/**
 * The text of the metrics file, in the format that Prometheus scrapes. `before` is the file of the run before: from it come
 * the last success where this run was none, and the rows of servers that this run did not touch but that are still `known`.
 */
export function deployMetrics(
  rows: readonly DeployMetrics[],
  before: string | undefined,
  known: ReadonlySet<string>,
): string {
  const old = readSamples(before ?? '');
  const ran = new Map(rows.map((row) => [row.server, row]));
  const lines = FAMILIES.flatMap(({ name, help }) => {
    const kept = old.filter((sample) => sample.name === name && known.has(sample.server) && !ran.has(sample.server));
    const samples = [
      ...kept.map((sample) => ({ server: sample.server, line: sample.line })),
      ...rows.flatMap((row) => {
        const line = sampleOf(name, row, old);
        return line === undefined ? [] : [{ server: row.server, line }];
      }),
    ].sort((a, b) => (a.server < b.server ? -1 : a.server > b.server ? 1 : 0));
    if (samples.length === 0) return [];
    return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map(({ line }) => line)];
  });
  return `${lines.join('\n')}\n`;
}

function sampleOf(name: string, row: DeployMetrics, old: readonly Sample[]): string | undefined {
  const line = (value: number, labels: Readonly<Record<string, string>> = {}): string => {
    const pairs = Object.entries({ ...labels, ...(row.server !== '' && { server: row.server }) });
    const text = pairs.map(([label, is]) => `${label}="${escaped(is)}"`).join(',');
    return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
  };
  switch (name) {
    case LAST_SUCCESS.name:
      if (row.succeeded) return line(row.lastRun);
      return old.find((sample) => sample.name === name && sample.server === row.server)?.line;
    case LAST_RUN.name:
      return line(row.lastRun);
    case FAILED.name:
      return line(row.failed ? 1 : 0);
    case INFO.name:
      return row.release === undefined ? undefined : line(1, { release: row.release });
    case RULES.name:
      return row.release === undefined ? undefined : line(row.rules);
    case DURATION.name:
      return line(row.duration);
    default:
      return line(row.drift ? 1 : 0);
  }
}

interface Sample {
  readonly name: string;
  readonly server: string;
  readonly line: string;
}

/** Our own samples of a metrics file; a line of any other form is passed over. */
function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = ''] =
      /^(rulewright_deploy_\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\.)*",?)*)\})? [-+0-9.eE]+$/.exec(line) ?? [];
    if (name === undefined) return [];
    const server = /(?:^|,)server="((?:[^"\\]|\\.)*)"/.exec(labels)?.[1] ?? '';
    return [{ name, server: server.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)), line }];
  });
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
