import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { ServerAuth } from '../../src/core/model/config.ts';
import { connect } from '../../src/io/server/connect.ts';
import type { Server } from '../../src/io/server/http.ts';
import { temporaryFolder } from '../support/paths.ts';
import { freePort } from '../support/prometheus.ts';

/** A Prometheus as somebody may run it: with a password, with TLS, without the lifecycle API. */
export interface Raw {
  readonly port: number;
  readonly folder: string;
  /** Where its rule files lie: `<folder>/rules/*.yml`. */
  readonly rules: string;
  /** Kills it and starts it again on the same port; `between` runs while it is down. */
  restart(between?: () => void): Promise<void>;
  kill(): Promise<void>;
}

export interface RawOptions {
  /** Text of its web configuration file. */
  readonly web?: string;
  readonly flags?: readonly string[];
  readonly rules?: Readonly<Record<string, string>>;
}

/** Starts a server in a folder of its own, its configuration named by a relative path, and waits until it says in its log that it is ready. */
export async function startRaw(program: string, { web, flags, rules = {} }: RawOptions = {}): Promise<Raw> {
  const folder = temporaryFolder();
  const place = join(folder, 'rules');
  mkdirSync(place);
  mkdirSync(join(folder, 'conf'));
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(place, name), text);
  const settings = {
    global: { evaluation_interval: '7s', external_labels: { site: 'seoul' } },
    rule_files: ['../rules/*.yml'],
  };
  writeFileSync(join(folder, 'conf/prometheus.yml'), JSON.stringify(settings));
  if (web !== undefined) writeFileSync(join(folder, 'web.yml'), web);
  const port = await freePort();
  const args = [
    '--config.file=conf/prometheus.yml',
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...(web === undefined ? [] : [`--web.config.file=${join(folder, 'web.yml')}`]),
    ...(flags ?? ['--web.enable-lifecycle']),
  ];
  let running = await startProgram(program, args, folder);
  const restart = async (between?: () => void): Promise<void> => {
    await running.kill();
    between?.();
    running = await startProgram(program, args, folder);
  };
  return { port, folder, rules: place, restart, kill: () => running.kill() };
}

export interface Running {
  kill(): Promise<void>;
}

/** Starts a Prometheus, and waits until it says in its log that it is ready. It goes when the test does. */
export async function startProgram(program: string, args: readonly string[], cwd: string): Promise<Running> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  for (
    const deadline = Date.now() + 30_000;
    !log.includes('Server is ready to receive web requests');
    await sleep(50)
  ) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Prometheus did not start:\n${log}`);
  }
  return { kill };
}

/** A connection that goes when the test does. */
export async function connected(url: string, auth: ServerAuth = {}, timeoutMs = 10_000): Promise<Server> {
  const server = await connect({ url, auth }, { timeoutMs, root: '/' });
  if ('code' in server) throw new Error(server.message);
  onTestFinished(() => server.close());
  return server;
}

/** A small server of the test's own; its URL. */
export async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Passes requests on to a server, once `gate` lets them; what it answers itself is not passed on. */
export async function proxied(
  port: number,
  gate: (...args: Parameters<RequestListener>) => boolean | Promise<boolean>,
): Promise<string> {
  return answering((request, response) => {
    const pass = async (): Promise<void> => {
      if (!(await gate(request, response))) return;
      const target = `http://127.0.0.1:${port}${request.url}`;
      const answer = await fetch(target, { method: request.method ?? 'GET' });
      if (response.writableEnded) return;
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    pass().catch(() => response.destroy());
  });
}

/** A rule file of one alert. */
export const ruleFile = (name: string, expr = 'up == 0'): string =>
  `groups:\n  - name: ${name}\n    rules:\n      - { alert: ${name}, expr: '${expr}' }\n`;

/** Blocks every load of a folder of rules until the function that it gives is called. */
export function blockLoads(rules: string): () => void {
  const pipe = join(rules, 'm.yml');
  execFileSync('mkfifo', [pipe]);
  return () => {
    // A pipe has two ends: a shell that writes waits until the server reads, however often it does.
    const feeder = spawn('sh', ['-c', `while [ -p '${pipe}' ]; do echo 'groups: []' > '${pipe}'; sleep 0.1; done`], {
      stdio: 'ignore',
    });
    onTestFinished(() => void feeder.kill('SIGKILL'));
  };
}

/** Certificates of an authority, a server `prometheus.internal` and a client, in a folder. */
export function certificates(): Readonly<Record<'ca' | 'cert' | 'key' | 'clientCert' | 'clientKey', string>> {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl(...request, '-x509', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const [name, subject] of [
    ['server', 'prometheus.internal'],
    ['client', 'deployer'],
  ] as const) {
    writeFileSync(path(`${name}.ext`), `subjectAltName=DNS:${subject}\n`);
    openssl(...request, '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.pem`);
  }
  return {
    ca: path('ca.pem'),
    cert: path('server.pem'),
    key: path('server.key'),
    clientCert: path('client.pem'),
    clientKey: path('client.key'),
  };
}
