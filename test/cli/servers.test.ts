import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeEach } from '../support/tools.ts';
import { cli, cliJson, folder, put, RULE } from './support.ts';

const ONE = 'version: 1\nprometheus: { validate_rules: false }\n';
const THREE = `version: 1
prometheus:
  validate_rules: false
  servers:
    - { name: seoul, url: "http://127.0.0.1:1", labels: { site: seoul } }
    - { name: busan-a, labels: { site: busan, replica: a } }
    - { name: busan-b, labels: { site: busan, replica: b } }
`;
const FILES = {
  'rules/cpu.yaml': RULE('Cpu'),
  'groups/seoul.yaml': 'match: { site: seoul }\nthresholds: { Cpu: 85 }\n',
  'groups/production.yaml': 'match: { env: prod, site: "busan" }\nthresholds: { Cpu: 90 }\n',
  'groups/targets/t.json':
    '[{"targets":["s:1"],"labels":{"site":"seoul"}},{"targets":["b:1"],"labels":{"env":"prod","site":"busan"}},{"targets":["far:1"],"labels":{"site":"far"}}]',
};
const SERVERS = { ...FILES, 'rulewright.yaml': THREE };

const names = (json: Record<string, unknown>): string[] =>
  (json['files'] as { file_name: string }[]).map((file) => file.file_name);
const ALL = [
  'seoul/group-seoul.yml',
  'busan-a/group-default.yml',
  'busan-a/group-production.yml',
  'busan-b/group-default.yml',
  'busan-b/group-production.yml',
];

it('gives each server a release of its own', async () => {
  const cwd = await folder(SERVERS);
  const { code, json } = await cliJson(['build'], { cwd });
  expect(code).toBe(0);
  expect(names(json)).toEqual(ALL);
  expect(json).toMatchObject({ files_generated: 5, rules_count: 5, targets_count: 2, groups_affected: 3, errors: [] });
  expect(JSON.parse(await readFile(join(cwd, 'dist/seoul/manifest.json'), 'utf8'))).toMatchObject({
    version: 1,
    server: 'seoul',
    files: [{ file: 'rules/group-seoul.yml', group_id: 'seoul', rule_count: 1 }],
  });
  expect((await readdir(join(cwd, 'dist'))).sort()).toEqual(['busan-a', 'busan-b', 'seoul']);
  const listed = await cliJson(['files'], { cwd });
  expect(names(listed.json).sort()).toEqual([...ALL].sort());
  expect(await cliJson(['check'], { cwd })).toMatchObject({ code: 0, json: { ok: true, stale: [] } });

  await put(cwd, { 'groups/production.yaml': 'match: { env: prod, site: "busan" }\nthresholds: { Cpu: 91 }\n' });
  const stale = ['busan-a', 'busan-b'].flatMap((name) => [`${name}/group-production.yml`, `${name}/manifest.json`]);
  expect(await cliJson(['check'], { cwd })).toMatchObject({ code: 1, json: { ok: false, stale } });
  const again = await cliJson(['build', '--group', 'production'], { cwd });
  expect(again.json).toMatchObject({ files_generated: 2, files_unchanged: 3, groups_affected: 1 });
  expect((await cli(['build'], { cwd })).stderr).toMatch(/dist is up to date: 5 rules in 5 files for 3 servers/);
});

it('cleans up when one server becomes several, one is renamed, and several become one', async () => {
  const cwd = await folder({ ...FILES, 'rulewright.yaml': ONE });
  await cli(['build'], { cwd });
  await put(cwd, { 'dist/rules/mine.yml': 'groups: []\n', 'dist/other/manifest.json': '{"files":[]}' });
  expect(existsSync(join(cwd, 'dist/effective'))).toBe(true);

  await put(cwd, { 'rulewright.yaml': THREE });
  const stale = (await cliJson(['check'], { cwd })).json['stale'];
  expect(stale).toEqual(expect.arrayContaining(['group-default.yml', 'manifest.json', 'seoul/group-seoul.yml']));
  const several = await cli(['build'], { cwd });
  expect(several.stderr).toMatch(/- dist\/rules\/group-default\.yml +removed/);
  expect((await readdir(join(cwd, 'dist'))).sort()).toEqual(['busan-a', 'busan-b', 'other', 'rules', 'seoul']);
  expect(await readdir(join(cwd, 'dist/rules'))).toEqual(['mine.yml']);

  await put(cwd, { 'rulewright.yaml': THREE.replace('busan-b', 'jeju') });
  expect((await cliJson(['build'], { cwd })).json).toMatchObject({ files_generated: 2, files_removed: 2 });
  expect((await readdir(join(cwd, 'dist'))).sort()).toEqual(['busan-a', 'jeju', 'other', 'rules', 'seoul']);

  await put(cwd, { 'rulewright.yaml': ONE });
  expect((await cliJson(['build'], { cwd })).json).toMatchObject({ files_removed: 5 });
  expect((await readdir(join(cwd, 'dist'))).sort()).toEqual(['effective', 'manifest.json', 'other', 'rules']);
});

it('writes nothing for any server where one of them has an error', async () => {
  const cwd = await folder({
    ...SERVERS,
    'groups/more.yaml': 'match: { env: prod, site: busan }\nthresholds: { Cpu: 70 }\n',
  });
  const { code, json } = await cliJson(['build'], { cwd });
  expect(code).toBe(1);
  const notes = [expect.objectContaining({}), { message: 'only on the servers busan-a, busan-b' }];
  expect(json).toMatchObject({ files: [], errors: [{ code: 'ambiguous', notes }] });
  expect(existsSync(join(cwd, 'dist'))).toBe(false);
});

it('says which server watches a target', async () => {
  const cwd = await folder(SERVERS);
  const rules = (severity: string, threshold: number) => [{ id: 'Cpu', severity, config: { threshold } }];
  const effective = async (...args: string[]) => (await cliJson(['effective', ...args], { cwd })).json;
  expect(await effective('s')).toMatchObject({
    server: 'seoul',
    labels: { site: 'seoul', instance: 's:1' },
    rules: rules('warning', 85),
  });
  expect(await effective('b')).toMatchObject({ server: 'busan-a', rules: rules('warning', 90) });
  expect(await effective('b', '--server', 'busan-b')).toMatchObject({ server: 'busan-b', labels: { replica: 'b' } });
  expect(await effective('--labels', 'site=busan,env=dev')).toMatchObject({
    server: 'busan-a',
    rules: rules('warning', 80),
  });
  expect(await effective('--group', 'seoul')).toMatchObject({ server: 'seoul', group_id: 'seoul', match: '{}' });
  const all = await effective('--all');
  expect(all).toMatchObject({ total: 2, targets: [{ server: 'seoul' }, { server: 'busan-a' }] });
  for (const [args, said] of [
    [['far'], 'is on none of the servers (seoul, busan-a, busan-b)'],
    [['s', '--server', 'busan-a'], 'is not on server busan-a'],
    [['nowhere'], 'The inventory has no target "nowhere"'],
  ] as const) {
    const { code, stderr } = await cli(['effective', ...args], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
  }
  const unknown = await cli(['effective', 's', '--server', 'soul'], { cwd });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean seoul?')]);
});

it('refuses what speaks of one server without saying which', async () => {
  const cwd = await folder(SERVERS);
  const env = { PROMETHEUS_URL: 'http://secret:word@localhost:1', PROMETHEUS_RULE_PATH: '/r' };
  const { code, json, stdout } = await cliJson(['check', '--sources'], { cwd, env });
  expect(code).toBe(2);
  expect(json['errors']).toMatchObject([
    { code: 'invalid-value', file: '$PROMETHEUS_RULE_PATH', message: expect.stringContaining('lists 3') },
    { code: 'invalid-value', file: '$PROMETHEUS_URL', message: expect.stringContaining('lists 3') },
  ]);
  expect(stdout).not.toContain('word');
  const live = await cli(['check', '--live', '--url', 'http://127.0.0.1:1'], { cwd });
  expect([live.code, live.stderr]).toEqual([2, expect.stringContaining('--server seoul')]);
});

const TEST = (rules: string, threshold: string): string => `rule_files: [${rules}]
tests:
- interval: 1m
  input_series: [{ series: 'cpu_usage{env="prod"}', values: '87' }]
  promql_expr_test:
  - { expr: 'count(ALERTS)', eval_time: 0m, exp_samples: [${threshold}] }
`;

describeEach('promtool', 'promtool', (promtool) => {
  it('tests each server’s own rules', async () => {
    const env = { PROMTOOL_PATH: promtool };
    const fires = "{ labels: '{}', value: 1 }";
    const cwd = await folder({
      ...SERVERS,
      'tests/seoul.yml': TEST('dist/seoul/rules/*.yml', fires),
      'tests/busan.yml': TEST('dist/busan-b/rules/*.yml', ''),
      'tests/all.yml': TEST('rules/cpu.yaml', fires),
    });
    const { code, json } = await cliJson(['test'], { cwd, env });
    expect(code).toBe(1);
    expect(json['files']).toMatchObject([
      { server: 'seoul', file: 'tests/all.yml', failures: [] },
      { server: 'seoul', file: 'tests/seoul.yml', failures: [] },
      { server: 'busan-a, busan-b', file: 'tests/all.yml', failures: [{ kind: 'expr' }] },
      { server: 'busan-a, busan-b', file: 'tests/busan.yml', failures: [] },
    ]);
    const only = await cli(['test', '--server', 'seoul', 'tests/all.yml'], { cwd, env });
    expect([only.code, only.stderr]).toEqual([0, expect.stringContaining('tests/all.yml (seoul)')]);
    const both = await cliJson(['build'], { cwd, env: { ...env, PROMETHEUS_VALIDATE_RULES: 'true' } });
    expect(both).toMatchObject({ code: 0, json: { validated_by: expect.stringContaining('promtool') } });
  });
});
