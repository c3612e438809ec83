import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/io/deploy/lock.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import { build, put, rule, run, site } from '../e2e/deploy-support.ts';
import { mountOrSkip } from './mounts.ts';
import { deploy, good, options, plan, problemOf, setUp } from './support.ts';

test('a lock that nothing came of leaves no store behind', async () => {
  const { rulePath, a } = setUp();
  const lock = good(await takeLock(rulePath, { pid: process.pid, now: Date.now() }));
  expect(readdirSync(rulePath)).toEqual(['.rulewright']);
  await lock.release();
  expect(readdirSync(rulePath)).toEqual([]);
  mkdirSync(join(rulePath, '.rulewright'));
  await good(await takeLock(rulePath, { pid: process.pid, now: Date.now() })).release();
  expect(readdirSync(rulePath), 'it was there before').toEqual(['.rulewright']);
  const kept = good(await takeLock(rulePath, { pid: process.pid, now: Date.now() }));
  await deploy(rulePath, a);
  await kept.release();
  expect(readdirSync(join(rulePath, '.rulewright'))).toContain('current');
});

test('contenders that find the store taken away again make it anew', async () => {
  const { rulePath } = setUp();
  for (let round = 0; round < 20; round += 1) {
    const taken = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const lock = await takeLock(rulePath, { pid: process.pid, now: round * 10 + n });
        if ('code' in lock) return lock.message;
        await lock.release();
        return undefined;
      }),
    );
    expect(taken).toContain(undefined);
    for (const message of taken) if (message !== undefined) expect(message).toMatch(/^Another deploy is under way/);
    expect(readdirSync(rulePath)).toEqual([]);
  }
});

test('a switch that is refused takes away what it made for its store', async () => {
  const { rulePath, a } = setUp();
  const early = await plan(rulePath, a);
  mkdirSync(join(rulePath, 'group-same.yml'));
  const lock = good(await takeLock(rulePath, { pid: process.pid, now: Date.now() }));
  expect(problemOf(await openSwitch(early, options())).message).toContain('Nothing was changed');
  await lock.release();
  expect(readdirSync(rulePath)).toEqual(['group-same.yml']);
});

test('runs that are refused or dry leave the rule path as it was', async () => {
  // No server answers there, so that the deploy is refused once it has the lock.
  const { root, rulePath } = site('http://127.0.0.1:1');
  put(root, { 'rules/a.yaml': rule('Up', 0) });
  await build(root);
  for (const more of [[], ['--dry-run'], ['--diff', '--offline']]) {
    const { code, stderr } = await run(['-C', root, 'deploy', ...more]);
    expect(code, stderr).toBe(more.includes('--offline') ? 0 : 2);
    expect(readdirSync(rulePath), more.join(' ')).toEqual([]);
  }
  expect((await run(['-C', root, 'rollback', '--offline'])).code).toBe(2);
  expect(readdirSync(rulePath)).toEqual([]);
});

test('a dry run where nobody may write says what a deploy would', async (context) => {
  const { root, rulePath } = site('http://127.0.0.1:1');
  put(root, { 'rules/a.yaml': rule('Up', 0) });
  await build(root);
  let path = rulePath;
  // Root may write where others may not, but not on a volume that is read-only.
  if (process.geteuid?.() === 0) {
    path = mountOrSkip(context, '--bind', rulePath);
    expect(spawnSync('mount', ['-o', 'remount,ro,bind', path]).status).toBe(0);
  } else chmodSync(rulePath, 0o555);
  const env = { PROMETHEUS_RULE_PATH: path };
  const { stderr } = await run(['-C', root, 'deploy', '--offline'], { env });
  expect(stderr).toMatch(
    /^error: cannot write to \S+: (?:permission denied|the file system is read-only)\nhelp: (?:You are uid|The volume)/,
  );
  const dry = await run(['-C', root, 'deploy', '--offline', '--dry-run'], { env });
  expect(dry).toMatchObject({ code: 2, stderr });
});
