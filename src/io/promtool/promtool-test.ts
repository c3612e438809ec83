import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheKey } from '../memory/cache.ts';
import type { Verdicts } from '../memory/verdicts.ts';
import { mapLimited } from '../parallel.ts';
import { fsProblem, type Problem } from '../problem.ts';
import { type Env, featureArgs, type Promtool, run } from './promtool.ts';

const TEST_TIMEOUT = 120_000; // milliseconds

/** A test to run, with the paths of its rule files below the directory that they are run in, and their names. */
export interface PreparedTest {
  readonly text: string;
  readonly ruleFiles: readonly string[];
}

export interface TestFailure {
  readonly kind: 'alert' | 'expr' | 'other';
  /** The test's name, where it has one. */
  readonly test?: string;
  /** The alert's name or the expression; '' where promtool names none. */
  readonly what: string;
  readonly time: string;
  /** What promtool says, without the indentation. */
  readonly text: string;
}

export interface TestResult {
  readonly failures: readonly TestFailure[];
  readonly seconds: number;
  /** It passed before with these very rules, and was not run again. */
  readonly remembered: boolean;
}

/**
 * Runs unit tests, each by a call of its own, against rule files that are written to a temporary directory. One that
 * passed before, with the same rules, passes again: promtool's tests have a clock of their own.
 */
export async function runUnitTests(
  promtool: Promtool,
  rules: ReadonlyMap<string, string>,
  tests: readonly PreparedTest[],
  { env, now, verdicts }: { env: Env; now: () => number; verdicts: Verdicts },
): Promise<readonly TestResult[] | Problem> {
  const digests = tests.map(({ text, ruleFiles }) =>
    cacheKey(text, ...ruleFiles.flatMap((name) => [name, rules.get(name) ?? ''])),
  );
  const pending = tests.filter((_, index) => !verdicts.has(digests[index] ?? ''));
  const ran = pending.length === 0 ? [] : await runAll(promtool, rules, pending, env, now);
  if ('message' in ran) return ran;
  const fresh = new Map(pending.map((test, index) => [test, ran[index] as TestResult]));
  await verdicts.add(digests.filter((_, index) => fresh.get(tests[index] as PreparedTest)?.failures.length === 0));
  return tests.map((test) => fresh.get(test) ?? { failures: [], seconds: 0, remembered: true });
}

async function runAll(
  promtool: Promtool,
  rules: ReadonlyMap<string, string>,
  tests: readonly PreparedTest[],
  env: Env,
  now: () => number,
): Promise<readonly TestResult[] | Problem> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(join(tmpdir(), 'rulewright-'));
    await mkdir(join(directory, 'rules'));
    for (const name of new Set(tests.flatMap(({ ruleFiles }) => ruleFiles))) {
      await writeFile(join(directory, 'rules', name), rules.get(name) ?? '');
    }
    const cwd = directory;
    return await mapLimited([...tests.entries()], availableParallelism(), async ([index, { text }]) => {
      const name = `test-${index}.yml`;
      await writeFile(join(cwd, name), text);
      const started = now();
      const ran = await run(promtool.path, [...featureArgs(promtool), 'test', 'rules', name], cwd, env, TEST_TIMEOUT);
      const seconds = (now() - started) / 1000;
      if (ran.code === 0) return { failures: [], seconds, remembered: false };
      const failures = parseFailures(ran.stderr);
      const said = (ran.stderr || ran.stdout || ran.failure || `exit code ${ran.code}`).trim();
      return {
        seconds,
        remembered: false,
        failures: failures.length > 0 ? failures : [{ kind: 'other', what: '', time: '', text: said }],
      };
    });
  } catch (error) {
    return fsProblem(error, 'cannot write files for promtool in', directory ?? tmpdir());
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

const BEGIN = /^ {4}(?:(alertname): (.*), time: ([^,]*),|(expr): (".*"), time: ([^,]*),)/;

/** The failures in promtool's own words, each with what it is about. */
export function parseFailures(output: string): TestFailure[] {
  const failures: { kind: TestFailure['kind']; test?: string; what: string; time: string; lines: string[] }[] = [];
  let name: string | undefined;
  for (const line of output.split('\n')) {
    if (/^\s*(?:FAILED:|SUCCESS|Unit Testing:.*)?\s*$/.test(line)) continue;
    const named = /^ {4}name: (.*),\s*$/.exec(line);
    if (named) {
      name = named[1];
      continue;
    }
    const begin = BEGIN.exec(line);
    if (begin) {
      const what = begin[1] ? (begin[2] ?? '') : unquoted(begin[5] ?? '');
      const time = (begin[3] ?? begin[6] ?? '').trim();
      failures.push({
        kind: begin[1] ? 'alert' : 'expr',
        what,
        time,
        lines: [],
        ...(name !== undefined && { test: name }),
      });
      name = undefined;
      continue;
    }
    const last = failures.at(-1);
    if (last) last.lines.push(line);
    else failures.push({ kind: 'other', what: '', time: '', lines: [line] });
  }
  return failures.map(({ lines, ...failure }) => ({ ...failure, text: dedent(lines) }));
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

function dedent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return lines
    .map((line) => line.slice(Number.isFinite(indent) ? indent : 0).trimEnd())
    .join('\n')
    .trim();
}
