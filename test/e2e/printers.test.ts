import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prometheusOrSkip } from '../support/tools.ts';
import { build, describeServer, only, put, run, runJson, settings, site } from './deploy-support.ts';

/** Rules that a server prints, and so tells and evaluates, as something else than it was given. */

const alert = (name: string, expr: string): string => `rules:\n  - alert: ${name}\n    expr: ${expr}\n`;
const RATIO =
  'sum by ("service.name") (rate({"http.errors"}[5m])) / on ("service.name") sum by ("service.name") (rate({"http.requests"}[5m])) > 0.1';
const BUSY = 'disk_io_ratio * ignoring () group_left (team) owner_info > 0.1';

async function running(program: string, version: string) {
  const scene = site('http://127.0.0.1:1');
  const server = await describeServer({ program, ruleFiles: [scene.glob], flags: ['--web.enable-lifecycle'] });
  await server.start();
  // The promtool at hand is a 2.x.
  const lines = [
    'validate_rules: false',
    `url: ${server.url}`,
    `rule_path: ${scene.rulePath}`,
    `version: "${version}"`,
  ];
  put(scene.root, { 'rulewright.yaml': settings(lines) });
  const deploy = (...more: string[]) => runJson(['-C', scene.root, 'deploy', '--no-promtool', ...more]);
  return { ...scene, url: server.url, deploy };
}

describe('what a printer loses', { timeout: 90_000 }, () => {
  it.for(['old', 'new'] as const)('is no reason to take a release back (%s)', async (age, context) => {
    const program = prometheusOrSkip(context, age);
    const { root, deploy } = await running(program, age === 'old' ? '>=2.42' : '>=3.5');
    put(root, { 'rules/a.yaml': alert('DiskBusy', BUSY) });
    await build(root);
    expect(only(await deploy())).toMatchObject({ status: 'released', verified: true });
    expect(only(await deploy()).status).toBe('unchanged');
    expect((await run(['-C', root, 'drift'])).code).toBe(0);
    expect(await run(['-C', root, 'status', '--format', 'json'])).toMatchObject({
      stdout: expect.stringContaining('"same"'),
    });

    put(root, { 'rules/a.yaml': alert('DiskBusy', BUSY.replace('0.1', '0.2')) });
    await build(root);
    expect((await run(['-C', root, 'drift'])).code, 'a real change is seen').toBe(1);
  });

  it('is read back where names lost their quotes, and refused where that could never be evaluated', async (context) => {
    const { root, url, deploy } = await running(prometheusOrSkip(context, 'new'), '>=3.5');
    put(root, { 'rules/a.yaml': alert('ErrorRatio', RATIO) });
    const built = await run(['-C', root, 'build']);
    expect(built.stderr).toMatch(
      /warning\[printed-otherwise\][\s\S]*`deploy` refuses the whole release[\s\S]*label_replace/,
    );
    const refused = await deploy();
    expect(only(refused)).toMatchObject({
      status: 'refused',
      message: expect.stringContaining('never fire'),
      help: expect.stringContaining('label_replace'),
    });
    const placed = only(await deploy('--wait', '0'));
    expect(placed).toMatchObject({ status: 'released', verified: true });
    expect(placed.warnings.join()).toContain('without the quotes');
    expect((await run(['-C', root, 'drift'])).code).toBe(0);

    // What is in force already, evaluated or not yet, keeps no other rule from its place.
    const rare = `groups: [{ name: rare, interval: 1h, rules: [{ alert: Rare, expr: '${RATIO}' }] }]\n`;
    put(root, { 'rules/rare.yaml': rare });
    await build(root);
    expect(only(await deploy()).details.join()).toContain('Rare');
    await deploy('--wait', '0');
    put(root, { 'rules/more.yaml': alert('More', 'up > 5') });
    await build(root);
    expect(only(await deploy('--wait', '2s'))).toMatchObject({ status: 'released', verified: true });
    put(root, { 'rules/rare.yaml': undefined, 'rules/more.yaml': undefined });

    // It is told as it is printed; what can be read of that is taken over, and the rest is not hushed up.
    put(root, { 'rules/b.yaml': alert('Share', 'a / b > 0.1') });
    await build(root);
    await deploy('--wait', '0');
    const other = site(url).root;
    put(other, { 'rulewright.yaml': settings([`url: ${url}`, 'version: ">=3.5"']) });
    const adopted = await run(['-C', other, 'adopt', '--url', url]);
    expect(adopted.code, adopted.stderr).toBe(0);
    expect(adopted.stderr + adopted.stdout).not.toContain('0 differences');
    expect(adopted.stderr).toContain('"Share" in rule group');
    expect(readFileSync(join(other, 'rules/group-default.yml'), 'utf8')).toContain('/ on ("service.name") sum by');
  });
});
