import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ServerAuth, ServerConfig } from '../../core/model/config.ts';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import { basicAuth, type Credentials, openServer, type Server } from './http.ts';

/** What `connect` needs of a server's settings. */
export type Connectable = Pick<ServerConfig, 'url' | 'auth'>;

export interface ConnectOptions {
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  /** What relative paths of the settings are relative to: the repository. Absolute. */
  readonly root: string;
}

/** More than any password, token or bundle of certificates. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Opens a server with all that it wants to know of us: the files of passwords, tokens and certificates are read now.
 * One that is missing, unreadable or empty is a problem that names the file and never what is in it. Nothing is sent yet.
 */
export async function connect(
  { url, auth }: Connectable,
  { timeoutMs, root }: ConnectOptions,
): Promise<Server | Problem> {
  const read = await readCredentials(auth, root);
  return 'code' in read ? read : openServer(url, { timeoutMs, auth: read });
}

async function readCredentials(auth: ServerAuth, root: string): Promise<Credentials | Problem> {
  const found: Record<string, string> = {};
  for (const [key, what, path] of [
    ['password', 'the password', auth.passwordFile],
    ['token', 'the bearer token', auth.bearerTokenFile],
    ['ca', "the authority's certificate", auth.caFile],
    ['cert', 'the client certificate', auth.certFile],
    ['key', "the client certificate's key", auth.keyFile],
  ] as const) {
    if (path === undefined) continue;
    const secret = key === 'password' || key === 'token';
    const text = await readSecret(resolve(root, path), what, secret ? 'line' : 'pem');
    if (typeof text !== 'string') return text;
    found[key] = text;
  }
  const password = auth.password ?? found['password'];
  const token = auth.bearerToken ?? found['token'];
  const { cert, key, ca } = found;
  if ((cert === undefined) !== (key === undefined)) {
    const [has, lacks] = cert === undefined ? ['key', 'certificate'] : ['certificate', 'key'];
    return environmentProblem(
      `The settings name the client's ${has}, but not its ${lacks}: neither works alone.`,
      `Set \`cert_file\` and \`key_file\` under \`tls_config\`, or PROMETHEUS_CERT_FILE and PROMETHEUS_KEY_FILE.`,
    );
  }
  if (password !== undefined && auth.username === undefined && token === undefined) {
    const help = 'Set PROMETHEUS_USERNAME, or `username` under `prometheus.basic_auth` in rulewright.yaml.';
    return environmentProblem('There is a password for the server, but no user.', help);
  }
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : auth.username === undefined
        ? undefined
        : basicAuth(auth.username, password ?? '');
  if (authorization !== undefined && !isHeader(authorization)) {
    const what = token === undefined ? 'user or password' : 'bearer token';
    return environmentProblem(`The ${what} for the server holds a character that no HTTP header can.`);
  }
  return {
    ...(authorization !== undefined && { authorization }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(auth.serverName !== undefined && { serverName: auth.serverName }),
  };
}

/** A password or a token is one line; certificates and keys are PEM. Else somebody named another file, which is not sent. */
async function readSecret(path: string, what: string, form: 'line' | 'pem'): Promise<string | Problem> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) return environmentProblem(`${path} is too large to hold ${what}.`, 'Check the path.');
    text = await readFile(path, 'utf8');
  } catch (error) {
    return fsProblem(error, `cannot read ${what} for the server:`, path);
  }
  const value = form === 'line' ? text.replace(/\r?\n$/, '') : text;
  if (value.trim() === '') return environmentProblem(`${path} is empty: it should hold ${what}.`, 'Write it there.');
  if (form === 'line' && /[\r\n]/.test(value)) {
    const help = 'Check the path: nothing of it was sent.';
    return environmentProblem(`${path} has more than one line, so it can't be ${what} for the server.`, help);
  }
  if (form === 'pem' && !value.includes('-----BEGIN ')) {
    return environmentProblem(`${path} is no PEM file, but should hold ${what}.`, 'It begins with -----BEGIN …-----.');
  }
  return value;
}

/** Whether Node takes a text as a header's value. */
const isHeader = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
