import { mkdirSync, readdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/io/deploy/lock.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import { A, B, deploy, good, look, options, plan, problemOf, rulesSeen, setUp } from './support.ts';

const YEAR = 365 * 24 * 3600; // seconds
const lock = (rulePath: string, now = Date.now()) => takeLock(rulePath, { pid: process.pid, now });
const locksIn = (rulePath: string) => readdirSync(join(rulePath, '.rulewright')).filter((name) => /^lock/.test(name));

test.each([
  ['a moment ago', 0, true],
  ['four minutes ago', -240, true],
  ['in four minutes', 240, true],
  ['six minutes ago', -360, false],
  ['in six minutes', 360, false],
  ['a year ago', -YEAR, false],
  ['in a year', YEAR, false],
])('a lock of another host that was touched %s', async (_, seconds, holds) => {
  for (const make of [
    (path: string) => writeFileSync(path, ''),
    (path: string) => mkdirSync(join(path, 'in it'), { recursive: true }),
  ]) {
    const { rulePath, a } = setUp();
    await deploy(rulePath, a);
    const path = join(rulePath, '.rulewright/lock.elsewhere.01234567.1.1.1700000000000');
    make(path);
    const at = Date.now() / 1000 + seconds;
    utimesSync(path, at, at);
    const taken = await lock(rulePath);
    if (holds) {
      expect(problemOf(taken).message).toMatch(/^Another deploy is under way: process 1 on elsewhere, since 2023/);
      expect(locksIn(rulePath)).toHaveLength(1);
    } else {
      await good(taken as object & { release(): Promise<void> }).release();
      expect(locksIn(rulePath)).toEqual([]);
    }
  }
});

test('a lock whose process number lives again, as another process, is taken over', async () => {
  const { rulePath } = setUp();
  good(await lock(rulePath));
  const [name = ''] = locksIn(rulePath);
  // The part before the last is when the process began.
  const other = name.replace(
    /\.(\d+)\.(\d+)$/,
    (_, began: string, since: string) => `.${Number(began) - 1}.${Number(since) - 1}`,
  );
  renameSync(join(rulePath, '.rulewright', name), join(rulePath, '.rulewright', other));
  await good((await lock(rulePath)) as object & { release(): Promise<void> }).release();
  expect(locksIn(rulePath)).toEqual([]);
});

test('what is called as a lock is, but of no date that can be, is none', async () => {
  const { rulePath, a } = setUp();
  await deploy(rulePath, a);
  writeFileSync(join(rulePath, '.rulewright/lock.elsewhere.01234567.1.1.99999999999999999999'), '');
  symlinkSync('/nowhere', join(rulePath, '.rulewright/lock.elsewhere.01234567.1.1'));
  await good((await lock(rulePath)) as object & { release(): Promise<void> }).release();
});

test.each([-YEAR, YEAR])(
  'a machine whose clock is off by %s seconds deploys, and others go on from there',
  async (off) => {
    const { rulePath, a, b } = setUp();
    const then = Date.now() + off * 1000;
    await deploy(rulePath, a, 'files', 5);
    const theirs = good(await lock(rulePath, then));
    expect(problemOf(await lock(rulePath)).message).toContain('Another deploy is under way');
    const open = good(await openSwitch(await plan(rulePath, b), { ...options(5), now: then }));
    expect(await open.confirm()).toBeUndefined();
    await (theirs as object & { release(): Promise<void> }).release();
    expect(await look(rulePath)).toMatchObject({ confirmed: true, kept: [{ rulesCount: 3 }] });
    await deploy(rulePath, a, 'files', 5);
    // The order is that of the deploys, not that of the clocks.
    expect((await look(rulePath)).kept).toHaveLength(1);
    expect(rulesSeen(rulePath).rules).toEqual(A);
    await deploy(rulePath, b, 'files', 1);
    expect(rulesSeen(rulePath).rules).toEqual(B);
  },
);
