import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/prometheus.ts';
import { prometheusOrSkip } from '../support/tools.ts';
import { build, describeServer, only, put, rule, run, runJson, settings, site } from './deploy-support.ts';

describe('ways to deploy', { timeout: 90_000 }, () => {
  it('says what a change of layout costs, in both directions', async (context) => {
    const program = prometheusOrSkip(context);
    const { root, rulePath, glob } = site('http://127.0.0.1:1');
    const server = await describeServer({ program, ruleFiles: [glob], flags: ['--web.enable-lifecycle'] });
    await server.start();
    const env = { PROMETHEUS_URL: server.url };
    const layout = (name: string): void =>
      put(root, { 'rulewright.yaml': settings([`rule_path: ${rulePath}`, `layout: ${name}`]) });
    put(root, { 'rules/a.yaml': rule('Up', 0) });
    await build(root);
    const files = async (): Promise<string[]> => {
      const { groups } = (await server.get('/api/v1/rules')) as { groups: { file: string }[] };
      return groups.map(({ file }) => file.replace(`${rulePath}/`, ''));
    };
    for (const [name, loaded] of [
      ['files', 'group-default.yml'],
      ['bundle', 'rulewright.yml'],
      ['files', 'group-default.yml'],
    ] as const) {
      layout(name);
      const ran = only(await runJson(['-C', root, 'deploy'], { env }));
      expect(ran, JSON.stringify(ran)).toMatchObject({ status: 'released', verified: true });
      expect(await files()).toEqual([loaded]);
      if (ran.previous !== null) {
        expect(ran.alerts_reset).toMatchObject([{ alert: 'Up', why: 'layout' }]);
        expect(ran.warnings.join()).toMatch(/The layout changes/);
      }
      await eventually(
        async () => JSON.stringify(await server.get('/api/v1/alerts')),
        (text) => text.includes('firing'),
      );
      expect(only(await runJson(['-C', root, 'deploy'], { env })).status).toBe('unchanged');
    }
  });

  it('waits for a server that reloads of its own accord', async (context) => {
    const program = prometheusOrSkip(context, 'new');
    const { root, glob } = site('http://127.0.0.1:1');
    const flags = ['--enable-feature=auto-reload-config', '--config.auto-reload-interval=1s'];
    const server = await describeServer({ program, ruleFiles: [glob], flags });
    await server.start();
    put(root, { 'rules/a.yaml': rule('Up', 0) });
    await build(root);
    const ran = await runJson(['-C', root, 'deploy'], { env: { PROMETHEUS_URL: server.url } });
    expect(ran.code, ran.stdout).toBe(0);
    expect(only(ran)).toMatchObject({ status: 'released', verified: true });
  });

  it('holds back what was rolled back, until another release comes', async () => {
    const { root, rulePath } = site('http://127.0.0.1:1');
    const deploy = async (...more: string[]) => only(await runJson(['-C', root, 'deploy', '--offline', ...more]));
    const alone = await run(['-C', root, 'rollback', '--offline']);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toMatch(/^error: No release is kept in .* to go back to\.\n/);
    for (const threshold of [7, 0, 1]) {
      put(root, { 'rules/a.yaml': rule('Up', threshold) });
      await build(root);
      expect((await deploy()).status).toBe('switched');
    }
    const back = only(await runJson(['-C', root, 'rollback', '--offline']));
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');
    expect(await deploy()).toMatchObject({ status: 'held', now: back.now });
    const quiet = await run(['-C', root, 'deploy', '--offline', '--quiet']);
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toMatch(/^held: .*\nhelp: .*deploy --again\.\n$/);
    // A second step back goes further back, not to what was left a moment ago, and holds both.
    const list = await run(['-C', root, 'rollback', '--list']);
    expect(list.stdout).toMatch(/^now .*\nheld .*\n1 /m);
    await run(['-C', root, 'rollback', '--offline']);
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 7');
    expect((await deploy()).status).toBe('held');
    const end = await run(['-C', root, 'rollback', '--offline']);
    expect(end.stderr).toMatch(/^error: No release is kept in .* beside what was rolled back before\./);
    put(root, { 'rules/a.yaml': rule('Up', 2) });
    await build(root);
    expect((await deploy()).status).toBe('switched');
    put(root, { 'rules/a.yaml': rule('Up', 1) });
    await build(root);
    expect((await deploy()).status).toBe('switched');
  });

  it('tells that dist/ is stale, and takes another one', async () => {
    const { root, rulePath } = site('http://127.0.0.1:1');
    put(root, { 'rules/a.yaml': rule('Up', 0) });
    await build(root);
    cpSync(join(root, 'dist'), join(root, 'elsewhere'), { recursive: true });
    put(root, { 'rules/a.yaml': rule('Up', 1) });
    const ran = only(await runJson(['-C', root, 'deploy', '--offline', '--dry-run']));
    expect(ran.warnings).toEqual([
      expect.stringMatching(/dist\/ are not what the sources compile to.*`rulewright -C \S+ build`/),
    ]);
    put(root, { 'rules/a.yaml': 'rules: 3\n' });
    const broken = only(await runJson(['-C', root, 'deploy', '--offline', '--dry-run']));
    expect(broken.warnings).toEqual([expect.stringMatching(/The sources have errors now/)]);
    const other = await run(['-C', root, 'deploy', '--offline', '--from', join(root, 'elsewhere')]);
    expect(other.code, other.stderr).toBe(0);
    expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 0');

    writeFileSync(join(root, 'dist/rules/group-default.yml'), 'groups: []\n');
    const damaged = await run(['-C', root, 'deploy', '--offline']);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toMatch(/group-default\.yml/);
  });

  it('refuses options that make no sense', async () => {
    const { root } = site('http://127.0.0.1:1');
    put(root, { 'rules/a.yaml': rule('Up', 0) });
    const said = async (...argv: string[]): Promise<string> => {
      const ran = await run(['-C', root, ...argv]);
      expect(ran.code).toBe(2);
      return ran.stderr;
    };
    expect(await said('deploy', '--wait', 'soon')).toMatch(/^error: --wait: /);
    expect(await said('deploy', '--keep', 'many')).toMatch(/^error: --keep is a number/);
    expect(await said('deploy', '--server', 'x')).toMatch(/^error: There is no server "x"/);
    expect(await said('rollback', '0')).toMatch(/^error: rollback takes the number of a kept release/);
    expect(await said('deploy')).toMatch(/^error: /);
  });
});

it('asks again where the rule path is a link that leads elsewhere than before', async () => {
  const { root, rulePath } = site('http://127.0.0.1:1');
  const folder = join(root, '..');
  const [link, other, third] = ['link', 'other', 'third'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [other, third]) mkdirSync(path);
  symlinkSync(rulePath, link);
  const env = { RULEWRIGHT_CACHE: join(folder, 'cache'), PROMETHEUS_RULE_PATH: link };
  const deploy = async (...more: string[]) => run(['-C', root, 'deploy', '--offline', ...more], { env });
  const lead = (to: string): void => {
    rmSync(link);
    symlinkSync(to, link);
  };
  put(root, { 'rules/a.yaml': rule('Up', 0) });
  await build(root);
  expect((await deploy()).code).toBe(0);
  expect((await deploy()).code).toBe(0);
  lead(other);
  for (const argv of [[], ['--dry-run']]) {
    const asked = await deploy(...argv);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(
      new RegExp(
        `^error: The rule path ${link} leads to ${other} now; at the last deploy it led to ${rulePath}\\. Nothing`,
      ),
    );
    expect(asked.stderr).toContain(`\`rulewright -C ${root} deploy --to ${other}\``);
    expect(readdirSync(other)).toEqual([]);
  }
  expect((await run(['-C', root, 'rollback', '--offline'], { env })).stderr).toContain('at the last deploy it led to');
  expect((await deploy('--to', third)).stderr).toMatch(/leads to .*other, not to .*third, as --to says/);
  expect((await deploy('--to', other)).code).toBe(0);
  expect(readdirSync(other)).toContain('group-default.yml');
  // Said once, it is what is asked for from then on.
  expect((await deploy()).code).toBe(0);
  // One without a memory isn't asked.
  lead(third);
  expect((await run(['-C', root, 'deploy', '--offline'], { env: { PROMETHEUS_RULE_PATH: link } })).code).toBe(0);
});
