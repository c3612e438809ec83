import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Server as HttpServer, IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Problem } from '../../src/io/problem.ts';
import type { Server } from '../../src/io/server/http.ts';
import { activeTargets, instantQuery, isServerProblem, openServer, shownUrl } from '../../src/io/server/http.ts';
import { temporaryFolder } from '../support/paths.ts';
import { freePort } from '../support/prometheus.ts';

const SUCCESS = (data: unknown): string => JSON.stringify({ status: 'success', data });

async function listen(server: HttpServer | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function answering(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

function open(url: string, timeoutMs = 5000): Server {
  const server = openServer(url, { timeoutMs });
  onTestFinished(() => server.close());
  return server;
}

async function problemOf(url: string, timeoutMs?: number): Promise<Problem> {
  const answer = await activeTargets(open(url, timeoutMs));
  if (!isServerProblem(answer)) throw new Error(`an answer: ${JSON.stringify(answer)}`);
  return answer;
}

test('a password is sent, and never shown', async () => {
  let seen: IncomingMessage | undefined;
  const url = await answering((request, response) => {
    seen = request;
    response.end(SUCCESS({ activeTargets: [] }));
  });
  const withUser = `${url.replace('//', '//bob:s%20cret%@')}/prom/?tenant=7#x`;
  const server = open(withUser);
  expect(await activeTargets(server)).toEqual([]);
  expect(seen?.url).toBe('/prom/api/v1/targets?tenant=7&state=active');
  expect(seen?.headers.authorization).toBe(`Basic ${Buffer.from('bob:s%20cret%').toString('base64')}`);
  expect(server.name).toBe(`${url}/prom`);
  expect(shownUrl('http://a:b@host/x/?token=1')).toBe('http://host/x');
});

test('labels are read as they are; those that no series has are left out', async () => {
  const labels: Record<string, unknown> = { job: 'node', instance: 'a:1', __x: '1', empty: '', n: 5, toString: 'x' };
  const url = await answering((_, response) => response.end(SUCCESS({ activeTargets: [{ labels }, {}, null] })));
  const targets = (await activeTargets(open(url))) as ReadonlyMap<string, string>[];
  const own = ['job', 'instance', 'toString'].map((name) => [name, labels[name]]);
  expect(targets.map((t) => [...t])).toEqual([own, [], []]);
});

test('a query is posted, whatever its length', async () => {
  const url = await answering((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const metric = { method: String(request.method), length: String(new URLSearchParams(body).get('query')?.length) };
      response.end(SUCCESS({ resultType: 'vector', result: [{ metric, value: [0, '1'] }] }));
    });
  });
  const rows = await instantQuery(open(url), 'x'.repeat(100_000));
  expect(isServerProblem(rows) ? rows : rows.map((row) => Object.fromEntries(row))).toEqual([
    { method: 'POST', length: '100000' },
  ]);
});

describe('what goes wrong is said, with what to do, and without a password', () => {
  const json = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => {
    return (_, response) => response.writeHead(status, headers).end(body);
  };
  const error = (text: string): string => JSON.stringify({ status: 'error', errorType: 'execution', error: text });

  test.each<[string, RequestListener, RegExp, RegExp]>([
    ['401', json(401, 'Unauthorized'), /refuses the user and password/, /environment/],
    ['403 with a user', json(403, ''), /refuses the user and password/, /environment/],
    ['404', json(404, '404 page not found'), /has no \/api\/v1\/targets/, /path prefix/],
    [
      'a redirect',
      json(302, '', { location: 'https://u:p@sso.example/login?token=secret' }),
      /redirects to https:\/\/sso\.example\/login \(/,
      /--url/,
    ],
    ['503', json(503, 'Service Unavailable'), /is not ready/, /starting/],
    ['500', json(500, 'oops'), /status 500/, /log/],
    ['a web page', json(200, '<html>Grafana</html>'), /not Prometheus/, /PROMETHEUS_URL/],
    ['other JSON', json(200, '{"ok":true}'), /not Prometheus/, /PROMETHEUS_URL/],
    ['JSON of another shape', json(200, SUCCESS({ groups: [] })), /form that Prometheus doesn't use/, /URL/],
    ['an error of Prometheus', json(422, error('too many samples')), /could not answer: too many samples/, /^$/],
    ['a broken connection', (request) => request.socket.destroy(), /broke the connection off/, /runs/],
  ])('%s', async (_, listener, message, help) => {
    const url = await answering(listener);
    const problem = await problemOf(url.replace('//', '//bob:s3cret@'));
    expect(problem.message).toMatch(message);
    expect(problem.help ?? '').toMatch(help);
    expect(JSON.stringify(problem)).not.toMatch(/s3cret|token|u:p/);
  });

  test('no user where one is wanted', async () => {
    const problem = await problemOf(await answering(json(401, '')));
    expect(problem.message).toMatch(/wants a user and a password/);
  });

  test('nobody listens, or nobody has the name', async () => {
    const refused = await problemOf(`http://bob:s3cret@127.0.0.1:${await freePort()}`);
    expect(refused.message).toMatch(/nothing listens there/);
    const unknown = await problemOf('http://no-such-host.invalid:9090');
    expect(unknown.message).toMatch(/host name/);
  });

  test('one that is silent, one that dribbles, and one that never ends', async () => {
    const silent = await problemOf(await answering(() => {}), 300);
    expect(silent).toMatchObject({ scope: 'request', message: expect.stringMatching(/within 0\.3 s/) });
    const dribbling = await answering((_, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect((await problemOf(dribbling, 600)).message).toMatch(/within 0\.6 s/);
    const endless = await answering((_, response) => {
      const chunk = ' '.repeat(1 << 20);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', more);
      };
      more();
    });
    const rows = await instantQuery(open(endless, 20_000), 'up');
    expect(rows).toMatchObject({ scope: 'request', message: expect.stringMatching(/more than 32 MiB/) });
  });

  test('another protocol', async () => {
    const ssh = await listen(createTcpServer((socket) => void socket.on('error', () => {}).write('SSH-2.0-x\r\n')));
    expect((await problemOf(`http://127.0.0.1:${ssh}`)).message).toMatch(/does not speak HTTP|broke/);
    const plain = await answering(json(200, '{}'));
    expect((await problemOf(plain.replace('http:', 'https:'))).message).toMatch(/no TLS|broke/);
  });

  test('a certificate that nobody vouches for', async (context) => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    try {
      execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    } catch {
      context.skip('skipped: there is no openssl here');
    }
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, r) => r.end('{}'));
    const problem = await problemOf(`https://127.0.0.1:${await listen(server)}`);
    expect(problem.message).toMatch(/certificate that is not trusted/);
    expect(problem.help).toMatch(/PROMETHEUS_CA_FILE/);
  });
});
