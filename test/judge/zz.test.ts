import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { repositories } from './generate.ts';
import { judge, show } from './judge.ts';

it('static', { timeout: 400_000 }, () => {
  const n = Number(process.env.JUDGE ?? 300);
  const seed = Number(process.env.JUDGE_SEED ?? 1);
  const t0 = Date.now();
  const all = fc.sample(repositories, { seed, numRuns: n });
  const t1 = Date.now();
  const kinds = new Map<string, number>();
  const ex = new Map<string, string>();
  let refused = 0, ok = 0, instances = 0;
  for (const r of all) {
    let d: readonly string[];
    try {
    const v = judge(r, compile);
    d = v.disagreements;
    if (v.compiled.ruleSet) { ok++; instances += v.compiled.ruleSet.files.reduce((s, f) => s + f.ruleCount, 0); } else refused++;
    } catch (e) { d = [`THROW ${(e as Error).stack}`]; }
    if (d.length > 0) {
      const k = (d[0] ?? '').replace(/"[^"]*"/g, '"…"').replace(/\S+ at \S+/, '').slice(0, 60);
      kinds.set(k, (kinds.get(k) ?? 0) + 1);
      const text = `${d.slice(0, 4).join('\n')}\n${show(r)}`;
      if (!ex.has(k) || (ex.get(k) ?? '').length > text.length) ex.set(k, text);
    }
  }
  console.log(`gen ${t1 - t0} judge ${Date.now() - t1} ok ${ok} refused ${refused} instances ${instances}`);
  for (const [k, c] of kinds) console.log(`=== ${c} × ${k}\n${ex.get(k)}`);
  expect(kinds.size).toBe(0);
});
