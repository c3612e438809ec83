import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { renderFile } from '../../src/outputs/prometheus.ts';
import { tools } from '../support/tools.ts';
import { trialOf } from './expect.ts';
import { repositories } from './generate.ts';
import { judge, show } from './judge.ts';
import { lint, testRules, writeTrial } from './promtool.ts';

it('promtool', { timeout: 900_000 }, async () => {
  const n = Number(process.env.JUDGE ?? 100);
  const seed = Number(process.env.JUDGE_SEED ?? 1);
  const root = mkdtempSync(join(tmpdir(), 'judge-'));
  const all = fc.sample(repositories, { seed, numRuns: n });
  const tests: Record<string, string[]> = { old: [], new: [] };
  const files: Record<string, string[]> = { old: [], new: [] };
  const byPath = new Map<string, number>();
  let alerts = 0, series = 0, tJ = 0, tT = 0;
  for (const [i, r] of all.entries()) {
    let t = Date.now();
    const v = judge(r, compile);
    tJ += Date.now() - t;
    if (v.disagreements.length > 0) { console.log(`DIS ${i} ${v.disagreements.slice(0, 3).join('\n')}`); console.log(show(r).length < 3000 ? show(r) : ''); continue; }
    if (!v.compiled.ruleSet) continue;
    t = Date.now();
    const trial = trialOf(r, v.meaning);
    alerts += trial.alerts[0].length + trial.alerts[1].length;
    series += trial.series.length;
    const age = r.three ? 'new' : 'old';
    const rendered = new Map(v.compiled.ruleSet.files.map((f) => [f.fileName, renderFile(f)]));
    const path = writeTrial(join(root, String(i)), rendered, trial);
    tT += Date.now() - t;
    tests[age]?.push(path);
    for (const name of rendered.keys()) files[age]?.push(join(root, String(i), name));
    byPath.set(path, i);
  }
  console.log(`judge ${tJ} trial ${tT} ms, ${tests.old?.length}+${tests.new?.length} trials, alerts ${alerts} series ${series}`);
  const t = Date.now();
  const [a, b] = await Promise.all([testRules(tools.promtool.old as string, tests.old ?? [], join(root, 'old.log')), testRules(tools.promtool.new as string, tests.new ?? [], join(root, 'new.log'))]);
  console.log(`promtool ${Date.now() - t} ms, ${a.size + b.size} failed`, root);
  for (const [path, text] of [...a, ...b].slice(0, 3)) {
    console.log(`=== ${byPath.get(path)} ${text.slice(0, 3000)}\n${show(all[byPath.get(path) as number] as never)}`);
  }
  const l = await Promise.all([lint(tools.promtool.old as string, files.old ?? [], join(root, 'ol.log')), lint(tools.promtool.new as string, files.new ?? [], join(root, 'nl.log'))]);
  console.log(l.map((s) => s.slice(0, 1500)).join('\n'));
  expect(a.size + b.size).toBe(0);
});
