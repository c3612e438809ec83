import { plural } from '../text.ts';
import { code, plainText } from './text.ts';

/** What a deploy's JSON comes to, for people and for the step's outputs. */
export interface DeployTold {
  readonly markdown: string;
  /** One line; at most 140 characters of it are shown as the deployment's description. */
  readonly sentence: string;
  /** Ids of the releases that lie in the rule paths now. */
  readonly releases: readonly string[];
  /** Whether some server has another release than before, or was brought to load it. */
  readonly changed: boolean;
  readonly errors: readonly { readonly message: string; readonly help?: string }[];
  readonly warnings: readonly string[];
}

/** How many files and alerts a server's part of the summary names; the JSON of the log has all. */
const MOST_ROWS = 50;

/** What each status of a server comes to, in words. */
const STATUS: Readonly<Record<string, string>> = {
  planned: 'would be changed',
  unchanged: 'has it already',
  released: 'released and proven',
  reloaded: 'reloaded and proven',
  switched: 'files in place, not reloaded',
  loading: 'still loading',
  held: 'held back after a rollback',
  unconfirmed: 'files in place, not proven loaded',
  damaged: 'damaged, and not to be put back',
  refused: 'refused',
  undone: 'failed and undone',
  broken: 'failed, and not proven undone',
  'not-tried': 'not tried',
};

/** Reads the JSON that `rulewright deploy --format json` prints, as much of it as there is. */
export function deploySummary(result: unknown, ok: boolean): DeployTold {
  const root = record(result);
  const servers = list(root['servers']).map(record);
  const errors = list(root['errors']).flatMap(failure);
  const warnings = servers.flatMap((server) => list(server['warnings']).flatMap(text));
  const releases = [...new Set(servers.flatMap((server) => text(server['now'])))];
  const changed = servers.some((server) => ['released', 'reloaded', 'switched'].includes(String(server['status'])));
  const planned = root['status'] === 'planned';
  const title = !ok ? 'The rules are not released' : planned ? 'What a release would do' : 'The rules are released';
  const said = errors.map(({ message, help }) => `- ${code(message)}${help === undefined ? '' : `<br>${code(help)}`}`);
  const paragraphs = [...(said.length > 0 ? [said.join('\n')] : []), ...table(servers), ...servers.flatMap(details)];
  const [first] = servers.flatMap((server) => text(server['message']));
  const all = servers.length > 1 ? `${plural(servers.length, 'server')}: ${first ?? ''}` : (first ?? '');
  const sentence = ok
    ? all || 'There was nothing to do.'
    : (errors[0]?.message ?? 'The deploy failed; the log says why.');
  return { markdown: plainText(title, paragraphs), sentence, releases, changed, errors, warnings };
}

function table(servers: readonly Record<string, unknown>[]): string[] {
  if (servers.length === 0) return [];
  const rows = servers.map((server) => {
    const status = String(server['status']);
    const ids = [server['release'], server['previous'], server['now']].map((id) => id ?? '–');
    const cells = [nameOf(server), ...ids, server['rules_count'] ?? '–'];
    return `| ${cells.map((cell) => code(String(cell))).join(' | ')} | ${Object.hasOwn(STATUS, status) ? STATUS[status] : code(status)} |`;
  });
  return [['| server | release | before | now | rules | result |', '|---|---|---|---|---|---|', ...rows].join('\n')];
}

/** What was said of a server, the files that changed there, and the alerts that start anew. */
function details(server: Record<string, unknown>): string[] {
  const lines = [
    ...text(server['message']),
    ...list(server['details']).flatMap(text),
    ...list(server['warnings']).flatMap(text),
  ];
  const files = list(server['changes']).map(changedFile);
  const restored = list(record(server['restored'])['changes']).map(changedFile);
  const alerts = list(server['alerts_reset'])
    .map(record)
    .map((alert) => `${String(alert['alert'])}, ${String(alert['state'])}: ${String(alert['why'])}`);
  return [
    `**${code(nameOf(server))}**\n\n${lines.map(code).join('<br>')}`,
    ...folded('Files', files),
    ...folded('Files of the release in force that were put back', restored),
    ...folded('Alerts that start anew', alerts),
  ];
}

function changedFile(value: unknown): string {
  const change = record(value);
  return `${SIGN[String(change['kind'])] ?? '~'} ${String(change['file_name'])} (${String(change['rules_before'])} → ${String(change['rules_after'])} rules)`;
}

const SIGN: Readonly<Record<string, string>> = { create: '+', update: '~', delete: '-' };

function folded(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MOST_ROWS).map((line) => `- ${code(line)}`);
  if (lines.length > MOST_ROWS) shown.push(`- … and ${lines.length - MOST_ROWS} more`);
  return [`<details><summary>${title}: ${lines.length}</summary>\n\n${shown.join('\n')}\n\n</details>`];
}

function nameOf(server: Record<string, unknown>): string {
  const [name = ''] = text(server['name']);
  return name === '' ? (text(server['url'])[0] ?? 'Prometheus') : name;
}

function failure(value: unknown): DeployTold['errors'][number][] {
  const { message, help } = record(value);
  if (typeof message !== 'string') return [];
  return [typeof help === 'string' ? { message, help } : { message }];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}
