import type { Coverage } from '../deploy/coverage.ts';
import type { Difference } from '../deploy/read-back.ts';
import type { Refusal } from '../gates/version-gates.ts';

/**
 * All that was found out about the way of the rules to one server, from the sources to its memory. What could not be
 * found out is undefined. Times are milliseconds since 1970.
 */
export interface DoctorFacts {
  /** As in `prometheus.servers`; "" for a repository's only one. */
  readonly server: string;
  /** Without user and password. */
  readonly url: string;
  readonly rulePath: string;
  readonly reloadEnabled: boolean;
  /** `prometheus.features`: what all servers are said to run with. */
  readonly features: readonly string[];
  /** External labels as the settings have them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly now: number;
  /** undefined: there are no sources here, only what was compiled from them. */
  readonly sources: SourcesFacts | undefined;
  readonly dist: DistFacts;
  readonly directory: DirectoryFacts;
  readonly live: LiveFacts;
  readonly promtool: PromtoolFacts;
  readonly settings: SettingsFacts;
  readonly call: CallFacts;
}

/** Where in `rulewright.yaml` what stands. Lines are 1-based. */
export interface SettingsFacts {
  /** Absolute. */
  readonly path: string;
  /** The line of the key `prometheus`, and whether what it has stands in braces; undefined: it isn't there. */
  readonly prometheus: { readonly line: number; readonly inline: boolean } | undefined;
  /** The keys below it, each with its lines, and as it is written where that is one line. */
  readonly keys: ReadonlyMap<string, SettingPlace>;
}

/** Where a setting stands, from the line of its key to the last one of its value. */
export interface SettingPlace {
  readonly line: number;
  readonly lastLine: number;
  /** Undefined: it takes several lines. */
  readonly text: string | undefined;
}

/** How we were called: what a command must be given so that it means the same. */
export interface CallFacts {
  /** The repository, where it is not the current directory. */
  readonly directory: string | undefined;
  /** What `--url` gave, without user and password. */
  readonly url: string | undefined;
  /** The path of promtool, where there is one. */
  readonly promtool: string | undefined;
}

/** What somebody else has found, in their words. */
export interface Said {
  readonly message: string;
  readonly help?: string | undefined;
}

export interface SourcesFacts {
  /** How many errors they have, and the first of them as `file:line: message`. */
  readonly errors: number;
  readonly first: string | undefined;
  /** Files of `dist/` that are not as the sources compile; undefined where they don't. */
  readonly stale: readonly string[] | undefined;
  /** Labels that groups ask this server's series for. */
  readonly askedLabels: readonly string[];
}

export interface DistFacts {
  /** Where it lies, for people. */
  readonly place: string;
  readonly release: ReleaseFacts | undefined;
  readonly problem: Said | undefined;
}

export interface ReleaseFacts {
  readonly id: string;
  readonly files: number;
  readonly rules: number;
  readonly bytes: number;
}

export interface DirectoryFacts {
  /** Why it can't be looked into. */
  readonly problem: Said | undefined;
  readonly us: { readonly uid: number; readonly gid: number } | undefined;
  readonly owner: { readonly uid: number; readonly gid: number; readonly mode: number } | undefined;
  /** Whether we may write there: to it, and to what we keep in it. */
  readonly access: 'writable' | 'read-only' | 'denied' | undefined;
  /** What is left for us on its volume; `inodes` undefined where it has no such limit. */
  readonly free: { readonly bytes: number; readonly inodes: number | undefined } | undefined;
  readonly deployed: DeployedFacts | undefined;
}

export interface DeployedFacts {
  /** Id of the release that lies there; undefined: none. */
  readonly release: string | undefined;
  readonly rules: number;
  /** When it was switched to. */
  readonly switchedAt: number | undefined;
  /** Files of ours that are not as they were deployed. */
  readonly damaged: readonly { readonly fileName: string; readonly what: 'changed' | 'missing' | 'extra' }[];
  readonly unfinished: { readonly from: string | undefined; readonly to: string } | undefined;
  /** What of it the store can't give back, a line each. */
  readonly lost: readonly string[];
  /** The N of `rollback N` for the newest kept release that is whole; undefined: there is none, or nothing is lost. */
  readonly whole: number | undefined;
  /** Releases that are not to come by themselves: they were rolled back, or were tried and failed. */
  readonly held: readonly { readonly release: string; readonly failed: boolean }[];
}

export interface LiveFacts {
  /** What became of the first question. `other`: somebody answers, but no Prometheus. */
  readonly reach: 'answers' | 'unreachable' | 'password' | 'other' | 'starting';
  /** In the words of whoever found it; there where it doesn't answer. */
  readonly said: Said | undefined;
  readonly version: string | undefined;
  readonly lifecycle: boolean | undefined;
  readonly autoReload: boolean | undefined;
  /** What it runs with, `--enable-feature`; undefined: it doesn't tell. */
  readonly features: readonly string[] | undefined;
  readonly lastReload: { readonly successful: boolean; readonly at: number } | undefined;
  /** How far its clock is ahead of ours, in milliseconds. */
  readonly skew: number | undefined;
  /** The path of its configuration file as it sees it. */
  readonly configFile: string | undefined;
  readonly globs: readonly string[] | undefined;
  readonly externalLabels: Readonly<Record<string, string>> | undefined;
  /** Whether its globs lead to the rule path. */
  readonly coverage: Coverage | undefined;
  readonly memory: MemoryFacts | undefined;
  /** Where its last reload failed: what is at fault, as far as its files are to be seen from here. */
  readonly causes: readonly CauseFacts[] | undefined;
  /** What of the release in `dist/` it is too old for. */
  readonly tooNew: readonly Refusal[] | undefined;
}

/** A complaint about a file that the server loads. */
export interface CauseFacts {
  readonly path: string;
  readonly message: string;
  readonly ours: boolean;
  /** Names of the rules that the server still holds of it, from before; undefined: nobody knows. */
  readonly held?: readonly string[] | undefined;
  /** Whether we may move it; undefined: nobody has tried. */
  readonly movable?: boolean | undefined;
}

export interface MemoryFacts {
  /** Rule groups from the rule path. */
  readonly groups: number;
  /** In what it differs from what lies in the rule path, and from `dist/`; undefined where either can't be read. */
  readonly fromDirectory: readonly Difference[] | undefined;
  readonly fromDist: readonly Difference[] | undefined;
  /** Rules of ours that fail when they are evaluated. */
  readonly failing: readonly { readonly rule: string; readonly group: string; readonly error: string }[];
  /** Rules that are loaded from a file of ours and, but for numbers and matchers, from another. */
  readonly twice: readonly TwiceFacts[];
}

/** A file that is not ours and has rules of ours. */
export interface TwiceFacts {
  /** As the server sees it. */
  readonly file: string;
  /** How many of its rules are ours, be it with other numbers and matchers, and the first of them. */
  readonly rules: number;
  readonly example: string;
  /** Names of its other rules. */
  readonly others: readonly string[];
  /** Whether we may move it; undefined: it does not lie on this machine. */
  readonly movable?: boolean | undefined;
}

export interface PromtoolFacts {
  readonly version: string | undefined;
  /** Why there is none. */
  readonly problem: Said | undefined;
  readonly wanted: 'auto' | 'true' | 'false';
}
