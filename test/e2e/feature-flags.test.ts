import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prometheusOrSkip } from '../support/tools.ts';
import { build, describeServer, only, put, run, runJson, settings, site } from './deploy-support.ts';

const FLAG = 'promql-experimental-functions';
const SPREAD = 'rules:\n  - alert: Spread\n    expr: mad_over_time(up[5m]) > 1\n';

async function scene(program: string, flags: readonly string[]) {
  const place = site('http://127.0.0.1:1');
  const server = await describeServer({
    program,
    ruleFiles: [place.glob],
    flags: ['--web.enable-lifecycle', ...flags],
  });
  await server.start();
  const lines = ['version: ">=3.5"', 'validate_rules: false', `url: ${server.url}`, `rule_path: ${place.rulePath}`];
  const put1 = (more: readonly string[]): void => put(place.root, { 'rulewright.yaml': settings([...lines, ...more]) });
  put1([`features: [${FLAG}]`]);
  put(place.root, { 'rules/a.yaml': SPREAD });
  await build(place.root);
  const deploy = () => runJson(['-C', place.root, 'deploy', '--no-promtool', '--wait', '0']);
  return { ...place, url: server.url, deploy };
}

describe('feature flags that the settings name', { timeout: 90_000 }, () => {
  it('are held against the server before anything is changed', async (context) => {
    const { deploy } = await scene(prometheusOrSkip(context, 'new'), []);
    const refused = only(await deploy());
    expect(refused).toMatchObject({ status: 'refused', changes: expect.anything() });
    expect(refused.help).toContain('Start the server with the flag');
    expect(refused.details.join()).toContain(`servers refuse it without \`--enable-feature=${FLAG}\``);
  });

  it('let a release go to a server that runs with them, and its rules be taken over', async (context) => {
    const { deploy, url } = await scene(prometheusOrSkip(context, 'new'), [`--enable-feature=${FLAG}`]);
    expect(only(await deploy())).toMatchObject({ status: 'released', verified: true });

    const { root } = site(url, ['version: ">=3.5"']);
    const refused = await run(['-C', root, 'adopt', '--url', url]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `runs with this flag: where the others do as well, \`prometheus.features: [${FLAG}]\``,
    );
    put(root, { 'rulewright.yaml': settings([`url: ${url}`, 'version: ">=3.5"', `features: [${FLAG}]`]) });
    const adopted = await run(['-C', root, 'adopt', '--url', url]);
    expect(adopted.code, adopted.stderr).toBe(0);
    expect(readFileSync(join(root, 'rules/group-default.yml'), 'utf8')).toContain('mad_over_time');
  });
});
