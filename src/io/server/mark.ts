import { posix } from 'node:path';
import { isServerProblem, type Server } from './http.ts';
import { booleanOf, isRecord, textOf, timeOf } from './json.ts';
import type { ServerProblem } from './problem.ts';
import type { LastReload } from './types.ts';

/** By what a reload is told from the one before. What the server doesn't tell is undefined. */
export interface ReloadMark {
  /** Seconds since 1970, with fractions where the metric could be read: the last successful one. */
  readonly at: number | undefined;
  /** The same in whole seconds. */
  readonly wholeAt: number | undefined;
  readonly successful: boolean | undefined;
  /** RFC 3339: when the process was started. */
  readonly startTime: string | undefined;
  /** The server's working directory, to which its relative paths are relative. */
  readonly directory: string | undefined;
}

export interface ReadMark {
  readonly mark: ReloadMark;
  readonly problems: readonly ServerProblem[];
  /** The server's clock, milliseconds since 1970. */
  readonly date: number | undefined;
  /** Whether it answered at all. */
  readonly answered: boolean;
}

const METRICS_BYTES = 64 * 1024 * 1024;
const SUCCESSFUL = 'prometheus_config_last_reload_successful';
const SUCCEEDED_AT = 'prometheus_config_last_reload_success_timestamp_seconds';

/**
 * How a server's last reload went. `runtimeinfo` tells whole seconds, the metrics are finer; either may be out of reach.
 * Both stay as they were while a reload runs.
 */
export async function readMark(server: Server, timeoutMs?: number): Promise<ReadMark> {
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const [runtime, metrics] = await Promise.all([
    server.ask('/api/v1/status/runtimeinfo', [], limit),
    server.plain('/metrics', { ...limit, mostBytes: METRICS_BYTES }),
  ]);
  // Without the metrics runtimeinfo serves as well, so that their absence is no problem in itself.
  const problems = isServerProblem(runtime) ? [runtime] : [];
  const info = isRecord(runtime) && !isServerProblem(runtime) ? runtime : {};
  const text = isServerProblem(metrics) || metrics.status !== 200 ? '' : metrics.text;
  const success = sample(text, SUCCESSFUL);
  const finer = sample(text, SUCCEEDED_AT);
  const told = timeOf(info['lastConfigTime']);
  // Nought: it has not loaded anything yet.
  const at = finer !== undefined && finer > 0 ? finer : told === undefined ? undefined : told / 1000;
  return {
    mark: {
      at,
      wholeAt: told === undefined ? at && Math.floor(at) : Math.floor(told / 1000),
      successful: booleanOf(info['reloadConfigSuccess']) ?? (success === undefined ? undefined : success === 1),
      startTime: textOf(info['startTime']),
      directory: textOf(info['CWD']),
    },
    problems,
    date: isServerProblem(metrics) ? undefined : metrics.date,
    answered: !isServerProblem(runtime) || !isServerProblem(metrics),
  };
}

/** Whether a reload has succeeded between two looks at a server; false also where one of them saw nothing. */
export function hasReloaded(before: ReloadMark, after: ReloadMark): boolean {
  if (before.at === undefined || after.at === undefined) return false;
  const fine = (mark: ReloadMark): boolean => mark.at !== mark.wholeAt;
  // Where one look saw the metrics and the other did not, only whole seconds can be compared.
  return fine(before) && fine(after) ? after.at !== before.at : after.wholeAt !== before.wholeAt;
}

/** Whether a reload now could fall into the very second of the last one, where only whole seconds are told. */
export function isFresh({ at, wholeAt }: ReloadMark, now: number): boolean {
  return at !== undefined && at === wholeAt && Math.abs(now - at * 1000) < FRESH_MS;
}

/** The header that tells a server's clock has whole seconds, too. */
const FRESH_MS = 2000;

export function lastReload({ at, successful }: ReloadMark): LastReload | undefined {
  return at === undefined || successful === undefined ? undefined : { at, successful };
}

/** A path of the server's, which may be relative to its working directory. */
export function absolute(path: string, directory: string | undefined): string {
  if (posix.isAbsolute(path) || directory === undefined || !posix.isAbsolute(directory)) return path;
  return posix.join(directory, path);
}

/** The value of a metric without labels, in Prometheus' text format. */
function sample(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}(?:\\{\\})? (\\S+)`, 'm').exec(text)?.[1];
  const value = Number(found);
  return found === undefined || Number.isNaN(value) ? undefined : value;
}
