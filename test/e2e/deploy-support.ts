import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/commands/context.ts';
import { main } from '../../src/commands/main.ts';
import { temporaryFolder } from '../support/paths.ts';
import { freePort } from '../support/prometheus.ts';
import { tools } from '../support/tools.ts';

/** A server that can be stopped and started again on its port, with its storage. Only inside of a test. */
export interface Restartable {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  get(path: string): Promise<Record<string, unknown>>;
}

export interface ServerOptions {
  readonly program: string;
  readonly ruleFiles: readonly string[];
  readonly flags?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Describes a server that scrapes itself twice a second; it runs once it is started, and ends with the test. */
export async function describeServer({
  program,
  ruleFiles,
  flags = [],
  headers = {},
}: ServerOptions): Promise<Restartable> {
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scrape = { job_name: 'self', static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  const global = { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '250ms' };
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({ global, rule_files: ruleFiles, scrape_configs: [scrape] }),
  );
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...flags,
  ];
  let child: ReturnType<typeof spawn> | undefined;
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  };
  const kill = (): void => void child?.kill('SIGKILL');
  process.once('exit', kill);
  onTestFinished(async () => {
    process.off('exit', kill);
    await stop();
  });
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(url + path, { headers });
    return ((await answer.json()) as { data: Record<string, unknown> }).data;
  };
  const start = async (): Promise<void> => {
    child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
    for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
      const ready = await fetch(`${url}/-/ready`, { headers }).catch(() => undefined);
      if (ready?.status === 200) return;
      if (Date.now() > deadline || child?.exitCode !== null) throw new Error('Prometheus did not start.');
    }
  };
  return { url, start, stop, get };
}

/** A repository and a rule path of the test's own. */
export interface Site {
  readonly root: string;
  readonly rulePath: string;
  /** The glob of `rule_files`. */
  readonly glob: string;
}

/** A site whose settings are these lines of `prometheus:`, beside its rule path. */
export function site(url: string, lines: readonly string[] = []): Site {
  const folder = temporaryFolder();
  const [root, rulePath] = [join(folder, 'repository'), join(folder, 'rules')];
  mkdirSync(rulePath, { recursive: true });
  put(root, { 'rulewright.yaml': settings([`url: ${url}`, `rule_path: ${rulePath}`, ...lines]) });
  return { root, rulePath, glob: join(rulePath, '*.yml') };
}

export function settings(lines: readonly string[]): string {
  return ['version: 1', 'prometheus:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

/** Writes files into a folder; undefined deletes one. */
export function put(root: string, files: Readonly<Record<string, string | undefined>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), text);
  }
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test may choose of the surroundings. */
export interface Around {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the handler for signals as soon as the command listens. */
  readonly onSignal?: (handler: (signal: string) => void) => void;
}

/** Runs the command line in this process, by the real clock, with promtool of the old kind. */
export async function run(argv: readonly string[], { env = {}, onSignal }: Around = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    cwd: '/',
    env: { PATH: '', PROMTOOL_PATH: tools.promtool.old ?? tools.promtool.new, ...env },
    pid: process.pid,
    now: Date.now,
    stdout: { write: (text) => (stdout += text), isTTY: false },
    stderr: { write: (text) => (stderr += text), isTTY: false },
    ...(onSignal && {
      onSignal: (handler: (signal: string) => void) => {
        onSignal(handler);
        return () => undefined;
      },
    }),
  };
  const code = await main(argv, io, () => '1.2.3');
  return { code, stdout, stderr };
}

/** The same, with its JSON. */
export async function runJson(argv: readonly string[], around: Around = {}): Promise<Ran & { readonly json: Result }> {
  const ran = await run([...argv, '--format', 'json'], around);
  return { ...ran, json: JSON.parse(ran.stdout) as Result };
}

export interface Result {
  readonly status: string;
  readonly servers: readonly {
    readonly name: string;
    readonly status: string;
    readonly release: string | null;
    readonly previous: string | null;
    readonly now: string | null;
    readonly changes: readonly { readonly kind: string; readonly file_name: string }[];
    readonly restored: { readonly release: string | null; readonly status: string; readonly changes: object[] } | null;
    readonly alerts_reset: readonly { readonly alert: string; readonly why: string; readonly state: string }[];
    readonly verified: boolean;
    readonly drift: boolean;
    readonly message: string;
    readonly help: string | null;
    readonly details: readonly string[];
    readonly warnings: readonly string[];
  }[];
}

/** Compiles a repository, and fails the test where that fails. */
export async function build(root: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const ran = await run(['-C', root, 'build', '--quiet'], { env });
  if (ran.code !== 0) throw new Error(ran.stderr);
}

/** The only server of a run's JSON. */
export function only({ json }: { readonly json: Result }): Result['servers'][number] {
  const [server] = json.servers;
  if (!server || json.servers.length !== 1) throw new Error(JSON.stringify(json));
  return server;
}

/** An alert of the server's own metrics that fires as soon as it is evaluated. */
export const rule = (name: string, threshold: number, more = ''): string => `rules:
  - alert: ${name}
    params: { threshold: ${threshold} }
    expr: up > << threshold >>
    labels: { severity: warning }
${more}`;

/** Feeds every reader of a named pipe with an empty rule file, with a pause so that each finds the end of his own. */
export function feed(fifo: string): () => void {
  const child = spawn('sh', ['-c', 'while [ -p "$1" ]; do echo "groups: []" > "$1"; sleep 1; done', 'sh', fifo], {
    stdio: 'ignore',
  });
  const stop = (): void => void child.kill('SIGKILL');
  onTestFinished(stop);
  return stop;
}
