import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Prometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { LIVE_REPOSITORY, startLive, TARGETS } from './live-support.ts';
import { cli, cliJson, folder, put, RULE } from './support.ts';

const PULLED = `[
  {
    "targets": [
      "a:9100"
    ],
    "labels": {
      "env": "dev",
      "job": "node",
      "rack": "r1"
    }
  }
]
`;

describeEach('inventory pull', 'prometheus', (program) => {
  let server: Prometheus;
  let env: { PROMETHEUS_URL: string };
  beforeAll(async () => {
    server = await startLive(program);
    env = { PROMETHEUS_URL: server.url };
  });
  afterAll(() => server.stop());

  const read = (root: string, path = 'groups/targets/pulled.json'): string => readFileSync(join(root, path), 'utf8');

  test('writes what the server scrapes, once, and the compiler reads it as the same targets', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const first = await cliJson(['-C', root, 'inventory', 'pull'], { env });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.json).toMatchObject({
      url: server.url,
      file: 'groups/targets/pulled.json',
      changed: true,
      written: true,
      targets_count: 5,
      added: [
        { target_id: 'dcgm/a:9100', labels: { env: 'prod', instance: 'a:9100', job: 'dcgm' } },
        { target_id: 'node/a:9100' },
        { target_id: 'node/b:9100' },
        { target_id: 'node/c:9100' },
        { target_id: 'prom/[::1]:9090' },
      ],
      removed: [],
      relabelled: [],
      metrics: null,
      remarks: [],
      errors: [],
    });
    const text = read(root);
    expect(JSON.parse(text)).toContainEqual({ targets: ['b:9100'], labels: { env: 'dev', job: 'node', rack: 'r1' } });

    const listed = await cliJson(['-C', root, 'inventory', 'list']);
    const targets = listed.json['targets'] as { labels: object; hostname: string; groups: string[] }[];
    expect(targets.map((t) => t.labels)).toEqual(expect.arrayContaining(TARGETS.map((labels) => ({ ...labels }))));
    expect(targets.map((t) => t.hostname)).toEqual(['a', 'a', 'b', 'c', '::1']);
    expect(targets.map((t) => t.groups.at(-1))).toEqual(['production', 'production', 'default', 'default', 'default']);

    const again = await cli(['-C', root, 'inventory', 'pull'], { env });
    expect(again.stderr).toBe(`groups/targets/pulled.json is up to date: 5 targets of ${server.url}\n`);
    expect(read(root)).toBe(text);
    expect(readdirSync(join(root, 'groups/targets'))).toEqual(['pulled.json']);
  });

  test('says what changed, and with --dry-run changes nothing', async () => {
    const root = await folder({ ...LIVE_REPOSITORY, 'groups/targets/pulled.json': PULLED.replace('a:9100', 'z:1') });
    const before = read(root);
    const dry = await cli(['-C', root, 'inventory', 'pull', '--job', 'node', '--dry-run'], { env });
    expect(dry.stderr).toContain('- node/z:1  {env="dev", rack="r1"}\n+ node/a:9100  {env="prod", rack="r1"}\n');
    expect(dry.stderr).toContain('groups/targets/pulled.json would change: 3 targets');
    expect(read(root)).toBe(before);

    await put(root, { 'groups/targets/pulled.json': PULLED });
    const changed = await cli(['-C', root, 'inventory', 'pull', '-j', 'node'], { env });
    expect(changed.stderr).toContain('~ node/a:9100  env: "dev" → "prod"\n+ node/b:9100');
    expect(changed.code).toBe(0);
    expect(read(root)).not.toContain('dcgm');
  });

  test('finds the labels that metrics lack, as a block that the compiler takes', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const ran = await cli(['-C', root, 'inventory', 'pull', '--metrics', '--dry-run'], { env });
    expect(ran.stdout).toBe(
      'metrics:\n' +
        '  # lacks env, rack\n  "bare_load": { labels: [instance, job] }\n' +
        '  # lacks env, rack\n  "fleet_load": { labels: [job] }\n',
    );
    expect(ran.stderr).toContain('1 metric of the rules without a series now: node_lod1\n');
    expect(existsSync(join(root, 'groups/targets'))).toBe(false);

    // With the rows in place the compiler knows what it could only have been told, and nothing is left to find.
    await put(root, { 'rulewright.yaml': `version: 1\nprometheus: { validate_rules: false }\n${ran.stdout}` });
    const build = await cliJson(['-C', root, 'build']);
    const errors = build.json['errors'] as { code: string; message: string }[];
    expect(errors.map((e) => e.code)).toContain('not-disjoint');
    const after = await cliJson(['-C', root, 'inventory', 'pull', '--metrics'], { env });
    expect(after.json['metrics']).toMatchObject({ findings: [], yaml: '', missing: ['node_lod1'], unanswered: [] });
  });

  test('refuses a job that is not there, and says which was meant', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const ran = await cli(['-C', root, 'inventory', 'pull', '--job', 'nod'], { env });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/no target of a job "nod"\. Nothing was written\.\n.*Did you mean node\?/);
    expect(existsSync(join(root, 'groups/targets'))).toBe(false);
  });

  test('remarks where the file is not read, or is read with labels that the server does not have', async () => {
    const config = 'version: 1\ninventory:\n  - { files: "groups/targets/other*.json", labels: { dc: x } }\n';
    const root = await folder({ ...LIVE_REPOSITORY, 'rulewright.yaml': config });
    const unread = await cli(['-C', root, 'inventory', 'pull'], { env });
    expect(unread.stderr).toContain('- { files: "groups/targets/pulled.json" }');
    await cli(['-C', root, 'inventory', 'pull', '--out', join(root, 'groups/targets/other.json')], { env });
    const again = await cli(['-C', root, 'inventory', 'pull', '--out', join(root, 'groups/targets/other.json')], {
      env,
    });
    expect(again.stderr).toContain('adds dc to targets of groups/targets/other.json');
  });

  test('--url wins over the environment', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const argv = ['-C', root, 'inventory', 'pull', '--dry-run'];
    const dead = { PROMETHEUS_URL: 'http://127.0.0.1:1' };
    expect((await cli(argv, { env: dead })).code).toBe(2);
    expect((await cli([...argv, '--url', `${server.url}/`], { env: dead })).code).toBe(0);
  });
});

describe('inventory, whatever the server', () => {
  test('notes what file_sd files rarely say', async () => {
    const cwd = await folder({
      'rules/r.yaml': RULE('Cpu'),
      'groups/targets/t.json': '[{"targets":["a","b:9100","https://x/y"]}]',
    });
    const { json, stderr } = await cliJson(['inventory', 'list'], { cwd });
    expect(stderr).toBe('');
    const [job, port, ...rest] = json['notes'] as string[];
    expect(job).toContain('none of the 3 targets has a `job`');
    expect(port).toContain('1 of 3 targets have no port in `instance`');
    expect(rest).toEqual([]);
    expect((await cli(['inventory', 'list'], { cwd })).stderr).toContain('note: none of the 3 targets');
    await put(cwd, { 'groups/targets/t.json': '[{"targets":["a:1"],"labels":{"job":"node"}}]' });
    expect((await cliJson(['inventory', 'list'], { cwd })).json['notes']).toEqual([]);
  });

  async function fake(targets: object[]): Promise<{ PROMETHEUS_URL: string }> {
    const server = createServer((_, response) => {
      response.end(JSON.stringify({ status: 'success', data: { activeTargets: targets } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { PROMETHEUS_URL: `http://bob:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const ONE = [{ labels: { job: 'node', instance: 'a:1' } }];

  test('no targets at all: the list that is there stays', async () => {
    const root = await folder({ ...LIVE_REPOSITORY, 'groups/targets/pulled.json': PULLED });
    const ran = await cli(['-C', root, 'inventory', 'pull'], { env: await fake([]) });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/no active targets\. Nothing was written\./);
    expect(readFileSync(join(root, 'groups/targets/pulled.json'), 'utf8')).toBe(PULLED);
  });

  test('no password is in any output', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const env = await fake(ONE);
    for (const format of ['text', 'json']) {
      const ran = await cli(['-C', root, 'inventory', 'pull', '--metrics', '--format', format], { env });
      expect(ran.stdout + ran.stderr).not.toContain('s3cret');
    }
    const wrong = { PROMETHEUS_URL: 'htp://bob:s3cret@x' };
    for (const format of ['text', 'json']) {
      const ran = await cli(['-C', root, 'inventory', 'pull', '--format', format], { env: wrong });
      expect(ran.code).toBe(2);
      expect(ran.stdout + ran.stderr).toContain('not the URL of a server');
      expect(ran.stdout + ran.stderr).not.toContain('s3cret');
      const flag = await cli(['-C', root, 'inventory', 'pull', '--format', format, '--url', wrong.PROMETHEUS_URL]);
      expect(flag.code).toBe(2);
      expect(flag.stdout + flag.stderr).not.toContain('s3cret');
    }
  });

  test.each<[string, string, RegExp]>([
    ['outside', '../x.json', /outside of the repository/],
    ['through a link', 'groups/away/x.json', /outside of the repository/],
    ['not JSON', 'groups/targets/x.yml', /does not end in \.json/],
    ['in dist/', 'dist/x.json', /no inventory is read from there/],
    ['over something else', 'package.json', /no list of targets .*not overwritten/],
    ['over a link', 'groups/targets/link.json', /no regular file/],
  ])('--out %s is refused', async (_, out, message) => {
    const root = await folder({ ...LIVE_REPOSITORY, 'package.json': '{"name":"x"}\n' });
    symlinkSync(tmpdir(), join(root, 'groups/away'));
    mkdirSync(join(root, 'groups/targets'));
    writeFileSync(join(root, 'elsewhere.json'), '[]');
    symlinkSync('../../elsewhere.json', join(root, 'groups/targets/link.json'));
    const ran = await cli(['inventory', 'pull', '--out', out], { cwd: root, env: await fake(ONE) });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe('{"name":"x"}\n');
    expect(readFileSync(join(root, 'elsewhere.json'), 'utf8')).toBe('[]');
  });

  test('equal targets in another order give the same bytes', async () => {
    const targets = Array.from({ length: 40 }, (_, i) => ({
      labels: { job: `j${i % 3}`, instance: `h${i}:1`, env: i % 2 ? 'a' : 'b' },
    }));
    const texts: string[] = [];
    for (const order of [targets, [...targets].reverse(), [...targets, ...targets]]) {
      const root = await folder(LIVE_REPOSITORY);
      await cli(['-C', root, 'inventory', 'pull'], { env: await fake(order) });
      texts.push(readFileSync(join(root, 'groups/targets/pulled.json'), 'utf8'));
    }
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0] as string)).toHaveLength(6);
  });

  test('wrong usage', async () => {
    const root = await folder(LIVE_REPOSITORY);
    for (const argv of [
      ['inventory'],
      ['inventory', 'push'],
      ['inventory', 'list', '--metrics'],
      ['check', '--url', 'http://x'],
    ]) {
      const ran = await cli(['-C', root, ...argv]);
      expect(ran.code, argv.join(' ')).toBe(2);
      expect(ran.stderr).toMatch(/help: \S/);
    }
  });

  test('a list of a job that nobody has', async () => {
    const root = await folder({ ...LIVE_REPOSITORY, 'groups/targets/pulled.json': PULLED });
    expect(await cli(['-C', root, 'inventory', 'list'])).toMatchObject({
      code: 0,
      stdout: 'TARGET       GROUPS   LABELS\nnode/a:9100  default  {env="dev", rack="r1"}\n',
      stderr: 'In 1 file; 1 target.\n',
    });
    expect((await cli(['-C', root, 'inventory', 'list', '-j', 'nod'])).stderr).toContain('Did you mean node?');
  });
});
