import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspect } from '../../src/io/deploy/rule-path.ts';
import { A, B, deploy, filesOf, look, plan, problemOf, rulesSeen, seen, setUp } from './support.ts';

test.each([
  [
    'a file of ours is edited',
    (path: string, name: string) => writeFileSync(join(path, name), 'groups: [{name: mine}]\n'),
  ],
  [
    'a link is replaced by a file',
    (path: string, name: string) => {
      rmSync(join(path, name));
      writeFileSync(join(path, name), 'groups: [{name: mine}]\n');
    },
  ],
  ['a file of ours is deleted', (path: string, name: string) => rmSync(join(path, name))],
  ['the store is deleted', (path: string, _name: string) => rmSync(join(path, '.rulewright'), { recursive: true })],
  ['current is deleted', (path: string, _name: string) => rmSync(join(path, '.rulewright/current'))],
  [
    'the release is emptied',
    (path: string, _name: string) => {
      const release = join(path, '.rulewright/releases', readdirSync(join(path, '.rulewright/releases')).at(-1) ?? '');
      rmSync(release, { recursive: true });
      mkdirSync(release);
    },
  ],
  [
    'a backup without links is restored',
    (path: string, _name: string) => {
      execFileSync('cp', ['-rL', path, `${path}.backup`]);
      rmSync(path, { recursive: true });
      execFileSync('mv', [`${path}.backup`, path]);
    },
  ],
  [
    'dist/ was copied by hand',
    (path: string, _name: string) => {
      cpSync(join(path, '../a/rules'), `${path}.copied`, { recursive: true });
      rmSync(path, { recursive: true });
      execFileSync('mv', [`${path}.copied`, path]);
    },
  ],
])('the next deploy mends it: %s', async (_, damage) => {
  for (const layout of ['files', 'bundle'] as const) {
    const { rulePath, a, b } = setUp();
    await deploy(rulePath, a, layout);
    const name = layout === 'files' ? 'group-same.yml' : 'rulewright.yml';
    damage(rulePath, name);
    if (layout === 'files') expect((await look(rulePath)).damaged.map(({ fileName }) => fileName)).toContain(name);
    expect((await plan(rulePath, a, layout)).changes.length).toBeGreaterThan(0);
    await deploy(rulePath, b, layout);
    expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
    expect(await look(rulePath)).toMatchObject({ layout, damaged: [], foreign: [], unfinished: undefined });
    expect(lstatSync(join(rulePath, '.rulewright/current')).isSymbolicLink()).toBe(true);
  }
});

test('a pipe where a file of ours should be keeps nobody waiting', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  rmSync(join(rulePath, 'group-same.yml'));
  execFileSync('mkfifo', [join(rulePath, 'group-same.yml'), join(rulePath, 'group-other.yml')]);
  expect(await look(rulePath)).toMatchObject({
    damaged: [{ fileName: 'group-same.yml', what: 'missing' }],
    foreign: ['group-other.yml'],
  });
  await deploy(rulePath, b);
  rmSync(join(rulePath, 'group-other.yml'));
  expect(seen(rulePath)).toEqual(filesOf(B));
});

test('a rule path behind a link, and one that is not there', async () => {
  const { folder, rulePath, a } = setUp();
  symlinkSync('rules', join(folder, 'link'));
  await deploy(join(folder, 'link'), a);
  expect(seen(rulePath)).toEqual(filesOf(A));
  const missing = problemOf(await inspect(join(folder, 'not/there')));
  expect(missing.message).toBe(
    `The rule path ${folder}/not/there does not exist (of its path, only ${folder} is there).`,
  );
  expect(missing.help).toContain(`install -d -m 0755`);
  writeFileSync(join(folder, 'file'), '');
  expect(problemOf(await inspect(join(folder, 'file'))).message).toContain('is a file; a directory belongs there');
  symlinkSync('nowhere', join(folder, 'dangling'));
  expect(problemOf(await inspect(join(folder, 'dangling'))).message).toContain('leads nowhere');
});
