import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/io/deploy/lock.ts';
import type { Layout } from '../../src/io/deploy/types.ts';
import { run, site } from '../e2e/deploy-support.ts';
import { empty, FILLINGS } from './full.ts';
import { mountOrSkip } from './mounts.ts';
import { deploy, look, problemOf, type Rules, rulesSeen, setUp, writeDist } from './support.ts';

/** Twelve groups, of which the n-th release changes one, adds one and has one no more. */
function rulesOf(n: number): Rules {
  return Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`g${at + n}`, at === 5 ? n : 7]));
}

for (const { what, option, fillUp } of FILLINGS) {
  for (const layout of ['files', 'bundle']) {
    test(`on a volume without free ${what} a rollback goes through, and one more: ${layout}`, async (context) => {
      const volume = mountOrSkip(context, '-t', 'tmpfs', '-o', option.replace('160', '320'), 'tmpfs');
      const { root } = site('http://127.0.0.1:1', [`layout: ${layout}`]);
      const env = { PROMETHEUS_RULE_PATH: join(volume, 'rules') };
      mkdirSync(env.PROMETHEUS_RULE_PATH);
      const said = async (...args: string[]) => {
        const { code, stderr } = await run(['-C', root, ...args, '--offline', '--no-promtool'], { env });
        return { code, stderr };
      };
      const ids: (string | undefined)[] = [];
      for (const n of [1, 2, 3, 4]) {
        const dist = writeDist(join(root, String(n)), rulesOf(n));
        expect(await said('deploy', '--from', dist)).toMatchObject({ code: 0 });
        // Without a server nobody confirms a release: as if one had.
        await deploy(env.PROMETHEUS_RULE_PATH, dist, layout as Layout, 10);
        ids.push((await look(env.PROMETHEUS_RULE_PATH)).current?.id);
      }
      fillUp(volume, 0);
      const refused = await said('deploy', '--from', writeDist(join(root, '5'), rulesOf(5)));
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('no space left on the device');
      for (const id of [ids[2], ids[1]]) {
        expect(
          await said('rollback'),
          readdirSync(join(env.PROMETHEUS_RULE_PATH, '.rulewright')).join(' '),
        ).toMatchObject({ code: 0 });
        expect(await look(env.PROMETHEUS_RULE_PATH)).toMatchObject({
          current: { id },
          damaged: [],
          unfinished: undefined,
        });
      }
      empty(volume);
    });
  }
}

test('a lock that a full volume refuses leaves nothing behind', async (context) => {
  for (const { option, fillUp } of FILLINGS) {
    const volume = mountOrSkip(context, '-t', 'tmpfs', '-o', option, 'tmpfs');
    const rulePath = join(volume, 'rules');
    mkdirSync(rulePath);
    await deploy(rulePath, setUp().a);
    for (const free of [0, 1]) {
      fillUp(volume, free);
      const before = readdirSync(join(rulePath, '.rulewright'));
      const lock = await takeLock(rulePath, { pid: process.pid, now: Date.now() });
      if (!('code' in lock)) await lock.release();
      else expect(problemOf(lock).message).toContain('no space left on the device');
      expect(readdirSync(join(rulePath, '.rulewright'))).toEqual(before);
    }
    expect(Object.keys(rulesSeen(rulePath).rules)).toHaveLength(3);
    expect(statSync(rulePath).isDirectory()).toBe(true);
  }
});
