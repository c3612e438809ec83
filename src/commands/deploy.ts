import { join, resolve } from 'node:path';
import type { ServerOutcome } from '../core/deploy/outcome.ts';
import { succeeded } from '../core/deploy/outcome.ts';
import { readRelease } from '../io/deploy/release.ts';
import { deployJson } from '../report/deploy/json.ts';
import { deployText, summaryText } from '../report/deploy/text.ts';
import { callerOf } from './caller.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, useColor, writeJson } from './context.ts';
import { planDiffs, shownDiff } from './deploy/diff.ts';
import type { Goal } from './deploy/goal.ts';
import { writeMetrics } from './deploy/metrics.ts';
import { type Prelude, readPrelude } from './deploy/options.ts';
import { runServers, type Timed, type Turned } from './deploy/run.ts';
import type { Session } from './deploy/session.ts';
import { sharedPathProblem } from './deploy/shared.ts';
import { staleWarning } from './deploy/stale.ts';
import { fail } from './fail.ts';
import { listen } from './interrupt.ts';
import { progressOf } from './progress.ts';
import { say } from './say.ts';

/** Releases what is in `dist/` to every server, or with `--dry-run` tells what that would do. */
export async function deploy(call: Call, io: Io): Promise<ExitCode> {
  const prelude = await readPrelude(call, io);
  if (isProblem(prelude)) return fail(prelude, call, io);
  const given = textOption(call, 'from');
  const from = given === undefined ? join(call.globals.root, 'dist') : resolve(io.cwd, given);
  return runAll(call, io, 'deploy', prelude, async (name) => ({
    kind: 'deploy',
    release: await readRelease(join(from, name)),
  }));
}

/** All servers one after the other, and what there is to say of it; `goalOf` tells what the server of a name is to get. */
export async function runAll(
  call: Call,
  io: Io,
  command: 'deploy' | 'rollback',
  { config, servers, settings }: Prelude,
  goalOf: (name: string) => Promise<Goal>,
): Promise<ExitCode> {
  const { globals, options } = call;
  const allOrNothing = options['all-or-nothing'] === true;
  const started = io.now();
  const progress = progressOf(globals, io);
  const interrupt = listen(io, (signal) => {
    progress.clear();
    say(`${signal}: stopping as soon as nothing is left half done …`, globals, io);
  });
  let asked: Promise<string | undefined> | undefined;
  const remark = (rulesCount: number): Promise<string | undefined> => {
    const compiledHere = command === 'deploy' && textOption(call, 'from') === undefined;
    asked ??= compiledHere ? staleWarning(call, io, rulesCount) : Promise.resolve(undefined);
    return asked;
  };
  let timed: readonly Timed[];
  try {
    const turns: Turned[] = [];
    const switched = new Set<string>();
    for (const server of servers) {
      const { prometheus } = config;
      const about = { globals, io, caller: callerOf(call, io), progress, interrupt };
      const session: Session = { server, prometheus, settings, ...about, switched, remark };
      turns.push({ session, goal: await goalOf(server.name) });
    }
    const clash = await sharedPathProblem(turns, allOrNothing);
    if (clash) return fail(clash, call, io);
    const color = useColor(globals, io, io.stderr);
    timed = await runServers(turns, allOrNothing, ({ outcome, duration }) => {
      if (globals.format === 'json') return;
      io.stderr.write(deployText(outcome, { color, quiet: globals.quiet, several: servers.length > 1, duration }));
    });
  } finally {
    interrupt.close();
  }
  const outcomes = timed.map(({ outcome }) => outcome);
  if (globals.format === 'text') io.stderr.write(summaryText(outcomes, globals.quiet));
  const diffs = options['diff'] === true ? await planDiffs(outcomes) : undefined;
  if (globals.format === 'json') writeJson(io, deployJson(outcomes, (io.now() - started) / 1000, diffs));
  else
    for (const diff of diffs?.values() ?? [])
      io.stdout.write(shownDiff(diff, io.stdout.isTTY, useColor(globals, io, io.stdout)));

  const metrics = textOption(call, 'metrics');
  const problem =
    metrics === undefined || settings.dryRun
      ? undefined
      : await writeMetrics(resolve(io.cwd, metrics), timed, config.servers, io);
  if (metrics !== undefined && !metrics.endsWith('.prom')) {
    say(
      `warning: the node exporter reads no ${metrics}: of its textfile directory only files that end in .prom.`,
      globals,
      io,
    );
  }
  // The JSON tells of the deploy, and is out already.
  if (problem) return fail(problem, { ...call, globals: { ...globals, format: 'text' } }, io);
  return exitOf(outcomes, globals.strict);
}

/** The worst of all: a broken environment, a release that failed. With --strict warnings fail. */
function exitOf(outcomes: readonly ServerOutcome[], strict: boolean): ExitCode {
  const bad = outcomes.filter((outcome) => !succeeded(outcome));
  if (bad.some(({ fault }) => fault !== 'release')) return EXIT.broken;
  if (bad.length > 0 || (strict && outcomes.some(({ warnings }) => warnings.length > 0))) return EXIT.failed;
  return EXIT.ok;
}
