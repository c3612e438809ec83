import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { spanText } from '../../src/core/ground/source.ts';
import { corpusOrSkip, temporaryFolder } from '../support/paths.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { prometheusOrSkip } from '../support/tools.ts';
import { CANNOT_RUN, compileAlone, corpusRows, readRuleFile } from './support.ts';

/** One in so many files where not `CORPUS=all`. */
const SAMPLE = 12;

/** Refused by promtool 2.42 alone, for being newer than it; compiled for it they lose that field and keep their meaning. */
const NEWER: ReadonlyMap<string, string> = new Map([
  [
    'rules/VictoriaMetrics__VictoriaMetrics/app/vmalert/config/testdata/dir/rules1-good.rules',
    'labels of a rule group (3.0), which are lowered to its rules',
  ],
]);

/**
 * What the `yaml` library reads otherwise than Go, so that only the server can judge: a quoted text that is indented
 * less on its further lines, and a block at the end of a file without a final line break.
 */
const READ_BY_THE_SERVER_ALONE = new Set([
  'rules/VictoriaMetrics__VictoriaMetrics/deployment/docker/rules/alerts-vmauth.yml',
  'rules/grafana__jsonnet-libs/argocd-mixin/alerts/argocd-alerts.yml',
]);

/** Up to 2.53 a server takes `*name` for the text "name" where it reads an expression: there it loads what nobody wrote. */
const ALIASES = 'rules/prometheus__prometheus/model/rulefmt/testdata/test_aliases.yaml';

test('rule files that promtool takes come through unchanged', { timeout: 300_000 }, (context) => {
  const rows = corpusRows(corpusOrSkip(context), 'rules', SAMPLE).filter((row) => row.check === 'pass');
  const differences: string[] = [];
  let rules = 0;
  for (const { path, text } of rows) {
    const { out, errors } = compileAlone(text);
    const before = readRuleFile(text) as { rules: unknown[] }[];
    rules += before.reduce((sum, group) => sum + group.rules.length, 0);
    if (CANNOT_RUN.has(path)) expect(new Set(errors.map(({ code }) => code)), path).toEqual(new Set(['go-template']));
    else if (out === undefined) differences.push(`${path}: refused: ${errors[0]?.message}`);
    else if (READ_BY_THE_SERVER_ALONE.has(path)) continue;
    else if (JSON.stringify(sorted(readRuleFile(out))) !== JSON.stringify(sorted(before)))
      differences.push(firstDifference(path, before, readRuleFile(out)));
  }
  console.log(`${rows.length} files, ${rules} rules, ${differences.length} differences`);
  expect(differences).toEqual([]);
});

test('Prometheus loads the compiled files as what it loads of the originals', { timeout: 300_000 }, async (context) => {
  const all = corpusRows(corpusOrSkip(context), 'rules', SAMPLE);
  const rows = all.filter((row) => row.check === 'pass' && row.path !== ALIASES && !CANNOT_RUN.has(row.path));
  const program = prometheusOrSkip(context);
  const folder = temporaryFolder();
  for (const side of ['before', 'after']) mkdirSync(join(folder, side));
  rows.forEach(({ text }, index) => {
    writeFileSync(join(folder, 'before', `${index}.yml`), text);
    writeFileSync(join(folder, 'after', `${index}.yml`), compileAlone(text).out ?? '');
  });
  // An hour, so that nothing is evaluated while the rules are read back.
  const read = async (side: string): Promise<Map<string, unknown>> => {
    const server = await startPrometheus({ program, ruleFiles: [join(folder, side, '*.yml')], interval: '1h' });
    try {
      return new Map(
        (await server.ruleGroups()).map((group) => [`${basename(group.file)} ${group.name}`, meaning(group)]),
      );
    } finally {
      await server.stop();
    }
  };
  const before = await read('before');
  const after = await read('after');
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  const different = [...before].flatMap(([key, group]) => {
    if (JSON.stringify(group) === JSON.stringify(after.get(key))) return [];
    return [firstDifference(`${rows[Number.parseInt(key, 10)]?.path} ${key}`, group, after.get(key))];
  });
  expect(different).toEqual([]);
});

test('what promtool refuses is refused, at a place', { timeout: 120_000 }, (context) => {
  const rows = corpusRows(corpusOrSkip(context), 'rules', SAMPLE).filter((row) => row.check === 'fail');
  const taken: string[] = [];
  for (const { path, text } of rows) {
    const { errors, out } = compileAlone(text);
    if (out !== undefined) taken.push(path);
    for (const { span } of errors) expect(spanText(span), path).toMatch(/^rules\/x\.yml:\d+:\d+$/);
  }
  console.log(`${rows.length} files that promtool refuses, ${taken.length} of them taken`);
  expect(taken).toEqual([...NEWER.keys()]);
});

/** What the server evaluates: without what changes while it runs, and without empty annotations, which say nothing. */
function meaning(group: object): unknown {
  return JSON.parse(JSON.stringify(group), (key, value) => (STATE.has(key) ? undefined : value));
}

const STATE = new Set(['file', 'alerts', 'health', 'state', 'lastError', 'lastEvaluation', 'evaluationTime']);

/** Keys sorted, so that the order of labels and annotations makes no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function firstDifference(name: string, before: unknown, after: unknown): string {
  const [a = '', b = ''] = [before, after].map((side) => JSON.stringify(sorted(side)));
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const from = Math.max(0, at - 60);
  return `${name}: …${a.slice(from, at + 80)} became …${b.slice(from, at + 80)}`;
}
