import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dropHold, switchHeld } from '../../src/commands/deploy/holds.ts';
import type { Session } from '../../src/commands/deploy/session.ts';
import { readHolds } from '../../src/io/deploy/hold.ts';
import { keptRelease } from '../../src/io/deploy/kept.ts';
import { deploy, good, look, plan, problemOf, setUp, writeDist } from './support.ts';

const session = { io: { pid: process.pid, now: () => 1 }, settings: { keep: 5 } } as Session;
const goal = { kind: 'rollback', n: 1 } as const;

test('what a rollback leaves is held before it switches, and let go if that is taken back', async () => {
  const { rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  await deploy(rulePath, b);
  const left = (await look(rulePath)).current?.id;
  const back = good(await keptRelease(await look(rulePath), 1));
  const open = good(await switchHeld(session, await plan(rulePath, back), goal));
  const now = await look(rulePath);
  expect(now).toMatchObject({ current: { id: back.id }, rolledBackFrom: left, unfinished: { rollback: true } });
  expect(await readHolds(rulePath)).toEqual([{ release: left, since: 1 }]);
  expect(await dropHold(now), 'the next run decides').toBeUndefined();
  expect(await readHolds(rulePath)).toHaveLength(1);
  expect(await open.undo()).toBeUndefined();
  expect(await dropHold(await look(rulePath))).toBeUndefined();
  expect(await readHolds(rulePath)).toEqual([]);
});

test('a rollback that is refused at the last moment holds nothing', async () => {
  const { folder, rulePath, a, b } = setUp();
  await deploy(rulePath, a);
  await deploy(rulePath, b);
  const early = await plan(rulePath, good(await keptRelease(await look(rulePath), 1)));
  await deploy(rulePath, writeDist(join(folder, 'c'), { other: 1 }));
  problemOf(await switchHeld(session, early, goal));
  expect(await readHolds(rulePath)).toEqual([]);
  expect(readdirSync(join(rulePath, '.rulewright')).filter((name) => name.includes('held'))).toEqual([]);
});
