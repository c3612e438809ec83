import { posix } from 'node:path';
import { isServerProblem, type Server } from './http.ts';
import { isRecord, numberOf, textOf, textsOf, timeOf } from './json.ts';
import { absolute, readMark } from './mark.ts';
import { type ServerProblem, serverProblem } from './problem.ts';
import type { LoadedGroup, LoadedRule } from './types.ts';

/** A rule takes a kilobyte or two, an active alert half of one: several hundred thousand rules. More than this fits no text in memory. */
const MOST_BYTES = 480 * 1024 * 1024;

const PATH = '/api/v1/rules';

/**
 * All rule groups that a server has loaded, in its order, their paths absolute where it tells its own directory. While it
 * loads rules, the answer waits.
 */
export async function loadedRules(server: Server): Promise<readonly LoadedGroup[] | ServerProblem> {
  const data = await server.ask(PATH, [], { mostBytes: MOST_BYTES });
  if (isServerProblem(data)) return data;
  const groups = isRecord(data) ? data['groups'] : undefined;
  const read = Array.isArray(groups) ? groups.map(groupOf) : [undefined];
  if (read.every((group) => group !== undefined)) return located(server, read);
  const message = `${server.name} answered ${PATH} in a form that Prometheus doesn't use.`;
  return serverProblem('server', message, 'Check that the URL is that of a Prometheus.');
}

/** A server whose configuration file was named by a relative path tells relative paths. */
async function located(server: Server, groups: readonly LoadedGroup[]): Promise<readonly LoadedGroup[]> {
  if (groups.every(({ file }) => posix.isAbsolute(file))) return groups;
  const { mark } = await readMark(server);
  return groups.map((group) => ({ ...group, file: absolute(group.file, mark.directory) }));
}

function groupOf(value: unknown): LoadedGroup | undefined {
  if (!isRecord(value)) return undefined;
  const [file, name, rules] = [textOf(value['file']), textOf(value['name']), value['rules']];
  if (file === undefined || name === undefined || !Array.isArray(rules)) return undefined;
  const read = rules.map(ruleOf);
  if (!read.every((rule) => rule !== undefined)) return undefined;
  return {
    file,
    name,
    interval: numberOf(value['interval']) ?? 0,
    limit: numberOf(value['limit']),
    lastEvaluation: timeOf(value['lastEvaluation']),
    rules: read,
  };
}

function ruleOf(value: unknown): LoadedRule | undefined {
  if (!isRecord(value)) return undefined;
  const [name, query] = [textOf(value['name']), textOf(value['query'])];
  if (name === undefined || query === undefined) return undefined;
  const lastError = textOf(value['lastError']);
  const alerts: unknown = value['alerts'];
  const health = value['health'];
  return {
    kind: value['type'] === 'recording' ? 'record' : 'alert',
    name,
    query,
    for: numberOf(value['duration']) ?? 0,
    keepFiringFor: numberOf(value['keepFiringFor']) ?? 0,
    labels: textsOf(value['labels']),
    annotations: textsOf(value['annotations']),
    health: health === 'ok' || health === 'err' ? health : 'unknown',
    lastError: lastError === '' ? undefined : lastError,
    alerts: Array.isArray(alerts) ? alerts.flatMap(alertOf) : [],
  };
}

function alertOf(value: unknown): LoadedRule['alerts'] {
  if (!isRecord(value)) return [];
  const state = value['state'];
  if (state !== 'pending' && state !== 'firing') return [];
  return [{ state, labels: textsOf(value['labels']), activeAt: textOf(value['activeAt']) ?? '' }];
}
