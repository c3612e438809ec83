import { join } from 'node:path';
import type { ServerConfig } from '../core/config.ts';
import { type DirectoryFacts, type FileDrift, judgeDrift, type MemoryFacts } from '../core/drift.ts';
import {
  compareLoaded,
  type Difference,
  type ReadBackGroup,
  type ReleasedGroups,
  releasedGroups,
} from '../core/read-back.ts';
import { type LoadedText, releaseTexts, shownTexts } from '../io/deploy/loaded.ts';
import { hasNoRules } from '../io/deploy/names.ts';
import { readRelease, sha256Of } from '../io/deploy/release.ts';
import { inspect } from '../io/deploy/rule-path.ts';
import type { Deployed, Release } from '../io/deploy/types.ts';
import type { Problem } from '../io/problem.ts';
import { style } from '../report/color.ts';
import { type DriftReport, driftJson, driftText } from '../report/drift.ts';
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
  const done = await eachServer<Answer>(
    'drift',
    call,
    io,
    async (turn) => ({ config: turn.config, report: await driftOf(turn, call, io) }),
    (config, report) => ({ config, report }),
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
      if (isProblem(report)) fail(titled(report, config), 'drift', globals, io);
      else if (report.drift || !globals.quiet) io.stdout.write(driftText(report, styles));
    }
  }
  return worstExit(
    answers.map(({ report }) => (isProblem(report) ? EXIT.broken : report.drift ? EXIT.failed : EXIT.ok)),
  );
}

async function driftOf({ config, server }: Turn, call: Call, io: Io): Promise<DriftReport | Problem> {
  const release = await readRelease(join(outOf(call, io), config.name));
  if (isProblem(release)) return release;
  const deployed = call.options['memory'] === true ? undefined : await inspect(config.rulePath);
  if (deployed && isProblem(deployed)) return withHelp(deployed);
  const layout = deployed?.layout ?? config.layout;
  const memory = await serverMemory(server, {
    rulePaths: [config.rulePath, ...(deployed ? [deployed.rulePath] : [])],
    release,
    layout,
    foreign: deployed?.foreign ?? [],
  });
  if (isProblem(memory)) return memory;
  const texts = deployed && (await shownTexts(deployed));
  if (texts && isProblem(texts)) return texts;
  const shown = texts && visibleOf(texts);
  const wanted = await releaseTexts(release, layout);
  if (isProblem(wanted)) return wanted;
  const compared = (groups: readonly ReadBackGroup[]): Difference[] => compareLoaded(groups, memory.loaded, memory);
  const judged = judgeDrift({
    dist: release.id,
    directory: deployed && shown && directoryFacts(deployed, shown),
    memory: memoryFacts(memory),
    files: deployed && shown ? fileDrift(release, deployed, shown.sha256) : [],
    directoryMemory: shown && compared(shown.groups),
    distMemory: compared(releasedGroups(wanted).groups),
  });
  return {
    ...judged,
    name: config.name,
    url: server.name,
    rulePath: config.rulePath,
    filesCount: release.files.length,
    rulesCount: release.rulesCount,
  };
}

const directoryFacts = (
  { current, damaged, unfinished }: Deployed,
  { unreadable, sha256 }: Visible,
): DirectoryFacts => ({
  release: current?.id,
  files: sha256.size,
  // Where nothing was deployed, nothing can have changed since.
  damaged: current ? damaged : [],
  unfinished: unfinished !== undefined,
  unreadable,
});

const memoryFacts = ({ own, reloaded, located }: ServerMemory): MemoryFacts => ({
  groups: own.length,
  reloaded,
  located,
});

/** The files that `dist/` and the rule path have not in common; of a bundle its parts are compared, by what was deployed. */
function fileDrift(release: Release, { current, layout }: Deployed, visible: ReadonlyMap<string, string>): FileDrift[] {
  const parts = current?.files.map(({ fileName, sha256 }) => [fileName, sha256] as const);
  const there = new Map(layout === 'bundle' && parts ? parts : visible);
  const files: FileDrift[] = release.files.flatMap(({ fileName, sha256 }) => {
    const other = there.get(fileName);
    there.delete(fileName);
    if (other === sha256) return [];
    return [{ fileName, what: other === undefined ? ('only-in-dist' as const) : ('differs' as const) }];
  });
  const left = [...there.keys()].map((fileName) => ({ fileName, what: 'only-in-directory' as const }));
  return [...files, ...left].sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

interface Visible extends ReleasedGroups {
  /** By file name; without files that hold no rules, which stay for a while when others go. */
  readonly sha256: ReadonlyMap<string, string>;
}

function visibleOf(texts: readonly LoadedText[]): Visible {
  const files = texts.filter(({ text }) => !hasNoRules(text));
  return { ...releasedGroups(texts), sha256: new Map(files.map((file) => [file.fileName, sha256Of(file.text)])) };
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
