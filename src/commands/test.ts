import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { compileAll } from '../core/compile.ts';
import { type Diagnostic, hasErrors } from '../core/ground/diagnostic.ts';
import { lineRef, type SourceFile } from '../core/ground/source.ts';
import { readUnitTest, type UnitTestFile } from '../core/unit-tests/unit-tests.ts';
import { type Cache, cacheKey, openCache } from '../io/memory/cache.ts';
import { openVerdicts, type Verdicts } from '../io/memory/verdicts.ts';
import { environmentProblem, type Problem } from '../io/problem.ts';
import { featureArgs, findPromtool, type Promtool, withFeatures } from '../io/promtool/promtool.ts';
import { runUnitTests, type TestFailure, type TestResult } from '../io/promtool/promtool-test.ts';
import { writeSources } from '../io/sources/adopt.ts';
import { loadSources } from '../io/sources/load.ts';
import { isDiagnostic, readSource } from '../io/sources/read.ts';
import { walk } from '../io/sources/walk.ts';
import { renderParts } from '../outputs/prometheus/prometheus.ts';
import { style } from '../report/color.ts';
import { diagnosticsJson } from '../report/json.ts';
import { type JunitSuite, junitXml } from '../report/junit.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, useColor, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { compileOptions, rootProblem } from './repository.ts';
import { say, sayDiagnostics } from './say.ts';
import { chosenServers } from './servers/chosen.ts';
import { type Fleet, fleetOf, runsOf } from './test/fleet.ts';

const MOST_BYTES = 8 * 1024 * 1024;

/** Runs promtool's unit tests of `tests/` against what the sources compile to. */
export async function test(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const broken = (problem: Problem): ExitCode => fail(problem, call, io);
  const missing = await rootProblem(globals.root);
  if (missing) return broken(missing);
  const sources = await loadSources(globals.root, io.env);
  const compiled = compileAll(sources, compileOptions(io));
  const chosen = chosenServers(call, compiled[0].config);
  if (isProblem(chosen)) return broken(chosen);
  const diagnosed = compiled[0].diagnostics;
  const refuse = (diagnostics: readonly Diagnostic[]): ExitCode => {
    sayDiagnostics(
      diagnostics.filter((d) => d.severity === 'error'),
      globals,
      io,
    );
    const errors = diagnosticsJson(diagnostics, 'error');
    if (globals.format === 'json') writeJson(io, { ...call.empty, errors });
    return EXIT.failed;
  };
  if (hasErrors(diagnosed)) return refuse(diagnosed);

  const found = await readTests(call, io);
  if (isProblem(found)) return broken(found);
  const { runs, diagnostics } = runsOf(found.tests, fleetOf(compiled, chosen));
  const wrong = [...found.diagnostics, ...diagnostics];
  if (hasErrors(wrong)) return refuse(wrong);
  sayDiagnostics(wrong, globals, io);
  if (runs.length === 0) {
    return broken(
      environmentProblem(
        'There are no unit tests in tests/.',
        'Write some as promtool reads them: docs/adopt.md shows how.',
      ),
    );
  }

  const cache = await openCache({ env: io.env, root: globals.root, pid: io.pid });
  const { promtoolPath, features } = sources.settings.prometheus;
  const program = await findPromtool(promtoolPath, globals.root, io.env, cache);
  if (isProblem(program)) return broken(program);
  const promtool = withFeatures(program, features);
  const verdicts = await verdictsOf(cache, promtool, io);
  const report: Reported[] = [];
  for (const on of new Set(runs.map((run) => run.on))) {
    const own = runs.filter((run) => run.on === on);
    const named = new Set(own.flatMap((run) => run.ruleFiles));
    const meant = on.files.filter(({ fileName }) => named.has(fileName));
    const texts = new Map(meant.map((file) => [file.fileName, [...renderParts(file)].join('')]));
    const results = await runUnitTests(promtool, texts, own, { env: io.env, now: () => io.now(), verdicts });
    if (isProblem(results)) return broken(results);
    report.push(...own.map(({ file }, i) => ({ file, on, ...(results[i] as TestResult) })));
  }
  const junit = textOption(call, 'junit');
  if (junit !== undefined) {
    const problem = await writeSources(new Map([[resolve(io.cwd, junit), junitXml(report.map(suiteOf))]]), io.pid);
    if (problem) return broken(problem);
  }
  if (globals.format === 'json') writeJson(io, testJson(report, wrong, promtool.version));
  else sayReport(report, call, io);
  const unwelcome = globals.strict && wrong.some((d) => d.severity === 'warning');
  return report.every((r) => r.failures.length === 0) && !unwelcome ? EXIT.ok : EXIT.failed;
}

/** What passed by this promtool before. One that can't be told from another, a script, is asked anew each time. */
const verdictsOf = (cache: Cache | undefined, promtool: Promtool, io: Io): Promise<Verdicts> =>
  openVerdicts(
    promtool.identity === undefined ? undefined : cache,
    cacheKey(promtool.identity ?? '', ...featureArgs(promtool), 'test rules'),
    io.pid,
  );

interface Found {
  readonly tests: readonly UnitTestFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The files that are named, or all of `tests/`. A file there that is no unit test is let be; one that is named is an error. */
async function readTests(call: Call, io: Io): Promise<Found | Problem> {
  const root = await realpath(call.globals.root);
  const explicit = call.args.length > 0;
  const walked = explicit ? undefined : await walk(root, 'tests', (path) => /\.ya?ml$/.test(path));
  const places = walked
    ? walked.found
    : call.args.map((arg) => {
        const absolute = resolve(io.cwd, arg);
        return { path: relative(root, absolute).split(sep).join('/'), absolute };
      });
  const diagnostics: Diagnostic[] = [...(walked?.problems ?? [])];
  const tests: UnitTestFile[] = [];
  for (const { path, absolute } of places) {
    const file: SourceFile | Diagnostic = await readSource(path, absolute, MOST_BYTES);
    if (isDiagnostic(file)) {
      diagnostics.push(file);
      continue;
    }
    const read = readUnitTest(file);
    diagnostics.push(...read.diagnostics);
    if (read.test) tests.push(read.test);
    else if (explicit && read.diagnostics.length === 0) {
      return { code: 'usage', message: `${path} is no unit test: it has no \`tests:\`.` };
    }
  }
  return { tests, diagnostics };
}

interface Reported extends TestResult {
  readonly file: UnitTestFile;
  readonly on: Fleet;
}

/** A test file for people: where there are several servers, with those it ran for. */
const nameOf = ({ file, on }: Reported): string => file.file.path + (on.name === '' ? '' : ` (${on.name})`);

/** Where a failure is expected otherwise, and where its rule is from. */
function placesOf({ file, on }: Reported, failure: TestFailure): { test: string; rule?: string } {
  const own = file.tests.filter((t) => failure.test === undefined || t.name === failure.test);
  const checks = (own.length > 0 ? own : file.tests).flatMap((t) => t.checks);
  const same = checks.filter((c) => c.kind === failure.kind && c.what === failure.what);
  const at = same.find((c) => c.time === failure.time) ?? same[0];
  const rule = on.program.rules.find((r) => failure.kind === 'alert' && r.rule.name.value === failure.what)?.rule;
  return { test: at ? lineRef(at.span) : file.file.path, ...(rule && { rule: lineRef(rule.span) }) };
}

function titleOf({ kind, what, time, test }: TestFailure): string {
  const name = test === undefined ? '' : ` (${test})`;
  return kind === 'other'
    ? 'promtool could not run it'
    : `${kind === 'alert' ? what : `\`${what}\``} at ${time}${name}`;
}

function sayReport(report: readonly Reported[], call: Call, io: Io): void {
  const { globals } = call;
  const styles = style(useColor(globals, io, io.stderr));
  for (const one of report) {
    const name = visible(nameOf(one));
    if (one.failures.length === 0) {
      const how = plural(one.file.tests.length, 'test') + (one.remembered ? ', as before' : '');
      say(`${styles.added('ok')}     ${name}  ${styles.dim(how)}`, globals, io);
      continue;
    }
    io.stderr.write(`${styles.error('FAILED')} ${name}\n`);
    for (const failure of one.failures) {
      const { test, rule } = placesOf(one, failure);
      const lines = failure.text.split('\n').map((line) => `    ${visible(line)}`);
      io.stderr.write(`  ${visible(titleOf(failure))}\n${lines.join('\n')}\n`);
      const from = rule === undefined ? '' : `, the rule at ${visible(rule)}`;
      io.stderr.write(styles.dim(`    expected at ${visible(test)}${from}\n`));
    }
  }
  const failed = report.filter((r) => r.failures.length > 0).length;
  const tests = report.reduce((sum, r) => sum + r.file.tests.length, 0);
  say(
    `${plural(tests, 'test')} in ${plural(report.length, 'file')}, ${failed === 0 ? 'all passed' : `${failed} failed`}`,
    globals,
    io,
  );
}

function testJson(report: readonly Reported[], said: readonly Diagnostic[], version: string): object {
  return {
    ok: report.every((r) => r.failures.length === 0),
    files: report.map((one) => ({
      ...(one.on.name !== '' && { server: one.on.name }),
      file: one.file.file.path,
      tests: one.file.tests.length,
      seconds: one.seconds,
      remembered: one.remembered,
      failures: one.failures.map((f) => ({ ...f, test: f.test ?? null, ...renamed(placesOf(one, f)) })),
    })),
    validated_by: `promtool ${version}`,
    errors: [],
    warnings: diagnosticsJson(said, 'warning'),
  };
}

const renamed = ({ test, rule }: { test: string; rule?: string }): object => ({
  expected_at: test,
  rule_at: rule ?? null,
});

/** A test file as a suite: a case for each test; what can't be told to belong to one is a case of its own. */
function suiteOf(one: Reported): JunitSuite {
  const { file, failures, seconds } = one;
  const left = new Set(failures);
  const cases = file.tests.map((test, index) => {
    const own = [...left].filter((f) =>
      f.test !== undefined ? f.test === test.name : test.checks.some((c) => c.what === f.what && c.time === f.time),
    );
    for (const failure of own) left.delete(failure);
    return { name: test.name ?? `test ${index + 1}`, failures: own.map((f) => `${titleOf(f)}\n${f.text}`) };
  });
  const rest = [...left].map((f) => ({ name: titleOf(f), failures: [`${titleOf(f)}\n${f.text}`] }));
  return { name: nameOf(one), seconds, cases: [...cases, ...rest] };
}
