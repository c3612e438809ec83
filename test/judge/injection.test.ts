import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { corpusExpressions } from '../promql/corpus.ts';
import { corpusOrSkip, temporaryFolder } from '../support/paths.ts';
import { tools } from '../support/tools.ts';
import { difference, measured, pairOf, REGIONS } from './injection.ts';
import { run } from './promtool.ts';

/** Expressions of real rule files; `JUDGE=5000` takes that many. */
const COUNT = Number(process.env.JUDGE ?? 300);
/** Expressions that share one database. */
const BATCH = 50;

it(`${COUNT} real expressions mean the same on a region`, { timeout: 60_000 + COUNT * 300 }, async (context) => {
  const folder = corpusOrSkip(context);
  const promtool = tools.promtool.new ?? tools.promtool.old;
  if (!promtool) context.skip('skipped: there is no promtool here; `npm test` gets it');
  const all = corpusExpressions(folder, ['rules', 'crd']).map((e) => e.expr);
  // Spread over the corpus, always the same ones.
  const some = all.filter(
    (_, i) => Math.floor((i * COUNT) / all.length) !== Math.floor(((i - 1) * COUNT) / all.length),
  );
  const tried = new Map<number, { text: string; injected: string; subtracts: boolean; fleetWide: boolean }>();
  const tests: object[] = [];
  for (let from = 0; from < some.length; from += BATCH) {
    const series = new Map<string, string>();
    const queries: object[] = [];
    some.slice(from, from + BATCH).forEach((text, i) => {
      const index = from + i;
      const where = REGIONS[index % REGIONS.length] as (typeof REGIONS)[number];
      const pair = pairOf(measured(text), index, where);
      if (!pair) return;
      tried.set(index, { text, injected: pair.injected, subtracts: where.minus.length > 0, fleetWide: pair.fleetWide });
      for (const [name, values] of pair.series) series.set(name, values);
      const ask = (what: string, expr: string) => ({
        expr: `label_replace(count(${expr}\n), "${what}", "${index}", "", "")`,
        eval_time: '40m',
        exp_samples: [],
      });
      queries.push(ask('differs', difference(pair.injected, pair.alone)), ask('found', pair.injected));
      // The control: without the region's matchers the two must differ wherever there is something to see.
      if (index % 4 === 0) queries.push(ask('control', difference(pair.untouched, pair.alone)));
    });
    const input_series = [...series].map(([name, values]) => ({ series: name, values }));
    tests.push({ interval: '1m', input_series, promql_expr_test: queries });
  }
  const own = temporaryFolder();
  const path = join(own, 'test.json');
  writeFileSync(path, JSON.stringify({ rule_files: [], evaluation_interval: '10m', tests }));
  const { output } = await run(promtool as string, ['test', 'rules', path], join(own, 'log'));
  const ids = (what: string): Set<number> =>
    new Set([...output.matchAll(new RegExp(`got:.*\\b${what}="(\\d+)"`, 'g'))].map((m) => Number(m[1])));
  const failing = new Set(
    [...output.matchAll(/^.*\berr: .*$/gm)].flatMap(([line]) =>
      [...line.matchAll(/\ba(\d+)_/g)].map((m) => Number(m[1])),
    ),
  );
  const [differs, found] = [ids('differs'), ids('found')];
  const described = [...differs].map((i) => `${tried.get(i)?.text}\n  became ${tried.get(i)?.injected}`);
  expect(described.slice(0, 5)).toEqual([]);
  const good = [...found].filter((i) => !failing.has(i)).flatMap((i) => tried.get(i) ?? []);
  console.log(
    `${some.length} expressions, ${tried.size} tried, ${failing.size} cannot be evaluated, ${good.length} have results: ${good.filter((g) => g.subtracts).length} with a subtraction, ${good.filter((g) => g.fleetWide).length} fleet-wide`,
  );
  // Regions of every fourth expression are of one kind: the first.
  expect(ids('control').size).toBeGreaterThan([...found].filter((i) => i % 4 === 0).length / 2);
  // It says something only where many expressions find something.
  expect(good.length).toBeGreaterThan(COUNT / 5);
});
