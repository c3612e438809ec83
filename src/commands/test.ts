import { resolve } from 'node:path';
import { compileAll } from '../core/compile.ts';
import { type Beyond, beyondNote } from '../core/gates/promtool-scope.ts';
import { type Diagnostic, hasErrors } from '../core/ground/diagnostic.ts';
import { judged, type RunnableFile, runnableFile } from '../core/unit-tests/runnable.ts';
import { type Cache, cacheKey, openCache } from '../io/memory/cache.ts';
import { openVerdicts, type Verdicts } from '../io/memory/verdicts.ts';
import { environmentProblem, type Problem } from '../io/problem.ts';
import { featureArgs, findPromtool, type Promtool, withFeatures } from '../io/promtool/promtool.ts';
import { runUnitTests, type TestResult } from '../io/promtool/promtool-test.ts';
import { writeSources } from '../io/sources/adopt.ts';
import { loadSources } from '../io/sources/load.ts';
import { plainText } from '../outputs/plain-text.ts';
import { renderParts } from '../outputs/prometheus/prometheus.ts';
import { diagnosticsJson } from '../report/json.ts';
import { junitXml } from '../report/junit.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { compileOptions, refusedExit, rootProblem } from './repository.ts';
import { sayDiagnostics } from './say.ts';
import { chosenServers } from './servers/chosen.ts';
import { fleetOf, runsOf } from './test/fleet.ts';
import { readTests } from './test/read.ts';
import { type Reported, sayReport, suiteOf, testJson } from './test/report.ts';

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
    return refusedExit(diagnostics);
  };
  if (hasErrors(diagnosed)) return refuse(diagnosed);

  const found = await readTests(call.globals.root, call.args, io.cwd);
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
  const known = { flags: [], ...promtool };
  const beyond: Beyond[] = [];
  const report: Reported[] = [];
  for (const on of new Set(runs.map((run) => run.on))) {
    const own = runs.filter((run) => run.on === on);
    const named = new Set(own.flatMap((run) => run.ruleFiles));
    const meant = on.files.filter(({ fileName }) => named.has(fileName));
    const runnable = meant.map((file) => runnableFile(file, known));
    beyond.push(...runnable.flatMap((file) => file.beyond));
    const texts = new Map(
      meant.map((file, i) => {
        const { groups } = runnable[i] as RunnableFile;
        return [file.fileName, groups ? plainText(groups) : [...renderParts(file)].join('')];
      }),
    );
    const results = await runUnitTests(promtool, texts, own, { env: io.env, now: () => io.now(), verdicts });
    if (isProblem(results)) return broken(results);
    own.forEach(({ file, ruleFiles }, i) => {
      const loads = ({ fileName }: { readonly fileName: string }): boolean => ruleFiles.includes(fileName);
      const isJudged = judged(runnable.filter(loads), meant.filter(loads), known);
      const result = results[i] as TestResult;
      const failures = result.failures.filter(({ kind, what }) => kind === 'other' || isJudged({ kind, what }));
      const unjudged = file.tests.flatMap((one) => one.checks).filter((one) => !isJudged(one));
      const changed = runnable.some((one) => loads(one) && one.changed.length > 0);
      for (const { kind, what, span } of changed ? [] : unjudged) {
        if (kind === 'expr')
          beyond.push({ fileName: file.file.path, what, lacks: 'It can’t read this expression.', span });
      }
      report.push({ ...result, file, on, ruleFiles, failures, unjudged });
    });
  }
  const note = beyondNote(beyond, promtool.version, sources.settings.prometheus.version.span, 'run');
  sayDiagnostics(note, globals, io);
  const junit = textOption(call, 'junit');
  if (junit !== undefined) {
    const problem = await writeSources(new Map([[resolve(io.cwd, junit), junitXml(report.map(suiteOf))]]), io.pid);
    if (problem) return broken(problem);
  }
  if (globals.format === 'json') writeJson(io, testJson(report, [...wrong, ...note], promtool.version));
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
