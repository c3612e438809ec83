import { coverage } from '../../core/deploy/coverage.ts';
import { serverVersion } from '../../core/gates/version-gates.ts';
import { oursAmong } from '../../io/deploy/loaded.ts';
import type { Layout, Release } from '../../io/deploy/types.ts';
import { visiblePaths } from '../../io/deploy/visible.ts';
import type { Problem } from '../../io/problem.ts';
import { isServerProblem, type Server } from '../../io/server/http.ts';
import { readMark } from '../../io/server/mark.ts';
import { loadedRules } from '../../io/server/rules.ts';
import { serverConfig, toldVersion } from '../../io/server/state.ts';
import type { LoadedGroup } from '../../io/server/types.ts';
import { type Losses, lossesOf } from '../../promql/losses.ts';

/** What a server has in memory, and what of it is ours. */
export interface ServerMemory {
  /** All that it has loaded. */
  readonly loaded: readonly LoadedGroup[];
  /** Those in our rule path, by its names. */
  readonly own: readonly LoadedGroup[];
  readonly isOurs: (file: string) => boolean;
  /** Whether the rule path was found in the server's own view. */
  readonly located: boolean;
  /** Seconds; undefined: it doesn't say. */
  readonly evaluationInterval: number | undefined;
  /** What it loses of expressions that it tells. */
  readonly losses: Losses;
  /** Whether its last reload succeeded. */
  readonly reloaded: boolean | undefined;
}

export interface Ours {
  /** The rule path as we see it: as configured, and with links resolved. */
  readonly rulePaths: readonly string[];
  readonly release: Release;
  readonly layout: Layout;
  /** Names of rule files in the rule path that are not ours. */
  readonly foreign: readonly string[];
}

/** Asks a server what it has loaded, and finds our rule path in its view, which may be another than ours. */
export async function serverMemory(server: Server, ours: Ours): Promise<ServerMemory | Problem> {
  const loaded = await loadedRules(server);
  return isServerProblem(loaded) ? loaded : memoryAmong(server, loaded, ours);
}

/** The same of what it has told already. */
export async function memoryAmong(
  server: Server,
  loaded: readonly LoadedGroup[],
  { rulePaths, release, layout, foreign }: Ours,
): Promise<ServerMemory> {
  const [config, { mark }, version] = await Promise.all([serverConfig(server), readMark(server), toldVersion(server)]);
  const told = isServerProblem(config) ? undefined : config;
  const { rules, others } = visiblePaths(layout, release);
  const paths = loaded.map((group) => group.file);
  const found = told && coverage({ globs: told.ruleFiles, rulePaths, rules, others, loaded: paths });
  const folder = found?.folder;
  const isOurs = oursAmong(folder, foreign);
  return {
    loaded,
    own: loaded.filter(({ file }) => isOurs(file)),
    isOurs,
    located: folder !== undefined || told === undefined,
    evaluationInterval: told?.evaluationInterval,
    losses: lossesOf(serverVersion(version)),
    reloaded: mark.successful,
  };
}
