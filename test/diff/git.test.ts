/** `diff` against a real git: what is compared with what, and that a commit's contents can do no harm. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, folder, put, REPOSITORY } from '../cli/support.ts';

const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
const WHO = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', args, { cwd, env: { ...env, ...WHO }, encoding: 'utf8' }).trim();

const commit = (cwd: string): string => {
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '--no-verify', '--message', 'x');
  return git(cwd, 'rev-parse', 'HEAD');
};

/** A repository whose main branch has one commit, with `feature` checked out. */
async function repository(below = ''): Promise<string> {
  const top = await folder();
  git(top, 'init', '--quiet', '--initial-branch=main');
  const root = join(top, below);
  await put(root, { ...REPOSITORY });
  commit(top);
  git(top, 'checkout', '--quiet', '-b', 'feature');
  return root;
}

const production = (threshold: number): Record<string, string> => ({
  'groups/production.yaml': `match: { env: prod }\nthresholds: { Cpu: ${threshold} }\n`,
});

test('the work tree is compared with where it left the main branch', async () => {
  const root = await repository();
  await put(root, production(91));
  commit(root);
  await put(root, production(92));
  git(root, 'checkout', '--quiet', 'main', '--', 'rules');
  const { json, code } = await cliJson(['-C', root, 'diff'], { env });
  expect(code).toBe(0);
  expect(json).toMatchObject({
    summary: expect.stringMatching(/^\d targets? gets? other settings$/),
    base: { state: 'compiled' },
  });
  expect(json['changes']).toMatchObject([
    {
      kind: 'setting',
      rules: ['Cpu'],
      field: 'param:threshold',
      old: '90',
      new: '92',
      line: 2,
    },
  ]);
  const head = await cliJson(['-C', root, 'diff', 'HEAD'], { env });
  expect(head.json['changes']).toMatchObject([{ old: '91', new: '92' }]);
  const range = await cliJson(['-C', root, 'diff', 'main..feature'], { env });
  expect(range.json['changes']).toMatchObject([{ old: '90', new: '91' }]);
  expect((await cli(['-C', root, 'diff', '--exit-code'], { env })).code).toBe(1);
  expect((await cli(['-C', root, 'diff', 'feature..feature', '--exit-code'], { env })).code).toBe(0);
  const md = await cli(['-C', root, 'diff', '--format', 'md'], { env });
  expect(md.stdout).toMatch(/^### \d targets? gets? other settings\n/);
  // Nothing was checked out, and the index is as it was.
  expect(git(root, 'status', '--porcelain')).toBe('M groups/production.yaml');
});

test('main may have gone on: A...B and REF... start where they parted', async () => {
  const root = await repository();
  git(root, 'checkout', '--quiet', 'main');
  await put(root, production(50));
  commit(root);
  git(root, 'checkout', '--quiet', 'feature');
  await put(root, production(92));
  commit(root);
  for (const what of [[], ['main...'], ['main...feature']]) {
    const { json } = await cliJson(['-C', root, 'diff', ...what], { env });
    expect(json['changes']).toMatchObject([{ old: '90', new: '92' }]);
  }
  const { json } = await cliJson(['-C', root, 'diff', 'main'], { env });
  expect(json['changes']).toMatchObject([{ old: '50', new: '92' }]);
});

test('the repository may lie below the top of the work tree, and be new there', async () => {
  const root = await repository('deep/alerts');
  await put(root, production(92));
  const { json } = await cliJson(['diff'], { env, cwd: root });
  expect(json['changes']).toMatchObject([{ old: '90', new: '92', file: 'groups/production.yaml' }]);
  const fresh = join(root, '../other');
  await put(fresh, { ...REPOSITORY });
  const all = await cliJson(['diff'], { env, cwd: fresh });
  expect(all.json).toMatchObject({ base: { state: 'absent' }, compared: true });
  expect(all.stdout).not.toContain('cover-lost');
  await rm(join(root, 'rules'), { recursive: true });
  await rm(join(root, 'groups'), { recursive: true });
  expect((await cli(['diff'], { env, cwd: root })).stdout).toContain('There are no rules any more');
});

test('there may be no commit, no git, no such commit, no main branch', async () => {
  const plain = await folder({ ...REPOSITORY });
  const none = await cli(['-C', plain, 'diff'], { env });
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('is not in a git work tree');
  expect((await cli(['-C', plain, 'diff'])).stderr).toContain('git was not found');
  git(plain, 'init', '--quiet', '--initial-branch=trunk');
  expect((await cliJson(['-C', plain, 'diff'], { env })).json).toMatchObject({ base: { state: 'absent' } });
  commit(plain);
  expect((await cli(['-C', plain, 'diff'], { env })).stderr).toContain('No main branch was found');
  for (const ref of ['nope', '--output=x', 'HEAD:rules']) {
    const { code, stderr } = await cli(['-C', plain, 'diff', '--', ref], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/git knows no commit/);
  }
  expect(existsSync(join(plain, 'x'))).toBe(false);
});

test('a shallow clone says what to fetch', async () => {
  const root = await repository();
  await put(root, production(92));
  commit(root);
  git(root, 'checkout', '--quiet', 'main');
  const shallow = join(await folder(), 'clone');
  git(root, 'clone', '--quiet', '--depth=1', '--branch=feature', `file://${root}`, shallow);
  const { code, stderr } = await cli(['-C', shallow, 'diff'], { env });
  expect(code).toBe(2);
  expect(stderr).toContain('fetch-depth: 0');
  git(shallow, 'fetch', '--quiet', '--depth=1', 'origin', 'main:refs/remotes/origin/main');
  expect((await cli(['-C', shallow, 'diff'], { env })).stderr).toMatch(/shallow[\s\S]*fetch-depth: 0/);
  git(shallow, 'fetch', '--quiet', '--unshallow');
  expect((await cliJson(['-C', shallow, 'diff'], { env })).json['changes']).toMatchObject([{ old: '90', new: '92' }]);
});

test('two directories need no git; a directory goes before a range, a commit before a directory', async () => {
  const [a, b] = [await folder({ ...REPOSITORY }), await folder({ ...REPOSITORY, ...production(92) })];
  const { json } = await cliJson(['-C', b, 'diff', a, b]);
  expect(json['changes']).toMatchObject([{ old: '90', new: '92' }]);
  expect((await cliJson(['-C', b, 'diff', a])).json['changes']).toHaveLength(1);
});

test('an absolute path of the settings means the same in a commit', async () => {
  const root = await repository();
  await put(root, {
    'rulewright.yaml': `version: 1\ninventory:\n  - { files: "${root}/groups/targets/*.yml", labels: { job: x } }\n`,
    'groups/targets/all.yml': '- { targets: ["a:1"], labels: { env: prod } }\n',
  });
  commit(root);
  await put(root, production(92));
  const { json } = await cliJson(['-C', root, 'diff', 'HEAD'], { env });
  expect(json).toMatchObject({ compared: true, base: { targets: expect.any(Number) } });
  expect(JSON.stringify(json['changes'])).toContain('x/a:1');
});

test('what is linked is read as on disk, and nothing outside of the commit is', async () => {
  const root = await repository();
  mkdirSync(join(root, 'shared'));
  writeFileSync(
    join(root, 'shared/more.yaml'),
    'rules:\n  - { alert: More, expr: up == 0, labels: { severity: warning } }\n',
  );
  symlinkSync('../shared', join(root, 'rules/linked'));
  commit(root);
  const same = await cliJson(['-C', root, 'diff', 'HEAD'], { env });
  expect(same.json).toMatchObject({ consequences: false, base: { state: 'compiled', rules: same.json['head'] && 6 } });
  symlinkSync('/etc/passwd', join(root, 'rules/passwd.yaml'));
  symlinkSync('../../outside.yaml', join(root, 'rules/up.yaml'));
  symlinkSync('loop.yaml', join(root, 'rules/loop.yaml'));
  symlinkSync('../.git/config', join(root, 'rules/config.yaml'));
  commit(root);
  const { json } = await cliJson(['-C', root, 'diff', 'HEAD..HEAD'], { env });
  expect(json).toMatchObject({ base: { state: 'refused' }, head: { state: 'refused' } });
  expect(JSON.stringify(json)).not.toContain('root:');
});

test('nothing that the repository configures is run', async () => {
  const root = await repository();
  const trap = join(root, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch ${root}/trapped\ncat\n`);
  chmodSync(trap, 0o755);
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'diff.external',
    'filter.x.smudge',
    'core.sshCommand',
    'uploadpack.packObjectsHook',
  ]) {
    git(root, 'config', key, trap);
  }
  git(root, 'config', 'core.hooksPath', root);
  writeFileSync(join(root, '.gitattributes'), '* filter=x diff=x\n');
  await put(root, production(92));
  const { json } = await cliJson(['-C', root, 'diff'], {
    env: { ...env, GIT_DIR: '/nowhere', GIT_EXTERNAL_DIFF: trap },
  });
  expect(json['changes']).toMatchObject([{ old: '90', new: '92' }]);
  expect(existsSync(join(root, 'trapped'))).toBe(false);
});
