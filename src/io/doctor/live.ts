import { basename, dirname, join, posix } from 'node:path';
import { coverage } from '../../core/deploy/coverage.ts';
import type { CauseFacts, LiveFacts } from '../../core/doctor/facts.ts';
import { releaseOf } from '../deploy/release.ts';
import type { Deployed, Layout, Release } from '../deploy/types.ts';
import { visiblePaths } from '../deploy/visible.ts';
import type { Problem } from '../problem.ts';
import type { Suspects } from '../server/causes.ts';
import { serverConfig } from '../server/config.ts';
import { isServerProblem, type Server } from '../server/http.ts';
import { isRecord, textOf } from '../server/json.ts';
import { absolute, readMark } from '../server/mark.ts';
import { loadedRules } from '../server/rules.ts';
import { serverState } from '../server/state.ts';
import type { LoadedGroup } from '../server/types.ts';
import { memoryFacts, movable, tooNewFor } from './memory.ts';

/** What a server is held against. */
export interface Expected {
  readonly rulePath: string;
  readonly layout: Layout;
  /** That of `dist/`. */
  readonly release: Release | undefined;
  readonly deployed: Deployed | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Finds out why a reload failed. */
  causes(suspects: Suspects): Promise<readonly CauseFacts[]>;
}

const NOTHING: Omit<LiveFacts, 'reach' | 'said'> = {
  version: undefined,
  lifecycle: undefined,
  autoReload: undefined,
  features: undefined,
  lastReload: undefined,
  skew: undefined,
  configFile: undefined,
  globs: undefined,
  externalLabels: undefined,
  coverage: undefined,
  memory: undefined,
  causes: undefined,
  tooNew: undefined,
};

/** What is known of a server that could not even be asked. */
export function unaskedFacts(said: Problem): LiveFacts {
  return { ...NOTHING, reach: 'unreachable', said };
}

/** All that a server tells of how it is, and of what it holds of ours. */
export async function liveFacts(server: Server, expected: Expected): Promise<LiveFacts> {
  const probe = await server.plain('/-/healthy');
  if (isServerProblem(probe)) return unaskedFacts(probe);
  const skew = probe.date === undefined ? undefined : probe.date - expected.now();
  if (probe.status === 401 || probe.status === 403) {
    return { ...NOTHING, reach: 'password', said: server.refusal('/-/healthy', probe), skew };
  }
  const state = await serverState(server);
  const known = {
    version: state.version,
    lifecycle: state.lifecycle,
    autoReload: state.autoReload,
    features: state.features,
    lastReload: state.lastReload && { ...state.lastReload, at: state.lastReload.at * 1000 },
    skew,
  };
  if (state.ready === false) return { ...NOTHING, ...known, reach: 'starting', said: undefined };
  if (state.version === undefined) return { ...NOTHING, ...known, reach: 'other', said: state.problems[0] };

  const [config, loaded, flags, { mark }] = await Promise.all([
    serverConfig(server),
    loadedRules(server),
    server.ask('/api/v1/status/flags', []),
    readMark(server),
  ]);
  const told = isServerProblem(config) ? undefined : config;
  const groups = isServerProblem(loaded) ? undefined : loaded;
  const { deployed, release, rulePath } = expected;
  const layout = deployed?.layout ?? expected.layout;
  const { rules, others } = visiblePaths(layout, release ?? deployed?.current ?? ANY);
  const found =
    told &&
    coverage({
      globs: told.ruleFiles,
      rulePaths: [rulePath, ...(deployed ? [deployed.rulePath] : [])],
      rules,
      others,
      loaded: (groups ?? []).map(({ file }) => file),
    });
  const ours = new Set([...rules, ...(deployed?.current ? visiblePaths(layout, deployed.current).rules : [])]);
  const failed = state.lastReload?.successful === false;
  const suspects = {
    globs: told?.ruleFiles ?? [],
    folder: found?.folder,
    rulePath,
    isOurs: (name: string) => ours.has(name),
    version: state.version,
  };
  return {
    ...known,
    reach: 'answers',
    said: undefined,
    configFile:
      isRecord(flags) && !isServerProblem(flags)
        ? absolutePath(textOf(flags['config.file']), mark.directory)
        : undefined,
    globs: told?.ruleFiles,
    externalLabels: told?.externalLabels,
    coverage: found,
    memory:
      groups &&
      (await memoryFacts(groups, {
        folder: found?.folder,
        evaluationInterval: told?.evaluationInterval,
        version: state.version,
        layout,
        release,
        deployed,
      })),
    causes: failed ? await withHeld(await expected.causes(suspects), groups, suspects) : undefined,
    tooNew: release && (await tooNewFor(state.version, release)),
  };
}

/** Where nothing is known of any release, the root's file stands for all. */
const ANY: Release = releaseOf([
  { fileName: 'group-default.yml', groupId: 'default', ruleCount: 0, sizeBytes: 0, sha256: '', path: '' },
]);

function absolutePath(path: string | undefined, directory: string | undefined): string | undefined {
  const whole = path === undefined ? undefined : absolute(path, directory);
  return whole !== undefined && posix.isAbsolute(whole) ? whole : undefined;
}

/** What a server still holds of the files that it can't load now, and whether we could move them. */
function withHeld(
  causes: readonly CauseFacts[],
  groups: readonly LoadedGroup[] | undefined,
  { folder, rulePath }: Suspects,
): Promise<CauseFacts[]> {
  return Promise.all(
    causes.map(async (cause) => {
      const { path } = cause;
      const seen = folder !== undefined && dirname(path) === rulePath ? join(folder, basename(path)) : path;
      const rules = groups?.filter(({ file }) => file === seen).flatMap((group) => group.rules);
      return { ...cause, held: rules?.map(({ name }) => name), movable: await movable(path) };
    }),
  );
}
