import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/io/deploy/lock.ts';
import { build, put, rule, run, site } from '../e2e/deploy-support.ts';
import { empty, FILLINGS } from './full.ts';
import { mountOrSkip } from './mounts.ts';
import { deploy, look, problemOf, rulesSeen, setUp } from './support.ts';

/** Twelve groups, of which the n-th release changes one, adds one and has one no more. */
function sources(n: number): Record<string, string | undefined> {
  const names = Array.from({ length: 12 }, (_, at) => `g${at + n}`);
  const groups = names.map((name, at) => [
    `groups/${name}.yaml`,
    `match: { job: ${name} }\nthresholds: { Up: ${at === 5 ? n : 7} }\n`,
  ]);
  return { 'rules/a.yaml': rule('Up', 0), [`groups/g${n - 1}.yaml`]: undefined, ...Object.fromEntries(groups) };
}

for (const { what, option, fillUp } of FILLINGS) {
  for (const layout of ['files', 'bundle']) {
    test(`on a volume without free ${what} a rollback goes through, and one more: ${layout}`, async (context) => {
      const volume = mountOrSkip(context, '-t', 'tmpfs', '-o', option.replace('160', '320'), 'tmpfs');
      const { root } = site('http://127.0.0.1:1', [`layout: ${layout}`]);
      const env = { PROMETHEUS_RULE_PATH: join(volume, 'rules') };
      mkdirSync(env.PROMETHEUS_RULE_PATH);
      const said = async (...args: string[]) => {
        const { code, stderr } = await run(['-C', root, ...args, '--offline'], { env });
        return { code, stderr };
      };
      const ids: (string | undefined)[] = [];
      put(root, { 'groups/g0.yaml': '' });
      for (const n of [1, 2, 3, 4]) {
        put(root, sources(n));
        await build(root);
        expect(await said('deploy')).toMatchObject({ code: 0 });
        // Without a server nobody confirms a release: as if one had.
        await deploy(env.PROMETHEUS_RULE_PATH, join(root, 'dist'), layout as 'files', 10);
        ids.push((await look(env.PROMETHEUS_RULE_PATH)).current?.id);
      }
      fillUp(volume, 0);
      put(root, sources(5));
      await build(root);
      const refused = await said('deploy');
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
