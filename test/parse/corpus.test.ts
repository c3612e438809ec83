import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spanText } from '../../src/core/ground/source.ts';
import { parseRuleFile } from '../../src/core/parse/rules.ts';
import { source } from './helpers.ts';

const CORPUS = '../shared/corpus';

/** Rows of the corpus' index whose file is there and small enough for a quick test. */
function rows(kind: string): { path: string; check: string; alerts: number; records: number; text: string }[] {
  return readFileSync(`${CORPUS}/INDEX.tsv`, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((row) => row[5] === kind && Number(row[10]) < 60_000 && existsSync(`${CORPUS}/${row[0]}`))
    .map((row) => ({
      path: row[0] ?? '',
      alerts: Number(row[7]),
      records: Number(row[8]),
      check: row[9] ?? '',
      text: readFileSync(`${CORPUS}/${row[0]}`, 'utf8'),
    }));
}

const there = existsSync(CORPUS);

test.skipIf(!there)('every rule file that promtool takes is read, each rule of it', { timeout: 60_000 }, () => {
  const refused: string[] = [];
  let files = 0;
  for (const { path, text, check, alerts, records } of rows('rules')) {
    if (check !== 'pass') continue;
    files++;
    const { native, diagnostics } = parseRuleFile(source(`rules/${path}`, text));
    // promtool does not look at further documents, which Prometheus would lose.
    const errors = diagnostics.filter((d) => d.severity === 'error');
    if (diagnostics.some((d) => d.code === 'ignored-document')) continue;
    refused.push(...errors.map((d) => `${spanText(d.span)} ${d.code} ${d.message}`));
    const rules = native?.groups.flatMap((g) => g.rules) ?? [];
    const counts = [rules.filter((r) => r.alert).length, rules.filter((r) => r.record).length];
    if (`${counts}` !== `${[alerts, records]}`)
      refused.push(`${path}: ${counts} rules instead of ${[alerts, records]}`);
  }
  expect(refused).toEqual([]);
  expect(files).toBeGreaterThan(500);
});

test.skipIf(!there)('manifests and unit tests are recognised', { timeout: 60_000 }, () => {
  for (const kind of ['crd', 'unit-test', 'alertmanager']) {
    const codes = new Map<string, number>();
    for (const { path, text } of rows(kind).slice(0, 60)) {
      for (const d of parseRuleFile(source(`rules/${path}`, text)).diagnostics.slice(0, 1)) {
        codes.set(d.code, (codes.get(d.code) ?? 0) + 1);
      }
    }
    const known = codes.get('not-our-format') ?? 0;
    expect({
      kind,
      most: known * 10 >= 8 * [...codes.values()].reduce((a, b) => a + b, 0),
      codes: [...codes],
    }).toMatchObject({ most: true });
  }
});
