import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import type { PrometheusConfig, ServerAuth, ServerConfig } from '../model/config.ts';
import { readAuth } from './auth.ts';
import type { Settings } from './environment.ts';
import { checkFileId, checkLabelName } from './names.ts';
import type { MapNode } from './nodes.ts';
import { child, headSpan, placeOf, shorten } from './nodes.ts';
import { readText, readTexts } from './read.ts';
import { DEFAULTS } from './schema/defaults.ts';

/** Names that mean something else in `dist/`. */
const TAKEN: ReadonlySet<string> = new Set(['rules', 'effective', 'manifest.json']);

/** What one server has where its entry doesn't say it: the section's own. */
interface Fallback {
  readonly own: PrometheusConfig;
  readonly auth: ServerAuth;
  /** What the environment says, which is about one server. */
  readonly env: Settings;
  readonly span: Span;
}

/**
 * Every server that the rules go to: those of `prometheus.servers`, each key that an entry lacks
 * being the section's own; without a list, or with one that can't be read, the section is the only server.
 */
export function readServers(section: MapNode, fallback: Fallback, out: Diagnostic[]): readonly ServerConfig[] {
  const { own, auth, span } = fallback;
  const only: ServerConfig = {
    name: '',
    kind: 'prometheus',
    url: own.url,
    rulePath: own.rulePath,
    layout: own.layout,
    labels: new Map(),
    groups: undefined,
    auth,
    span,
  };
  const list = child(section, 'servers');
  if (list?.kind !== 'list') return [only];
  if (list.items.length === 0) {
    const help = 'List one, or leave `servers` out: then `prometheus` itself describes the only one.';
    out.push(diagnostic('invalid-value', headSpan(list.span), '`servers` lists no server.', { help }));
    return [only];
  }
  const servers: ServerConfig[] = [];
  for (const item of list.items) {
    const server = item.kind === 'map' ? readServer(item, servers, fallback, out) : undefined;
    if (server) servers.push(server);
  }
  if (list.items.length > 1) refuseEnvironment(fallback.env, list.items.length, out);
  return servers.length === 0 ? [only] : servers;
}

function readServer(
  map: MapNode,
  before: readonly ServerConfig[],
  { own, auth }: Fallback,
  out: Diagnostic[],
): ServerConfig | undefined {
  const name = readText(map, 'name');
  if (!name || !checkName(name, before, out)) return undefined;
  const url = readText(map, 'url');
  const layout = readText(map, 'layout')?.value;
  return {
    name: name.value,
    kind: 'prometheus',
    url: url ? readUrl(url, out) : own.url,
    rulePath: notEmpty(readText(map, 'rule_path'), 'rule_path', out) ?? own.rulePath,
    layout: layout === 'bundle' || layout === 'files' ? layout : own.layout,
    labels: readLabels(map, out),
    groups: readTexts(map, 'groups'),
    auth: authOf(readAuth(map, out), auth),
    span: name.span,
  };
}

const CREDENTIALS = ['username', 'password', 'passwordFile', 'bearerToken', 'bearerTokenFile'] as const;
const TLS = ['caFile', 'certFile', 'keyFile', 'serverName'] as const;

/** A server's own credentials, or else the section's; its own TLS settings, or else the section's: never half of each. */
function authOf(own: ServerAuth, fallback: ServerAuth): ServerAuth {
  const part = (keys: readonly (keyof ServerAuth)[]): ServerAuth => {
    const from = keys.some((key) => own[key] !== undefined) ? own : fallback;
    return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
  };
  return { ...part(CREDENTIALS), ...part(TLS) };
}

function checkName(name: Located<string>, before: readonly ServerConfig[], out: Diagnostic[]): boolean {
  const errors = out.length;
  const names = `it names a folder of dist/`;
  checkFileId(name, { from: '', what: 'the name of a server', key: 'name', names }, out);
  if (out.length > errors) return false;
  if (TAKEN.has(name.value)) {
    const message = `\`${name.value}\` cannot be the name of a server: dist/${name.value} is something else.`;
    out.push(diagnostic('invalid-id', name.span, message, { help: 'Choose another, such as the name of its site.' }));
    return false;
  }
  const twin = before.find((server) => server.name === name.value);
  if (!twin) return true;
  const message = `Two servers have the name "${name.value}"; both would have the folder dist/${name.value}.`;
  out.push(
    diagnostic('duplicate-id', name.span, message, {
      help: 'Give one of them another `name`.',
      notes: [{ message: 'the other one', span: twin.span }],
    }),
  );
  return false;
}

/** External labels. What Prometheus or every target has itself can't be one that series lack. */
function readLabels(map: MapNode, out: Diagnostic[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  const node = child(map, 'labels');
  if (node?.kind !== 'map') return labels;
  for (const entry of node.entries.values()) {
    const { key, keySpan, value } = entry;
    if (value.kind !== 'scalar' || value.value === null) continue;
    if (['__name__', 'job', 'instance', 'alertname'].includes(key)) {
      const message = `\`${key}\` is on the series themselves, so it can't be an external label.`;
      out.push(diagnostic('invalid-name', keySpan, message, { help: 'List what `global.external_labels` of it has.' }));
      continue;
    }
    const errors = out.length;
    checkLabelName(key, keySpan, { utf8Names: true }, out);
    if (value.text === '') {
      const message = `The external label \`${shorten(key)}\` is empty; to Prometheus that is no label at all.`;
      out.push(diagnostic('invalid-value', placeOf(entry), message, { help: 'Give it its value, or remove it.' }));
    }
    if (out.length === errors) labels.set(key, value.text);
  }
  return labels;
}

/** A variable about the one server would be about which of several? Guessing could deploy one site's rules to another. */
function refuseEnvironment(env: Settings, servers: number, out: Diagnostic[]): void {
  for (const [name, said] of [
    ['PROMETHEUS_URL', env.url],
    ['PROMETHEUS_RULE_PATH', env.rulePath],
  ] as const) {
    if (!said) continue;
    const message = `${name} speaks of one server, but \`prometheus.servers\` lists ${servers}, and nothing says which of them is meant.`;
    out.push(
      diagnostic('invalid-value', said.span, message, {
        help: `Unset it, and say \`${name === 'PROMETHEUS_URL' ? 'url' : 'rule_path'}\` in the entry of the server.`,
      }),
    );
  }
}

/** The URL of a server, without a slash at its end; the default where it can't be one. */
export function readUrl(url: Located<string> | undefined, out: Diagnostic[]): string {
  if (!url) return DEFAULTS.url;
  if (/^https?:\/\/[^\s/?#]/.test(url.value) && URL.canParse(url.value)) return url.value.replace(/\/+$/, '');
  const help = 'It starts with `http://` or `https://`, for instance `http://localhost:9090`.';
  // The text is not repeated: a URL may hold a password.
  out.push(diagnostic('invalid-value', url.span, 'This is not the URL of a server.', { help }));
  return DEFAULTS.url;
}

/** A text that names something; undefined, with a diagnostic, where it is empty. */
export function notEmpty(text: Located<string> | undefined, what: string, out: Diagnostic[]): string | undefined {
  if (!text || (text.value.trim() !== '' && !text.value.includes('\0'))) return text?.value;
  out.push(
    diagnostic('invalid-value', text.span, `\`${what}\` must not be empty.`, { help: 'Leave it out for the default.' }),
  );
  return undefined;
}
