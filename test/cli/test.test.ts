import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFailures } from '../../src/io/promtool/promtool-test.ts';
import { junitXml } from '../../src/report/junit.ts';
import { projectRoot } from '../support/paths.ts';
import { describeEach } from '../support/tools.ts';
import { cli, cliJson, folder, REPOSITORY } from './support.ts';

const TEST = (rules: string, value: number): string => `rule_files:
- ${rules}
tests:
- name: cpu
  interval: 1m
  input_series:
  - { series: 'cpu_usage{env="prod",instance="a"}', values: '85 95' }
  alert_rule_test:
  - eval_time: 0m
    alertname: Cpu
  - eval_time: 1m
    alertname: Cpu
    exp_alerts:
    - exp_labels: { severity: warning, env: prod, instance: a, group_id: production }
  promql_expr_test:
  - { expr: 'count(ALERTS)', eval_time: 1m, exp_samples: [{ labels: '{}', value: ${value} }] }
`;

describeEach('test', 'promtool', (promtool) => {
  const env = { PROMTOOL_PATH: promtool };

  it.each([
    'rules/cpu.yaml',
    '../rules/cpu.yaml',
    "'*'",
    'group-production.yml',
    'dist/rules/*.yml',
    'rules/*.yaml',
    'old/place/cpu.yml',
  ])('finds the rules by %s', async (rules) => {
    const cwd = await folder({ ...REPOSITORY, 'tests/a.yml': TEST(rules, 1), 'tests/readme.yml': 'x: 1\n' });
    const { code, stderr } = await cli(['test'], { cwd, env });
    expect(stderr).toMatch(/^ok {5}tests\/a.yml {2}1 test\n1 test in 1 file, all passed\n$/);
    expect(code).toBe(0);
  });

  it('shows a failure with its places, and writes JUnit', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'tests/a.yml': TEST('rules/cpu.yaml', 2).replace('group_id: production', 'x: y'),
    });
    const { code, stderr } = await cli(['test', '--junit', 'out/j.xml'], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain('FAILED tests/a.yml\n  Cpu at 1m (cpu)\n');
    expect(stderr).toContain('expected at tests/a.yml:11, the rule at rules/cpu.yaml:2\n');
    expect(stderr).toContain('`count(ALERTS)` at 1m');
    const xml = await readFile(join(cwd, 'out/j.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="rulewright" tests="1" failures="1" errors="0">');
    expect(xml.match(/<failure /g)).toHaveLength(2);
    const { json } = await cliJson(['test', 'tests/a.yml'], { cwd, env });
    expect(json).toMatchObject({
      ok: false,
      files: [{ file: 'tests/a.yml', failures: [{ what: 'Cpu', rule_at: 'rules/cpu.yaml:2' }, {}] }],
    });
  });

  describe('a name that several sources have', () => {
    const NATIVE = (most: number): string =>
      `groups:\n- name: g\n  rules:\n  - { alert: Cpu, expr: cpu_usage > ${most}, labels: { severity: warning } }\n`;
    const CHECK = (rules: string): string =>
      TEST(rules, 1).replace(', group_id: production', '').replace("values: '85 95'", "values: '60 95'");
    const sources = { 'rules/a/same.yml': NATIVE(90), 'rules/b/same.yml': NATIVE(50) };

    it.each([
      ['tests/a/x.yml', 'same.yml'],
      ['tests/a/deep/x.yml', '../same.yml'],
      ['tests/x.yml', 'elsewhere/a/same.yml'],
      ['tests/b/x.yml', '../a/same.rules'],
    ])('in %s, %s: the one whose folders are most like it', async (test, rules) => {
      const cwd = await folder({ ...sources, [test]: CHECK(rules) });
      const { code, stderr } = await cli(['test', '--strict'], { cwd, env });
      expect(stderr).toMatch(/^ok /);
      expect(code).toBe(0);
    });

    it('points to the rule of the file that the test loads, and of several there to the one whose labels are told', async () => {
      const two = `${NATIVE(50)}  - { alert: Cpu, expr: cpu_usage > 60, labels: { severity: critical } }\n`;
      const cwd = await folder({
        ...sources,
        'rules/b/same.yml': two,
        'tests/b/x.yml': CHECK('../../rules/b/same.yml'),
      });
      const { json } = await cliJson(['test'], { cwd, env });
      const [file] = json['files'] as { failures: { time: string; rule_at: string }[] }[];
      expect(file?.failures.map(({ rule_at }) => rule_at)).toContain('rules/b/same.yml:4');
      expect(JSON.stringify(file)).not.toContain('rules/a/same.yml');
      await writeFile(join(cwd, 'tests/b/x.yml'), CHECK('../../rules/b/same.yml').replace('warning', 'critical'));
      const { stderr } = await cli(['test'], { cwd, env });
      expect(stderr).toMatch(/the rule at rules\/b\/same\.yml:[45]/);
    });

    it('says which fit alike, and runs with all', async () => {
      const cwd = await folder({ ...sources, 'tests/x.yml': CHECK('same.yml') });
      const { code, stderr } = await cli(['test'], { cwd, env });
      expect(stderr).toContain('--> tests/x.yml:2:3');
      expect(stderr).toContain('`same.yml` is rules/a/same.yml and rules/b/same.yml alike');
      expect(code).toBe(1);
      const { json } = await cliJson(['test'], { cwd, env });
      expect(json).toMatchObject({ ok: false, warnings: [{ code: 'several-files-fit', line: 2, col: 3 }] });
    });
  });

  it('runs again only what changed, and what failed', async () => {
    const cache = await folder({});
    const cwd = await folder({
      ...REPOSITORY,
      'rules/other.yaml': 'rules:\n  - { alert: Other, expr: other > 1 }\n',
      'tests/a.yml': TEST('group-production.yml', 1),
      'tests/b.yml': TEST('rules/cpu.yaml', 2),
    });
    const run = async (): Promise<unknown[]> => {
      const { json } = await cliJson(['test'], { cwd, env: { ...env, RULEWRIGHT_CACHE: cache } });
      return (json as { files: { remembered: boolean; failures: unknown[] }[] }).files.map((file) => [
        file.remembered,
        file.failures.length,
      ]);
    };
    expect(await run()).toEqual([
      [false, 0],
      [false, 1],
    ]);
    expect(await run()).toEqual([
      [true, 0],
      [false, 1],
    ]);
    await writeFile(join(cwd, 'rules/other.yaml'), 'rules:\n  - { alert: Other, expr: other > 2 }\n');
    expect((await run())[0]).toEqual([true, 0]);
    const cpu = await readFile(join(cwd, 'groups/production.yaml'), 'utf8');
    await writeFile(join(cwd, 'groups/production.yaml'), cpu.replace('Cpu: 90', 'Cpu: 99'));
    expect((await run())[0]).toEqual([false, 2]);
  });

  it('tells what promtool cannot read', async () => {
    const cwd = await folder({ ...REPOSITORY, 'tests/a.yml': 'tests: []\ntestz: 1\n' });
    const { code, stderr } = await cli(['test'], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain('line 2: field testz not found');
  });

  it('passes the tests of the example', { timeout: 120_000 }, async () => {
    const { code, stderr } = await cli(['test'], { cwd: projectRoot, env });
    expect(stderr).toContain('all passed');
    expect(code).toBe(0);
  });
});

describe('test without promtool', () => {
  it('is a broken environment', async () => {
    const cwd = await folder({ ...REPOSITORY, 'tests/a.yml': TEST('rules/cpu.yaml', 1) });
    expect(await cli(['test'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('promtool was not found'),
    });
  });

  it('names the line of rules that are not there', async () => {
    const cwd = await folder({ ...REPOSITORY, 'tests/a.yml': TEST('rules/gone.yaml', 1) });
    const { code, stderr } = await cli(['test'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('tests/a.yml:2:3');
  });
});

it('reads what promtool says', () => {
  const said =
    '  FAILED:\n    name: first,\n    alertname: A, B, time: 1m, \n        exp:[], \n        got:[]\n    expr: "a \\"b\\"", time: 2m,\n        exp: 1\n';
  expect(parseFailures(said)).toEqual([
    { kind: 'alert', test: 'first', what: 'A, B', time: '1m', text: 'exp:[],\ngot:[]' },
    { kind: 'expr', what: 'a "b"', time: '2m', text: 'exp: 1' },
  ]);
});

it('writes XML that holds any text', () => {
  const xml = junitXml([
    { name: 'a<b>.yml', seconds: 1, cases: [{ name: '"x" & \u0001', failures: ['<![CDATA[]]>\nmore'] }] },
  ]);
  expect(xml).toContain('name="&quot;x&quot; &amp; \ufffd"');
  expect(xml).toContain('message="&lt;![CDATA[]]&gt;"');
});
