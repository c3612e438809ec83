import { expect, it } from 'vitest';
import { prometheusOrSkip, promtoolOrSkip } from '../support/tools.ts';
import { build, describeServer, only, put, run, runJson, settings, site } from './deploy-support.ts';

/** promtool 2.42 before servers from 3.5 on, as where it comes from Debian and the servers from elsewhere. */

const NEWER = `groups:
  - name: newer
    labels: { team: a }
    rules:
      - alert: Ratio
        expr: '{"http.errors"} > 5'
`;

function repository(lines: readonly string[], files: Readonly<Record<string, string>>): string {
  const { root } = site('http://127.0.0.1:1', lines);
  put(root, files);
  return root;
}

it('is no reason to say that servers would refuse what they take', async (context) => {
  const env = { PROMTOOL_PATH: promtoolOrSkip(context, 'old') };
  const root = repository(['version: ">=3.5"'], {
    'rules/newer.yml': NEWER,
    'rules/quoted.yaml':
      'rules:\n  - alert: Quoted\n    expr: \'{"http.errors"} > 5\'\n  - alert: Plain\n    expr: up == 0\n',
  });
  for (const command of ['build', 'check', 'build']) {
    const ran = await run(['-C', root, command], { env });
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stderr).not.toContain('would refuse');
    expect(ran.stderr).toMatch(/note\[promtool-too-old\].*promtool 2\.\d+\.\d+ is older than the servers/);
    expect(ran.stderr).toContain('Get the one that came with the servers.');
    expect(ran.stderr).toMatch(/could not judge \d parts of what was compiled \(.*Quoted.*\)/);
  }
  const { json } = await runJson(['-C', root, 'check'], { env });
  const [note] = (json as unknown as { notes: { code: string; notes: { file: string }[] }[] }).notes;
  expect(note).toMatchObject({ code: 'promtool-too-old' });
  expect(note?.notes.map(({ file }) => file)).toContain('rules/quoted.yaml');
});

it('still refuses what it knows, in the rules beside', async (context) => {
  const env = { PROMTOOL_PATH: promtoolOrSkip(context, 'old') };
  const twice = '  - alert: Twice\n    expr: up == 0\n'.repeat(2);
  const root = repository(['version: ">=3.5"'], {
    'rules/a.yml':
      `groups:\n  - name: g\n    rules:\n${`  - alert: Quoted\n    expr: '{"http.errors"} > 5'\n${twice}`.replace(/^/gm, '    ')}`.trimEnd(),
  });
  const ran = await run(['-C', root, 'check', '--sources'], { env });
  expect(ran.stderr).toContain('[promtool]');
  expect(ran.stderr).toContain('Twice');
  expect(ran.stderr).not.toContain('promtool refuses');
});

it('is told of the feature flags that it knows', async (context) => {
  const promtool = promtoolOrSkip(context, 'new');
  const spread = { 'rules/a.yaml': 'rules:\n  - alert: Spread\n    expr: mad_over_time(a[5m]) > 1\n' };
  const flags = 'features: [promql-experimental-functions, promql-duration-expr]';
  const root = repository(['version: ">=3.5"', flags, 'validate_rules: true'], spread);
  const ran = await run(['-C', root, 'build'], { env: { PROMTOOL_PATH: promtool } });
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(ran.stderr).not.toContain('promtool-too-old');

  const without = repository(['version: ">=3.5"', 'validate_rules: true'], spread);
  const refused = await run(['-C', without, 'build'], { env: { PROMTOOL_PATH: promtool } });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('`prometheus.features: [promql-experimental-functions]`');

  // 3.5's promtool can't be told of this one.
  put(root, { 'rules/b.yaml': 'rules:\n  - alert: Computed\n    expr: rate(a[1m * 5]) > 1\n' });
  const computed = await run(['-C', root, 'build'], { env: { PROMTOOL_PATH: promtool } });
  expect(computed, computed.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('promtool-too-old') });
});

it('runs the unit tests of what both know, and says which expectations it can’t judge', async (context) => {
  const series = `  - { series: 'a{instance="x"}', values: '7 7 7' }\n`;
  const expect1 = (name: string, fires: boolean): string =>
    `  - { eval_time: 2m, alertname: ${name}, exp_alerts: [${fires ? '{ exp_labels: { instance: x } }' : ''}] }\n`;
  const tests = (plain: boolean): string =>
    `rule_files: ['*']\ntests:\n- interval: 1m\n  input_series:\n${series}  alert_rule_test:\n${expect1('Plain', plain)}${expect1('Quoted', true)}${expect1('Reads', true)}  promql_expr_test:\n  - { expr: 'sum(rec:quoted)', eval_time: 2m, exp_samples: [{ labels: '{}', value: 9 }] }\n  - { expr: 'sum(rec:plain)', eval_time: 2m, exp_samples: [{ labels: '{}', value: 7 }] }\n`;
  const files = {
    'rules/newer.yml': NEWER,
    'rules/a.yaml': `rules:
  - { alert: Quoted, expr: '{"http.errors"} > 5' }
  - { record: "rec:quoted", expr: 'sum by (instance) ({"http.errors"})' }
  - { record: "rec:plain", expr: a }
  - { alert: Reads, expr: "rec:quoted > 5" }
  - { alert: Plain, expr: a > 5 }
`,
  };
  const env = { PROMTOOL_PATH: promtoolOrSkip(context, 'old') };
  const root = repository(['version: ">=3.5"'], { ...files, 'tests/a.yml': tests(true) });
  const ran = await run(['-C', root, 'test'], { env });
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(ran.stderr).toMatch(/note\[promtool-too-old\].*could not run 3 parts .*\(Quoted, rec:quoted, Ratio\)/);
  expect(ran.stderr).toContain('ok     tests/a.yml  1 test, 3 expectations not judged\n');
  const { json } = await runJson(['-C', root, 'test'], { env });
  expect(json).toMatchObject({ ok: true, notes: [{ code: 'promtool-too-old' }] });
  expect(json).toMatchObject({
    files: [{ not_judged: ['Quoted', 'Reads', 'sum(rec:quoted)'].map((what) => ({ what })) }],
  });

  put(root, { 'tests/a.yml': tests(false) });
  const failed = await run(['-C', root, 'test'], { env });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/FAILED tests\/a\.yml\n {2}Plain at 2m\n/);
  expect(failed.stderr).not.toContain('Reads at');

  // One that knows all of it runs all of it.
  const newer = await run(['-C', root, 'test'], { env: { PROMTOOL_PATH: promtoolOrSkip(context, 'new') } });
  expect(newer.stderr).not.toContain('not judged');
  expect(newer.stderr).toContain('Quoted at 2m');
});

it('lets a release go out that the server takes, and says what it could not judge', async (context) => {
  const env = { PROMTOOL_PATH: promtoolOrSkip(context, 'old') };
  const program = prometheusOrSkip(context, 'new');
  const { root, rulePath, glob } = site('http://127.0.0.1:1');
  const server = await describeServer({ program, ruleFiles: [glob], flags: ['--web.enable-lifecycle'] });
  await server.start();
  put(root, {
    'rulewright.yaml': settings([`url: ${server.url}`, `rule_path: ${rulePath}`, 'version: ">=3.5"']),
    'rules/newer.yml': NEWER,
  });
  await build(root, env);
  const released = only(await runJson(['-C', root, 'deploy', '--wait', '0'], { env }));
  expect(released, JSON.stringify(released)).toMatchObject({ status: 'released', verified: true });
  expect(released.warnings.join()).toMatch(/promtool 2\.\d+\.\d+ is older than the server .*could not judge 2 parts/);
  // Nobody tells a version here but the settings.
  const offline = only(await runJson(['-C', root, 'deploy', '--offline'], { env }));
  expect(offline.status, JSON.stringify(offline)).not.toBe('refused');
});
