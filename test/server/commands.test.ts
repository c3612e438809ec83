import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, folder, REPOSITORY } from '../cli/support.ts';
import { freePort } from '../support/prometheus.ts';
import { describeEach, prometheusOrSkip } from '../support/tools.ts';
import { answering, proxied, type Raw, startRaw } from './support.ts';

/** A repository that is compiled, and a server that loads what is copied into its rules. */
async function site(
  program: string,
  flags?: readonly string[],
): Promise<{ raw: Raw; root: string; env: Record<string, string> }> {
  const raw = await startRaw(program, flags ? { flags } : {});
  const root = await folder(REPOSITORY);
  expect((await cli(['-C', root, 'build'])).code).toBe(0);
  const env = { PROMETHEUS_URL: `http://127.0.0.1:${raw.port}`, PROMETHEUS_RULE_PATH: raw.rules };
  return { raw, root, env };
}

function copyRules(root: string, raw: Raw): void {
  for (const name of readdirSync(join(root, 'dist/rules')))
    copyFileSync(join(root, 'dist/rules', name), join(raw.rules, name));
}

describeEach('a server and what was compiled', 'prometheus', (program) => {
  test('drift tells which differs from which, files and status what is loaded', { timeout: 120_000 }, async () => {
    const { raw, root, env } = await site(program);
    const run = (...argv: string[]): ReturnType<typeof cliJson> => cliJson(['-C', root, ...argv], { env });
    const text = (...argv: string[]): ReturnType<typeof cli> => cli(['-C', root, ...argv], { env });

    const nothing = await run('drift');
    expect(nothing).toMatchObject({
      code: 1,
      json: { drift: true, directory_memory: [], directory: { release: null } },
    });
    expect(nothing.json['dist_memory']).not.toEqual([]);
    expect((await run('files', '--live')).json['files']).toMatchObject([
      { state: 'not-loaded' },
      { state: 'not-loaded' },
      { state: 'not-loaded' },
    ]);

    // Copied, but not read yet.
    copyRules(root, raw);
    const unread = await run('drift');
    expect(unread).toMatchObject({ code: 1, json: { dist_directory: [] } });
    expect(JSON.stringify(unread.json['advice'])).toMatch(/rule_files|rulewright reload/);
    const reloaded = await run('reload');
    expect(reloaded).toMatchObject({
      code: 0,
      json: { status: 'success', result: 'reloaded', servers: [{ name: '' }] },
    });
    expect((await text('drift')).stdout).toMatch(/no drift; .* hold release [0-9a-f]{12}/);
    expect(await text('drift', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const live = await text('files', '--live');
    expect(live).toMatchObject({ code: 0, stdout: expect.stringMatching(/all as in dist\/\n$/) });

    // Somebody edits a file; first the directory is another, then the server, too.
    const path = join(raw.rules, 'group-production.yml');
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, good.replace('> 90', '> 91'));
    const edited = await text('drift');
    expect(edited.code).toBe(1);
    expect(edited.stdout).toMatch(/server's memory {2}holds the same as dist\//);
    expect(edited.stdout).toMatch(/production\/cpu › Cpu: expr is .*> 90, in the rule path .*> 91/);
    await text('reload');
    expect((await text('drift')).stdout).toMatch(/server's memory {2}holds the same as the rule path/);
    expect((await text('files', '--live')).stdout).toMatch(/group-production\.yml +production +1 +1 +differs/);
    expect((await run('drift', '--memory')).json).toMatchObject({
      directory: null,
      dist_memory: [{ what: 'rule-changed', file_name: 'group-production.yml', field: 'expr' }],
    });

    // A file that dist/ no longer has stays in both.
    writeFileSync(path, good);
    writeFileSync(join(raw.rules, 'group-old.yml'), good.replaceAll('production', 'old'));
    await text('reload');
    const left = await run('files', '--live');
    expect(left.json['files']).toContainEqual(
      expect.objectContaining({ file_name: 'group-old.yml', state: 'left-over' }),
    );
    expect((await run('drift')).json['dist_memory']).toMatchObject([
      { what: 'group-left-over', file_name: 'group-old.yml' },
    ]);
    rmSync(join(raw.rules, 'group-old.yml'));

    // A bad file of somebody else's.
    writeFileSync(join(raw.rules, 'theirs.yml'), 'groups: [');
    const refused = await text('reload');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/could not load its files/) });
    const state = await run('status');
    expect(state).toMatchObject({
      code: 1,
      json: {
        status: 'unhealthy',
        ready: true,
        lifecycle: true,
        last_reload: { successful: false },
        rules: { files: 4 },
      },
    });
    expect((await text('status')).stdout).toMatch(/last reload failed; it holds what it read at/);
    expect((await text('drift')).stdout).toMatch(/The last reload of the server failed/);
    rmSync(join(raw.rules, 'theirs.yml'));
    await text('reload');
    expect(await run('status')).toMatchObject({
      code: 0,
      json: { status: 'healthy', healthy: true, ready: true, alerts: { firing: 0, pending: 0 } },
    });
  });
});

test('several servers: each is told of, the worst decides', { timeout: 60_000 }, async (context) => {
  const { raw, root } = await site(prometheusOrSkip(context));
  const dead = await freePort();
  const servers = [
    `    - { name: here, url: 'http://127.0.0.1:${raw.port}', rule_path: ${raw.rules} }`,
    `    - { name: gone, url: 'http://127.0.0.1:${dead}', rule_path: ${raw.rules} }`,
  ];
  const config = `version: 1\nprometheus:\n  validate_rules: false\n  servers:\n${servers.join('\n')}\n`;
  writeFileSync(join(root, 'rulewright.yaml'), config);
  const all = await cliJson(['-C', root, 'reload']);
  expect(all).toMatchObject({
    code: 2,
    json: {
      status: 'error',
      servers: [
        { name: 'here', status: 'success' },
        { name: 'gone', result: 'unreachable' },
      ],
    },
  });
  expect(await cliJson(['-C', root, 'status', '--server', 'here'])).toMatchObject({ code: 0, json: { ready: true } });
  const wrong = await cli(['-C', root, 'status', '--server', 'hre']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/Did you mean here\?/) });
  const address = `http://127.0.0.1:${raw.port}`;
  expect(await cliJson(['-C', root, 'status', '--url', address])).toMatchObject({ code: 0, json: { url: address } });
  const pull = await cli(['-C', root, 'inventory', 'pull']);
  expect(pull).toMatchObject({ code: 2, stderr: expect.stringMatching(/Say --server NAME; there are here, gone/) });
  const which = await cli(['-C', root, 'drift', '--url', 'http://localhost:1']);
  expect(which).toMatchObject({ code: 2, stderr: expect.stringMatching(/lists several/) });
  const elsewhere = await cli(['-C', root, 'files', '--server', 'here']);
  expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/--live/) });
});

test('no lifecycle API, a secret that is not there, and what is sent to another place', {
  timeout: 60_000,
}, async (context) => {
  const { raw, root, env } = await site(prometheusOrSkip(context), []);
  const none = await cli(['-C', root, 'status', '--server', 'x'], { env });
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/no server "x"/) });
  const off = await cli(['-C', root, 'reload'], { env });
  expect(off).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/takes no reloads over HTTP.*\n.*--web\.enable-lifecycle/),
  });
  expect((await cli(['-C', root, 'status'], { env })).stdout).toMatch(/it takes none over HTTP/);

  const secret = '  basic_auth: { username: u, password_file: /no/such/file }\n';
  writeFileSync(join(root, 'rulewright.yaml'), `version: 1\nprometheus:\n  url: http://127.0.0.1:1\n${secret}`);
  const missing = await cli(['-C', root, 'status']);
  expect(missing).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/cannot read the password for the server: \/no\/such/),
  });
  // What is said of the server in the settings is not for another one.
  const other = await cliJson(['-C', root, 'status', '--url', `http://127.0.0.1:${raw.port}`]);
  expect(other.json).toMatchObject({ ready: true, problems: [] });
});

test('status tells one that answers and is not well from one that nobody reaches', async () => {
  const root = await folder(REPOSITORY);
  for (const [code, status, healthy] of [
    [500, 'unhealthy', false],
    [501, 'unhealthy', false],
    [502, 'unreachable', null],
    [504, 'unreachable', null],
  ] as const) {
    const url = await answering((_, response) => void response.writeHead(code).end('no'));
    const told = await cliJson(['-C', root, 'status', '--url', url]);
    expect(told, String(code)).toMatchObject({ code: 2, json: { status, healthy, url } });
  }
});

test('a deploy to a server that tells no version says so', async (context) => {
  const { raw, root, env } = await site(prometheusOrSkip(context));
  for (const [version, words] of [
    ['', 'The server tells no version, so that'],
    ['main', 'The server calls its version main, so that'],
  ] as const) {
    const url = await proxied(raw.port, ({ url: path = '' }, response) => {
      if (!path.startsWith('/api/v1/status/buildinfo')) return true;
      response.end(JSON.stringify({ status: 'success', data: { version } }));
      return false;
    });
    const told = await cliJson(['-C', root, 'deploy', '--dry-run', '--no-promtool'], {
      env: { ...env, PROMETHEUS_URL: url },
    });
    const [server] = told.json['servers'] as { warnings: string[] }[];
    expect(server?.warnings.join('\n')).toContain(words);
    const { stdout } = await cli(['-C', root, 'status', '--url', url], { env });
    expect(stdout).toMatch(version === '' ? /^http:[^,]*\n/ : /^http:.*, Prometheus main\n/);
  }
});
