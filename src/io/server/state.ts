import { isServerProblem, type PlainAnswer, type Server } from './http.ts';
import { booleanOf, isRecord, textOf } from './json.ts';
import { lastReload, readMark } from './mark.ts';
import { type ServerProblem, serverProblem } from './problem.ts';
import type { ServerState } from './types.ts';

export { serverConfig } from './config.ts';

const HEALTHY = '/-/healthy';
/** Bad gateway, and one that waited too long. */
const GATEWAYS: ReadonlySet<number> = new Set([502, 504]);
const BUILD = '/api/v1/status/buildinfo';

/** All that a server tells of itself, asked at once. What could not be asked is undefined, `problems` says why. */
export async function serverState(server: Server): Promise<ServerState> {
  const problems: ServerProblem[] = [];
  const [healthy, ready, build, flags, marked] = await Promise.all([
    server.plain(HEALTHY),
    server.plain('/-/ready'),
    server.ask(BUILD, []),
    server.ask('/api/v1/status/flags', []),
    readMark(server),
  ]);
  const answered = (path: string, answer: PlainAnswer | ServerProblem): boolean | undefined => {
    if (isServerProblem(answer)) problems.push(answer);
    else if (answer.status === 200) return true;
    else if (answer.status === 503) return false;
    else {
      problems.push(server.refusal(path, answer));
      // It answers, and not well. A gateway that says so speaks of one which doesn't.
      if (path === HEALTHY && answer.status >= 500 && !GATEWAYS.has(answer.status)) return false;
    }
    return undefined;
  };
  const data = (path: string, answer: unknown): Record<string, unknown> => {
    if (isServerProblem(answer)) problems.push(answer);
    else if (isRecord(answer)) return answer;
    else problems.push(strange(server, path));
    return {};
  };
  const isHealthy = answered(HEALTHY, healthy);
  const isReady = answered('/-/ready', ready);
  const told = data(BUILD, build);
  const settings = data('/api/v1/status/flags', flags);
  problems.push(...marked.problems);
  const { mark } = marked;
  return {
    version: versionOf(told),
    ready: isReady,
    healthy: isHealthy,
    lifecycle: flagOf(settings['web.enable-lifecycle']),
    features: featuresIn(settings),
    autoReload: featuresIn(settings)?.includes('auto-reload-config'),
    startTime: mark.startTime,
    lastReload: lastReload(mark),
    clock: isServerProblem(healthy) ? undefined : healthy.date,
    problems: distinct(problems),
  };
}

/** The version alone; undefined where it isn't told. */
export async function toldVersion(server: Server): Promise<string | undefined> {
  const told = await server.ask(BUILD, []);
  return isRecord(told) && !isServerProblem(told) ? versionOf(told) : undefined;
}

/** One that was built without its version has an empty one. */
const versionOf = (told: Readonly<Record<string, unknown>>): string | undefined =>
  textOf(told['version'])?.trim() || undefined;

/** Flags are told as texts. */
function flagOf(value: unknown): boolean | undefined {
  return booleanOf(value) ?? (value === 'true' ? true : value === 'false' ? false : undefined);
}

/** The feature flags alone; undefined where they aren't told. */
export async function toldFeatures(server: Server): Promise<readonly string[] | undefined> {
  const flags = await server.ask('/api/v1/status/flags', []);
  return isRecord(flags) && !isServerProblem(flags) ? featuresIn(flags) : undefined;
}

/** One of them, from 3.0 on, lets the server look by itself whether its files have changed. */
function featuresIn(flags: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  return textOf(flags['enable-feature'])
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The same complaint for several questions is one complaint; what concerns the server as such comes first. */
function distinct(problems: readonly ServerProblem[]): readonly ServerProblem[] {
  const seen = new Map(problems.map((problem) => [problem.message, problem]));
  return [...seen.values()].sort((a, b) => Number(b.scope === 'server') - Number(a.scope === 'server'));
}

function strange(server: Server, path: string): ServerProblem {
  const message = `${server.name} answered ${path} in a form that Prometheus doesn't use.`;
  return serverProblem('server', message, 'Check that the URL is that of a Prometheus.');
}
