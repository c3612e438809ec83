import type { Config } from '../core/config.ts';
import { type Diagnostic, sortDiagnostics } from '../core/diagnostic.ts';
import type { RuleSet } from '../core/ruleset.ts';
import type { Cache } from '../io/cache.ts';
import type { PlannedFile } from '../io/plan.ts';
import type { Problem } from '../io/problem.ts';
import { checkRules, findPromtool, PROMTOOL_ARGS, type Promtool } from '../io/promtool.ts';
import { openVerdicts, type Verdicts } from '../io/verdicts.ts';
import { promtoolDiagnostics } from '../report/promtool.ts';
import { type Globals, type Io, isProblem } from './context.ts';

/** Who gives the second opinion on compiled rules, as far as the settings ask for one. */
export interface Judge {
  /** "promtool 2.42.0" or "in-process". */
  readonly name: string;
  /** All that its verdicts hang on beside what it judges; undefined where that can't be told. */
  readonly identity: string | undefined;
  readonly promtool?: Promtool;
  /** What it passed before. */
  readonly verdicts: Verdicts;
  /** That the promtool which the settings name is not there, for people. */
  readonly remark?: string;
}

const IN_PROCESS = 'in-process';
const NOTHING_KNOWN: Verdicts = { has: () => false, add: () => Promise.resolve() };

/** Finds the judge; a problem where promtool is demanded and there is none. */
export async function findJudge(
  { prometheus: { validateRules, promtoolPath } }: Pick<Config, 'prometheus'>,
  globals: Globals,
  io: Io,
  cache: Cache | undefined,
): Promise<Judge | Problem> {
  const nobody: Judge = { name: IN_PROCESS, identity: IN_PROCESS, verdicts: NOTHING_KNOWN };
  if (validateRules === 'false') return nobody;
  const promtool = await findPromtool(promtoolPath, globals.root, io.env, cache);
  if (isProblem(promtool)) {
    if (validateRules === 'true') return promtool;
    // Somebody who names a promtool expects it to be used; that the usual one isn't there is no news.
    return promtoolPath === 'promtool' ? nobody : { ...nobody, remark: `${promtool.message} Going on without it.` };
  }
  const identity =
    promtool.identity && [promtool.path, promtool.version, promtool.identity, ...PROMTOOL_ARGS].join('\n');
  const verdicts = identity === undefined ? NOTHING_KNOWN : await openVerdicts(cache, identity, io.pid);
  return { name: `promtool ${promtool.version}`, identity, promtool, verdicts };
}

/** A release to be judged: what was compiled, and the files that it became. */
export interface Judged {
  readonly ruleSet: RuleSet | undefined;
  readonly files: readonly PlannedFile[];
}

/** The diagnostics of releases, sorted. A file whose content was passed before, or in another release, is not judged again. */
export async function judge(
  releases: readonly Judged[],
  { promtool, verdicts, remark }: Judge,
  globals: Globals,
  io: Io,
): Promise<readonly Diagnostic[] | Problem> {
  if (remark !== undefined && !globals.quiet) io.stderr.write(`${remark}\n`);
  if (!promtool) return [];
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const passed: string[] = [];
  for (const { ruleSet, files } of releases) {
    const pending = files.filter(({ sha256 }) => !verdicts.has(sha256) && !seen.has(sha256));
    for (const { sha256 } of pending) seen.add(sha256);
    const complaints = await checkRules(promtool, pending, io.env);
    if (isProblem(complaints)) return complaints;
    const accused = new Set(complaints.map(({ fileName }) => fileName));
    passed.push(...pending.filter(({ fileName }) => !accused.has(fileName)).map(({ sha256 }) => sha256));
    diagnostics.push(...promtoolDiagnostics(complaints, ruleSet?.files ?? [], promtool.version));
  }
  await verdicts.add(passed);
  return sortDiagnostics(diagnostics);
}
