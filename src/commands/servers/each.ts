import { hasErrors } from '../../core/ground/diagnostic.ts';
import type { Config, ServerConfig } from '../../core/model/config.ts';
import type { Problem } from '../../io/problem.ts';
import type { Server } from '../../io/server/http.ts';
import { loadSettings } from '../../io/sources/load.ts';
import { diagnosticsJson } from '../../report/json.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, writeJson } from '../context.ts';
import { fail } from '../fail.ts';
import { refusedExit, rootProblem } from '../repository.ts';
import { sayDiagnostics } from '../say.ts';
import { connectTo, serversOf } from './connect.ts';

/** One of the servers that a command is about. */
export interface Turn {
  readonly config: ServerConfig;
  readonly settings: Config;
  /** Open for as long as the turn lasts. */
  readonly server: Server;
}

/**
 * Does something with every server that a command is about, one after the other, in the settings' order. Gives the
 * answers, or the exit code where the call or the settings are wrong: then that has been told.
 * @param broken what is answered for a server that can't be connected to.
 * @param placed whether the command looks into a server's `dist/` and rule path too.
 */
export async function eachServer<T>(
  call: Call,
  io: Io,
  turn: (turn: Turn) => Promise<T>,
  broken: (config: ServerConfig, problem: Problem) => T,
  { placed = false } = {},
): Promise<{ readonly answers: readonly T[] } | { readonly exit: ExitCode }> {
  const { globals } = call;
  const missing = await rootProblem(globals.root);
  if (missing) return { exit: fail(missing, call, io) };
  const { settings, diagnostics } = await loadSettings(globals.root, io.env);
  sayDiagnostics(diagnostics, globals, io);
  if (hasErrors(diagnostics)) {
    const errors = diagnosticsJson(diagnostics, 'error');
    if (globals.format === 'json') writeJson(io, { ...call.empty, errors });
    return { exit: refusedExit(diagnostics) };
  }
  const servers = serversOf(call, settings, io.env, placed);
  if (isProblem(servers)) return { exit: fail(servers, call, io) };
  const answers: T[] = [];
  for (const config of servers) {
    const server = await connectTo(call, settings, config);
    if (isProblem(server)) {
      answers.push(broken(config, server));
      continue;
    }
    try {
      answers.push(await turn({ config, settings, server }));
    } finally {
      await server.close();
    }
  }
  return { answers };
}

/** The exit code of the server that fares worst. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((worst, code) => (code > worst ? code : worst), EXIT.ok);
}

/**
 * The JSON of a command that is about servers: of a repository's only one its own answer, and always the list. Its
 * status is the first of `worstFirst` that a server has.
 */
export function serversJson(
  rows: readonly Readonly<Record<string, unknown>>[],
  worstFirst: readonly string[] = ['error', 'success'],
): object {
  const [only, another] = rows;
  const { name: _, ...own } = only ?? {};
  const status = worstFirst.find((word) => rows.some((row) => row['status'] === word)) ?? worstFirst[0];
  return { status, ...(another === undefined && own), servers: rows, errors: [] };
}
