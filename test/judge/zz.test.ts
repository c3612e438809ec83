import fc from 'fast-check';
import { it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { repositories } from './generate.ts';
import { judge, show } from './judge.ts';

it('static', { timeout: 400_000 }, () => {
  const all = fc.sample(repositories, {
    seed: Number(process.env.JUDGE_SEED ?? 1),
    numRuns: Number(process.env.JUDGE ?? 300),
  });
  const t1 = Date.now();
  const kinds = new Map<string, number>();
  const ex = new Map<string, string>();
  const ref = new Map<string, number>();
  let ok = 0,
    tc = 0;
  for (const r of all) {
    const t = Date.now();
    const v = judge(r, (s, o) => {
      const t = Date.now();
      const c = compile(s, o);
      tc += Date.now() - t;
      return c;
    });
    const d = v.disagreements;
    if (v.compiled.ruleSet) ok++;
    else ref.set([...v.meaning.refusals].sort().join(), (ref.get([...v.meaning.refusals].sort().join()) ?? 0) + 1);
    if (d.length > 0) {
      const k = (d[0] ?? '')
        .replace(/"[^"]*"/g, '"…"')
        .replace(/\S+ at \S+/, '')
        .slice(0, 60);
      kinds.set(k, (kinds.get(k) ?? 0) + 1);
      const text = `${d.slice(0, 4).join('\n')}\n${show(r)}`;
      if (!ex.has(k) || (ex.get(k) ?? '').length > text.length) ex.set(k, text);
    }
  }
  console.log(`judge ${Date.now() - t1} compile ${tc} ok ${ok}`, ref);
  for (const [k, c] of kinds) console.log(`=== ${c} × ${k}\n${ex.get(k)}`);
});
