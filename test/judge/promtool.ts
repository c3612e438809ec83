import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from './expect.ts';
import type { LabelSet } from './model.ts';
import type { Series } from './shape.ts';

/** When each phase is looked at: long after it began, long before it ends. */
const LOOK = ['10m', '30m', '50m'] as const;

/** Writes the compiled files of a repository and its trial; gives the path of promtool's test file. */
export function writeTrial(folder: string, files: ReadonlyMap<string, string>, { series, alerts }: Trial): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const test = {
    rule_files: [...files.keys()],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series.map((s) => ({ series: seriesText(s.name, s.labels), values: valuesText(s) })),
        promql_expr_test: LOOK.map((eval_time, phase) => ({
          expr: 'ALERTS',
          eval_time,
          exp_samples: (alerts[phase] ?? []).map((labels) => ({ labels: seriesText('ALERTS', labels), value: 1 })),
        })),
      },
    ],
  };
  const path = join(folder, 'test.json');
  writeFileSync(path, JSON.stringify(test));
  return path;
}

export function seriesText(name: string, labels: LabelSet): string {
  const own = Object.entries(labels).map(
    ([label, value]) => `${/^\w+$/.test(label) ? label : JSON.stringify(label)}=${JSON.stringify(value)}`,
  );
  return name.startsWith('"') ? `{${[name, ...own].join(',')}}` : `${name}{${own.join(',')}}`;
}

/** Eleven samples of the first phase, twenty of each other, a minute apart. */
export function valuesText({ values: [a, b, c], counter }: Pick<Series, 'values' | 'counter'>): string {
  if (!counter) return [constant(a, 11), constant(b, 20), constant(c, 20)].join(' ');
  const [first, second] = [600 * a, 600 * a + 1200 * b];
  return `0${signed(60 * a)}x10 ${first + 60 * b}${signed(60 * b)}x19 ${second + 60 * c}${signed(60 * c)}x19`;
}

const constant = (value: number, count: number): string =>
  Number.isNaN(value) ? `_x${count}` : `${value}+0x${count - 1}`;
const signed = (value: number): string => (value < 0 ? String(value) : `+${value}`);

/** Runs a program, both its streams into one file, so that their order is kept. */
export function run(
  program: string,
  args: readonly string[],
  log: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const fd = openSync(log, 'w');
    const child = spawn(program, args, { stdio: ['ignore', fd, fd] });
    child.on('error', reject);
    child.on('close', (code) => {
      closeSync(fd);
      resolve({ code, output: readFileSync(log, 'utf8') });
    });
  });
}

/** What promtool says of each test file that failed. */
export async function testRules(promtool: string, tests: readonly string[], log: string): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  if (tests.length === 0) return failed;
  const { code, output } = await run(promtool, ['test', 'rules', ...tests], log);
  // The results stand in the order of the files; not every version says which file a result is of.
  const results = output
    .split(/^(?= {2}(?:SUCCESS|FAILED:)$)/m)
    .filter((part) => /^ {2}(?:SUCCESS|FAILED:)$/m.test(part));
  if (results.length !== tests.length)
    throw new Error(`promtool ran ${results.length} of ${tests.length} tests: ${output.slice(0, 2000)}`);
  results.forEach((result, i) => {
    if (!result.startsWith('  SUCCESS')) failed.set(tests[i] as string, result);
  });
  if (code !== 0 && failed.size === 0) throw new Error(`promtool failed, but no test did: ${output.slice(0, 2000)}`);
  return failed;
}

/** The linter's complaints about rule files; '' where there are none. */
export async function lint(promtool: string, files: readonly string[], log: string): Promise<string> {
  if (files.length === 0) return '';
  const { code, output } = await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...files], log);
  return code === 0 ? '' : output;
}
