import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { keptRelease } from '../../src/io/deploy/kept.ts';
import { bundled } from './driver-file.ts';
import { A, B, deploy, filesOf, good, look, rulesSeen, seen, setUp } from './support.ts';

const GROUP = 2000;

/** A rule path that belongs to some user and group, and deploys by any user: what one says is given back. */
function setScene(context: TestContext, mode: number, owner: number) {
  if (process.geteuid?.() !== 0) context.skip('skipped: only root can become other users');
  const { folder, rulePath, a, b } = setUp();
  chmodSync(folder, 0o755);
  chownSync(rulePath, owner, GROUP);
  chmodSync(rulePath, mode);
  const driver = bundled('driver', folder);
  const deployAs = (uid: number, dist: string, umask = '022', layout = 'files'): string => {
    const asUser = [`--reuid=${uid}`, `--regid=${uid}`, `--groups=${GROUP}`];
    const command = `umask ${umask}; exec "$@"`;
    const { stdout, stderr } = spawnSync(
      'setpriv',
      [...asUser, 'sh', '-c', command, 'sh', process.execPath, driver, rulePath, dist, layout],
      { encoding: 'utf8' },
    );
    return stdout + stderr;
  };
  return { folder, rulePath, a, b, deployAs };
}

/** Everything below a folder, links apart, with its mode. */
function modes(folder: string): readonly (readonly [path: string, mode: string, gid: number])[] {
  const names = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return names.flatMap((name) => {
    const found = lstatSync(join(folder, name));
    if (found.isSymbolicLink()) return [];
    return [[`${name}${found.isDirectory() ? '/' : ''}`, (found.mode & 0o7777).toString(8), found.gid] as const];
  });
}

test('users who share a rule path by its group deploy one after the other, and go back', (context) => {
  for (const layout of ['files', 'bundle']) {
    const { rulePath, a, b, deployAs } = setScene(context, 0o2775, 0);
    for (const [uid, dist, rules] of [
      [1001, a, A],
      [1002, b, B],
      [1001, a, A],
      [1003, b, B],
    ] as const) {
      expect(deployAs(uid, dist, '022', layout)).toBe('');
      expect(rulesSeen(rulePath)).toEqual({ rules, twice: false });
    }
    for (const [path, mode, gid] of modes(rulePath)) {
      expect([path, mode, gid]).toEqual([path, path.endsWith('/') ? '2775' : '644', GROUP]);
    }
  }
});

test('a store of before the rule path was shared is shared by the next deploy of its owner', (context) => {
  const { rulePath, a, b, deployAs } = setScene(context, 0o755, 1001);
  expect(deployAs(1001, a)).toBe('');
  chmodSync(rulePath, 0o775);
  expect(deployAs(1002, b)).toMatch(/permission denied\nYou are uid 1002.* belongs to uid 1001/s);
  expect(deployAs(1001, b)).toBe('');
  expect(deployAs(1002, a)).toBe('');
  expect(deployAs(1003, b)).toBe('');
  expect(seen(rulePath)).toEqual(filesOf(B));
});

test.each(['000', '022', '027', '077', '777'])(
  'with umask %s the server can read, and nobody else can write',
  async (umask) => {
    const { rulePath, a, b } = setUp();
    const before = process.umask(Number.parseInt(umask, 8));
    try {
      await deploy(rulePath, a);
      await deploy(rulePath, b, 'bundle');
    } finally {
      process.umask(before);
    }
    for (const [path, mode] of modes(join(rulePath, '.rulewright'))) {
      expect([path, mode]).toEqual([path, path.endsWith('/') ? '755' : '644']);
    }
    expect(statSync(join(rulePath, 'rulewright.yml')).mode & 0o777).toBe(0o644);
  },
);

test('root works as the owner of the rule path also below a folder that this one may not enter', async (context) => {
  const { folder, rulePath, a, b } = setScene(context, 0o700, 1001);
  chmodSync(folder, 0o700);
  const groups = process.getgroups?.();
  await deploy(rulePath, a, 'files', 2);
  await deploy(rulePath, b, 'files', 2);
  await deploy(rulePath, good(await keptRelease(await look(rulePath), 1)), 'files', 2);
  expect(seen(rulePath)).toEqual(filesOf(A));
  for (const name of readdirSync(rulePath, { recursive: true, encoding: 'utf8' })) {
    expect(lstatSync(join(rulePath, name)), name).toMatchObject({ uid: 1001, gid: GROUP });
  }
  // Behind each step root is root again, with its groups.
  expect([process.geteuid?.(), process.getegid?.(), process.getgroups?.()]).toEqual([0, 0, groups]);
});

test('what root left in a folder that was given away later is told, with what to type', async (context) => {
  const { rulePath, a, b } = setScene(context, 0o755, 0);
  await deploy(rulePath, a);
  chownSync(rulePath, 1001, GROUP);
  const said = await deploy(rulePath, b).catch((error: Error) => error.message);
  expect(said).toMatch(/permission denied\..*works in .* as its owner, uid 1001/s);
  const command = /`(chown -R [^`]*)`/.exec(said ?? '')?.[1] ?? '';
  expect(spawnSync('sh', ['-c', command]).status).toBe(0);
  await deploy(rulePath, b);
  expect(seen(rulePath)).toEqual(filesOf(B));
});

test('where its owner may not write, root is told so in words, and nothing is there', async (context) => {
  const { rulePath, a } = setScene(context, 0o555, 1001);
  await expect(deploy(rulePath, a)).rejects.toThrow(
    new RegExp(`^cannot deploy to ${rulePath}/.rulewright: permission denied`),
  );
  mkdirSync(join(rulePath, 'still-root'));
  expect(readdirSync(rulePath)).toEqual(['still-root']);
});
