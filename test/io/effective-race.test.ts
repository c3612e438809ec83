import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readDist } from '../../src/io/dist/dist.ts';
import { writeEffective } from '../../src/io/dist/effective.ts';
import { applyPlan } from '../../src/io/dist/write.ts';
import { temporaryFolder } from '../support/paths.ts';

/** What is in effect, as of a build: its number stands in each file. */
const filesOf = (n: number): ReadonlyMap<string, string> =>
  new Map([
    ['index.json', `{"compiled_by":"rulewright","n":${n}}`],
    ...Array.from({ length: 5 }, (_, at) => [`sets/${at}.json`, String(n)] as const),
  ]);

it('builds of one checkout at once leave what one of them says, whole', async () => {
  const out = temporaryFolder();
  for (let round = 0; round < 30; round += 1) {
    const numbers = [1, 2, 3, 4].map((pid) => round * 10 + pid);
    const problems = await Promise.all(
      numbers.map((n, at) => writeEffective(out, filesOf(n), { pid: at + 1, now: Date.now() })),
    );
    expect(problems).toEqual([undefined, undefined, undefined, undefined]);
    const n = Number(readFileSync(join(out, 'effective/sets/0.json'), 'utf8'));
    expect(numbers).toContain(n);
    for (const [path, text] of filesOf(n)) expect(readFileSync(join(out, 'effective', path), 'utf8')).toBe(text);
    expect(readdirSync(out)).toEqual(['effective']);
  }
});

it('a file that another build has removed already is removed', async () => {
  const out = temporaryFolder();
  const dist = await readDist(out, out, true);
  if ('message' in dist) throw new Error(dist.message);
  const removed = [{ fileName: 'group-gone.yml', groupId: 'gone' }];
  const manifest = { text: undefined, changed: false };
  const plan = { out: dist.out, files: [], removed, left: [], manifest, leftovers: [] };
  expect(await applyPlan(plan, { pid: process.pid, now: Date.now() })).toBeUndefined();
});
