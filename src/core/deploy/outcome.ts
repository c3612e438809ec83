import type { AlertReset } from './alerts.ts';

/**
 * What became of a release on one server.
 *
 * - `planned`: a dry run; nothing was touched.
 * - `unchanged`: the rule path and the server's memory held the release already.
 * - `released`: the release is in place, and the server proved that it holds it.
 * - `reloaded`: the files were in place; the server's memory was behind, and is not any more.
 * - `switched`: the files are in place; nobody asked the server to load them.
 * - `loading`: the files are in place and the server is still loading them, longer than we wait.
 * - `unconfirmed`: the files are in place; something said that they were loaded, and the server gives no sign of it.
 * - `held`: this release was rolled back, so that it is not deployed again unasked.
 * - `refused`: nothing was changed.
 * - `undone`: it failed, and files and server are as they were before.
 * - `damaged`: what is in force was damaged by somebody, and can't be put back: its pristine copies are lost, too.
 * - `broken`: it failed, and it could not be proven that all is as before.
 * - `not-tried`: another server failed first.
 */
export type ServerStatus =
  | 'planned'
  | 'unchanged'
  | 'released'
  | 'reloaded'
  | 'switched'
  | 'loading'
  | 'unconfirmed'
  | 'held'
  | 'refused'
  | 'undone'
  | 'damaged'
  | 'broken'
  | 'not-tried';

/** One rule file that a release creates, changes or deletes. */
export interface ChangedFile {
  readonly kind: 'create' | 'update' | 'delete';
  readonly fileName: string;
  readonly groupId: string;
  readonly rulesBefore: number;
  readonly rulesAfter: number;
  /** Of a file that stays: how many of its rules are new or changed; undefined: not counted. */
  readonly rulesChanged?: number;
  /** That its text stays, and only how it is handed to the server changes. */
  readonly sameBytes?: boolean;
  /** Where its old and its new bytes lie, absolute; undefined where there are none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The release in force was put right, or only loaded anew and proven. */
export interface Restored {
  readonly release: string | undefined;
  readonly status: ServerStatus;
  readonly changes: readonly ChangedFile[];
}

/** What happened on one server, or would. */
export interface ServerOutcome {
  /** As in `prometheus.servers`; "" where the repository has one server alone. */
  readonly name: string;
  /** Without user and password. */
  readonly url: string;
  readonly status: ServerStatus;
  /** Id of the release that was to be deployed; undefined where it could not be read. */
  readonly release: string | undefined;
  /** Id of the release that lay there before. */
  readonly previous: string | undefined;
  /** The id of the release that lies in the rule path now; undefined: none, or nobody knows. */
  readonly now: string | undefined;
  readonly filesCount: number;
  readonly rulesCount: number;
  /** Rules of the release that lay there before. */
  readonly rulesBefore: number;
  /** Those that `release` makes, or would. */
  readonly changes: readonly ChangedFile[];
  /** What was done, or would be, about the release in force, where another was asked for and didn't come. */
  readonly restored?: Restored;
  readonly alertsReset: readonly AlertReset[];
  /** Whether the server was asked and proved that it holds the release that lies in the rule path. */
  readonly verified: boolean;
  /** Whether the directory or the server's memory was not as the last deploy left it when this one began. */
  readonly drift: boolean;
  /** What happened, in a sentence or some; the first says the most. */
  readonly message: string;
  /** What to do, where there is something. */
  readonly help?: string;
  /** Single complaints behind the message: a file that is refused, a rule in error. */
  readonly details: readonly string[];
  readonly warnings: readonly string[];
  /** Whether it is for want of a working environment (exit code 2) or because the release failed a check (1). */
  readonly fault?: 'release' | 'environment';
}

/** Whether the server now has what was asked for. A release that a person holds back is neither. */
export function succeeded({ status }: Pick<ServerOutcome, 'status'>): boolean {
  return GOOD.has(status);
}

const GOOD: ReadonlySet<ServerStatus> = new Set(['planned', 'unchanged', 'released', 'reloaded', 'switched']);

/** Whether servers behind this one may still be tried. */
export function mayGoOn({ status }: Pick<ServerOutcome, 'status'>): boolean {
  return GOOD.has(status) || status === 'held';
}
