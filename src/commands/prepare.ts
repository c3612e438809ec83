import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type Compiled, compile } from '../core/compile.ts';
import type { Config } from '../core/config.ts';
import { type Diagnostic, diagnostic, hasErrors, sortDiagnostics } from '../core/diagnostic.ts';
import type { RuleFile } from '../core/ruleset.ts';
import { type Dist, readDist } from '../io/dist.ts';
import { type Loaded, loadSources } from '../io/load.ts';
import { planRelease, type ReleaseFile, type ReleasePlan } from '../io/plan.ts';
import { environmentProblem, fsProblem, type Problem } from '../io/problem.ts';
import { checkRules, findPromtool } from '../io/promtool.ts';
import { manifest } from '../outputs/manifest.ts';
import { renderParts } from '../outputs/prometheus.ts';
import { promtoolDiagnostics } from '../report/promtool.ts';
import { type Call, type Globals, type Io, isProblem, textOption } from './context.ts';

/** Up to this many rules, texts are kept between the passes over a release; above, each pass renders anew. */
const KEEP_TEXTS_UP_TO = 50_000;

/** A compiled repository, judged and compared with what is on disk. */
export interface Prepared {
  readonly compiled: Compiled;
  /** The compiler's and promtool's, sorted. */
  readonly diagnostics: readonly Diagnostic[];
  /** Errors, or with --strict warnings: nothing may be written. */
  readonly refused: boolean;
  /** Where nothing is refused. */
  readonly release?: { readonly dist: Dist; readonly plan: ReleasePlan };
  /** "promtool 2.42.0" or "in-process". */
  readonly validatedBy: string;
}

/** Loads and compiles a repository, and looks at nothing else. */
export async function compileRepository(
  globals: Globals,
  io: Io,
): Promise<{ readonly sources: Loaded; readonly compiled: Compiled } | Problem> {
  const missing = await rootProblem(globals.root);
  if (missing) return missing;
  const sources = await loadSources(globals.root, io.env);
  if (sources.rules.length === 0 && sources.groups.length === 0 && sources.problems.length === 0) {
    return environmentProblem(
      `No rules were found in ${globals.root}: there are no YAML files in rules/ or groups/.`,
      'Name the repository with --root DIR, or start one: rulewright init.',
    );
  }
  const compiled = compile(sources, { today: new Date(io.now()).toISOString().slice(0, 10), env: io.env });
  return { sources, compiled };
}

/** All that build and check have in common: load, compile, validate, plan. Writes nothing to the repository. */
export async function prepare(call: Call, io: Io): Promise<Prepared | Problem> {
  const { globals } = call;
  const read = await compileRepository(globals, io);
  if (isProblem(read)) return read;
  const { sources, compiled } = read;
  const { ruleSet } = compiled;
  if (!ruleSet || failed(compiled.diagnostics, globals)) {
    return { compiled, diagnostics: compiled.diagnostics, refused: true, validatedBy: IN_PROCESS };
  }

  const files = releaseFiles(ruleSet.files);
  const judged = await validate(sources.settings, files, ruleSet.files, globals, io);
  if (isProblem(judged)) return judged;
  const diagnostics = sortDiagnostics([...compiled.diagnostics, ...judged.diagnostics]);
  const { validatedBy } = judged;
  if (failed(diagnostics, globals)) return { compiled, diagnostics, refused: true, validatedBy };

  const out = outOf(call, io);
  const clash = SOURCE_FOLDERS.find((folder) => join(out, 'rules').startsWith(join(globals.root, folder)));
  if (clash !== undefined) {
    return {
      code: 'usage',
      message: `--out ${out} would write compiled files among the sources, to ${join(out, 'rules')}.`,
    };
  }
  const dist = await readDist(globals.root, out, textOption(call, 'out') !== undefined);
  if (isProblem(dist)) return dist;
  const plan = await planRelease(dist, files, manifest);
  if (isProblem(plan)) return plan;
  const all = [...diagnostics, ...foreignFiles(dist, plan, globals.root)];
  if (failed(all, globals)) return { compiled, diagnostics: all, refused: true, validatedBy };
  return { compiled, diagnostics: all, refused: false, release: { dist, plan }, validatedBy };
}

/** Rule files in the output directory that nobody compiled: Prometheus would load them beside ours. */
function foreignFiles(dist: Dist, plan: ReleasePlan, root: string): Diagnostic[] {
  const ours = new Set(plan.files.map((file) => file.fileName));
  return dist.foreign
    .filter((name) => !ours.has(name))
    .map((name) => {
      const file = { path: relative(root, join(dist.out, 'rules', name)).replaceAll('\\', '/'), text: '' };
      return diagnostic(
        'foreign-file',
        { file, start: 0, end: 0 },
        `${name} lies among the compiled files, but the compiler did not write it: Prometheus would load its rules as well.`,
        { help: 'move it to rules/, where it is compiled and checked with the rest, or delete it' },
      );
    });
}

/** Whether diagnostics forbid to write: errors, and with --strict warnings. */
export function failed(diagnostics: readonly Diagnostic[], { strict }: Pick<Globals, 'strict'>): boolean {
  return hasErrors(diagnostics) || (strict && diagnostics.some((d) => d.severity === 'warning'));
}

/** The output directory: `--out` as seen from where the user stands, else `dist` of the repository. Absolute. */
export function outOf(call: Call, io: Pick<Io, 'cwd'>): string {
  const out = textOption(call, 'out');
  return out === undefined ? resolve(call.globals.root, 'dist') : resolve(io.cwd, out);
}

/** What is wrong with a root that isn't a directory. */
export async function rootProblem(root: string): Promise<Problem | undefined> {
  try {
    if ((await stat(root)).isDirectory()) return undefined;
    return environmentProblem(`${root} is not a directory.`, 'Name the repository with --root DIR.');
  } catch (error) {
    return { ...fsProblem(error, 'cannot read', root), help: 'Name the repository with --root DIR.' };
  }
}

const IN_PROCESS = 'in-process';

const SOURCE_FOLDERS = ['rules', 'groups', 'templates'];

function releaseFiles(files: readonly RuleFile[]): ReleaseFile[] {
  const keep = files.reduce((sum, file) => sum + file.ruleCount, 0) <= KEEP_TEXTS_UP_TO;
  return files.map((file) => {
    let kept: readonly string[] | undefined;
    const parts = (): Iterable<string> => {
      if (!keep) return renderParts(file);
      kept ??= [...renderParts(file)];
      return kept;
    };
    return { fileName: file.fileName, groupId: file.groupId, ruleCount: file.ruleCount, parts };
  });
}

/** The second opinion, as far as the settings ask for it. */
async function validate(
  config: Config,
  files: readonly ReleaseFile[],
  ruleFiles: readonly RuleFile[],
  globals: Globals,
  io: Io,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly validatedBy: string } | Problem> {
  const { validateRules, promtoolPath } = config.prometheus;
  if (validateRules === 'false') return { diagnostics: [], validatedBy: IN_PROCESS };
  const promtool = await findPromtool(promtoolPath, globals.root, io.env);
  if (isProblem(promtool)) {
    if (validateRules === 'true') return promtool;
    // Somebody who names a promtool expects it to be used; that the usual one isn't there is no news.
    if (promtoolPath !== 'promtool' && !globals.quiet) io.stderr.write(`${promtool.message} Going on without it.\n`);
    return { diagnostics: [], validatedBy: IN_PROCESS };
  }
  const complaints = await checkRules(promtool, files, io.env);
  if (isProblem(complaints)) return complaints;
  return {
    diagnostics: promtoolDiagnostics(complaints, ruleFiles, promtool.version),
    validatedBy: `promtool ${promtool.version}`,
  };
}
