import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/io/problem.ts';
import { connect } from '../../src/io/server/connect.ts';
import { reload } from '../../src/io/server/reload.ts';
import { serverState } from '../../src/io/server/state.ts';
import { temporaryFolder } from '../support/paths.ts';
import { describeEach, prometheusOrSkip } from '../support/tools.ts';
import { answering, certificates, connected, proxied, startRaw } from './support.ts';

const PASSWORD = 'open sesame';
/** bcrypt of the password above. */
const HASH = '$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy';

let options: { timeoutMs: number; now: () => number; sleep: (ms: number) => Promise<void> };
beforeEach(() => {
  options = { timeoutMs: 20_000, now: () => Date.now(), sleep: (ms) => new Promise((done) => setTimeout(done, ms)) };
});

function secret(text: string): string {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describeEach('a server that asks who we are', 'prometheus', (program) => {
  test('by a password', { timeout: 60_000 }, async () => {
    const { port } = await startRaw(program, { web: `basic_auth_users: { deployer: '${HASH}' }\n` });
    const url = `http://127.0.0.1:${port}`;
    const passwordFile = secret(`${PASSWORD}\n`);
    const known = await connected(url, { username: 'deployer', passwordFile });
    expect(await serverState(known)).toMatchObject({ ready: true, healthy: true, lifecycle: true, problems: [] });
    expect(await reload(known, options)).toMatchObject({ result: 'reloaded' });
    expect(
      await serverState(await connected(url.replace('//', `//deployer:${encodeURIComponent(PASSWORD)}@`))),
    ).toMatchObject({ ready: true });

    const stranger = await connected(url);
    const state = await serverState(stranger);
    expect(state.ready).toBeUndefined();
    expect(state.problems.map(({ message }) => message)).toEqual([
      `${url} wants a user and a password, or a token (status 401).`,
    ]);
    expect(await reload(stranger, options)).toMatchObject({ result: 'not-authorised' });

    const wrong = await connected(url, { username: 'deployer', password: 'close sesame' });
    const refused = await reload(wrong, options);
    expect(refused).toMatchObject({ result: 'not-authorised', message: expect.stringContaining('refuses the user') });
    expect(JSON.stringify([state, refused])).not.toMatch(/sesame/);
  });

  test('by certificates', { timeout: 60_000 }, async () => {
    const { ca, cert, key, clientCert, clientKey } = certificates();
    const tls = { cert_file: cert, key_file: key, client_auth_type: 'RequireAndVerifyClientCert', client_ca_file: ca };
    const { port } = await startRaw(program, { web: JSON.stringify({ tls_server_config: tls }) });
    const url = `https://127.0.0.1:${port}`;
    const serverName = 'prometheus.internal';
    const client = { certFile: clientCert, keyFile: clientKey };
    const known = await connected(url, { caFile: ca, serverName, ...client });
    expect(await serverState(known)).toMatchObject({ ready: true, problems: [] });
    expect(await reload(known, options)).toMatchObject({ result: 'reloaded' });

    const said = async (auth: Parameters<typeof connected>[1], to = url): Promise<string> => {
      const { result, message } = await reload(await connected(to, auth), options);
      return `${result}: ${message}`;
    };
    expect(await said({ serverName, ...client })).toMatch(/^unreachable: .* a TLS certificate that is not trusted/);
    expect(await said({ caFile: ca, ...client })).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(await said({ caFile: ca, serverName })).toMatch(/client certificate/);
    expect(await said({}, url.replace('https', 'http'))).toMatch(/speaks HTTPS, not HTTP/);
  });
});

test('by a bearer token', { timeout: 60_000 }, async (context) => {
  const { port } = await startRaw(prometheusOrSkip(context));
  const url = await proxied(port, (request, response) => {
    if (request.headers.authorization === 'Bearer s3cr3t-t0ken') return true;
    response.writeHead(401).end();
    return false;
  });
  const known = await connected(url, { bearerTokenFile: secret('s3cr3t-t0ken\n') });
  expect(await serverState(known)).toMatchObject({ ready: true, problems: [] });
  expect(await reload(known, options)).toMatchObject({ result: 'reloaded' });
  const wrong = await serverState(await connected(url, { bearerToken: 'another-t0ken' }));
  expect(wrong.problems[0]?.message).toMatch(/refuses the bearer token/);
  expect(JSON.stringify(wrong)).not.toMatch(/t0ken/);
});

test('what proves who we are goes to no place that a server redirects to', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = await answering((request, response) => {
    seen.push(request.headers.authorization ?? 'nothing');
    response.end('{"status":"success","data":{}}');
  });
  const url = await answering((request, response) => {
    response.writeHead(307, { location: `${elsewhere}${request.url}` }).end();
  });
  const server = await connected(url, { username: 'a', password: 'b' });
  const { problems } = await serverState(server);
  expect(problems[0]?.message).toMatch(/redirects to http/);
  expect(await reload(server, options)).toMatchObject({ result: 'unreachable' });
  expect(seen).toEqual([]);
});

describe('files that can not be used', () => {
  const problem = async (auth: Parameters<typeof connected>[1] = {}): Promise<string> => {
    const server = await connect({ url: 'http://127.0.0.1:1', auth }, { timeoutMs: 1000, root: '/nowhere' });
    if (!('code' in server)) throw new Error('it was opened');
    expect(server.code).toBe('environment');
    return `${server.message} ${(server as Problem).help ?? ''}`;
  };

  test('missing, empty, of several lines, no PEM, unreadable', async () => {
    expect(await problem({ username: 'u', passwordFile: 'secret/pw' })).toMatch(
      /cannot read the password for the server: \/nowhere\/secret\/pw: there is no such file/,
    );
    expect(await problem({ bearerTokenFile: secret('\n') })).toMatch(/is empty: it should hold the bearer token/);
    const several = await problem({ bearerTokenFile: secret('root:x:0\nhunter2\n') });
    expect(several).toMatch(/more than one line.*nothing of it was sent/i);
    expect(several).not.toMatch(/hunter2/);
    expect(await problem({ caFile: secret('hello') })).toMatch(/no PEM file/);
    expect(await problem({ certFile: secret('-----BEGIN CERTIFICATE-----') })).toMatch(/certificate, but not its key/);
    expect(await problem({ password: 'hunter2' })).toMatch(/a password for the server, but no user/);
    expect(await problem({ bearerToken: 'a\u{1f600}' })).toMatch(/no HTTP header/);
  });

  test.skipIf(process.getuid?.() === 0)('unreadable', async () => {
    const path = secret('x');
    chmodSync(path, 0);
    expect(await problem({ bearerTokenFile: path })).toMatch(/permission denied/);
  });
});
