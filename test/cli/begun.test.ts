/** A repository that has only begun: settings alone, then targets, rules, groups; each command says what is true of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { cli, cliJson, folder, put, RULE } from './support.ts';

const TARGETS = {
  'groups/targets/nodes.json': '[{"targets":["web-1:9100"],"labels":{"env":"prod","job":"node"}}]',
};
const COMPILING = ['build', 'check', 'effective --all', 'effective --labels env=prod', 'owners --check'];
const ADOPT = 'Take over what there is with `rulewright';

/** As the user's own shell has it, so that git is found. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

async function begun(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await folder();
  expect((await cli(['init', '--empty', root], { env })).code).toBe(0);
  await put(root, files);
  return root;
}

test.each(COMPILING)('without rules, %s says how to get some', async (command) => {
  for (const root of [await begun(), await begun(TARGETS)]) {
    const ran = await cli(['-C', root, ...command.split(' ')]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(ADOPT)]);
  }
});

test('without rules, the inventory is listed as it is', async () => {
  const root = await begun();
  const none = await cli(['-C', root, 'inventory', 'list']);
  expect(none.code, none.stderr).toBe(0);
  expect(none.stderr).toContain('There is no inventory');
  await put(root, TARGETS);
  const listed = await cliJson(['-C', root, 'inventory', 'list']);
  expect(listed).toMatchObject({
    code: 0,
    json: { total: 1, targets: [{ target_id: 'node/web-1:9100', groups: ['default'] }], errors: [] },
  });
  // A folder that nothing says to be a repository has no empty inventory: it is the wrong folder.
  expect((await cli(['-C', await folder(), 'inventory', 'list'])).code).toBe(2);
});

test('without rules and without a commit, diff speaks of the work tree alone', async () => {
  const ran = await cli(['-C', await begun(), 'diff'], { env });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('There are no rules in the work tree yet: no YAML files');
  expect(ran.stderr).toContain(ADOPT);
});

test('without targets, what is new watches all of them, and not "no target"', async () => {
  const root = await begun({ 'rules/cpu.yaml': RULE('Cpu') });
  const ran = await cli(['-C', root, 'diff'], { env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('Cpu is new: it watches all targets.');
  expect(ran.stdout).toContain('There were no rules before: all is new.');
  await put(root, { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 90 }\n' });
  const grouped = await cli(['-C', root, 'diff'], { env });
  expect(grouped.stdout).toMatch(/Cpu is new: it watches the targets of \d regions\./);
});

test('without groups, no label means anything yet, and nobody is an owner', async () => {
  const root = await begun({ 'rules/cpu.yaml': RULE('Cpu') });
  const described = await cli(['-C', root, 'effective', '--labels', 'env=prod']);
  expect([described.code, described.stderr]).toEqual([0, 'No group tests the label env, nor any other\n']);
  expect(await cli(['-C', root, 'owners', '--check'])).toMatchObject({ code: 0 });
});

test('adopt says where there is nothing to take over', async () => {
  const root = await begun();
  const said = 'There are no rules there to take over.\n';
  expect(await cli(['-C', root, 'adopt', await folder()])).toMatchObject({ code: 0, stderr: said });

  const server = createServer((_, answer) => answer.end('{"status":"success","data":{"groups":[]}}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await cli(['-C', root, 'adopt', '--url', url])).toMatchObject({ code: 0, stderr: said });
});

test('adopt tells new files before those that are there already', async () => {
  const file = (name: string): string => `groups: [{ name: ${name}, rules: [{ alert: A${name}, expr: up == 0 }] }]\n`;
  const names = Array.from({ length: 41 }, (_, i) => `f${String(i).padStart(2, '0')}`);
  const from = await folder(Object.fromEntries(names.slice(0, 40).map((name) => [`${name}.yml`, file(name)])));
  const root = await begun();
  expect((await cli(['-C', root, 'adopt', from], { cwd: root })).code).toBe(0);
  await put(from, { 'f40.yml': file('f40') });
  const again = await cli(['-C', root, 'adopt', from], { cwd: root });
  expect(again.stderr).toMatch(
    /^\+ rules\/f40\.yml {2}1 rule, as it is\n {2}rules\/f00\.yml {2}1 rule, as it is: there already\n/,
  );
  expect(again.stderr).toContain('… and 1 more file\n');
});
