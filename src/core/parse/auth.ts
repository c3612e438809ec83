import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, SourceFile } from '../ground/source.ts';
import type { ServerAuth } from '../model/config.ts';
import type { Hints } from './check.ts';
import type { MapNode } from './nodes.ts';
import { child } from './nodes.ts';
import { compact, readText } from './read.ts';

/**
 * How we prove who we are to the server that a mapping describes (`prometheus:`, or an entry of `prometheus.servers`):
 * `basic_auth`, `authorization`, `tls_config` as in Prometheus' own files. Paths stay as written. What is wrong is
 * pushed to `out`.
 */
export function readAuth(map: MapNode, out: Diagnostic[]): ServerAuth {
  const part = (key: string): MapNode | undefined => {
    const node = child(map, key);
    return node?.kind === 'map' ? node : undefined;
  };
  const [basic, bearer, tls] = [part('basic_auth'), part('authorization'), part('tls_config')];
  const text = (of: MapNode | undefined, key: string, secret: boolean): string | undefined => {
    const said = of && readText(of, key);
    return said && usable(said, key, secret, out) ? said.value : undefined;
  };
  const both = basic && bearer && map.entries.get('authorization')?.keySpan;
  if (both) {
    const message = '`basic_auth` and `authorization` exclude one another: a request has one `Authorization` header.';
    out.push(diagnostic('invalid-value', both, message, { help: 'Remove the one that the server does not ask for.' }));
  }
  return compact<ServerAuth>({
    username: text(basic, 'username', false),
    password: undefined,
    passwordFile: text(basic, 'password_file', true),
    bearerToken: undefined,
    bearerTokenFile: both ? undefined : text(bearer, 'credentials_file', true),
    caFile: text(tls, 'ca_file', false),
    certFile: text(tls, 'cert_file', false),
    keyFile: text(tls, 'key_file', true),
    serverName: text(tls, 'server_name', false),
  });
}

function usable({ value, span }: Located<string>, key: string, secret: boolean, out: Diagnostic[]): boolean {
  if (value.trim() === '' || value.includes('\0')) {
    out.push(diagnostic('invalid-value', span, `\`${key}\` must not be empty.`, { help: 'Leave it out.' }));
    return false;
  }
  if (secret && isInside(value)) {
    const message = `\`${key}\` names a file inside of the repository: a secret there is one \`git add\` away from everybody who can read it.`;
    const help = 'Keep it outside, and name it by its absolute path, such as /etc/rulewright/secret.';
    out.push(diagnostic('secret-in-repository', span, message, { help }));
  }
  return true;
}

/** Whether a path that is relative to the repository's root stays in it. */
function isInside(path: string): boolean {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(path)) return false;
  let depth = 0;
  for (const part of path.split(/[\\/]/)) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}

/** The environment's variables, by what they give. */
const VARIABLES = {
  username: 'PROMETHEUS_USERNAME',
  password: 'PROMETHEUS_PASSWORD',
  passwordFile: 'PROMETHEUS_PASSWORD_FILE',
  bearerToken: 'PROMETHEUS_BEARER_TOKEN',
  bearerTokenFile: 'PROMETHEUS_BEARER_TOKEN_FILE',
  caFile: 'PROMETHEUS_CA_FILE',
  certFile: 'PROMETHEUS_CERT_FILE',
  keyFile: 'PROMETHEUS_KEY_FILE',
} as const;

/** What the environment gives; a variable that is empty says nothing. Complaints name variables, never what they hold. */
export function environmentAuth(env: Readonly<Record<string, string | undefined>>, out: Diagnostic[] = []): ServerAuth {
  const found: Partial<Record<keyof typeof VARIABLES, string>> = {};
  for (const [key, name] of Object.entries(VARIABLES)) {
    const value = env[name];
    // A line break behind it is what `$(cat file)` in some tools leaves.
    const trimmed = key.endsWith('File') ? value?.trim() : value?.replace(/\r?\n$/, '');
    if (trimmed !== undefined && trimmed !== '') found[key as keyof typeof VARIABLES] = trimmed;
  }
  const password = found.password !== undefined || found.passwordFile !== undefined || found.username !== undefined;
  const clashes: [boolean, keyof typeof VARIABLES, keyof typeof VARIABLES][] = [
    [found.password !== undefined && found.passwordFile !== undefined, 'password', 'passwordFile'],
    [found.bearerToken !== undefined && found.bearerTokenFile !== undefined, 'bearerToken', 'bearerTokenFile'],
    [
      password && (found.bearerToken !== undefined || found.bearerTokenFile !== undefined),
      found.username !== undefined ? 'username' : found.password === undefined ? 'passwordFile' : 'password',
      found.bearerToken === undefined ? 'bearerTokenFile' : 'bearerToken',
    ],
  ];
  for (const [wrong, one, other] of clashes) {
    if (!wrong) continue;
    const name = VARIABLES[one];
    const message = `${name} and ${VARIABLES[other]} are both set, and only one of them can be meant.`;
    const span = { file: { path: `$${name}`, text: '' }, start: 0, end: 0 };
    out.push(diagnostic('invalid-value', span, message, { help: 'Unset the other one.' }));
  }
  return found;
}

/** Settings with the environment's over them. What proves who we are belongs together: of two kinds the environment's stays. */
export function withEnvironment(auth: ServerAuth, env: ServerAuth): ServerAuth {
  const token = env.bearerToken !== undefined || env.bearerTokenFile !== undefined;
  const password = env.password !== undefined || env.passwordFile !== undefined;
  const dropped: (keyof ServerAuth)[] = [];
  if (token) dropped.push('username', 'password', 'passwordFile', 'bearerToken', 'bearerTokenFile');
  else if (password) dropped.push('password', 'passwordFile', 'bearerToken', 'bearerTokenFile');
  else if (env.username !== undefined) dropped.push('bearerToken', 'bearerTokenFile');
  const kept = Object.fromEntries(Object.entries(auth).filter(([key]) => !dropped.some((name) => name === key)));
  return { ...kept, ...env };
}

/** What to say of keys of Prometheus' that hold a secret, which a committed file must not. */
export const SECRET_HINTS: Hints = {
  password: 'A secret does not belong into a file that is committed: `password_file`, or PROMETHEUS_PASSWORD.',
  credentials:
    'A secret does not belong into a file that is committed: `credentials_file`, or PROMETHEUS_BEARER_TOKEN.',
  bearer_token: 'Write `authorization: { credentials_file: … }`, or set PROMETHEUS_BEARER_TOKEN.',
  bearer_token_file: 'Write `authorization: { credentials_file: … }`.',
  insecure_skip_verify: 'A server that nobody verifies could be anybody: name its authority with `ca_file`.',
};

const SECRET = /((?:^|[\s{,"'])(?:password|credentials|bearer_token)["']?[ \t]*:[ \t]+)([^\s{},#&*!|>][^\n{},]*)/gm;
const USER_INFO = /(:\/\/)([^/\s@"']+)(?=@)/g;

/** The settings as they may be shown: secrets that stand where they should not are blotted out, each place stays. */
export function withoutSecretKeys(file: SourceFile): SourceFile {
  return blotted(file, SECRET);
}

/** The same for users and passwords in URLs, which may stand there, but are nobody's business. */
export function withoutUsers(file: SourceFile): SourceFile {
  return blotted(file, USER_INFO);
}

function blotted(file: SourceFile, pattern: RegExp): SourceFile {
  const text = file.text.replace(pattern, (_, head: string, secret: string) => {
    return head + secret.replace(/\S/g, 'x');
  });
  return text === file.text ? file : { ...file, text };
}
