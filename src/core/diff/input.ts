import type { Compiled } from '../compile.ts';
import type { SourceFile } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';
import { instanceCount } from '../instance/program.ts';
import type { ServerConfig } from '../model/config.ts';
import type { Change } from './report.ts';
import { NOBODY } from './report.ts';
import { count } from './words.ts';

/** One of the two states to compare. */
export interface DiffInput {
  /** What people call it: `main (3f2a1b9)`, `the work tree`. */
  readonly name: string;
  /** undefined: there is no such repository (yet). Of several servers, the first. */
  readonly compiled?: Compiled;
  /** What every server gets, where the settings list several. */
  readonly servers?: readonly Compiled[];
  /** Files that templates import, whose texts the compiled program doesn't show. */
  readonly macros: readonly SourceFile[];
}

/** Servers that got the same before and get the same now: they are compared once. */
export interface Unit {
  readonly servers: readonly string[];
  /** The first of them. */
  readonly server: ServerConfig;
  /** undefined: there was nothing before. */
  readonly base: Program | undefined;
  readonly head: Program;
}

export const compiledOf = ({ compiled, servers }: DiffInput): readonly Compiled[] =>
  servers && servers.length > 0 ? servers : compiled ? [compiled] : [];

/** Which programs to compare: of each server the one before and the one after. */
export function unitsOf(base: DiffInput, head: DiffInput): { units: Unit[]; changes: Change[] } {
  const [before, after] = [compiledOf(base), compiledOf(head)];
  const named = new Map(before.map((one) => [one.server.name, one.program]));
  const units = new Map<Program, Map<Program | undefined, ServerConfig[]>>();
  const changes: Change[] = [];
  // A repository that begins (or ceases) to tell servers apart is compared with what it said for all.
  const only = before.length === 1 || after.length === 1 ? before[0]?.program : undefined;
  for (const { server, program } of after) {
    const old = named.get(server.name) ?? only;
    if (!old && before.length > 0) {
      const rules = program.rules.reduce((sum, r) => sum + instanceCount(r), 0);
      const message = `Server "${server.name}" is new: ${count(rules, 'compiled rule')} will go to it.`;
      changes.push({ ...about(server.name, message), place: { side: 'head', span: server.span } });
      continue;
    }
    const own = units.get(program) ?? new Map<Program | undefined, ServerConfig[]>();
    units.set(program, own);
    own.set(old, [...(own.get(old) ?? []), server]);
  }
  const now = new Set(after.map((one) => one.server.name));
  for (const { server } of before) {
    if (now.has(server.name) || after.length <= 1 || before.length <= 1) continue;
    const message = `Server "${server.name}" is no longer listed: nothing is compiled for it any more.`;
    changes.push({ ...about(server.name, message), place: { side: 'base', span: server.span } });
  }
  const all = [...units].flatMap(([program, own]) =>
    [...own].map(([old, servers]) => ({
      servers: servers.map(({ name }) => name),
      server: servers[0] as ServerConfig,
      base: old,
      head: program,
    })),
  );
  return { units: all, changes };
}

const about = (server: string, message: string): Change => ({
  kind: 'server',
  severity: 'warning',
  message,
  rules: [],
  new: server,
  affected: NOBODY,
  owners: [],
});
