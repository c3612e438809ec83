import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CompileOptions } from '../core/compile.ts';
import { type Diagnostic, hasErrors } from '../core/ground/diagnostic.ts';
import { environmentProblem, fsProblem, type Problem } from '../io/problem.ts';
import { type Loaded, loadSources } from '../io/sources/load.ts';
import { type Call, EXIT, type ExitCode, type Globals, type Io, isProblem, textOption } from './context.ts';

/** What every command wants to know of a repository before anything is compiled. */

/** Loads a repository; a problem where it has no rules and no groups. */
export async function loadRepository(globals: Globals, io: Io): Promise<Loaded | Problem> {
  const sources = await loadBegun(globals, io);
  if (isProblem(sources) || hasSources(sources)) return sources;
  return noRules(globals, sources);
}

/** Loads a repository whose rules may be still to come; a problem where nothing says that it is one. */
export async function loadBegun(globals: Globals, io: Io): Promise<Loaded | Problem> {
  const missing = await rootProblem(globals.root);
  if (missing) return missing;
  const sources = await loadSources(globals.root, io.env);
  if (hasSources(sources) || sources.config || sources.inventory.length > 0) return sources;
  return noRules(globals, sources);
}

function noRules({ root }: Globals, sources: Loaded): Problem {
  return environmentProblem(
    `No rules were found in ${root}: there are no YAML files in rules/ or groups/.`,
    howToBegin(sources.config !== undefined),
  );
}

/** Whether there is anything to compile, be it with errors. */
export function hasSources({ rules, groups, problems }: Loaded): boolean {
  return rules.length + groups.length + problems.length > 0;
}

/** How a repository gets its first rules, or becomes one. */
export function howToBegin(hasSettings: boolean): string {
  return hasSettings
    ? 'Take over what there is with `rulewright adopt FILE|DIR`, or write the first file of rules/. Another repository is named with --root DIR.'
    : 'Name the repository with --root DIR, or start one: rulewright init.';
}

/** Today and the environment, as the compiler wants them. */
export function compileOptions(io: Pick<Io, 'now' | 'env'>): CompileOptions {
  return { today: new Date(io.now()).toISOString().slice(0, 10), env: io.env };
}

/** Whether diagnostics forbid to write: errors, and with --strict warnings. */
export function failed(diagnostics: readonly Diagnostic[], { strict }: Pick<Globals, 'strict'>): boolean {
  return hasErrors(diagnostics) || (strict && diagnostics.some((d) => d.severity === 'warning'));
}

/** The exit code of a refusal: where the environment's variables alone are wrong, nothing is wrong with the sources. */
export function refusedExit(diagnostics: readonly Diagnostic[]): ExitCode {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ span }) => span.file.path.startsWith('$')) ? EXIT.broken : EXIT.failed;
}

/** The output directory: `--out` as seen from where the user stands, else `dist` of the repository. Absolute. */
export function outOf(call: Call, io: Pick<Io, 'cwd'>): string {
  const out = textOption(call, 'out');
  return out === undefined ? resolve(call.globals.root, 'dist') : resolve(io.cwd, out);
}

/** What stands before the names of a server's files: nothing where it is the only one. */
export const prefixOf = (server: string): string => (server === '' ? '' : `${server}/`);

/** What is wrong with a root that isn't a directory. */
export async function rootProblem(root: string): Promise<Problem | undefined> {
  try {
    if ((await stat(root)).isDirectory()) return undefined;
    return environmentProblem(`${root} is not a directory.`, 'Name the repository with --root DIR.');
  } catch (error) {
    return { ...fsProblem(error, 'cannot read', root), help: 'Name the repository with --root DIR.' };
  }
}
