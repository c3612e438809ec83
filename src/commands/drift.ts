import { join } from 'node:path';
import { judgeDrift, type MemoryFacts } from '../core/deploy/drift.ts';
import { compareLoaded, type Difference, type ReadBackGroup, releasedGroups } from '../core/deploy/read-back.ts';
import { rulesTwice } from '../core/doctor/twice.ts';
import { placedIn } from '../core/ground/paste.ts';
import type { ServerConfig } from '../core/model/config.ts';
import { releaseTexts } from '../io/deploy/loaded.ts';
import { readRelease } from '../io/deploy/release.ts';
import { inspect } from '../io/deploy/rule-path.ts';
import type { Problem } from '../io/problem.ts';
import { style } from '../report/color.ts';
import { type DriftReport, driftJson, driftText } from '../report/drift.ts';
import { callerOf } from './caller.ts';
import {
  type Call,
  EXIT,
  type ExitCode,
  type Failure,
  failureJson,
  type Io,
  isProblem,
  useColor,
  writeJson,
} from './context.ts';
import { QUICK_RULES, staleWarning } from './deploy/stale.ts';
import { directoryPlace, ruleDrift } from './drift/directory.ts';
import { fail } from './fail.ts';
import { outOf } from './repository.ts';
import { serverTitle } from './servers/chosen.ts';
import { eachServer, serversJson, type Turn, worstExit } from './servers/each.ts';
import { type ServerMemory, serverMemory } from './servers/memory.ts';

/** A server's drift, or what stands in the way of knowing it. */
interface Answer {
  readonly config: ServerConfig;
  readonly report: DriftReport | Problem;
}

/** Holds `dist/`, the rule path and the server's memory against one another. */
export async function drift(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  let asked: Promise<string | undefined> | undefined;
  // Somebody who says where dist/ is speaks of another than that of these sources; a quiet run would not tell.
  const silent = call.options['out'] !== undefined || (globals.quiet && globals.format === 'text');
  const remark = (rulesCount: number): Promise<string | undefined> => {
    if (silent || rulesCount > QUICK_RULES) return Promise.resolve(undefined);
    asked ??= staleWarning(call, io, rulesCount);
    return asked;
  };
  const done = await eachServer<Answer>(
    call,
    io,
    async (turn) => ({ config: turn.config, report: await driftOf(turn, call, io, remark) }),
    (config, report) => ({ config, report }),
    { placed: true },
  );
  if ('exit' in done) return done.exit;
  const { answers } = done;
  if (globals.format === 'json') {
    const rows = answers.map(({ config, report }) =>
      isProblem(report)
        ? { name: config.name, status: 'error', drift: null, ...problemJson(report) }
        : driftJson(report),
    );
    writeJson(io, serversJson(rows));
  } else {
    const styles = style(useColor(globals, io, io.stdout));
    for (const { config, report } of answers) {
      if (isProblem(report)) fail(titled(report, config), call, io);
      else if (exitOf(report) !== EXIT.ok || !globals.quiet) io.stdout.write(driftText(report, styles));
    }
  }
  return worstExit(answers.map(({ report }) => (isProblem(report) ? EXIT.broken : exitOf(report))));
}

async function driftOf(
  { config, server }: Turn,
  call: Call,
  io: Io,
  remark: (rulesCount: number) => Promise<string | undefined>,
): Promise<DriftReport | Problem> {
  const release = await readRelease(join(outOf(call, io), config.name));
  if (isProblem(release)) return release;
  const deployed = call.options['memory'] === true ? undefined : await inspect(config.rulePath);
  if (deployed && isProblem(deployed)) return withHelp(deployed);
  const layout = deployed?.layout ?? config.layout;
  const asked = await serverMemory(server, {
    rulePaths: [config.rulePath, ...(deployed ? [deployed.rulePath] : [])],
    release,
    layout,
    foreign: deployed?.foreign ?? [],
  });
  // Of a server that is down the two other places can be compared all the same.
  if (isProblem(asked) && !deployed) return asked;
  const memory = isProblem(asked) ? undefined : asked;
  const place = deployed && (await directoryPlace(deployed, release, config.layout));
  if (place && isProblem(place)) return place;
  const wanted = await releaseTexts(release, layout);
  if (isProblem(wanted)) return wanted;
  const { groups } = releasedGroups(wanted);
  const compared = (from: readonly ReadBackGroup[]): Difference[] | undefined =>
    memory && compareLoaded(from, memory.loaded, memory);
  const stale = await remark(release.rulesCount);
  const judged = judgeDrift({
    dist: release.id,
    directory: place?.facts,
    memory: memory && memoryFacts(memory),
    files: place?.files ?? [],
    rules: place ? ruleDrift(place, groups, layout) : [],
    directoryMemory: place && compared(place.groups),
    distMemory: compared(groups),
  });
  const caller = callerOf(call, io, config.name);
  const advice = stale === undefined ? judged.advice : [...judged.advice, stale];
  return {
    ...judged,
    advice: advice.map((one) => placedIn(one, caller)),
    name: config.name,
    url: server.name,
    rulePath: config.rulePath,
    filesCount: release.files.length,
    rulesCount: release.rulesCount,
    unasked: isProblem(asked) ? asked : undefined,
  };
}

function memoryFacts({ own, reloaded, located, loaded, isOurs }: ServerMemory): MemoryFacts {
  const twice = rulesTwice(loaded, isOurs);
  const rules = twice.reduce((sum, one) => sum + one.rules, 0);
  const file = twice[0]?.file;
  return { groups: own.length, reloaded, located, twice: file === undefined ? undefined : { rules, file } };
}

/** The server's next start matters as much as what it holds now. */
function exitOf({ drift: found, memory, unasked }: DriftReport): ExitCode {
  if (unasked) return EXIT.broken;
  return found || memory?.reloaded === false ? EXIT.failed : EXIT.ok;
}

function withHelp(problem: Problem): Problem {
  const more = 'On a machine that does not see the rule path, --memory compares dist/ with the server alone.';
  return { ...problem, help: problem.help === undefined ? more : `${problem.help} ${more}` };
}

function titled(problem: Failure, config: ServerConfig): Failure {
  return config.name === '' ? problem : { ...problem, message: `${serverTitle(config)}: ${problem.message}` };
}

function problemJson(problem: Problem): Record<string, unknown> {
  const { message, help } = failureJson(problem);
  return { message, help };
}
