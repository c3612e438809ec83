import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { keptRelease } from '../../src/io/deploy/kept.ts';
import { recover } from '../../src/io/deploy/recover.ts';
import type { Layout } from '../../src/io/deploy/types.ts';
import { promtoolOrSkip } from '../support/tools.ts';
import { bundled } from './driver-file.ts';
import { Loads } from './loads.ts';
import { hasStrace, type Operation, type Run, traced } from './strace.ts';
import { A, B, deploy, good, look, type Rules, rulesSeen, setUp } from './support.ts';

/**
 * The deploy is killed at each of its operations in turn. After each: every file that a server would find can be opened
 * and loads; what is seen is one whole release (files without rules count as none); a next run mends the rest.
 *
 * CRASH=all kills at every operation, CRASH=edited (or another part of a name) at every one of those scenarios alone. Without it,
 * renames are tried, for they are what changes the visible state (where a mixture is allowed, every second one), and of the
 * others a sample: what they leave behind lies in the workshop.
 */
const ALL = process.env['CRASH'] !== undefined;
const ONLY = ALL && process.env['CRASH'] !== 'all' ? process.env['CRASH'] : '';
/** Of the operations that change nothing visible, one in so many, counted through all scenarios: each is another one in each. */
const SAMPLE = 61;

interface Scenario {
  readonly name: string;
  readonly before: Layout | undefined;
  readonly layout: Layout;
  readonly end: 'confirm' | 'undo';
  /** Whether the volume has symbolic links. */
  readonly links: boolean;
  /** Whether there are moments at which the rules of both releases, or of neither, are seen in part. */
  readonly mixes: boolean;
  /** Somebody edited a file of the first release through its link. */
  readonly edited?: boolean;
  /** The rule path belongs to this user, as whom root then works. */
  readonly owner?: number;
}

const all: readonly Scenario[] = [
  { name: 'files', before: 'files', layout: 'files', end: 'confirm', links: true, mixes: false },
  { name: 'files, the first', before: undefined, layout: 'files', end: 'confirm', links: true, mixes: false },
  {
    name: 'files, edited, undone',
    before: 'files',
    layout: 'files',
    end: 'undo',
    links: true,
    mixes: false,
    edited: true,
  },
  {
    name: 'files of another, undone',
    before: 'files',
    layout: 'files',
    end: 'undo',
    links: true,
    mixes: false,
    owner: 12345,
  },
  { name: 'bundle', before: 'bundle', layout: 'bundle', end: 'confirm', links: true, mixes: false },
  { name: 'bundle, undone', before: 'bundle', layout: 'bundle', end: 'undo', links: true, mixes: false },
  { name: 'files to bundle', before: 'files', layout: 'bundle', end: 'confirm', links: true, mixes: true },
  { name: 'bundle to files', before: 'bundle', layout: 'files', end: 'undo', links: true, mixes: true },
  { name: 'files, no links', before: 'files', layout: 'files', end: 'confirm', links: false, mixes: true },
  { name: 'files, no links, undone', before: 'files', layout: 'files', end: 'undo', links: false, mixes: true },
  { name: 'bundle, no links', before: 'bundle', layout: 'bundle', end: 'confirm', links: false, mixes: false },
];

const isRoot = process.geteuid?.() === 0;
const scenarios = all.filter(({ name, owner }) => name.includes(ONLY ?? '') && (isRoot || owner === undefined));

const NO_LINKS = 'symlink,symlinkat:error=EPERM';

test('killed at every operation, a deploy leaves one release that loads', { timeout: 1_800_000 }, async (context) => {
  const scene = setScene(context);
  const report: string[] = [];
  let total = 0;
  let [renames, others] = [0, 0];
  for (const scenario of scenarios) {
    const { layout, end, links, mixes, name } = scenario;
    const always = links ? [] : [NO_LINKS];
    const { start, old } = await beginWith(scene, scenario, always);
    const whole = await scene.run(always, layout, end);
    expect(whole.stdout).toBe('');
    expect(rulesSeen(scene.rulePath).rules).toEqual(end === 'confirm' ? B : old);
    expect((await look(scene.rulePath)).damaged).toEqual([]);
    const points = whole.operations.filter(({ call }) => {
      if (ALL) return true;
      return call === 'rename' ? !mixes || renames++ % 2 === 0 : others++ % SAMPLE === 0;
    });
    expect(points.length).toBeGreaterThan(3);
    const hit = new Set<string>();
    for (const point of points) {
      restore(start, scene.rulePath);
      const killed = await scene.run([...always, kill(point)], layout, end);
      if (!killed.killed || !killed.last) continue;
      hit.add(`${killed.last.call} ${killed.last.nth}`);
      const where = `${name}, killed at ${killed.last.call} ${killed.last.what}`;
      await scene.loads.check(scene.rulePath, where);
      const { rules, twice } = rulesSeen(scene.rulePath);
      if (!mixes) expect([old, B], where).toContainEqual(rules);
      if (!mixes) expect(twice, where).toBe(false);
      await mends(scene, scenario, old, where);
    }
    // A thread's calls may come in another order now and then, so that the same operation is hit twice; not often.
    expect(hit.size).toBeGreaterThanOrEqual(points.length * 0.9);
    report.push(`${name}: ${hit.size} of ${whole.operations.length}`);
    total += hit.size;
  }
  console.log(
    `deploys killed at ${total} points (${report.join('; ')}); ${scene.loads.states} visible states, all load`,
  );
});

test('killed while it mends what a killed one left, it is mended by the next', {
  timeout: 1_800_000,
}, async (context) => {
  const scene = setScene(context);
  let total = 0;
  const some = ALL ? /^files$|undone|to files/ : /edited|no links, undone|to files/;
  for (const scenario of scenarios.filter(({ name }) => some.test(name))) {
    const { layout, end, links, name } = scenario;
    const always = links ? [] : [NO_LINKS];
    const { start, old } = await beginWith(scene, scenario, always);
    const renames = (await scene.run(always, layout, end)).operations.filter(({ call }) => call === 'rename');
    // The first renames make things ready; what matters is what is left by one that was killed among the last.
    for (const first of ALL ? renames.slice(2) : renames.slice(-1)) {
      restore(start, scene.rulePath);
      await scene.run([...always, kill(first)], layout, end);
      const broken = join(scene.folder, 'broken');
      restore(scene.rulePath, broken);
      const mending = (await scene.run(always, layout, 'recover')).operations;
      for (const second of mending.filter(({ call }, at) => ALL || call === 'rename' || at % SAMPLE === SAMPLE >> 1)) {
        restore(broken, scene.rulePath);
        const { killed, last } = await scene.run([...always, kill(second)], layout, 'recover');
        if (!killed) continue;
        total += 1;
        const where = `${name}, killed at ${first.what}, then at ${last?.call} ${last?.what}`;
        await scene.loads.check(scene.rulePath, where);
        await mends(scene, scenario, old, where);
      }
    }
  }
  expect(total).toBeGreaterThan(2);
  console.log(`deploys killed twice: ${total} pairs of points`);
});

interface Scene {
  readonly folder: string;
  readonly rulePath: string;
  readonly dist: string;
  readonly loads: Loads;
  /** Deploys under strace. */
  run(inject: readonly string[], layout: Layout, end: string, dist?: string): Promise<Run>;
}

function setScene(context: TestContext): Scene {
  const loads = new Loads(promtoolOrSkip(context));
  if (!hasStrace()) context.skip('skipped: there is no strace here');
  const { folder, rulePath, a, b } = setUp();
  const driver = bundled('driver', folder);
  const log = join(folder, 'strace.log');
  return {
    folder,
    rulePath,
    dist: b,
    loads,
    run: (inject, layout, end, dist = b) =>
      traced(log, inject, [driver, rulePath, dist === 'a' ? a : dist, layout, '0', end], rulePath),
  };
}

/** Deploys the first release, where there is one before, and keeps a copy of what then lies there. */
async function beginWith(
  { folder, rulePath, run }: Scene,
  { before, edited, owner }: Scenario,
  inject: readonly string[],
) {
  rmSync(rulePath, { recursive: true });
  mkdirSync(rulePath);
  if (owner !== undefined) chownSync(rulePath, owner, owner);
  if (before) await run(inject, before, 'confirm', 'a');
  const old: Rules = before ? A : {};
  expect(rulesSeen(rulePath).rules).toEqual(old);
  if (edited) appendFileSync(join(rulePath, 'group-same.yml'), '# By hand.\n');
  const start = join(folder, 'start');
  restore(rulePath, start);
  return { start, old };
}

function restore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  // With owners, which Node's own copy leaves out.
  execFileSync('cp', ['-a', from, to]);
}

function kill({ call, nth }: Operation): string {
  return `${call}:signal=SIGKILL:when=${nth}`;
}

/** The next run brings the directory to one whole release, and deploys. */
async function mends(
  { rulePath, dist }: Scene,
  { layout, edited }: Scenario,
  old: Rules,
  where: string,
): Promise<void> {
  const recovered = good(await recover(await look(rulePath)));
  const { rules, twice } = rulesSeen(rulePath);
  expect([old, B], `${where}; recovered`).toContainEqual(rules);
  expect(twice, `${where}; recovered`).toBe(false);
  expect(recovered.deployed, `${where}; recovered`).toMatchObject({ unfinished: undefined });
  // Before the switch nothing is changed: then the edit is still there.
  const damaged = recovered.deployed.damaged.filter(({ fileName }) => !(edited && fileName === 'group-same.yml'));
  expect(damaged, `${where}; recovered`).toEqual([]);
  // A release that was half deleted isn't offered for going back to.
  for (const n of recovered.deployed.kept.keys()) good(await keptRelease(recovered.deployed, n + 1));
  await deploy(rulePath, dist, layout, 1);
  expect(rulesSeen(rulePath).rules, `${where}; deployed again`).toEqual(B);
  expect(await look(rulePath), where).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true, layout });
}
