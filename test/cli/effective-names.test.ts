import { expect, it } from 'vitest';
import { cli, folder } from './support.ts';

it.each([
  'service.name=api,env=prod',
  '"service.name"="api", env="prod"',
  '{"service.name"="api",env="prod"}',
  'env=prod,service.name = api',
])('reads names as Prometheus 3 has them: %s', async (labels) => {
  const cwd = await folder({
    'rulewright.yaml': 'version: 1\nprometheus: { version: ">=3.5", validate_rules: false }\n',
    'rules/disk.yaml': 'rules: [{ alert: Disk, params: { threshold: 5 }, expr: disk > << threshold >> }]\n',
    'groups/api.yaml': 'match: { "service.name": api }\nthresholds: { Disk: 33 }\n',
    'groups/targets/u.yml': '- targets: ["u:1"]\n  labels: { service.name: api, env: prod }\n',
  });
  expect(await cli(['check', '--sources', '--strict'], { cwd })).toMatchObject({ code: 0 });
  const { stdout, code } = await cli(['effective', '--labels', labels], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('env="prod", "service.name"="api"');
  expect(stdout).toMatch(/^Disk .*\b33 /m);
});
