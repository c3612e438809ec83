import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isServerProblem } from '../../src/io/server/http.ts';
import { awaitReload, type ReloadOptions, reload } from '../../src/io/server/reload.ts';
import { loadedRules } from '../../src/io/server/rules.ts';
import { serverConfig, serverState } from '../../src/io/server/state.ts';
import { eventually, freePort } from '../support/prometheus.ts';
import { describeEach, prometheusOrSkip } from '../support/tools.ts';
import { answering, blockLoads, connected, proxied, ruleFile, startRaw } from './support.ts';

const patience = (timeoutMs: number, onWait?: ReloadOptions['onWait']): ReloadOptions => ({
  timeoutMs,
  now: () => Date.now(),
  sleep: async (ms) => void (await sleep(ms)),
  onWait,
});
const LONG = patience(60_000);

describeEach('a server', 'prometheus', (program) => {
  test('tells what it is, what it reads and what it has loaded', { timeout: 60_000 }, async () => {
    const raw = await startRaw(program, { rules: { 'a.yml': ruleFile('A') } });
    const server = await connected(`http://127.0.0.1:${raw.port}`);
    const state = await serverState(server);
    expect(state).toMatchObject({ ready: true, healthy: true, lifecycle: true, autoReload: false, problems: [] });
    expect(state.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(state.lastReload?.successful).toBe(true);
    expect(state.lastReload?.at).not.toBe(Math.floor(state.lastReload?.at ?? 0));
    expect(Math.abs((state.clock ?? 0) - Date.now())).toBeLessThan(60_000);
    // Its configuration file is named by a relative path, so that it tells relative paths.
    expect(await serverConfig(server)).toEqual({
      ruleFiles: [join(raw.rules, '*.yml')],
      evaluationInterval: 7,
      externalLabels: { site: 'seoul' },
    });
    const rules = await loadedRules(server);
    if (isServerProblem(rules)) throw new Error(rules.message);
    expect(rules).toMatchObject([
      {
        file: join(raw.rules, 'a.yml'),
        name: 'A',
        interval: 7,
        rules: [{ kind: 'alert', name: 'A', query: 'up == 0' }],
      },
    ]);
  });

  test('refuses a bad file, and says so until it is mended', { timeout: 60_000 }, async () => {
    const raw = await startRaw(program, { rules: { 'a.yml': ruleFile('A') } });
    const server = await connected(`http://127.0.0.1:${raw.port}`);
    writeFileSync(join(raw.rules, 'bad.yml'), 'groups: [');
    const outcome = await reload(server, LONG);
    expect(outcome).toMatchObject({ result: 'refused', message: expect.stringMatching(/goes on with what it had/) });
    expect((await serverState(server)).lastReload?.successful).toBe(false);
    rmSync(join(raw.rules, 'bad.yml'));
    expect(await reload(server, LONG)).toMatchObject({ result: 'reloaded' });
    expect((await serverState(server)).lastReload?.successful).toBe(true);
    writeFileSync(join(raw.folder, 'conf/prometheus.yml'), 'scrape_configs: 5\n');
    expect(await reload(server, LONG)).toMatchObject({ result: 'refused', message: expect.stringMatching(/yaml/i) });
  });

  test('that is slow is waited for, and goes on by itself', { timeout: 90_000 }, async () => {
    const raw = await startRaw(program, { rules: { 'a.yml': ruleFile('A') } });
    const server = await connected(`http://127.0.0.1:${raw.port}`);
    const feed = blockLoads(raw.rules);
    let waits = 0;
    const outcome = await reload(
      server,
      patience(3000, () => waits++),
    );
    expect(outcome).toMatchObject({ result: 'timed-out', message: expect.stringMatching(/still loading/) });
    expect(waits).toBeGreaterThan(0);
    // While it loads, it still tells that its last reload went well: nothing may be taken from that.
    expect((await serverState(server)).lastReload?.successful).toBe(true);
    feed();
    expect(await awaitReload(server, outcome.before, LONG)).toMatchObject({ result: 'reloaded' });
  });

  test('that is started anew in the middle has read its files', { timeout: 90_000 }, async () => {
    const raw = await startRaw(program, { rules: { 'a.yml': ruleFile('A') } });
    const server = await connected(`http://127.0.0.1:${raw.port}`);
    blockLoads(raw.rules);
    const outcome = reload(server, LONG);
    await sleep(1500);
    await raw.restart(() => rmSync(join(raw.rules, 'm.yml')));
    expect(await outcome).toMatchObject({ result: 'restarted' });
  });
});

test('a gateway that gives up does not end the wait', { timeout: 90_000 }, async (context) => {
  const raw = await startRaw(prometheusOrSkip(context), { rules: { 'a.yml': ruleFile('A') } });
  const feed = blockLoads(raw.rules);
  const url = await proxied(raw.port, (request, response) => {
    if (request.method === 'POST') setTimeout(() => response.writeHead(504).end('<html>Gateway Time-out'), 500);
    return true;
  });
  const outcome = reload(await connected(url), LONG);
  await sleep(2000);
  feed();
  expect(await outcome).toMatchObject({ result: 'reloaded' });
});

test('a server that goes away is not taken for one that loads', { timeout: 60_000 }, async (context) => {
  const raw = await startRaw(prometheusOrSkip(context), { rules: { 'a.yml': ruleFile('A') } });
  blockLoads(raw.rules);
  const outcome = reload(await connected(`http://127.0.0.1:${raw.port}`), patience(4000));
  await sleep(1000);
  await raw.kill();
  expect(await outcome).toMatchObject({ result: 'unreachable', message: expect.stringMatching(/nothing listens/) });
});

test('no lifecycle API, nobody there, something else there', { timeout: 60_000 }, async (context) => {
  const raw = await startRaw(prometheusOrSkip(context), { flags: [] });
  const silent = await connected(`http://127.0.0.1:${raw.port}`);
  expect(await serverState(silent)).toMatchObject({ lifecycle: false });
  const off = await reload(silent, LONG);
  expect(off).toMatchObject({ result: 'lifecycle-off', help: expect.stringMatching(/--web\.enable-lifecycle/) });

  const nobody = await connected(`http://127.0.0.1:${await freePort()}`);
  expect(await reload(nobody, LONG)).toMatchObject({ result: 'unreachable' });
  expect((await serverState(nobody)).problems).toHaveLength(1);

  const other = await connected(await answering((_, response) => response.writeHead(404).end('nginx')));
  expect(await reload(other, LONG)).toMatchObject({
    result: 'unreachable',
    message: expect.stringMatching(/no \/-\/reload/),
  });
  const page = await connected(await answering((_, response) => response.end('<html>Grafana</html>')));
  expect((await serverState(page)).problems[0]?.message).toMatch(/not Prometheus/);
});

test('a success that was none is found out', { timeout: 30_000 }, async () => {
  // As some that speak Prometheus' API do.
  const runtime = { reloadConfigSuccess: false, lastConfigTime: '2026-11-22T10:00:00Z', startTime: 'x' };
  const url = await answering((request, response) => {
    if (request.url?.startsWith('/api/')) response.end(JSON.stringify({ status: 'success', data: runtime }));
    else response.writeHead(request.method === 'POST' ? 200 : 404).end();
  });
  expect(await reload(await connected(url), LONG)).toMatchObject({ result: 'refused' });
});

test('a server that is not ready says so', { timeout: 60_000 }, async (context) => {
  const raw = await startRaw(prometheusOrSkip(context), { rules: { 'a.yml': ruleFile('A') } });
  let feed: (() => void) | undefined;
  const started = raw.restart(() => {
    feed = blockLoads(raw.rules);
  });
  const server = await connected(`http://127.0.0.1:${raw.port}`);
  const state = await eventually(
    () => serverState(server),
    ({ healthy }) => healthy === true,
  );
  expect(state).toMatchObject({ healthy: true, ready: false });
  feed?.();
  await started;
  expect(await serverState(server)).toMatchObject({ ready: true, problems: [] });
});
