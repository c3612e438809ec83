import type { ActiveAlert } from '../../core/deploy/alerts.ts';
import type { ToldGroup, ToldRule } from '../../core/deploy/read-back.ts';
import type { ServerProblem } from './problem.ts';

/** What a server says of itself. Everything is optional in life: a gateway may hide a part of the API; what could not be asked is undefined, and `problems` says why. */
export interface ServerState {
  /** From `/api/v1/status/buildinfo`, such as "2.42.0". */
  readonly version: string | undefined;
  readonly ready: boolean | undefined;
  readonly healthy: boolean | undefined;
  /** `web.enable-lifecycle` of `/api/v1/status/flags`. */
  readonly lifecycle: boolean | undefined;
  /** What it runs with, `--enable-feature`; undefined: it doesn't tell. */
  readonly features: readonly string[] | undefined;
  /** `--config.auto-reload` (3.x: a feature flag). */
  readonly autoReload: boolean | undefined;
  /** When the process was started, RFC 3339. */
  readonly startTime: string | undefined;
  readonly lastReload: LastReload | undefined;
  /** The server's own clock, from the `Date` header. Milliseconds since 1970. */
  readonly clock: number | undefined;
  readonly problems: readonly ServerProblem[];
}

export interface LastReload {
  readonly successful: boolean;
  /** Seconds since 1970, with fractions where the metric could be read. Of the last *successful* one. */
  readonly at: number;
}

/** The part of `/api/v1/status/config` that concerns rules. */
export interface ServerConfigView {
  /** `rule_files` as the server has them, relative ones resolved against the folder of its configuration file where that is known. */
  readonly ruleFiles: readonly string[];
  /** Seconds; `global.evaluation_interval`. */
  readonly evaluationInterval: number;
  readonly externalLabels: Readonly<Record<string, string>>;
}

/** A rule group that a server has loaded, from `/api/v1/rules`. */
export interface LoadedGroup extends ToldGroup {
  /** Milliseconds since 1970; undefined before the first one. */
  readonly lastEvaluation: number | undefined;
  readonly rules: readonly LoadedRule[];
}

export interface LoadedRule extends ToldRule {
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string | undefined;
  /** Active alerts of an alerting rule. */
  readonly alerts: readonly ActiveAlert[];
}
