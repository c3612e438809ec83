import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { takeLock } from '../../src/io/deploy/lock.ts';
import { recover } from '../../src/io/deploy/recover.ts';
import { inspect } from '../../src/io/deploy/rule-path.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import type { Layout } from '../../src/io/deploy/types.ts';
import { bundled } from './driver-file.ts';
import { empty, FILLINGS, type Filling } from './full.ts';
import { loopOrSkip, mountedBy, mountOrSkip, quickFolder } from './mounts.ts';
import {
  A,
  B,
  begin,
  deploy,
  filesOf,
  look,
  options,
  plan,
  problemOf,
  rulesSeen,
  seen,
  setUp,
  writeDist,
} from './support.ts';

async function full(context: TestContext, layout: Layout, { option, fillUp }: Filling): Promise<void> {
  const volume = mountOrSkip(context, '-t', 'tmpfs', '-o', option, 'tmpfs');
  const { a, b } = setUp();
  const rulePath = join(volume, 'rules');
  mkdirSync(rulePath);
  await deploy(rulePath, a, layout);
  let refused = 0;
  for (let free = 0; refused === free; free += 1) {
    fillUp(volume, free);
    const result = await openSwitch(await plan(rulePath, b, layout), options());
    if (!('code' in result)) break;
    refused += 1;
    expect(result.message).toMatch(
      /no space left on the device\. Nothing was changed: what was deployed before is still/,
    );
    expect(rulesSeen(rulePath), `${free} free`).toEqual({ rules: A, twice: false });
    expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true });
  }
  expect(refused).toBeGreaterThan(2);
  // It fitted at last; from here on not a byte more is needed, neither to go back nor to stay.
  expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
  empty(volume);
  expect(await recover(await look(rulePath))).toMatchObject({ what: 'finished' });
  await deploy(rulePath, a, layout);
  for (const end of ['undo', 'confirm'] as const) {
    const open = await begin(rulePath, b, layout);
    fillUp(volume, 0);
    expect(await open[end]()).toBeUndefined();
    expect(rulesSeen(rulePath)).toEqual({ rules: end === 'undo' ? A : B, twice: false });
    expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true });
    empty(volume);
  }
}

for (const layout of ['files', 'bundle'] as const) {
  for (const filling of FILLINGS) {
    test(`a volume without free ${filling.what} keeps what it has: ${layout}`, async (context) => {
      await full(context, layout, filling);
    });
  }
}

test('a read-only volume is said to be one', async (context) => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  const mounted = mountOrSkip(context, '--bind', rulePath);
  expect(spawnSync('mount', ['-o', 'remount,ro,bind', mounted]).status).toBe(0);
  const problem = problemOf(await openSwitch(await plan(mounted, b), options()));
  expect(problem.message).toMatch(
    /the file system is read-only\. Nothing was changed: what was deployed before is still there\.$/,
  );
  expect(problem.help).toContain('is mounted read-only here');
  expect(seen(mounted)).toEqual(filesOf(A));
  expect(problemOf(await takeLock(mounted, { pid: process.pid, now: Date.now() })).message).toContain('read-only');
});

test('a volume without symbolic links is served by renames', async (context) => {
  const image = join(setUp().folder, 'image');
  spawnSync('truncate', ['-s', '16M', image]);
  if (spawnSync('mkfs.exfat', [image]).status !== 0) context.skip('skipped: there is no mkfs.exfat here');
  const volume = mountedBy(context, 'mount.exfat-fuse', [loopOrSkip(context, image)]);
  const { folder, a, b } = setUp();
  for (const layout of ['files', 'bundle'] as const) {
    const rulePath = join(volume, layout);
    mkdirSync(rulePath);
    await deploy(rulePath, a, layout);
    const open = await begin(rulePath, b, layout);
    expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
    await open.undo();
    expect(rulesSeen(rulePath)).toEqual({ rules: A, twice: false });
    await deploy(rulePath, b, layout === 'files' ? 'bundle' : 'files');
    expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
    await deploy(rulePath, writeDist(join(folder, 'c'), { same: 7 }), layout);
    expect(rulesSeen(rulePath)).toEqual({ rules: { same: 7 }, twice: false });
    expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, kept: { length: 1 } });
  }
});

test('a user who may not write is told whose directory it is', async (context) => {
  const { folder, rulePath, a } = setUp();
  const driver = bundled('driver', folder);
  chmodSync(folder, 0o755);
  const run = spawnSync('setpriv', [
    '--reuid=12345',
    '--regid=12345',
    '--clear-groups',
    process.execPath,
    driver,
    rulePath,
    a,
  ]);
  if (run.error || /setpriv: /.test(String(run.stderr))) context.skip('skipped: this user may not become another one');
  expect(String(run.stdout)).toMatch(
    /^cannot write to .*: permission denied\nYou are uid 12345, gid 12345; .* belongs to uid 0, gid 0, mode 0755\. Run it as uid 0/,
  );
  expect(await inspect(rulePath)).toMatchObject({ layout: undefined });
});

test('what root deploys belongs to the owner of the rule path, who can go on by himself', async (context) => {
  const { folder, rulePath, a, b } = setUp();
  if (process.geteuid?.() !== 0) context.skip('skipped: only root can give files away');
  chownSync(rulePath, 12345, 12345);
  chmodSync(rulePath, 0o700);
  chmodSync(folder, 0o755);
  await deploy(rulePath, a);
  const driver = bundled('driver', folder);
  const asOwner = ['--reuid=12345', '--regid=12345', '--clear-groups', process.execPath, driver, rulePath, b];
  const run = spawnSync('setpriv', asOwner, { encoding: 'utf8' });
  expect(run.stdout).toBe('');
  expect(seen(rulePath)).toEqual(filesOf(B));
});

test('deploys that come at once come one after the other, or not at all', async () => {
  const { folder, rulePath, a, b } = setUp();
  const driver = bundled('driver', folder);
  const runs = [a, b, a, b, a].map(
    (dist) =>
      new Promise<string>((resolve) =>
        execFile(process.execPath, [driver, rulePath, dist], (_, stdout) => resolve(stdout.split('\n')[0] ?? '')),
      ),
  );
  const said = await Promise.all(runs);
  expect(said).toContain('');
  for (const line of said.filter((one) => one !== ''))
    expect(line).toMatch(/^Another deploy is under way: process \d+ on /);
  expect([A, B]).toContainEqual(rulesSeen(rulePath).rules);
  expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true });
});

test('of 10,000 files, those that did not change are not written again', { timeout: 240_000 }, async () => {
  const folder = quickFolder();
  const rulePath = join(folder, 'rules');
  mkdirSync(rulePath);
  const rules = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`g${n}`, 1]));
  const first = writeDist(join(folder, 'first'), rules);
  const begun = performance.now();
  await deploy(rulePath, first);
  const between = performance.now();
  const second = writeDist(first, { ...rules, g77: 2 }, new Set(['g77']));
  const changed = performance.now();
  const made = await plan(rulePath, second);
  expect(made.changes.map(({ kind, fileName }) => [kind, fileName])).toEqual([['update', 'group-g77.yml']]);
  const untouched = statSync(join(rulePath, 'group-g78.yml')).ino;
  const open = await openSwitch(made, options());
  const open2 = performance.now();
  if ('code' in open) throw new Error(open.message);
  await open.confirm();
  const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
  console.log(
    `10,000 files: the first release ${seconds(begun, between)}; one changed ${seconds(changed, performance.now())}, of which the switch ${seconds(changed, open2)}`,
  );
  expect(statSync(join(rulePath, 'group-g78.yml')).ino).toBe(untouched);
  expect(readFileSync(join(rulePath, 'group-g77.yml'), 'utf8')).toContain('up > 2');
  expect(await look(rulePath)).toMatchObject({ damaged: [], kept: { length: 1 } });
});
