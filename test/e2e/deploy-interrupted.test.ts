import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build as bundle } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import { eventually } from '../support/prometheus.ts';
import { prometheusOrSkip, tools } from '../support/tools.ts';
import {
  build,
  describeServer,
  feed,
  only,
  put,
  type Restartable,
  rule,
  run,
  runJson,
  site,
} from './deploy-support.ts';

/** The program as a process of its own, for signals to hit. */
const home = join(projectRoot, 'node_modules/.cache', `rulewright-deploy-${process.pid}`);
const program = join(home, 'build/cli.js');
beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  symlinkSync(join(projectRoot, 'package.json'), join(home, 'package.json'));
  await bundle({
    entryPoints: [join(projectRoot, 'src/cli.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function start(argv: readonly string[], env: Readonly<Record<string, string>>): Running {
  const promtool = tools.promtool.old ?? tools.promtool.new ?? '';
  const child = spawn(process.execPath, [program, ...argv], { env: { PATH: '', PROMTOOL_PATH: promtool, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stderr })) };
}

async function queries(server: Restartable): Promise<string> {
  const { groups } = (await server.get('/api/v1/rules')) as { groups: { rules: { query: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ query }) => query)).join();
}

/** A server that holds one release, and hangs in its next load on a named pipe. */
async function hanging(prometheus: string): Promise<{
  readonly root: string;
  readonly shown: () => string;
  readonly fifo: string;
  readonly server: Restartable;
  readonly env: Readonly<Record<string, string>>;
}> {
  const place = site('http://127.0.0.1:1');
  const server = await describeServer({
    program: prometheus,
    ruleFiles: [place.glob],
    flags: ['--web.enable-lifecycle'],
  });
  await server.start();
  const env = { PROMETHEUS_URL: server.url };
  put(place.root, { 'rules/a.yaml': rule('Up', 0) });
  await build(place.root);
  const first = await run(['-C', place.root, 'deploy'], { env });
  expect(first.code, first.stderr).toBe(0);
  put(place.root, { 'rules/a.yaml': rule('Up', 1) });
  await build(place.root);
  const fifo = join(place.rulePath, 'm.yml');
  execFileSync('mkfifo', [fifo]);
  const shown = (): string => readFileSync(join(place.rulePath, 'group-default.yml'), 'utf8');
  return { root: place.root, shown, fifo, server, env };
}

describe('a deploy that is broken off', { timeout: 90_000 }, () => {
  it('changes nothing when it is told to stop early', async (context) => {
    const { root, shown, fifo, env } = await hanging(prometheusOrSkip(context));
    rmSync(fifo);
    const onSignal = (handler: (signal: string) => void): void => handler('SIGTERM');
    const ran = await run(['-C', root, 'deploy'], { env, onSignal });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/Stopped by SIGTERM before anything was changed/);
    expect(shown()).toContain('up > 0');
    expect((await run(['-C', root, 'deploy'], { env })).code).toBe(0);
  });

  it('brings the release to its end when it is told to stop behind the switch', async (context) => {
    const { root, shown, fifo, server, env } = await hanging(prometheusOrSkip(context));
    const { child, ended } = start(['-C', root, 'deploy'], env);
    await eventually(
      async () => shown(),
      (text) => text.includes('up > 1'),
    );
    child.kill('SIGTERM');
    const stop = feed(fifo);
    const { code, stderr } = await ended;
    stop();
    rmSync(fifo);
    expect(stderr).toMatch(/SIGTERM: stopping as soon as nothing is left half done/);
    expect(code, stderr).toBe(0);
    expect(await queries(server)).toBe('up > 1');
    expect(only(await runJson(['-C', root, 'deploy'], { env })).status).toBe('unchanged');
  });

  it('is finished by the next run when it was killed behind the switch', async (context) => {
    const { root, shown, fifo, server, env } = await hanging(prometheusOrSkip(context));
    const { child, ended } = start(['-C', root, 'deploy'], env);
    await eventually(
      async () => shown(),
      (text) => text.includes('up > 1'),
    );
    child.kill('SIGKILL');
    await ended;
    const stop = feed(fifo);
    await eventually(
      () => queries(server).catch(() => ''),
      (found) => found !== '',
    );
    stop();
    rmSync(fifo);
    const next = await runJson(['-C', root, 'deploy'], { env });
    expect(next.code, next.stdout).toBe(0);
    expect(only(next)).toMatchObject({ verified: true, now: only(next).release });
    expect(await queries(server)).toBe('up > 1');
    expect(only(await runJson(['-C', root, 'deploy'], { env })).status).toBe('unchanged');
  });
});
