import type { Problem } from '../problem.ts';

/** What went wrong between us and a server: with the server as such, or with one request alone. */
export interface ServerProblem extends Problem {
  readonly scope: 'server' | 'request';
}

/** Whom a problem is about. */
export interface Subject {
  /** Without user and password. */
  readonly name: string;
  /** How we said who we are. */
  readonly sent: 'nothing' | 'password' | 'token';
  /** It speaks TLS, and we showed no certificate. */
  readonly noCertificate: boolean;
  readonly timeoutMs: number;
}

/** An answer that isn't the data that was asked for. */
export interface Refused {
  readonly code: number;
  readonly location: string | undefined;
  readonly path: string;
  readonly text: string;
}

export function serverProblem(scope: ServerProblem['scope'], message: string, help?: string): ServerProblem {
  return { code: 'environment', scope, message, ...(help !== undefined && { help }) };
}

const PASSWORD_HELP =
  'Set PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD (or PROMETHEUS_PASSWORD_FILE) in the environment, or name the file of the password under `prometheus.basic_auth` in rulewright.yaml. That file is committed, so keep secrets themselves out of it.';
const TOKEN_HELP =
  'Look at PROMETHEUS_BEARER_TOKEN or PROMETHEUS_BEARER_TOKEN_FILE in the environment, and `prometheus.authorization` in rulewright.yaml: the token has perhaps expired.';

const URL_HELP = 'Check `prometheus.url` in rulewright.yaml, PROMETHEUS_URL or --url';

/** What an answer with another status or another content means. */
export function refusal({ name, sent }: Subject, { code, location, path, text }: Refused): ServerProblem {
  const said = errorText(text);
  if (code === 401 || (code === 403 && sent !== 'nothing')) {
    const message =
      sent === 'nothing'
        ? `${name} wants a user and a password, or a token (status ${code}).`
        : `${name} refuses the ${sent === 'token' ? 'bearer token' : 'user and password'} that it was given (status ${code}).`;
    return serverProblem('server', message, sent === 'token' ? TOKEN_HELP : PASSWORD_HELP);
  }
  if (code === 403) {
    return serverProblem('server', `${name} forbids ${path} (status 403).`, 'Ask whoever runs the gateway before it.');
  }
  if (code >= 300 && code <= 399) {
    const to = location === undefined ? 'elsewhere' : `to ${withoutSecrets(location)}`;
    return serverProblem('server', `${name} redirects ${to} (status ${code}).`, `${URL_HELP}: name that place itself.`);
  }
  if (code === 404 || code === 405) {
    const message = `${name} has no ${path} (status ${code}): there is no Prometheus, or it lies below another path.`;
    return serverProblem('server', message, `${URL_HELP}; a path prefix (--web.external-url) belongs in it.`);
  }
  if (said !== undefined) {
    // Prometheus itself speaks: it couldn't answer this one question.
    return serverProblem('request', `${name} could not answer: ${said}`);
  }
  if (code === 503) {
    const help = 'It is perhaps still starting: its storage is being read. Try again.';
    return serverProblem('server', `${name} is not ready (status 503).`, help);
  }
  if (/HTTP request to an HTTPS server/i.test(text)) {
    return serverProblem('server', `${name} speaks HTTPS, not HTTP.`, `${URL_HELP}: it begins with https://.`);
  }
  if (code >= 200 && code <= 299) {
    return serverProblem(
      'server',
      `What answers at ${name} is not Prometheus: ${path} is no JSON of its API.`,
      `${URL_HELP}.`,
    );
  }
  return serverProblem('server', `${name} answered ${path} with status ${code}.`, `${URL_HELP}, and the server's log.`);
}

/** What an exception of the transport means. Its own text is not repeated, but for its code: it may hold what was sent. */
export function transportProblem({ name, timeoutMs, noCertificate }: Subject, error: unknown): ServerProblem {
  const code = codeOf(error);
  if (noCertificate && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')) {
    // Its alert comes behind our request, so that Node only sees the end of the connection.
    const message = `${name} broke the connection off; perhaps it wants a client certificate, and got none.`;
    return serverProblem('server', message, CLIENT_HELP);
  }
  if (TIMEOUTS.has(code)) {
    const help =
      'Raise `prometheus.reload_timeout` (or PROMETHEUS_RELOAD_TIMEOUT) if the server is that slow; else look whether a firewall drops what is sent.';
    const connecting = code === 'UND_ERR_CONNECT_TIMEOUT';
    const what = connecting ? 'takes no connection' : `has not answered within ${timeoutMs / 1000} s`;
    return serverProblem(connecting ? 'server' : 'request', `${name} ${what}.`, help);
  }
  const [what, help] =
    TRANSPORT[code] ?? (isTls(code) ? TLS(code) : [`cannot be asked${code && ` (${code})`}`, `${URL_HELP}.`]);
  return serverProblem('server', `${name} ${what}.`, help);
}

const TIMEOUTS = new Set([
  'TimeoutError',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const RUNS = `Look whether it runs. ${URL_HELP}.`;
const TRANSPORT: Readonly<Record<string, readonly [what: string, help: string]>> = {
  ECONNREFUSED: ['refuses the connection: nothing listens there', RUNS],
  ENOTFOUND: ['has a host name that nobody knows', `${URL_HELP}.`],
  EAI_AGAIN: ['has a host name that could not be looked up', `Look at this machine's DNS. ${URL_HELP}.`],
  EHOSTUNREACH: ['cannot be reached from here', RUNS],
  ENETUNREACH: ['cannot be reached from here', RUNS],
  ECONNRESET: ['broke the connection off', RUNS],
  UND_ERR_SOCKET: ['broke the connection off', RUNS],
  HPE: ['does not speak HTTP there', `${URL_HELP}: perhaps it begins with https://.`],
  EPROTO: ['speaks no TLS there', `${URL_HELP}: perhaps it begins with http://.`],
  ERR_SSL_WRONG_VERSION_NUMBER: ['speaks no TLS there', `${URL_HELP}: perhaps it begins with http://.`],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['speaks no TLS there', `${URL_HELP}: perhaps it begins with http://.`],
};

const CLIENT_HELP =
  'Name a certificate that it trusts and its key: `cert_file` and `key_file` under `prometheus.tls_config`, or PROMETHEUS_CERT_FILE and PROMETHEUS_KEY_FILE.';

function TLS(code: string): readonly [what: string, help: string] {
  if (/ALERT_CERTIFICATE_REQUIRED/.test(code)) return ['wants a client certificate, and got none', CLIENT_HELP];
  // An alert is the other side's word: it is our certificate that is not liked.
  if (/ALERT/.test(code)) return [`refuses our client certificate, or wants one (${code})`, CLIENT_HELP];
  const help =
    code === 'CERT_HAS_EXPIRED'
      ? 'Its certificate must be renewed.'
      : code === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? `${URL_HELP}: the certificate is for another host name. Where that is meant, say which: \`server_name\` under \`prometheus.tls_config\`.`
        : 'Name the file of its authority: `ca_file` under `prometheus.tls_config`, or PROMETHEUS_CA_FILE.';
  return [`has a TLS certificate that is not trusted (${code})`, help];
}

const isTls = (code: string): boolean => /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_/.test(code);

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return error.name;
  if (error.name === 'HTTPParserError') return 'HPE';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? '' : codeOf(error.cause);
}

/** What Prometheus says in `error`, shortened. */
function errorText(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || !('error' in body) || typeof body.error !== 'string')
      return undefined;
    return body.error.length > 300 ? `${body.error.slice(0, 300)}…` : body.error;
  } catch {
    return undefined;
  }
}

/** A place that a server names: a path, or a URL without user, password and query. */
function withoutSecrets(location: string): string {
  if (!URL.canParse(location)) return location.replace(/[?#].*$/s, '');
  const { origin, pathname } = new URL(location);
  return origin + pathname;
}
