import { resolve } from 'node:path';
import type { Problem } from '../io/problem.ts';
import type { DiagnosticJson } from '../report/json.ts';

/** The world as a command sees it: everything that a test wants to choose. */
export interface Io {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Milliseconds since 1970. */
  now(): number;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Asks the person at the terminal; undefined where nobody sits there. */
  readonly ask?: (question: string) => Promise<string>;
  /**
   * Tells of SIGINT, SIGTERM and SIGHUP instead of ending the process, until what it gives is called; undefined: they
   * end it. Only for what must not stop half-way.
   */
  readonly onSignal?: (handler: (signal: string) => void) => () => void;
}

export interface Stream {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns?: number | undefined;
}

/** Options that every command has. */
export interface Globals {
  /** Absolute. */
  readonly root: string;
  readonly format: 'text' | 'json';
  readonly quiet: boolean;
  readonly strict: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

/** One call of a command. `options` has what its row in the table lists. */
export interface Call {
  readonly globals: Globals;
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly args: readonly string[];
  /** The keys of the command's JSON where it could not begin: `errors` is put beside them. */
  readonly empty: Readonly<Record<string, unknown>>;
}

/** The exit codes, and the only place that has them. */
export const EXIT = { ok: 0, failed: 1, broken: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type Command = (call: Call, io: Io) => Promise<ExitCode>;

/** Something that ends a command and has no place in a source. `bug` is ours. */
export interface Failure {
  readonly code: Problem['code'] | 'bug' | 'not-found';
  readonly message: string;
  readonly help?: string;
}

/** True where a step gave a Problem instead of its result. */
export function isProblem<T extends object>(value: T | Problem): value is Problem {
  return 'code' in value && 'message' in value && !('severity' in value);
}

/** A failure in the form of a diagnostic without a place. */
export function failureJson(failure: Failure): DiagnosticJson {
  const { code, message } = failure;
  return { code, severity: 'error', message, file: null, line: null, col: null, help: failure.help ?? null, notes: [] };
}

/** One JSON document on standard output. */
export function writeJson(io: Io, value: object): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Whether a stream gets colours: the flag wins over NO_COLOR, that over FORCE_COLOR, that over what the stream is. */
export function useColor(globals: Globals, io: Io, stream: Stream): boolean {
  if (globals.color !== 'auto') return globals.color === 'always';
  if (io.env['NO_COLOR']) return false;
  const force = io.env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY && io.env['TERM'] !== 'dumb';
}

/** An option that is given once. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The repository, where a command has to name it. */
export function directoryOf({ root }: Pick<Globals, 'root'>, { cwd }: Pick<Io, 'cwd'>): string | undefined {
  return resolve(cwd) === resolve(root) ? undefined : root;
}
