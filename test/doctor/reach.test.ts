import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folder } from '../cli/support.ts';
import { prometheusOrSkip, promtoolOrSkip } from '../support/tools.ts';
import { examine, release, startPatient } from './support.ts';

/** The way to the server: nobody there, somebody else, a locked door, one who isn't up yet. */

const repository = (url: string, rules: string, more = ''): Record<string, string> => ({
  'rulewright.yaml': `version: 1\nprometheus:\n  url: ${url}\n  rule_path: ${rules}\n${more}`,
  'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n',
});

/** A repository whose release lies in its rule path, for a server at an address. */
async function deployed(url: string): Promise<{ cwd: string; rules: string }> {
  const cwd = realpathSync(await folder());
  const rules = join(cwd, 'deployed');
  for (const [path, text] of Object.entries(repository(url, rules))) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  await release(cwd, rules);
  return { cwd, rules };
}

test('nobody listens', async () => {
  const { cwd } = await deployed('http://127.0.0.1:1');
  const told = await examine(cwd);
  expect([told.code, told.codes[0]]).toEqual([1, 'server-unreachable']);
  expect(told.finding('server-unreachable')?.message).toContain('nothing listens there');
  expect(told.remedy('server-unreachable')).toBe('curl -sv http://127.0.0.1:1/-/healthy');
});

test('another service has the port', async () => {
  const other = createServer((_, response) => response.end('<h1>Welcome to the wiki</h1>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { cwd } = await deployed(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
  const told = await examine(cwd);
  expect(told.codes[0]).toBe('not-prometheus');
  expect(told.remedy('not-prometheus')).toContain('url: http://HOST:9090');
});

/** Of "U*U"; nobody logs in with it. */
const HASH = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

test('it wants a password', async (context) => {
  const program = prometheusOrSkip(context);
  const base = await folder();
  writeFileSync(join(base, 'web.yml'), JSON.stringify({ basic_auth_users: { admin: HASH } }));
  const flags = [`--web.config.file=${join(base, 'web.yml')}`];
  const { url } = await startPatient(program, join(base, 'server'), {}, { flags });
  const { cwd } = await deployed(url);
  const told = await examine(cwd);
  expect(told.codes[0]).toBe('password-wanted');
  expect(told.remedy('password-wanted')).toContain('PROMETHEUS_PASSWORD_FILE');
  const wrong = await examine(cwd, { PROMETHEUS_USERNAME: 'admin', PROMETHEUS_PASSWORD: 'hunter2' });
  expect(wrong.codes[0]).toBe('password-wanted');
  expect(JSON.stringify(wrong.findings)).not.toContain('hunter2');
});

test('it is still starting', async (context) => {
  const program = prometheusOrSkip(context);
  const base = await folder();
  // A pipe among its rule files holds a start up for as long as nobody feeds it.
  execFileSync('mkfifo', [join(base, 'slow.yml')]);
  const config = { rule_files: [`${base}/*.yml`] };
  const { url } = await startPatient(program, join(base, 'server'), config, { flags: [], untilReady: false });
  const { cwd } = await deployed(url);
  const told = await examine(cwd);
  expect(told.codes[0]).toBe('server-not-ready');
  expect(told.remedy('server-not-ready')).toContain(`${url}/-/ready`);
  closeSync(openSync(join(base, 'slow.yml'), 'w'));
});

test('it takes no reloads, and is newer than promtool', async (context) => {
  const program = prometheusOrSkip(context, 'new');
  const promtool = promtoolOrSkip(context, 'old');
  const base = await folder();
  const rules = join(base, 'rules');
  const { url } = await startPatient(program, join(base, 'server'), { rule_files: [`${rules}/*.yml`] }, { flags: [] });
  const { cwd } = await deployed(url);
  const settings = `version: 1\nprometheus:\n  url: ${url}\n  rule_path: ${rules}\n  reload_enabled: true\n`;
  writeFileSync(join(cwd, 'rulewright.yaml'), settings);
  await release(cwd, rules);
  const told = await examine(cwd, { PROMTOOL_PATH: promtool });
  expect(told.codes).toEqual(['lifecycle-off', 'reload-due', 'promtool-older']);
  expect(told.remedy('lifecycle-off')).toContain('--web.enable-lifecycle');
  expect(told.remedy('lifecycle-off')).toContain('line 5: change reload_enabled: true to reload_enabled: false');
  expect(told.remedy('lifecycle-off')).toContain(`kill -HUP "$(ss -ltnpH 'sport = :${new URL(url).port}'`);
  const off = await examine(cwd, { PROMTOOL_PATH: promtool, PROMETHEUS_RELOAD_ENABLED: 'false' });
  expect(off.codes).toEqual(['reload-due', 'promtool-older']);
});
