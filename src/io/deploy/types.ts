import type { ChangedFile } from '../../core/deploy/outcome.ts';
import type { Problem } from '../problem.ts';

/**
 * The words of a deploy. A *release* is what a manifest lists. The *rule path* is the directory that the server's
 * `rule_files` covers. Reading gives a `Deployed`, comparing gives a `SwitchPlan` (data: `--dry-run` prints it), applying
 * it gives an `OpenSwitch` that the caller closes once the server has proven that it holds the release, or undoes.
 */

/** One file of a release. */
export interface ReleasedFile {
  /** Such as `group-production.yml`: its name in the rule path too (in layout `files`). */
  readonly fileName: string;
  readonly groupId: string;
  readonly ruleCount: number;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Where its bytes lie now. Absolute. */
  readonly path: string;
}

/** A whole release, every hash checked. */
export interface Release {
  /** Made of the names and hashes of its files alone, so that equal releases have equal ids. 12 hexadecimal digits. */
  readonly id: string;
  /** Sorted by name. */
  readonly files: readonly ReleasedFile[];
  readonly rulesCount: number;
}

export type Layout = 'files' | 'bundle';

/** A release that is kept for `rollback`. */
export interface KeptRelease {
  readonly id: string;
  /** Milliseconds since 1970; this and the next are not known of a release that is damaged beyond telling. */
  readonly deployedAt?: number;
  readonly filesCount?: number;
  readonly rulesCount?: number;
}

/** What lies in a rule path. */
export interface Deployed {
  /** Absolute, links resolved. */
  readonly rulePath: string;
  /** undefined: nothing of ours lies here. */
  readonly layout: Layout | undefined;
  readonly current: Release | undefined;
  /** The id of the release in force, where what that says of itself can't be believed, so that `current` is undefined. */
  readonly unbelieved?: string;
  /** When that was deployed, milliseconds since 1970. */
  readonly deployedAt: number | undefined;
  /** Whether a server has confirmed the current release (a deploy that was killed leaves false). */
  readonly confirmed: boolean;
  /** Newest first, without the current one. */
  readonly kept: readonly KeptRelease[];
  /** Files of ours that are not what the current release says: changed, missing, or left behind. */
  readonly damaged: readonly { readonly fileName: string; readonly what: 'changed' | 'missing' | 'extra' }[];
  /** Rule files (by ending) in the rule path that are not ours; never touched. Sorted. */
  readonly foreign: readonly string[];
  /** Where a rollback led to the current release and no server has confirmed that yet: the id of the one that it left. */
  readonly rolledBackFrom: string | undefined;
  /** A switch that was begun and neither finished nor undone. */
  readonly unfinished: UnfinishedSwitch | undefined;
}

/** A switch that was broken off. From and to: ids of releases; nothing of ours lay there where there is no `from`. */
export interface UnfinishedSwitch {
  readonly from: string | undefined;
  readonly to: string;
  /** A person was going back. */
  readonly rollback: boolean;
}

/** What a deploy does to the rule path, as data. */
export interface SwitchPlan {
  readonly deployed: Deployed;
  readonly release: Release;
  readonly layout: Layout;
  /** Sorted by name; empty: the rule path holds the release already. */
  readonly changes: readonly ChangedFile[];
  /** The other layout lies there now: every alert's path changes, and with it all alert state is lost. */
  readonly layoutChanged: boolean;
}

/** A switch that has been made on disk, waiting for the server's word. */
export interface OpenSwitch {
  /** The server holds the release: records it as confirmed, forgets releases beyond the retention. */
  confirm(): Promise<Problem | undefined>;
  /** Nobody knows what the server holds: what was switched stays, unconfirmed, for the next run to ask again. */
  leave(): Promise<Problem | undefined>;
  /** The server refuses it: puts back the files of before. Reload the server afterwards. */
  undo(): Promise<Problem | undefined>;
}
