import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exprMeaning } from '../../src/core/adopt/compare.ts';
import { liftables } from '../../src/core/adopt/holes.ts';
import { implicitThreshold } from '../../src/core/expand/implicit.ts';
import { parse } from '../../src/promql/parse.ts';
import { structureOf } from '../../src/promql/structure.ts';
import { corpusOrSkip } from '../support/paths.ts';
import { describeEach } from '../support/tools.ts';
import { corpusRows, readRuleFile } from './support.ts';

/** One in so many files where not `CORPUS=all`. */
const SAMPLE = 10;
const NUMBER = '777.125';

describeEach('thresholds of real alerts', 'promtool', (promtool, age) => {
  test('another number stands where the old one stood, and nowhere else', { timeout: 600_000 }, (context) => {
    const folder = corpusOrSkip(context);
    const counts = { alerts: 0, thresholds: 0, lifted: 0 };
    const replaced: string[] = [];
    for (const text of alertsOf(folder)) {
      counts.alerts++;
      const hole = implicitThreshold(text);
      if (!hole) continue;
      counts.thresholds++;
      const put = (number: string): string => text.slice(0, hole.from) + number + text.slice(hole.to);
      const [before, after] = [parse(text).expr, parse(put(NUMBER)).expr];
      expect(after && structureOf(after), text).toBe(before && structureOf(before));
      expect(put(NUMBER).split(NUMBER), text).toHaveLength(2);
      // With the number that it is, the meaning is the author's.
      if (Number.isFinite(hole.value))
        expect(exprMeaning(put(`${hole.value}`), 'exact')).toBe(exprMeaning(text, 'exact'));
      const same = liftables(text).find(({ param }) => param.name === 'threshold');
      if (same) expect([same.from, same.to], text).toEqual([hole.from, hole.to]);
      if (same) counts.lifted++;
      replaced.push(put(NUMBER));
    }
    const rules = replaced.map((expr, i) => ({ alert: `A${i}`, expr }));
    const dir = mkdtempSync(join(tmpdir(), 'thresholds-'));
    writeFileSync(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'g', rules }] }));
    const out = execFileSync(promtool, ['check', 'rules', '--lint=none', join(dir, 'rules.yml')], { encoding: 'utf8' });
    rmSync(dir, { recursive: true });
    expect(out).toContain(`SUCCESS: ${rules.length} rules found`);
    console.log(age, counts);
  });
});

/** The expressions of alerts that we and every server can read. */
function alertsOf(folder: string): string[] {
  return corpusRows(folder, 'rules', SAMPLE)
    .filter(({ check }) => check !== 'fail')
    .flatMap(({ text }) =>
      (readRuleFile(text) as { rules: { alert?: string; expr: string }[] }[]).flatMap((g) => g.rules),
    )
    .flatMap(({ alert, expr }) => (alert !== undefined && parse(expr).expr ? [expr] : []));
}
