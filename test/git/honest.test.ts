/** What honest people's repositories look like: all of these stay readable. */
import { chownSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson } from '../cli/support.ts';
import { temporaryFolder } from '../support/paths.ts';
import { commit, env, git, makeScene, rules, type Scene, write } from './hostile.ts';

const scene = (): Scene => makeScene(join(realpathSync(temporaryFolder()), 'scene'));

async function change(root: string, ...what: readonly string[]): Promise<unknown> {
  const { stdout } = await cli(['-C', root, '--format', 'json', 'diff', ...what], { env, cwd: root });
  const { changes, errors } = JSON.parse(stdout) as { changes: { old: string; new: string }[]; errors: object[] };
  return changes.map(({ old, new: now }) => `${old} to ${now}`).join() || errors;
}

test('a linked work tree, beside the repository or in it', async () => {
  const { ws, home } = scene();
  for (const place of [join(home, 'linked'), join(ws, '.worktrees/linked')]) {
    git(ws, 'worktree', 'add', '--quiet', '-b', `of-${place.length}`, place, 'main');
    write(join(place, 'alerts'), rules(55));
    expect(await change(join(place, 'alerts'), 'main')).toBe('90 to 55');
  }
});

test('work trees beside a bare repository that a .git file names', async () => {
  const { ws, home } = scene();
  const top = join(home, 'top');
  git(home, 'clone', '--quiet', '--bare', ws, join(top, '.bare'));
  write(top, { '.git': 'gitdir: ./.bare\n' });
  // Called as a folder of the repository is: the bare one must not take its files for its own.
  git(top, 'worktree', 'add', '--quiet', '-b', 'x', 'alerts', 'main');
  write(join(top, 'alerts/alerts'), rules(55));
  expect(await change(join(top, 'alerts/alerts'), 'main')).toBe('90 to 55');
});

test('a repository apart from its work tree, and one that a link leads to', async () => {
  const { ws, alerts, home } = scene();
  git(ws, 'init', '--quiet', `--separate-git-dir=${join(home, 'apart')}`);
  write(alerts, rules(55));
  expect(await change(alerts, 'main')).toBe('90 to 55');
  symlinkSync(alerts, join(home, 'link'));
  expect(await change(join(home, 'link'), 'main')).toBe('90 to 55');
});

test('a submodule is a repository of its own, and so is a clone that lies in another', async () => {
  const { ws, home } = scene();
  const outer = join(home, 'outer');
  mkdirSync(outer);
  git(outer, 'init', '--quiet', '--initial-branch=main');
  git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '-b', 'main', ws, 'deep/rules');
  git(outer, 'clone', '--quiet', '--branch=main', ws, 'cloned');
  write(outer, { '.gitignore': '/cloned\n' });
  commit(outer);
  for (const inner of ['deep/rules/alerts', 'cloned/alerts']) {
    write(join(outer, inner), rules(55));
    expect(await change(join(outer, inner), 'HEAD')).toBe('90 to 55');
    expect(await change(join(outer, inner))).toBe('90 to 55');
  }
  // What was never committed belongs to the repository around it.
  write(join(outer, 'new'), rules(55));
  expect((await cliJson(['-C', join(outer, 'new'), 'diff', 'HEAD'], { env })).json).toMatchObject({
    base: { state: 'absent' },
  });
});

test('names that are no commit, that look like options, and that mean two things', async () => {
  const { ws, alerts, base } = scene();
  const canary = join(ws, 'canary');
  git(ws, 'update-ref', 'refs/heads/--upload-pack=x', base);
  write(alerts, rules(55));
  commit(ws);
  expect(await change(alerts, '--', '--upload-pack=x')).toBe('90 to 55');
  const odd = [
    '-',
    '--',
    '--exec=touch canary',
    '--output=canary',
    'main canary',
    'main\ncanary',
    ':/nothing',
    ':(top)x',
    'main:alerts',
    'main^{/nothing}',
    'main@{upstream}',
    `ext::sh -c touch% ${canary}`,
    '$(touch canary)',
    '`touch canary`',
    'refs/heads/*',
    '*',
  ];
  for (const name of odd) {
    const { code, stderr } = await cli(['-C', alerts, 'diff', '--', name], { env });
    expect([code, stderr.split('\n')[0]], name).toEqual([2, expect.stringMatching(/^error: git knows no commit /)]);
  }
  expect(existsSync(canary)).toBe(false);
  git(ws, 'tag', 'main', 'pr');
  const { code, stderr } = await cli(['-C', alerts, 'diff', 'main'], { env });
  expect([code, stderr]).toEqual([2, expect.stringContaining('is a branch here and a tag as well')]);
  expect(await change(alerts, 'refs/heads/main')).toBe('90 to 55');
  expect(await change(alerts)).toBe('90 to 55');
});

test('a clone without all contents says so, and how to get them', async () => {
  const { ws, alerts, home } = scene();
  git(ws, 'config', 'uploadpack.allowFilter', 'true');
  write(alerts, rules(55));
  commit(ws);
  const clone = join(home, 'partial');
  git(home, 'clone', '--quiet', '--filter=blob:none', `file://${ws}`, clone);
  const there = join(clone, 'alerts');
  const ran = await cli(['-C', there, 'diff', 'origin/main'], { env });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('lacks the content of 1 file');
  const remedy = /^help: .*?`(git [^`]+)`/m.exec(ran.stderr)?.[1] ?? '';
  git(clone, ...remedy.split(' ').slice(1));
  expect(await change(there, 'origin/main')).toBe('90 to 55');
});

test('a .git file that leads into its own work tree is no repository', async () => {
  const { ws, alerts } = scene();
  write(alerts, rules(55));
  git(ws, 'init', '--quiet', `--separate-git-dir=${join(ws, 'apart')}`);
  const { code, stderr } = await cli(['-C', alerts, 'diff', 'main'], { env });
  expect([code, stderr]).toEqual([2, expect.stringContaining('is not in a git work tree')]);
});

test('a repository of somebody else is not read unless its user says so', async (context) => {
  if (process.getuid?.() !== 0) context.skip('skipped: only root can give a folder away');
  const { ws, alerts } = scene();
  write(alerts, rules(55));
  for (const path of [ws, join(ws, '.git')]) chownSync(path, 12345, 12345);
  const { stderr } = await cli(['-C', alerts, 'diff', 'main'], { env });
  const remedy = /git config --global --add safe\.directory (\S+)/.exec(stderr)?.[1];
  expect(remedy, stderr).toBe(ws);
  const said = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: ws };
  expect((await cli(['-C', alerts, 'diff', 'main'], { env: { ...env, ...said } })).stdout).toContain('90');
  rmSync(join(ws, '.git/HEAD'));
  expect((await cli(['-C', alerts, 'diff', 'main'], { env })).stderr).toContain('is not in a git work tree');
});
