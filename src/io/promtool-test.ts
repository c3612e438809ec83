import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapLimited } from './parallel.ts';
import { fsProblem, type Problem } from './problem.ts';
import { type Env, type Promtool, run } from './promtool.ts';

const TEST_TIMEOUT = 120_000; // milliseconds

/** A test to run, with the paths of its rule files below the directory that they are run in. */
export interface PreparedTest {
  readonly text: string;
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
}

/** Runs unit tests, each by a call of its own, against rule files that are written to a temporary directory. */
export async function runUnitTests(
  promtool: Promtool,
  rules: ReadonlyMap<string, Iterable<string>>,
  tests: readonly PreparedTest[],
  env: Env,
  now: () => number,
): Promise<readonly TestResult[] | Problem> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(join(tmpdir(), 'rulewright-'));
    await mkdir(join(directory, 'rules'));
    for (const [name, parts] of rules) await writeFile(join(directory, 'rules', name), [...parts].join(''));
    const cwd = directory;
    return await mapLimited([...tests.entries()], 2, async ([index, { text }]) => {
      const name = `test-${index}.yml`;
      await writeFile(join(cwd, name), text);
      const started = now();
      const ran = await run(promtool.path, ['test', 'rules', name], cwd, env, TEST_TIMEOUT);
      const seconds = (now() - started) / 1000;
      if (ran.code === 0) return { failures: [], seconds };
      const failures = parseFailures(ran.stderr);
      const said = (ran.stderr || ran.stdout || ran.failure || `exit code ${ran.code}`).trim();
      return {
        seconds,
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
