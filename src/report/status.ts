import { type Caller, placedIn } from '../core/ground/paste.ts';
import type { Style } from './color.ts';
import { plural } from './text.ts';
import { visible } from './visible.ts';

/** What is known of a server; undefined is what it, or the way to it, keeps to itself. Times are milliseconds since 1970. */
export interface ServerStatus {
  /** As in `prometheus.servers`; "" for the only one. */
  readonly name: string;
  readonly url: string;
  readonly version: string | undefined;
  readonly ready: boolean | undefined;
  readonly healthy: boolean | undefined;
  readonly lifecycle: boolean | undefined;
  readonly autoReload: boolean | undefined;
  readonly startedAt: number | undefined;
  readonly lastReload: { readonly successful: boolean; readonly at: number } | undefined;
  readonly rules: RuleCounts | undefined;
  readonly rulePath: RulePathStatus | undefined;
  readonly problems: readonly { readonly message: string; readonly help?: string }[];
}

export interface RuleCounts {
  readonly files: number;
  readonly groups: number;
  readonly alerting: number;
  readonly recording: number;
  readonly inError: number;
  readonly firing: number;
  readonly pending: number;
}

export interface RulePathStatus {
  readonly path: string;
  /** Id; undefined: nothing was deployed there. */
  readonly release: string | undefined;
  readonly filesCount: number;
  readonly rulesCount: number;
  readonly layout: string | undefined;
  readonly confirmed: boolean;
  readonly damaged: number;
  /** What of it the store can't give back, a line each. */
  readonly lost: readonly string[];
  readonly unfinished: boolean;
  /** Releases that no deploy puts there unasked. `since` in milliseconds since 1970. */
  readonly held: readonly { readonly release: string; readonly since: number; readonly failed: boolean }[];
  /** What the server has loaded of it; undefined: it was not compared. */
  readonly memory: 'same' | 'other' | 'nothing' | undefined;
}

/** Whether the server answers, is up, and runs with what it was last given, with what lies in its rule path, and nobody has damaged that. */
export function isWell({ ready, healthy, lastReload, rulePath, problems }: ServerStatus): boolean {
  const holds = (rulePath?.memory === undefined || rulePath.memory === 'same') && !isDamaged(rulePath);
  return ready === true && healthy === true && lastReload?.successful !== false && holds && problems.length === 0;
}

/** How a server fares, in a word; the worst first. */
export const HEALTH = ['unreachable', 'unhealthy', 'not-ready', 'healthy'] as const;

/**
 * `unreachable`: nobody answered what was asked; `not-ready`: it is starting or stopping; `healthy`: all is well;
 * `unhealthy`: it answers, and something is wrong, be it by its own word or in what it has loaded.
 */
function healthOf(status: ServerStatus): (typeof HEALTH)[number] {
  if (isWell(status)) return 'healthy';
  if (status.ready === undefined && status.healthy === undefined) return 'unreachable';
  return status.ready === false && status.healthy !== false ? 'not-ready' : 'unhealthy';
}

/** Whether somebody damaged what was deployed; what was only copied there is nobody's release. */
const isDamaged = (rulePath: RulePathStatus | undefined): boolean =>
  rulePath?.release !== undefined && rulePath.damaged > 0;

/** The keys of a server in JSON. Times are RFC 3339, UTC. */
export function statusJson(status: ServerStatus): Record<string, unknown> {
  const { rules, rulePath, lastReload } = status;
  return {
    name: status.name,
    status: healthOf(status),
    url: status.url,
    ready: status.ready ?? null,
    healthy: status.healthy ?? null,
    version: status.version ?? null,
    lifecycle: status.lifecycle ?? null,
    auto_reload: status.autoReload ?? null,
    started_at: status.startedAt === undefined ? null : new Date(status.startedAt).toISOString(),
    last_reload: lastReload ? { successful: lastReload.successful, at: new Date(lastReload.at).toISOString() } : null,
    rules: rules
      ? {
          files: rules.files,
          groups: rules.groups,
          alerting: rules.alerting,
          recording: rules.recording,
          in_error: rules.inError,
        }
      : null,
    alerts: rules ? { firing: rules.firing, pending: rules.pending } : null,
    rule_path: rulePath
      ? {
          path: rulePath.path,
          release: rulePath.release ?? null,
          files_count: rulePath.filesCount,
          rules_count: rulePath.rulesCount,
          layout: rulePath.layout ?? null,
          confirmed: rulePath.confirmed,
          damaged: rulePath.damaged,
          lost: rulePath.lost,
          unfinished: rulePath.unfinished,
          memory: rulePath.memory ?? null,
          held: rulePath.held.map(({ release, since, failed }) => ({
            release,
            since: new Date(since).toISOString(),
            failed,
          })),
        }
      : null,
    problems: status.problems.map(({ message, help }) => ({ message, help: help ?? null })),
  };
}

/** A few lines for people. `now` in milliseconds since 1970. */
export function statusText(status: ServerStatus, now: number, styles: Style, caller: Caller): string {
  const { rules, lastReload, rulePath, problems } = status;
  const known = status.version === undefined ? '' : `, Prometheus ${visible(status.version)}`;
  const name = status.name === '' ? '' : `${visible(status.name)}  `;
  const lines = [`${styles.bold(`${name}${visible(status.url)}`)}${known}`];
  const row = (head: string, text: string): void => {
    lines.push(`  ${head.padEnd(12)}${placedIn(text, caller)}`);
  };
  if (status.ready !== undefined || status.healthy !== undefined) {
    const since = status.startedAt === undefined ? '' : `, runs since ${moment(status.startedAt, now)}`;
    row('state', `${stateText(status, styles)}${since}`);
  }
  if (status.lifecycle !== undefined) {
    const own = status.autoReload ? '; it also reloads by itself when files change' : '';
    const off = 'it takes none over HTTP (start it with --web.enable-lifecycle)';
    row('reloads', `${status.lifecycle ? 'it takes them over HTTP' : off}${own}`);
  }
  if (lastReload) {
    const at = moment(lastReload.at, now);
    const failed = `${styles.error('failed')}; it holds what it read at ${at}. \`rulewright doctor\` looks for the cause`;
    row('last reload', lastReload.successful ? `successful, ${at}` : failed);
  }
  if (rules) {
    const all = plural(rules.alerting + rules.recording, 'rule');
    const sick = rules.inError > 0 ? `, ${styles.error(`${rules.inError} in error`)}` : '';
    row('rules', `${all} in ${plural(rules.groups, 'rule group')} of ${plural(rules.files, 'file')}${sick}`);
    row('alerts', `${rules.firing} firing, ${rules.pending} pending`);
  }
  if (rulePath) row('rule path', rulePathText(rulePath));
  if (rulePath?.memory === 'nothing' || rulePath?.memory === 'other') row('memory', memoryText(rulePath, styles));
  for (const { release, since, failed } of rulePath?.held ?? []) {
    const why = failed ? 'tried and failed' : 'rolled back';
    row(
      'held back',
      `release ${release}, ${why} ${moment(since, now)} (\`rulewright deploy --again\` deploys it all the same)`,
    );
  }
  for (const { message, help } of problems) {
    lines.push(`  ${styles.warning('problem')}: ${visible(message)}`);
    if (help !== undefined) lines.push(`  ${styles.help('help')}: ${visible(placedIn(help, caller))}`);
  }
  return `${lines.join('\n')}\n`;
}

/** That the server has not what lies in the rule path. What somebody changed there by hand is not to be loaded. */
function memoryText({ memory, damaged }: RulePathStatus, styles: Style): string {
  const has =
    memory === 'nothing'
      ? 'the server has loaded nothing of the rule path'
      : 'the server holds other rules than the rule path';
  if (damaged > 0) return `${styles.error(has)}, which somebody changed (\`rulewright deploy\` puts it right)`;
  return `${styles.error('a reload is due')}: ${has} (\`rulewright reload\`, and where that doesn't help \`rulewright doctor\`)`;
}

function stateText({ ready, healthy }: ServerStatus, styles: Style): string {
  if (healthy === false) return styles.error('not healthy');
  if (ready === false) return styles.error('not ready: it is still starting, or stopping');
  return [...(healthy ? ['healthy'] : []), ...(ready ? ['ready'] : [])].join(', ');
}

function rulePathText({
  path,
  release,
  filesCount,
  rulesCount,
  confirmed,
  damaged,
  lost,
  unfinished,
}: RulePathStatus): string {
  if (release === undefined) return `${visible(path)}: nothing was deployed there`;
  const remarks = [
    ...(unfinished ? ['a deploy was broken off there'] : confirmed ? [] : ['no server has confirmed it']),
    ...(damaged > 0 ? [`${plural(damaged, 'file')} changed by hand, and the next reload loads that`] : []),
    ...(lost.length > 0 ? ['the pristine copies are lost too'] : []),
  ];
  const remedy = damaged > 0 && lost.length === 0 ? '`rulewright deploy` puts it right' : '`rulewright doctor`';
  const more = remarks.length === 0 ? '' : `; ${remarks.join('; ')} (${remedy})`;
  const what = `release ${release}, ${plural(filesCount, 'file')}, ${plural(rulesCount, 'rule')}`;
  return `${visible(path)}: ${what}${more}`;
}

/** A time in UTC and how long ago that was. */
function moment(at: number, now: number): string {
  const text = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  const seconds = Math.round((now - at) / 1000);
  const [value, unit] =
    seconds < 120
      ? [seconds, 's']
      : seconds < 7200
        ? [seconds / 60, 'min']
        : seconds < 172_800
          ? [seconds / 3600, 'h']
          : [seconds / 86_400, 'days'];
  return `${text} UTC${seconds < 0 ? '' : ` (${Math.floor(value as number)} ${unit} ago)`}`;
}
