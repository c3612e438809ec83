import type { AlertReset } from '../../core/deploy/alerts.ts';
import type { ChangedFile, ServerOutcome } from '../../core/deploy/outcome.ts';
import { succeeded } from '../../core/deploy/outcome.ts';
import { matcherText } from '../../promql/matcher.ts';
import { type Style, style } from '../color.ts';
import { plural } from '../text.ts';
import { visible } from '../visible.ts';

export interface DeployTextOptions {
  readonly color: boolean;
  /** Nothing but errors. */
  readonly quiet: boolean;
  /** Whether there are several servers, so that each must be named. */
  readonly several: boolean;
  /** Seconds that this server's turn took. */
  readonly duration: number;
}

const MOST_LINES = 30;
const MOST_ALERTS = 10;

/** What happened on a server, for people, line by line; "" where there is nothing to say. Ends with a line break. */
export function deployText(outcome: ServerOutcome, options: DeployTextOptions): string {
  const styles = style(options.color);
  const good = succeeded(outcome);
  if (options.quiet && good) return '';
  const lines: string[] = [];
  if (options.several) lines.push(styles.bold(`${visible(outcome.name)}  ${visible(outcome.url)}`));
  if (!options.quiet) {
    const done = outcome.status === 'planned' || outcome.status === 'released' || outcome.status === 'switched';
    if (done) lines.push(...changeLines(outcome.changes, styles));
    lines.push(...outcome.warnings.map((text) => `${styles.warning('warning')}: ${shown(text)}`));
    if (done) lines.push(...alertLines(outcome, styles));
  }
  lines.push(...wordLines(outcome, options, styles));
  return `${lines.join('\n')}\n`;
}

function wordLines(outcome: ServerOutcome, { duration }: DeployTextOptions, styles: Style): string[] {
  const { status, message, help, details } = outcome;
  if (succeeded(outcome)) {
    const counts = `${plural(outcome.rulesCount, 'rule')} in ${plural(outcome.filesCount, 'file')}`;
    const proof = outcome.verified && status !== 'planned' ? ', read back' : '';
    return [`${shown(message)} ${styles.dim(`(${counts}${proof}, ${duration.toFixed(1)} s)`)}`];
  }
  const mild = MILD.has(status);
  const word = mild ? styles.warning(status === 'not-tried' ? 'not tried' : status) : styles.error('error');
  return [
    `${word}: ${styles.bold(shown(message))}`,
    ...details.map((detail) => `  ${shown(detail)}`),
    ...(help === undefined ? [] : [`${styles.help('help')}: ${shown(help)}`]),
  ];
}

/** Nothing failed that one knows of. */
const MILD: ReadonlySet<ServerOutcome['status']> = new Set(['held', 'loading', 'unconfirmed', 'not-tried']);

function changeLines(all: readonly ChangedFile[], styles: Style): string[] {
  const same = all.filter(({ sameBytes }) => sameBytes);
  // With a layout every file is handed over in another way; that is one thing, not so many.
  const changes = same.length > 1 ? all.filter(({ sameBytes }) => !sameBytes) : all;
  const rest =
    same.length > 1 ? [`${styles.warning('~')} ${same.length} files keep their text, in another layout`] : [];
  return [...fileLines(changes, styles), ...rest];
}

function fileLines(changes: readonly ChangedFile[], styles: Style): string[] {
  const width = Math.max(0, ...changes.slice(0, MOST_LINES).map(({ fileName }) => visible(fileName).length));
  const lines = changes.slice(0, MOST_LINES).map((change) => {
    const { kind, fileName } = change;
    const sign = kind === 'create' ? styles.added('+') : kind === 'update' ? styles.warning('~') : styles.error('-');
    return `${sign} ${visible(fileName).padEnd(width)}  ${styles.dim(countText(change))}`;
  });
  if (changes.length > MOST_LINES) lines.push(styles.dim(`  … and ${changes.length - MOST_LINES} more files`));
  return lines;
}

function countText({ kind, rulesBefore, rulesAfter, rulesChanged }: ChangedFile): string {
  if (kind === 'create') return plural(rulesAfter, 'rule');
  if (kind === 'delete') return `deleted, ${plural(rulesBefore, 'rule')}`;
  if (rulesBefore === rulesAfter && rulesChanged !== undefined) {
    return `${rulesChanged === 0 ? 'none' : rulesChanged} of ${plural(rulesAfter, 'rule')} changed`;
  }
  return rulesBefore === rulesAfter ? plural(rulesAfter, 'rule') : `${rulesBefore} → ${plural(rulesAfter, 'rule')}`;
}

const MEANING: Readonly<Record<AlertReset['why'], string>> = {
  moved: 'its rule moves, so that',
  removed: 'no rule of this name is left, so that it ends without a "resolved"',
  'not-covered': 'the new expression does not give it, so that it resolves',
  layout: 'the layout changes every path, so that',
};

/** What has never fired has paged nobody yet. */
function meaningOf({ why, state }: AlertReset): string {
  if (why !== 'moved' && why !== 'layout') return MEANING[why];
  return `${MEANING[why]} ${state === 'firing' ? 'it is pending anew and pages again' : 'its `for` starts anew'}`;
}

function alertLines({ alertsReset, status }: ServerOutcome, styles: Style): string[] {
  if (alertsReset.length === 0) return [];
  const firing = alertsReset.filter((alert) => alert.state === 'firing').length;
  const would = status === 'planned' ? 'would lose' : alertsReset.length === 1 ? 'loses' : 'lose';
  const head = `${plural(alertsReset.length, 'active alert')} ${would} ${alertsReset.length === 1 ? 'its' : 'their'} state (${firing} firing):`;
  const lines = alertsReset.slice(0, MOST_ALERTS).map((alert) => {
    const since = alert.activeAt.replace(/\.\d+/, '');
    return `  ${visible(alertText(alert))}  ${styles.dim(`${alert.state} since ${visible(since)}: ${meaningOf(alert)}`)}`;
  });
  if (alertsReset.length > MOST_ALERTS) lines.push(styles.dim(`  … and ${alertsReset.length - MOST_ALERTS} more`));
  return [`${styles.warning('note')}: ${head}`, ...lines];
}

function alertText({ alert, labels }: AlertReset): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== 'alertname');
  return `${alert}{${pairs.map(([label, value]) => matcherText({ label, op: '=', value })).join(', ')}}`;
}

/** Text of several lines (promtool's, say), each safe for a terminal. */
function shown(text: string): string {
  return text.split('\n').map(visible).join('\n    ');
}

/** What is left to say once every server had its turn: who has which release. "" for a single one. Ends with a line break. */
export function summaryText(outcomes: readonly ServerOutcome[], quiet: boolean): string {
  const good = outcomes.every(succeeded);
  if (outcomes.length < 2 || (quiet && good)) return '';
  const lines = outcomes.map(({ name, status, now, verified }) => {
    const has = now === undefined ? 'no release, or an unknown one' : `release ${now}`;
    return `  ${visible(name)}: ${has}${verified ? ', proven' : ''} (${status})`;
  });
  const count = outcomes.filter(succeeded).length;
  return `${count} of ${plural(outcomes.length, 'server')} as wanted:\n${lines.join('\n')}\n`;
}
