import { appendFileSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, folder, put } from '../cli/support.ts';
import { prometheusOrSkip, tools } from '../support/tools.ts';
import { examine, type Patient, release, startPatient } from './support.ts';

/** Alerts of others, and what was done by hand: no remedy may stop the first, no command be calm about the second. */

const RULES = 'rules:\n  - alert: Down\n    expr: up == 0\n  - alert: Slow\n    expr: scrape_duration_seconds > 5\n';
const THEIRS = 'groups:\n- name: pay\n  rules:\n  - alert: PaymentsDown\n    expr: up{job="pay"} == 0\n';

interface Here {
  readonly cwd: string;
  readonly rules: string;
  readonly other: string;
  readonly server: Patient;
  readonly env: Record<string, string>;
}

/** A server that has loaded a release, and a folder of others that it loads too. */
async function here(program: string): Promise<Here> {
  const base = await folder();
  const [cwd, rules, other] = [join(base, 'repository'), join(base, 'rules'), join(base, 'other')];
  for (const path of [cwd, other]) mkdirSync(path);
  const globs = [`${rules}/*.yml`, `${other}/*.yml`];
  const server = await startPatient(program, join(base, 'server'), { rule_files: globs });
  const settings = `version: 1\nprometheus:\n  url: ${server.url}\n  rule_path: ${rules}\n`;
  await put(cwd, { 'rulewright.yaml': settings, 'rules/node.yaml': RULES });
  await release(cwd, rules);
  expect(await server.reload()).toBe(200);
  return { cwd, rules, other, server, env: { PROMTOOL_PATH: tools.promtool.old ?? '' } };
}

test('a rule that was adopted and then tuned is the same as in the file that it is from', {
  timeout: 60_000,
}, async (context) => {
  const { cwd, rules, other, server, env } = await here(prometheusOrSkip(context));
  const old = join(other, 'node.yml');
  copyFileSync(join(rules, 'group-default.yml'), old);
  await put(cwd, { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Slow: 9 }\n' });
  await put(cwd, {
    'rules/node.yaml': RULES.replace('> 5', '> << threshold >>').replace(
      'expr: scrape',
      'params: { threshold: 5 }\n    expr: scrape',
    ),
  });
  expect((await cli(['build'], { cwd, env })).code).toBe(0);
  expect(await server.reload()).toBe(200);
  const dry = await cli(['deploy', '--dry-run'], { cwd, env, now: Date.now });
  expect(dry.stderr).toMatch(/warning: 2 rules of ours are loaded from elsewhere too, from .*node\.yml/);
  rmSync(old);
  // The file is loaded still when the deploy begins, and no more when it ends.
  const done = await cli(['deploy'], { cwd, env, now: Date.now });
  expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining('elsewhere')]);

  writeFileSync(old, `${THEIRS}- name: old\n  rules:\n  - alert: Slow\n    expr: scrape_duration_seconds > 5\n`);
  expect(await server.reload()).toBe(200);
  const twice = await examine(cwd, env);
  expect(twice.codes).toEqual(['loaded-twice']);
  expect(twice.remedy('loaded-twice')).toContain('take out the rule of ours, leave PaymentsDown');
});

test('a server that loads another folder says nothing against the release', { timeout: 60_000 }, async (context) => {
  const program = prometheusOrSkip(context);
  const base = await folder();
  const [cwd, rules, other] = [join(base, 'repository'), join(base, 'rules'), join(base, 'other')];
  for (const path of [cwd, rules, other]) mkdirSync(path);
  const server = await startPatient(program, join(base, 'server'), { rule_files: [`${other}/*.yml`] });
  const settings = `version: 1\nprometheus:\n  url: ${server.url}\n  rule_path: ${rules}\n`;
  await put(cwd, { 'rulewright.yaml': settings, 'rules/node.yaml': RULES });
  const env = { PROMTOOL_PATH: tools.promtool.old ?? '' };
  expect((await cli(['build'], { cwd, env })).code).toBe(0);
  // It is not held back: once the server's configuration is mended, the same release is tried again.
  for (let i = 0; i < 2; i++) {
    const ran = await cli(['deploy'], { cwd, env, now: Date.now });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('It loaded nothing of the rule path')]);
    expect(ran.stderr).toContain('was taken back');
  }
});

test('a remedy says which alerts of others it would stop', { timeout: 60_000 }, async (context) => {
  const { cwd, rules, other, server, env } = await here(prometheusOrSkip(context));
  const mixed = join(other, 'old base.yml');
  copyFileSync(join(rules, 'group-default.yml'), mixed);
  appendFileSync(
    mixed,
    '\n  - name: ours\n    rules:\n      - alert: BillingDown\n        expr: up{job="billing"} == 0\n',
  );
  writeFileSync(join(other, 'payments.yml'), THEIRS);
  expect(await server.reload()).toBe(200);
  const twice = await examine(cwd, env);
  expect(twice.codes).toEqual(['loaded-twice']);
  expect(twice.finding('loaded-twice')?.message).toContain('also holds a rule that is not ours: BillingDown.');
  expect(twice.remedy('loaded-twice')).not.toContain('mv ');
  expect(twice.remedy('loaded-twice')).toContain("old base.yml': take out the 2 rules of ours, leave BillingDown");
  const calm = await cli(['deploy', '--dry-run'], { cwd, env, now: Date.now });
  expect(calm.stderr).toMatch(/warning: 2 rules of ours are loaded from elsewhere too, from .*old base\.yml/);
  expect((await cli(['drift'], { cwd, env })).stdout).toMatch(/2 rules of ours are loaded from .*old base\.yml too/);

  rmSync(mixed);
  writeFileSync(join(other, 'payments.yml'), THEIRS.replace('== 0', '=='));
  expect(await server.reload()).toBe(500);
  const failed = await examine(cwd, env);
  expect(failed.codes.slice(0, 2)).toEqual(['reload-failed', 'loaded-twice']);
  expect(failed.finding('reload-failed')?.message).toContain('holds a rule of payments.yml from before (PaymentsDown)');
  const remedy = failed.finding('reload-failed')?.remedy ?? [];
  expect(remedy.findIndex((line) => line.includes('rulewright reload'))).toBeLessThan(
    remedy.findIndex((line) => /^# or.* mv .*payments\.yml.*stops PaymentsDown/.test(line)),
  );

  // The release is in place and in memory; all the same the next start fails.
  for (const flags of [['--dry-run'], []]) {
    const deploy = await cli(['deploy', ...flags], { cwd, env, now: Date.now });
    expect(deploy.code).toBe(1);
    expect(deploy.stderr).toMatch(/its last reload failed, because of .*payments\.yml.*its next start will fail/);
  }
  const drift = await cliJson(['drift'], { cwd, env });
  expect(drift).toMatchObject({ code: 1, json: { drift: false } });
  await server.stop();
  expect((await cliJson(['drift'], { cwd, env })).json).toMatchObject({ drift: null, dist_directory: [] });
});

test('an edit by hand is one finding, before a reload and behind it', { timeout: 60_000 }, async (context) => {
  const { cwd, rules, server, env } = await here(prometheusOrSkip(context));
  const path = join(rules, 'group-default.yml');
  // The server tells whole seconds of its last reload: only behind it is it known to be behind the switch.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await server.reload();
  writeFileSync(path, 'groups: [{ name: default/node, rules: [{ alert: Down, expr: "up == 1" }] }]\n');
  expect((await examine(cwd, env)).codes).toEqual(['files-edited']);
  const state = await cli(['status'], { cwd, env, now: Date.now });
  expect(state).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/the server holds other rules than the rule path, which somebody changed/),
  });
  const drift = await cli(['drift'], { cwd, env });
  expect(drift.stdout).toMatch(/default\/node › Down: expr is .*0, in the rule path .*1/);

  // A file of the release is gone, so that our link leads nowhere.
  const releases = join(rules, '.rulewright/releases');
  for (const name of readdirSync(releases)) rmSync(join(releases, name, 'group-default.yml'), { force: true });
  const put = await cli(['deploy', '--wait', '0'], { cwd, env, now: Date.now });
  expect(put.code).toBe(0);
  for (const name of readdirSync(releases)) {
    for (const file of readdirSync(join(releases, name))) if (/default/.test(file)) rmSync(join(releases, name, file));
  }
  expect(await server.reload()).toBe(500);
  const told = await examine(cwd, env);
  expect(told.codes).toEqual(['files-edited']);
  expect(told.finding('files-edited')?.message).toContain('last reload failed because of it');
  expect((await cli(['deploy', '--wait', '0'], { cwd, env, now: Date.now })).code).toBe(0);
  expect((await examine(cwd, env)).codes).toEqual([]);
});

test('nothing to do, but dist/ is stale', { timeout: 60_000 }, async (context) => {
  const { cwd, env, rules, server } = await here(prometheusOrSkip(context));
  expect((await cli(['deploy', '--wait', '0'], { cwd, env, now: Date.now })).code).toBe(0);
  await put(cwd, { 'rules/node.yaml': RULES.replace('> 5', '> 6') });
  const calm = await cli(['deploy'], { cwd, env, now: Date.now });
  expect(calm).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: .*not what the sources compile to/) });
  expect((await cli(['drift'], { cwd, env })).stdout).toMatch(/no drift.*not what the sources compile to/s);
  // What is told is pasted from where one stands.
  const told = await cli(['-C', cwd, 'doctor'], { cwd: rules, env, now: Date.now });
  expect(told.stdout).toContain(`      rulewright -C ${cwd} build\n`);
  expect(told.stdout).toMatch(/\n1 error\. Mend it, then run this again\.\n$/);
  expect(server.url).toContain('127.0.0.1');
});

test('what is in force is damaged: told by what can put it back, and what can not', {
  timeout: 60_000,
}, async (context) => {
  const { cwd, rules, env } = await here(prometheusOrSkip(context));
  for (const number of ['6', '7']) {
    await put(cwd, { 'rules/node.yaml': RULES.replace('> 5', `> ${number}`) });
    await cli(['build'], { cwd });
    expect((await cli(['deploy', '--wait', '0'], { cwd, env, now: Date.now })).code).toBe(0);
  }
  expect((await cli(['rollback', '--wait', '0'], { cwd, env, now: Date.now })).code).toBe(0);
  rmSync(join(rules, 'group-default.yml'));
  const held = await examine(cwd, env);
  expect(held.codes).toEqual(['files-edited', 'not-deployed']);
  expect(held.finding('files-edited')?.help).toContain('also one that says that release');
  const store = join(rules, '.rulewright');
  for (const name of readdirSync(join(store, 'objects'))) rmSync(join(store, 'objects', name));
  for (const name of readdirSync(join(store, 'releases'))) {
    if (name > '000003') rmSync(join(store, 'releases', name, 'group-default.txt'));
  }
  const lost = await examine(cwd, env);
  expect(lost.codes).toEqual(['files-lost', 'not-deployed']);
  expect(lost.finding('files-lost')).toMatchObject({
    details: ['group-default.yml: is missing'],
    remedy: [
      'rulewright rollback',
      expect.stringMatching(/^# or, release \w+, which is held back: rulewright deploy --again$/),
    ],
  });
  expect((await cli(['rollback', '--wait', '0'], { cwd, env, now: Date.now })).code).toBe(0);
  expect((await examine(cwd, env)).codes).toEqual(['not-deployed']);
});
