import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/paths.ts';
import { prometheusOrSkip, tools } from '../support/tools.ts';
import { build, describeServer, put, type Restartable, rule, run, runJson, settings } from './deploy-support.ts';

/** bcrypt of "hunter2". */
const HASH = '$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm';
const AUTH = { authorization: `Basic ${Buffer.from('ops:hunter2').toString('base64')}` };

interface Pair {
  readonly root: string;
  readonly folder: string;
  readonly a: Restartable;
  readonly b: Restartable;
  readonly env: Readonly<Record<string, string>>;
}

/** Two servers with a password that hold one release, and sources with the next. */
async function pair(program: string): Promise<Pair> {
  const folder = temporaryFolder();
  const root = join(folder, 'repository');
  put(folder, {
    'web.yml': JSON.stringify({ basic_auth_users: { ops: HASH } }),
    'a/README': '',
    'b/README': '',
  });
  const flags = ['--web.enable-lifecycle', `--web.config.file=${join(folder, 'web.yml')}`];
  const server = (name: string): Promise<Restartable> =>
    describeServer({ program, ruleFiles: [join(folder, name, '*.yml')], flags, headers: AUTH });
  const [a, b] = [await server('a'), await server('b')];
  await Promise.all([a.start(), b.start()]);
  const entry = (name: string, url: string): string =>
    `  - { name: ${name}, url: ${url}, rule_path: ${join(folder, name)} }`;
  put(root, {
    'rulewright.yaml': settings(['servers:', entry('a', a.url), entry('b', b.url)]),
    'rules/x.yaml': rule('Up', 0),
  });
  const env = { PROMETHEUS_USERNAME: 'ops', PROMETHEUS_PASSWORD: 'hunter2' };
  await build(root);
  const first = await run(['-C', root, 'deploy'], { env });
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toMatch(/2 of 2 servers as wanted/);
  put(root, { 'rules/x.yaml': rule('Up', 1) });
  await build(root);
  return { root, folder, a, b, env };
}

async function query(server: Restartable): Promise<string> {
  const { groups } = (await server.get('/api/v1/rules')) as { groups: { rules: { query: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map((one) => one.query)).join();
}

describe('a deploy to two servers', { timeout: 90_000 }, () => {
  it('stops at the first that fails, and says who has what', async (context) => {
    const { root, folder, a, b, env } = await pair(prometheusOrSkip(context));
    const stranger = await run(['-C', root, 'deploy']);
    expect(stranger.code).toBe(2);
    expect(stranger.stderr).toMatch(/wants a user and a password|status 401/);

    writeFileSync(join(folder, 'b/theirs.yml'), 'groups: [\n');
    const metrics = join(folder, 'deploy.prom');
    const ran = await runJson(['-C', root, 'deploy', '--metrics', metrics], { env });
    expect(ran.code).toBe(2);
    expect(ran.json.servers.map(({ status }) => status)).toEqual(['released', 'undone']);
    expect([await query(a), await query(b)]).toEqual(['up > 1', 'up > 0']);
    const text = readFileSync(metrics, 'utf8');
    expect(text).toContain('rulewright_deploy_failed{server="a"} 0\nrulewright_deploy_failed{server="b"} 1\n');
    expect(text).toMatch(/last_success_timestamp_seconds\{server="a"\}/);
    expect(text).not.toMatch(/last_success_timestamp_seconds\{server="b"\}/);
    execFileSync(tools.promtool.old ?? tools.promtool.new ?? '', ['check', 'metrics'], { input: text });
    expect(JSON.stringify(ran)).not.toContain('hunter2');

    // The other way round the second is not even tried.
    put(root, { 'rules/x.yaml': rule('Up', 2) });
    put(folder, { 'b/theirs.yml': undefined, 'a/theirs.yml': 'groups: [\n' });
    await build(root);
    // A pipe among the metrics is not waited for, and a file that nobody collects is told of.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const next = await run(['-C', root, 'deploy', '--color', 'never', '--metrics', pipe], { env });
    expect(next.stderr).toContain('only files that end in .prom');
    expect(readFileSync(pipe, 'utf8')).toContain('rulewright_deploy_failed{server="a"} 1\n');
    expect(next.code).toBe(2);
    expect(next.stderr).toMatch(/not tried: Not tried, for a failed: this server has the release that it had\./);
    expect(next.stderr).toMatch(/0 of 2 servers as wanted:\n {2}a: release \w+, proven \(undone\)\n/);
    expect([await query(a), await query(b)]).toEqual(['up > 1', 'up > 0']);
  });

  it('takes all of them back where it is to be all or nothing', async (context) => {
    const { root, folder, a, b, env } = await pair(prometheusOrSkip(context));
    writeFileSync(join(folder, 'b/theirs.yml'), 'groups: [\n');
    const ran = await runJson(['-C', root, 'deploy', '--all-or-nothing'], { env });
    expect(ran.code).toBe(2);
    expect(ran.json.servers).toMatchObject([
      { name: 'a', status: 'undone', verified: true, now: ran.json.servers[0]?.previous },
      { name: 'b', status: 'undone', verified: true },
    ]);
    expect([await query(a), await query(b)]).toEqual(['up > 0', 'up > 0']);
    put(folder, { 'b/theirs.yml': undefined });
    const next = await runJson(['-C', root, 'deploy', '--all-or-nothing'], { env });
    expect(next.code, next.stdout).toBe(0);
    expect([await query(a), await query(b)]).toEqual(['up > 1', 'up > 1']);
  });

  it('reloads the second of a pair that shares one rule path', async (context) => {
    const program = prometheusOrSkip(context);
    const folder = temporaryFolder();
    const root = join(folder, 'repository');
    put(folder, { 'shared/README': '' });
    const options = { program, ruleFiles: [join(folder, 'shared/*.yml')], flags: ['--web.enable-lifecycle'] };
    const [a, b] = [await describeServer(options), await describeServer(options)];
    await Promise.all([a.start(), b.start()]);
    const entry = (name: string, url: string): string =>
      `  - { name: ${name}, url: ${url}, rule_path: ${join(folder, 'shared')} }`;
    put(root, {
      'rulewright.yaml': settings(['servers:', entry('a', a.url), entry('b', b.url)]),
      'rules/x.yaml': rule('Up', 0),
    });
    await build(root);
    const ran = await runJson(['-C', root, 'deploy']);
    expect(ran.code, ran.stdout).toBe(0);
    expect(ran.json.servers).toMatchObject([
      { name: 'a', status: 'released', verified: true, drift: false },
      { name: 'b', status: 'reloaded', verified: true, drift: false, warnings: [] },
    ]);
    expect([await query(a), await query(b)]).toEqual(['up > 0', 'up > 0']);
    // Back once, for both of them.
    put(root, { 'rules/x.yaml': rule('Up', 1) });
    await build(root);
    for (const [argv, query1] of [
      [['deploy'], 'up > 1'],
      [['rollback'], 'up > 0'],
    ] as const) {
      const turn = await runJson(['-C', root, ...argv]);
      expect(turn.code, turn.stdout).toBe(0);
      expect([await query(a), await query(b)]).toEqual([query1, query1]);
    }
    const impossible = await run(['-C', root, 'deploy', '--all-or-nothing']);
    expect(impossible.code).toBe(2);
    expect(impossible.stderr).toMatch(/same rule_path/);
  });

  it('changes nothing where their releases differ and their rule path is one', async () => {
    const folder = temporaryFolder();
    const [root, shared, link] = [join(folder, 'repository'), join(folder, 'shared'), join(folder, 'link')];
    mkdirSync(shared);
    symlinkSync(shared, link);
    const entry = (name: string, path: string): string =>
      `  - { name: ${name}, url: "http://127.0.0.1:1", rule_path: ${path}, labels: { site: ${name} } }`;
    put(root, {
      'rulewright.yaml': settings(['servers:', entry('a', shared), entry('b', link)]),
      'rules/x.yaml': rule('Up', 0),
      'groups/b.yaml': 'match: { site: b }\nthresholds: { Up: 1 }\n',
    });
    await build(root);
    for (const option of ['--offline', '--dry-run']) {
      const ran = await run(['-C', root, 'deploy', option]);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(
        /servers a and b have the same rule_path.* their releases differ \(\w{12} and \w{12}\)/,
      );
      expect(readdirSync(shared)).toEqual([]);
    }
    // Each for itself, as on a machine of its own.
    const alone = await run(['-C', root, 'deploy', '--offline', '--server', 'b']);
    expect(alone.code, alone.stderr).toBe(0);
  });
});
