import type { ServerOutcome, ServerStatus } from '../../core/deploy/outcome.ts';
import { type Caller, placedIn } from '../../core/ground/paste.ts';
import type { PrometheusConfig, ServerConfig } from '../../core/model/config.ts';
import type { Release, SwitchPlan } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';
import { shownUrl } from '../../io/server/http.ts';
import type { Globals, Io } from '../context.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Progress } from '../progress.ts';

/** What was asked of a deploy, on whichever server. */
export interface DeploySettings {
  readonly dryRun: boolean;
  /** Place the files, and ask no server anything. */
  readonly offline: boolean;
  readonly usePromtool: boolean;
  /** Deploy even a release that was rolled back. */
  readonly again: boolean;
  /** The folder that the rule path, a link, is meant to lead to; undefined: where it led before. Absolute. */
  readonly to: string | undefined;
  /** Milliseconds to wait for the first evaluation of the rules. */
  readonly waitMs: number;
  /** Old releases that stay for `rollback`. */
  readonly keep: number;
}

/** One server's turn of a deploy or a rollback. */
export interface Session {
  readonly server: ServerConfig;
  readonly prometheus: PrometheusConfig;
  readonly settings: DeploySettings;
  readonly globals: Globals;
  readonly io: Io;
  /** How we were called, for the commands that are to be pasted. */
  readonly caller: Caller;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
  /** Rule paths that this run switched: a second server of the same path is behind for no fault of anybody's. */
  readonly switched: Set<string>;
  /** What speaks against what was compiled, where somebody should know: asked once something is to change. */
  readonly remark: (rulesCount: number) => Promise<string | undefined>;
}

/** What is known so far of what will be told in the end. */
export type Facts = Omit<ServerOutcome, 'status' | 'message' | 'help' | 'fault'>;

/** An outcome whose remedies can be pasted where this run was called. */
export function placedOutcome(
  { server, caller }: Pick<Session, 'server' | 'caller'>,
  outcome: ServerOutcome,
): ServerOutcome {
  const placed = (text: string): string => placedIn(text, { ...caller, server: server.name });
  const { message, help, warnings } = outcome;
  return {
    ...outcome,
    message: placed(message),
    warnings: warnings.map(placed),
    ...(help !== undefined && { help: placed(help) }),
  };
}

/** Before anything is known. */
export function noFacts({ server }: Pick<Session, 'server'>): Facts {
  return {
    name: server.name,
    url: shownUrl(server.url),
    release: undefined,
    previous: undefined,
    now: undefined,
    filesCount: 0,
    rulesCount: 0,
    rulesBefore: 0,
    changes: [],
    alertsReset: [],
    verified: false,
    drift: false,
    details: [],
    warnings: [],
  };
}

export function withRelease(facts: Facts, release: Release): Facts {
  return { ...facts, release: release.id, filesCount: release.files.length, rulesCount: release.rulesCount };
}

export function withPlan(facts: Facts, { deployed, changes }: SwitchPlan): Facts {
  const previous = deployed.current?.id;
  return {
    ...facts,
    previous,
    now: previous,
    rulesBefore: deployed.current?.rulesCount ?? 0,
    changes,
  };
}

export interface Ending {
  readonly message: string;
  readonly help?: string | undefined;
  readonly details?: readonly string[];
  readonly fault?: ServerOutcome['fault'] | undefined;
}

/** The end of a server's turn. */
export function end(facts: Facts, status: ServerStatus, { message, help, details, fault }: Ending): ServerOutcome {
  return {
    ...facts,
    status,
    message,
    ...(details !== undefined && { details }),
    ...(help !== undefined && { help }),
    ...(fault !== undefined && { fault }),
  };
}

/** The end of a turn that never began, for want of something in the environment. */
export function refuse(facts: Facts, { message, help }: Problem): ServerOutcome {
  return end(facts, 'refused', { message, help, fault: 'environment' });
}
