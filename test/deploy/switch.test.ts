import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goGlob } from '../../src/core/ground/go-glob.ts';
import { keptRelease } from '../../src/io/deploy/kept.ts';
import { takeLock } from '../../src/io/deploy/lock.ts';
import { planSwitch } from '../../src/io/deploy/plan.ts';
import { recover } from '../../src/io/deploy/recover.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import { visiblePaths } from '../../src/io/deploy/visible.ts';
import {
  A,
  B,
  begin,
  deploy,
  filesOf,
  good,
  look,
  options,
  plan,
  problemOf,
  releaseIn,
  rulesSeen,
  seen,
  setUp,
  writeDist,
} from './support.ts';

test('a release is created, changed and taken back, and what is not ours stays', async () => {
  const { rulePath, a, b } = setUp();
  writeFileSync(join(rulePath, 'theirs.yml'), 'groups: [{name: theirs, rules: []}]\n');
  chmodSync(rulePath, 0o2750);
  const before = statSync(rulePath);
  const theirs = { 'theirs.yml': readFileSync(join(rulePath, 'theirs.yml'), 'utf8') };

  const first = await plan(rulePath, a);
  expect(
    first.changes.map(({ kind, fileName, rulesBefore, rulesAfter }) => [kind, fileName, rulesBefore, rulesAfter]),
  ).toEqual([
    ['create', 'group-changed.yml', 0, 1],
    ['create', 'group-gone.yml', 0, 1],
    ['create', 'group-same.yml', 0, 1],
  ]);
  expect(first.deployed).toMatchObject({ layout: undefined, current: undefined, foreign: ['theirs.yml'], damaged: [] });
  await deploy(rulePath, a);
  expect(seen(rulePath)).toEqual({ ...filesOf(A), ...theirs });
  expect(await look(rulePath)).toMatchObject({
    layout: 'files',
    confirmed: true,
    kept: [],
    damaged: [],
    foreign: ['theirs.yml'],
  });

  const second = await plan(rulePath, b);
  expect(second.changes.map(({ kind, fileName }) => [kind, fileName])).toEqual([
    ['update', 'group-changed.yml'],
    ['create', 'group-fresh.yml'],
    ['delete', 'group-gone.yml'],
  ]);
  for (const change of second.changes) {
    const text = (path: string | undefined) => path && readFileSync(path, 'utf8');
    expect([text(change.before), text(change.after)]).toEqual([
      filesOf(A)[change.fileName],
      filesOf(B)[change.fileName],
    ]);
  }
  const open = await begin(rulePath, b);
  expect(seen(rulePath)).toEqual({ ...filesOf(B), ...theirs });
  expect(await look(rulePath)).toMatchObject({ confirmed: false, unfinished: { to: second.release.id } });
  expect(await open.undo()).toBeUndefined();
  expect(seen(rulePath)).toEqual({ ...filesOf(A), ...theirs });
  expect(await look(rulePath)).toMatchObject({ confirmed: true, damaged: [], unfinished: undefined, kept: [] });
  await deploy(rulePath, b);
  expect((await plan(rulePath, b)).changes).toEqual([]);
  const after = statSync(rulePath);
  expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
  // The names of the undone and the deleted group stay, without rules, for a server that has just listed them.
  expect(readdirSync(rulePath).filter((name) => name.startsWith('group-'))).toHaveLength(4);
});

test('kept releases come back, and only so many are kept', async () => {
  const { folder, rulePath } = setUp();
  for (let n = 1; n <= 5; n += 1)
    await deploy(rulePath, writeDist(join(folder, `v${n}`), { one: n, two: 1 }), 'files', 2);
  const deployed = await look(rulePath);
  expect(deployed.kept).toHaveLength(2);
  expect(problemOf(await keptRelease(deployed, 3)).message).toMatch(
    /^Only 2 older releases are kept in .*there is no number 3\.$/,
  );
  const back = good(await keptRelease(deployed, 2));
  await deploy(rulePath, back, 'files', 2);
  expect(rulesSeen(rulePath).rules).toEqual({ one: 3, two: 1 });
  // Going back is a release like another: the way forward again is kept too.
  expect((await look(rulePath)).kept.map(({ id }) => id)).toEqual(
    deployed.current && [deployed.current.id, deployed.kept[0]?.id],
  );

  const kept = good(await keptRelease(await look(rulePath), 1));
  rmSync(join(rulePath, '.rulewright/objects'), { recursive: true });
  writeFileSync(kept.files[0]?.path ?? '', 'groups: []\n');
  expect(problemOf(await keptRelease(await look(rulePath), 1)).message).toContain('was changed since it was deployed');
});

test('with nothing to keep, a switch can be undone until it is confirmed', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a, 'files', 0);
  const open = await begin(rulePath, b, 'files', 0);
  await open.undo();
  expect(seen(rulePath)).toEqual(filesOf(A));
  await deploy(rulePath, b, 'files', 0);
  expect((await look(rulePath)).kept).toEqual([]);
  expect(readdirSync(join(rulePath, '.rulewright/releases'))).toHaveLength(1);
});

test('the first release can be undone too', async () => {
  for (const layout of ['files', 'bundle'] as const) {
    const { rulePath, a } = setUp();
    const open = await begin(rulePath, a, layout);
    await open.undo();
    expect(seen(rulePath)).toEqual({});
    expect(await look(rulePath)).toMatchObject({ layout: undefined, current: undefined, damaged: [], foreign: [] });
    await deploy(rulePath, a, layout);
    expect(rulesSeen(rulePath)).toEqual({ rules: A, twice: false });
  }
});

test('the layout can change in both directions', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  expect(await plan(rulePath, a, 'bundle')).toMatchObject({ layoutChanged: true, changes: { length: 3 } });
  const open = await begin(rulePath, b, 'bundle');
  expect(Object.keys(seen(rulePath))).toEqual(['rulewright.yml']);
  expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
  await open.undo();
  expect(seen(rulePath)).toEqual(filesOf(A));
  await deploy(rulePath, b, 'bundle');
  expect(await look(rulePath)).toMatchObject({ layout: 'bundle', damaged: [] });
  expect((await plan(rulePath, b, 'bundle')).changes).toEqual([]);
  expect(readFileSync(join(rulePath, '.rulewright/current/parts/group-fresh.txt'), 'utf8')).toBe(
    filesOf(B)['group-fresh.yml'],
  );
  await deploy(rulePath, a, 'bundle');
  expect(rulesSeen(rulePath)).toEqual({ rules: A, twice: false });
  await deploy(rulePath, b, 'files');
  expect(seen(rulePath)).toEqual(filesOf(B));
  expect(await look(rulePath)).toMatchObject({ layout: 'files', damaged: [], kept: [{ rulesCount: 3 }] });
});

test('rule groups of one name are refused in a bundle, and the files are named', async () => {
  const { folder, rulePath } = setUp();
  const dist = writeDist(join(folder, 'native'), { one: 1 });
  const text = readFileSync(join(dist, 'rules/group-one.yml'), 'utf8');
  const clash = writeDist(join(folder, 'native'), { one: 1, two: 1 });
  writeFileSync(join(clash, 'rules/group-two.yml'), text);
  const manifest = JSON.parse(readFileSync(join(clash, 'manifest.json'), 'utf8'));
  manifest.files[1] = { ...manifest.files[0], file: 'rules/group-two.yml' };
  writeFileSync(join(clash, 'manifest.json'), JSON.stringify(manifest));
  const refused = problemOf(await planSwitch(await look(rulePath), await releaseIn(clash), 'bundle'));
  expect(refused.message).toContain('one/a: group-one.yml and group-two.yml');
  await deploy(rulePath, clash, 'files');
});

test('a name that somebody else has is refused', async () => {
  const { rulePath, a } = setUp();
  writeFileSync(join(rulePath, 'group-same.yml'), 'groups: []\n');
  const refused = problemOf(await planSwitch(await look(rulePath), await releaseIn(a), 'files'));
  expect(refused.message).toMatch(/a file that is not ours has a name that the release needs:\n {2}group-same\.yml$/);
  // Also if it comes after the plan.
  rmSync(join(rulePath, 'group-same.yml'));
  const early = await plan(rulePath, a);
  mkdirSync(join(rulePath, 'group-same.yml'));
  expect(problemOf(await openSwitch(early, options())).message).toContain('appeared in the meantime');
  expect(readdirSync(rulePath).filter((name) => name.startsWith('group-'))).toEqual(['group-same.yml']);
});

test('a release that was deployed but not confirmed can be confirmed or undone by a later run', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  await begin(rulePath, b);
  const mended = await recover(await look(rulePath));
  expect(mended).toMatchObject({ what: 'finished', deployed: { confirmed: false, unfinished: undefined } });
  const again = good(await openSwitch(await plan(rulePath, b), options()));
  expect(await again.undo()).toBeUndefined();
  expect(seen(rulePath)).toEqual(filesOf(A));
  expect(await look(rulePath)).toMatchObject({ confirmed: true, damaged: [], unfinished: undefined });
});

test('two deploys at once: one goes on, the other says who', async () => {
  const { rulePath } = setUp();
  const now = Date.now();
  const results = await Promise.all([1, 2, 3].map((n) => takeLock(rulePath, { pid: process.pid, now: now + n })));
  const held = results.filter((result) => !('code' in result));
  expect(held).toHaveLength(1);
  for (const result of results.filter((result) => 'code' in result)) {
    expect(problemOf(result).message).toMatch(
      new RegExp(`^Another deploy is under way: process ${process.pid} on .*, since .*Z, 0 s ago\\.$`),
    );
  }
  await good(held[0] as object & { release(): Promise<void> }).release();
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  good(await takeLock(rulePath, { pid: Number(dead), now }));
  const next = good(await takeLock(rulePath, { pid: process.pid, now }));
  await next.release();
  await next.release();
  expect(readdirSync(join(rulePath, '.rulewright')).filter((name) => name.startsWith('lock'))).toHaveLength(0);
});

test('what a deploy leaves on disk is what it says', async () => {
  for (const layout of ['files', 'bundle'] as const) {
    const { rulePath, a, b } = setUp();
    await deploy(rulePath, a, layout);
    await begin(rulePath, b, layout);
    const { rules, others } = visiblePaths(layout, await releaseIn(b));
    const there = readdirSync(rulePath, { recursive: true, encoding: 'utf8' });
    const plain = (path: string) =>
      path
        .replace(/\d{6}-[0-9a-f]{12}|[0-9a-f]{64}/, 'N')
        .replace(/group-[a-z]+/, 'group')
        .replace(/(spare)\/[a-z]+\d+/, '$1/N');
    const said = new Set([...rules, ...others].map(plain));
    expect(there.filter((path) => !said.has(plain(path)) && !path.includes('/work/'))).toEqual([]);
    for (const glob of [
      '*.yml',
      '*.yaml',
      '*.rules',
      '*.json',
      '*.y*ml',
      '*rule*.yml',
      '*/*.yml',
      '*/*/*.yml',
      '?rulewright/*.yml',
    ]) {
      expect(there.filter((path) => path.startsWith('.') && goGlob(glob, path))).toEqual([]);
      expect(others.filter((path) => goGlob(glob, path))).toEqual([]);
    }
  }
});
