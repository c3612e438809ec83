import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { damagedKept, keptRelease } from '../../src/io/deploy/kept.ts';
import { readRelease } from '../../src/io/deploy/release.ts';
import type { Layout } from '../../src/io/deploy/types.ts';
import { A, B, begin, deploy, filesOf, good, look, problemOf, rulesSeen, seen, setUp, writeDist } from './support.ts';

const EDITED = 'groups: [{ name: mine, rules: [] }]\n';
const objects = (rulePath: string): string => join(rulePath, '.rulewright/objects');

/** The inodes that lie below a directory or are shown in the rule path. */
function inodes(rulePath: string, folder: string): Set<number> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const there = names.map((name) => statSync(join(folder, name))).filter((found) => found.isFile());
  return new Set(there.map(({ ino }) => ino).concat(statSync(rulePath).ino));
}

test.each(['files', 'bundle'] as const)('a hand edit leaves every kept release as it was: %s', async (layout) => {
  const { folder, rulePath, a, b } = setUp();
  await deploy(rulePath, a, layout, 5);
  await deploy(rulePath, b, layout, 5);
  await deploy(rulePath, writeDist(join(folder, 'c'), { ...B, fresh: 3 }), layout, 5);
  const shared = layout === 'files' ? 'group-same.yml' : '.rulewright/current/parts/group-same.txt';
  writeFileSync(join(rulePath, shared), EDITED);
  expect((await look(rulePath)).damaged).toEqual([{ fileName: 'group-same.yml', what: 'changed' }]);
  expect(await damagedKept(await look(rulePath))).toEqual(new Set());
  for (const rules of [B, A]) {
    await deploy(rulePath, good(await keptRelease(await look(rulePath), rules === B ? 1 : 2)), layout, 5);
    expect(rulesSeen(rulePath)).toEqual({ rules, twice: false });
    expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined });
  }
});

test('no visible path leads to a pristine copy, and none is written twice or kept for nobody', async () => {
  const { folder, rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  const first = inodes(rulePath, objects(rulePath));
  await deploy(rulePath, b);
  const pristine = inodes(rulePath, objects(rulePath));
  for (const ino of first) expect(pristine).toContain(ino);
  const releases = inodes(join(rulePath, '.rulewright'), join(rulePath, '.rulewright/releases'));
  expect([...pristine].filter((ino) => releases.has(ino))).toEqual([]);
  // Three of A, and of B the two that differ.
  expect(readdirSync(objects(rulePath))).toHaveLength(5);
  await deploy(rulePath, writeDist(join(folder, 'c'), { other: 9 }), 'files', 0);
  expect(readdirSync(objects(rulePath))).toHaveLength(1);
});

test('what an undo goes back to is what was deployed, not what was edited', async () => {
  for (const layout of ['files', 'bundle'] as Layout[]) {
    const { rulePath, a, b } = setUp();
    await deploy(rulePath, a, layout);
    const stored = join(rulePath, `.rulewright/current/${layout === 'files' ? 'group-same' : 'rulewright'}.txt`);
    writeFileSync(stored, EDITED);
    const open = await begin(rulePath, b, layout);
    expect(rulesSeen(rulePath)).toEqual({ rules: B, twice: false });
    expect(await open.undo()).toBeUndefined();
    expect(rulesSeen(rulePath)).toEqual({ rules: A, twice: false });
    expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true });
  }
});

test('an undo by a later run takes the pristine files too', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  const open = await begin(rulePath, b);
  writeFileSync(join(rulePath, 'group-same.yml'), EDITED);
  // As if that run had ended behind its switch: the one after it finds the release there, not confirmed.
  rmSync(join(rulePath, '.rulewright/journal'));
  rmSync(join(rulePath, '.rulewright/work'), { recursive: true });
  expect(open).toBeDefined();
  await deploy(rulePath, good(await keptRelease(await look(rulePath), 1)));
  expect(seen(rulePath)).toEqual(filesOf(A));
});

test('a damaged pristine copy is written anew; where both are lost, the release is told from the others', async () => {
  const { folder, rulePath, a, b } = setUp();
  await deploy(rulePath, a, 'files', 5);
  const [file] = good(await readRelease(a)).files;
  const object = join(objects(rulePath), file?.sha256 ?? '');
  writeFileSync(object, 'half');
  await deploy(rulePath, b, 'files', 5);
  expect(readFileSync(object, 'utf8')).toBe(filesOf(A)[file?.fileName ?? '']);

  await deploy(rulePath, writeDist(join(folder, 'c'), { ...B, changed: 3 }), 'files', 5);
  const changed = good(await keptRelease(await look(rulePath), 1)).files.find(({ groupId }) => groupId === 'changed');
  writeFileSync(changed?.path ?? '', EDITED);
  rmSync(join(objects(rulePath), changed?.sha256 ?? ''));
  const deployed = await look(rulePath);
  expect(await damagedKept(deployed)).toEqual(new Set([deployed.kept[0]?.id]));
  expect(problemOf(await keptRelease(deployed, 1)).message).toContain('group-changed.yml: was changed since');
  good(await keptRelease(deployed, 2));
});

test('a store of an older version gets its pristine copies with the next deploy', async () => {
  const { folder, rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  rmSync(objects(rulePath), { recursive: true });
  await deploy(rulePath, b);
  expect(readdirSync(objects(rulePath))).toHaveLength(5);
  await deploy(rulePath, writeDist(join(folder, 'c'), { same: 1 }), 'files', 5);
  writeFileSync(join(rulePath, 'group-same.yml'), EDITED);
  good(await keptRelease(await look(rulePath), 1));
});
