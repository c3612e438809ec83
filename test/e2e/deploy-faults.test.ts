import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CURRENT, STORE, UNCONFIRMED } from '../../src/io/deploy/names.ts';
import { eventually } from '../support/prometheus.ts';
import { prometheusOrSkip } from '../support/tools.ts';
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
  type Site,
  site,
} from './deploy-support.ts';

const LIFECYCLE = ['--web.enable-lifecycle'];

interface Started extends Site {
  readonly server: Restartable;
  readonly env: Readonly<Record<string, string>>;
}

/** A server that holds a first release. */
async function released(program: string, lines: readonly string[] = []): Promise<Started> {
  const place = site('http://127.0.0.1:1', lines);
  const server = await describeServer({ program, ruleFiles: [place.glob], flags: LIFECYCLE });
  await server.start();
  const env = { PROMETHEUS_URL: server.url };
  put(place.root, { 'rules/a.yaml': rule('Up', 0) });
  await build(place.root);
  const first = await run(['-C', place.root, 'deploy'], { env });
  expect(first.code, first.stderr).toBe(0);
  put(place.root, { 'rules/a.yaml': rule('Up', 1) });
  await build(place.root);
  return { ...place, server, env };
}

async function queries(server: Restartable): Promise<string[]> {
  const { groups } = (await server.get('/api/v1/rules')) as { groups: { rules: { query: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ query }) => query));
}

const OLD = ['up > 0'];
const NEW = ['up > 1'];

describe('a deploy that fails', { timeout: 90_000 }, () => {
  it('says whose file keeps the server from loading, and takes its own back', async (context) => {
    const { root, rulePath, server, env } = await released(prometheusOrSkip(context));
    writeFileSync(join(rulePath, 'theirs.yml'), 'groups: [\n');
    const ran = await runJson(['-C', root, 'deploy'], { env });
    expect(ran.code).toBe(2);
    const outcome = only(ran);
    expect(outcome).toMatchObject({ status: 'undone', verified: true, now: outcome.previous });
    expect(outcome.message).toContain('The cause is not this release but');
    expect(outcome.details[0]).toMatch(/theirs\.yml: yaml: line/);
    expect(await queries(server)).toEqual(OLD);
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');
    // The next run need not try: the server's last reload failed, and that file is still there.
    const blocked = await run(['-C', root, 'deploy'], { env });
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toMatch(
      /^error: The last reload of .* failed because of .*theirs\.yml.*Nothing was changed\.\n/,
    );
    // Without promtool a guess refuses nothing beforehand, and says that it is one behind.
    const nowhere = { ...env, PROMTOOL_PATH: '/nowhere/promtool' };
    const guessed = only(await runJson(['-C', root, 'deploy', '--no-promtool'], { env: nowhere }));
    expect(guessed).toMatchObject({ status: 'undone', verified: true });
    expect(guessed.message).toMatch(
      /The cause is, as far as can be told without promtool, not this release but .*theirs/,
    );
    rmSync(join(rulePath, 'theirs.yml'));
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ status: 'released' });
    expect(await queries(server)).toEqual(NEW);
  });

  it('undoes a release whose rule fails when it is evaluated, but not for one that failed before', async (context) => {
    const { root, server, env } = await released(prometheusOrSkip(context));
    // Two series on the left for one on the right: every server loads it, and no evaluation of it succeeds.
    const two = '(label_replace(vector(1), "a", "b", "", "") or vector(2))';
    const many = `  - { alert: Many, expr: '${two} * on () vector(1)' }\n`;
    put(root, { 'rules/a.yaml': rule('Up', 1, many) });
    await build(root);
    const ran = await runJson(['-C', root, 'deploy'], { env });
    expect(ran.code).toBe(1);
    expect(only(ran)).toMatchObject({ status: 'undone', verified: true });
    expect(only(ran).details[0]).toMatch(/rule Many: .*match/);
    expect(await queries(server)).toEqual(OLD);
    // A timer must not try it for ever.
    const second = await run(['-C', root, 'deploy'], { env });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /^error: Release \w+ was tried on .* and failed.*\n.*rule Many: .*\nhelp: .*--again\.\n$/,
    );
    // Somebody who knows better gets it out; then it is no news that it fails.
    const forced = await runJson(['-C', root, 'deploy', '--again', '--wait', '0'], { env });
    expect(only(forced).status, forced.stdout).toBe('released');
    await eventually(
      async () => JSON.stringify(await server.get('/api/v1/rules')),
      (text) => text.includes('"health":"err"'),
    );
    put(root, { 'rules/a.yaml': rule('Up', 0, many) });
    await build(root);
    const next = only(await runJson(['-C', root, 'deploy'], { env }));
    expect(next.status).toBe('released');
    expect(next.warnings.join()).toMatch(/rule Many: .*it failed before this release, too/);
  });

  it('leaves a slow load alone, and the next run confirms it', async (context) => {
    const { root, rulePath, server, env } = await released(prometheusOrSkip(context));
    const fifo = join(rulePath, 'm.yml');
    execFileSync('mkfifo', [fifo]);
    const slow = { ...env, PROMETHEUS_RELOAD_TIMEOUT: '2s' };
    const ran = await runJson(['-C', root, 'deploy'], { env: slow });
    expect(ran.code).toBe(2);
    expect(only(ran)).toMatchObject({ status: 'loading', verified: false, now: only(ran).release });
    const stop = feed(fifo);
    const wanted = await eventually(
      () => queries(server).catch(() => []),
      (found) => found.join() === NEW.join(),
    );
    expect(wanted).toEqual(NEW);
    stop();
    rmSync(fifo);
    const next = await runJson(['-C', root, 'deploy'], { env });
    expect(next.code, next.stdout).toBe(0);
    expect(only(next)).toMatchObject({ verified: true, now: only(ran).release });
    expect(only(await runJson(['-C', root, 'deploy'], { env })).status).toBe('unchanged');
  });

  it('touches nothing while the server is down, unless it is told to', async (context) => {
    const { root, rulePath, server, env } = await released(prometheusOrSkip(context));
    await server.stop();
    const refused = await run(['-C', root, 'deploy'], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^error: .* refuses the connection.*\nhelp: .*Nothing was changed\..*--offline\.\n$/,
    );
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');
    const placed = await runJson(['-C', root, 'deploy', '--offline'], { env });
    expect(placed.code, placed.stdout).toBe(0);
    expect(only(placed)).toMatchObject({ status: 'switched', verified: false });
    await server.start();
    expect(await queries(server)).toEqual(NEW);
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ status: 'unchanged', verified: true });
  });

  it('takes back what a killed deploy left, where the server does not take it', async (context) => {
    const { root, rulePath, server, env } = await released(prometheusOrSkip(context));
    await run(['-C', root, 'deploy', '--offline'], { env });
    // As a deploy leaves it that is killed between the switch and the proof.
    writeFileSync(join(rulePath, STORE, CURRENT, UNCONFIRMED), '');
    writeFileSync(join(rulePath, 'theirs.yml'), 'groups: [\n');
    const ran = await runJson(['-C', root, 'deploy'], { env });
    expect(ran.code).toBe(2);
    expect(only(ran), ran.stdout).toMatchObject({ status: 'undone', verified: true });
    expect(only(ran).now).not.toBe(only(ran).release);
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');
    expect(await queries(server)).toEqual(OLD);
  });

  it('reloads a server whose memory is behind its files', async (context) => {
    const { root, server, env } = await released(prometheusOrSkip(context));
    await run(['-C', root, 'deploy', '--offline'], { env });
    expect(await queries(server)).toEqual(OLD);
    const dry = await run(['-C', root, 'deploy', '--dry-run'], { env });
    expect(dry.stderr).toContain('would reload the server');
    const ran = only(await runJson(['-C', root, 'deploy'], { env }));
    expect(ran).toMatchObject({ status: 'reloaded', verified: true, drift: true, changes: [] });
    expect(await queries(server)).toEqual(NEW);
  });

  it('only switches where reloads are switched off', async (context) => {
    const { root, server, env } = await released(prometheusOrSkip(context));
    const off = { ...env, PROMETHEUS_RELOAD_ENABLED: 'false' };
    const ran = await run(['-C', root, 'deploy'], { env: off });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/a reload by other means is due/);
    expect(await queries(server)).toEqual(OLD);
  });

  it('survives a server that is started anew in the middle', async (context) => {
    const { root, rulePath, server, env } = await released(prometheusOrSkip(context));
    const watch = setInterval(() => {
      const text = readFileSync(join(rulePath, 'group-default.yml'), 'utf8');
      if (!text.includes('up > 1')) return;
      clearInterval(watch);
      restarted = server.stop().then(() => server.start());
    }, 1);
    let restarted: Promise<void> | undefined;
    onTestFinished(() => clearInterval(watch));
    const ran = await runJson(['-C', root, 'deploy'], { env });
    await restarted;
    // Whether the server was back in time is luck; the files and the words must agree either way.
    const outcome = only(ran);
    const held = await queries(server);
    if (outcome.status === 'released') expect(held).toEqual(NEW);
    else {
      expect(outcome.status).toBe('undone');
      expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');
    }
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ verified: true });
    expect(await queries(server)).toEqual(NEW);
  });

  it('refuses what the server would not load, before anything is touched', async (context) => {
    const { root, rulePath, env } = await released(prometheusOrSkip(context));
    put(root, {
      'rulewright.yaml': `${readFileSync(join(root, 'rulewright.yaml'), 'utf8')}  version: ">=3.4"\n`,
      'rules/n.yml': 'groups: [{ name: n, query_offset: 1m, rules: [{ alert: N, expr: "up > 0" }] }]\n',
    });
    await build(root, { PROMETHEUS_VALIDATE_RULES: 'false' });
    const ran = await runJson(['-C', root, 'deploy', '--no-promtool'], { env });
    if (only(ran).status === 'released') context.skip('the server here has all fields');
    expect(ran.code, ran.stdout).toBe(1);
    expect(only(ran)).toMatchObject({ status: 'refused', now: only(ran).previous });
    expect(only(ran).details.join('\n')).toMatch(
      /static-n\.yml: rule group n: .*query_offset.* needs Prometheus 2\.53/,
    );
    expect(readdirSync(rulePath)).not.toContain('static-n.yml');
    const without = await run(['-C', root, 'deploy'], { env: { ...env, PROMTOOL_PATH: '/nowhere/promtool' } });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /promtool was not found: .*A release is not deployed unchecked\.\nhelp: .*--no-promtool/,
    );
  });

  it('says that rule_files lead elsewhere', async (context) => {
    const program = prometheusOrSkip(context);
    const place = site('http://127.0.0.1:1');
    const server = await describeServer({ program, ruleFiles: ['/nowhere/*.rules'], flags: LIFECYCLE });
    await server.start();
    put(place.root, { 'rules/a.yaml': rule('Up', 0) });
    await build(place.root);
    const ran = await run(['-C', place.root, 'deploy'], { env: { PROMETHEUS_URL: server.url } });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/would not load what lies in .*Its rule_files: \/nowhere\/\*\.rules\./);
    expect(readdirSync(place.rulePath).filter((name) => name.endsWith('.yml'))).toEqual([]);
  });

  it('says that the server takes no reloads', async (context) => {
    const program = prometheusOrSkip(context);
    const place = site('http://127.0.0.1:1');
    const server = await describeServer({ program, ruleFiles: [place.glob] });
    await server.start();
    put(place.root, { 'rules/a.yaml': rule('Up', 0) });
    await build(place.root);
    const ran = await run(['-C', place.root, 'deploy'], { env: { PROMETHEUS_URL: server.url } });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/without --web\.enable-lifecycle.*\nhelp: .*reload_enabled: false/);
  });

  it.each([
    [200, /is not Prometheus/],
    [500, /status 500/],
  ])('is not fooled by another service on the port, which answers %i', async (status, words) => {
    const other = createServer((_, response) => response.writeHead(status).end('hello'));
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    onTestFinished(() => void other.close());
    const place = site(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    put(place.root, { 'rules/a.yaml': rule('Up', 0) });
    await build(place.root);
    const ran = await run(['-C', place.root, 'deploy']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(words);
  });
});
