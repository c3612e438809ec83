import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { hasStrace, type Operation, traced } from '../deploy/strace.ts';
import { program as bundled } from '../support/program.ts';
import { build, only, put, rule, run, runJson, site } from './deploy-support.ts';

const { path: program } = bundled('rollback');

/** With `--from`, so that nothing is compiled to tell whether dist/ is stale. */
const deploy = (root: string) => runJson(['-C', root, 'deploy', '--offline', '--from', join(root, 'dist')]);

/** Releases of these thresholds, one after the other, without a server. */
async function released(...thresholds: readonly number[]) {
  const place = site('http://127.0.0.1:1');
  for (const threshold of thresholds) {
    put(place.root, { 'rules/a.yaml': rule('Up', threshold) });
    await build(place.root);
    await deploy(place.root);
  }
  return { ...place, shown: () => readFileSync(join(place.rulePath, 'group-default.yml'), 'utf8') };
}

type Released = Awaited<ReturnType<typeof released>>;

/** A rollback that dies at an operation of its; what it did until then, and what it would have done, as `strace` says. */
async function killed({ root, rulePath }: Released, at?: Operation) {
  const inject = at ? [`${at.call}:signal=SIGKILL:when=${at.nth}`] : [];
  return traced(
    join(root, '../strace.log'),
    inject,
    [program, '-C', root, 'rollback', '--offline', '--no-promtool'],
    rulePath,
  );
}

function needsStrace(context: TestContext): void {
  if (!hasStrace()) context.skip('skipped: there is no strace here');
}

describe('a rollback that is killed', { timeout: 90_000 }, () => {
  it('never lets the next deploy bring back what it was fleeing from', async (context) => {
    needsStrace(context);
    const scene = await released(0, 1, 2);
    const { root, rulePath, shown } = scene;
    const start = join(root, '../start');
    const restore = (from: string, to: string): void => {
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    };
    restore(rulePath, start);
    const { operations, status } = await killed(scene);
    expect(status).toBe(0);
    expect(shown()).toContain('up > 1');
    const renames = operations.filter(({ call }) => call === 'rename');
    const held = renames.findIndex(({ what }) => what.includes('held'));
    const journal = renames.findIndex(({ what }) => what.endsWith('/journal'));
    const current = renames.findIndex(({ what }) => what.endsWith('/current'));
    expect(
      [held, journal, current].every((at, index, all) => at > (all[index - 1] ?? -1)),
      'hold first',
    ).toBe(true);
    const after = operations.findLast(({ call, what }) => call === 'unlink' && what.includes('unconfirmed'));
    for (const point of [renames[held + 1], renames[current], after]) {
      restore(start, rulePath);
      expect((await killed(scene, point)).killed).toBe(true);
      if (point === after) {
        // A second rollback finishes the first, and goes no further.
        const broken = join(root, '../broken');
        restore(rulePath, broken);
        const again = only(await runJson(['-C', root, 'rollback', '--offline']));
        expect(again, JSON.stringify(again)).toMatchObject({ status: 'switched', now: again.release });
        expect(shown()).toContain('up > 1');
        restore(broken, rulePath);
      }
      const left = shown().includes('up > 2');
      const next = only(await deploy(root));
      const told = JSON.stringify(next);
      if (left) {
        // Before the switch: nothing was left, and nothing is held.
        expect(shown(), told).toContain('up > 2');
        expect(existsSync(join(rulePath, '.rulewright/held')), told).toBe(false);
        if (point === renames[current]) {
          expect(next.warnings.join(), told).toMatch(
            /^A rollback from \w+ to \w+ had been broken off, and its files were taken back: release \w+ is still in force\. To go back from it after all: `rulewright -C \S+ rollback`\.$/,
          );
        }
      } else {
        expect(next, told).toMatchObject({ status: 'switched', release: next.now });
        expect(next.warnings.join('\n'), told).toMatch(
          /^A rollback from \w+ to \w+ had been broken off: its files are/,
        );
        expect(next.warnings.join('\n'), told).toMatch(/stays held back, and the rollback, .*, was finished instead/);
        expect(shown(), told).toContain('up > 1');
        expect(only(await deploy(root)).status).toBe('held');
      }
      // Whatever became of it, going back leads where it was to lead, or one step further once that was done.
      await run(['-C', root, 'rollback', '--offline']);
      expect(shown()).toContain(left ? 'up > 1' : 'up > 0');
    }
  });
});

describe('kept releases', () => {
  it('are listed as damaged, and the next whole one is named', async () => {
    const { root, rulePath, shown } = await released(0, 1, 2);
    const { kept } = JSON.parse((await run(['-C', root, 'rollback', '--list', '--format', 'json'])).stdout).servers[0];
    expect(kept).toMatchObject([{ damaged: false }, { damaged: false }]);
    const store = join(rulePath, '.rulewright');
    const [, middle = ''] = readdirSync(join(store, 'releases')).filter((name) => !name.endsWith('000000000000'));
    writeFileSync(join(store, 'releases', middle, 'group-default.txt'), 'groups: []\n');
    const list = async (): Promise<string> => (await run(['-C', root, 'rollback', '--list'])).stdout;
    expect(await list()).not.toContain('damaged');
    for (const name of readdirSync(join(store, 'objects')))
      if (readFileSync(join(store, 'objects', name), 'utf8').includes('up > 1')) rmSync(join(store, 'objects', name));
    expect(await list()).toMatch(/^1 .*Z, damaged .*\n2 .*Z {2}/m);
    const refused = await run(['-C', root, 'rollback', '--offline']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^error: The kept release \w+ is damaged:\n {6}group-default\.yml: was changed since it was deployed\nhelp: The newest one before it that is whole is \w+: `rulewright -C \S+ rollback 2` goes back to that\.\n/,
    );
    expect(shown()).toContain('up > 2');
    expect((await run(['-C', root, 'rollback', '2', '--offline'])).code).toBe(0);
    expect(shown()).toContain('up > 0');
  });
});
