import type { Config } from '../../core/model/config.ts';
import { type Diagnostic, sortDiagnostics } from '../../core/ground/diagnostic.ts';
import { type Beyond, beyondNote } from '../../core/gates/promtool-scope.ts';
import type { CompiledRuleGroup, RuleSet } from '../../core/model/ruleset.ts';
import type { Span } from '../../core/ground/source.ts';
import type { Cache } from '../../io/memory/cache.ts';
import type { PlannedFile } from '../../io/dist/plan.ts';
import type { Problem } from '../../io/problem.ts';
import { checkRules, featureArgs, findPromtool, PROMTOOL_ARGS, type Promtool, withFeatures } from '../../io/promtool/promtool.ts';
import { openVerdicts, type Verdicts } from '../../io/memory/verdicts.ts';
import { promtoolDiagnostics } from '../../report/promtool.ts';
import { type Globals, type Io, isProblem } from '../context.ts';
import { scopedComplaints } from '../scoped.ts';

/** Who gives the second opinion on compiled rules, as far as the settings ask for one. */
export interface Judge {
  /** "promtool 2.42.0" or "in-process". */
  readonly name: string;
  /** All that its verdicts hang on beside what it judges; undefined where that can't be told. */
  readonly identity: string | undefined;
  readonly promtool?: Promtool;
  /** Where the settings say which servers there are. */
  readonly servers?: Span;
  /** What it passed before. */
  readonly verdicts: Verdicts;
  /** That the promtool which the settings name is not there, for people. */
  readonly remark?: string;
}

const NOWHERE: Span = { file: { path: 'rulewright.yaml', text: '' }, start: 0, end: 0 };
const IN_PROCESS = 'in-process';
const NOTHING_KNOWN: Verdicts = { has: () => false, add: () => Promise.resolve() };

/** Finds the judge; a problem where promtool is demanded and there is none. */
export async function findJudge(
  { prometheus: { validateRules, promtoolPath, features, version } }: Pick<Config, 'prometheus'>,
  globals: Globals,
  io: Io,
  cache: Cache | undefined,
): Promise<Judge | Problem> {
  const nobody: Judge = { name: IN_PROCESS, identity: IN_PROCESS, verdicts: NOTHING_KNOWN };
  if (validateRules === 'false') return nobody;
  const found = await findPromtool(promtoolPath, globals.root, io.env, cache);
  if (isProblem(found)) {
    if (validateRules === 'true') return found;
    // Somebody who names a promtool expects it to be used; that the usual one isn't there is no news.
    return promtoolPath === 'promtool' ? nobody : { ...nobody, remark: `${found.message} Going on without it.` };
  }
  const promtool = withFeatures(found, features);
  const args = [...featureArgs(promtool), ...PROMTOOL_ARGS];
  const identity = promtool.identity && [promtool.path, promtool.version, promtool.identity, ...args].join('\n');
  const verdicts = identity === undefined ? NOTHING_KNOWN : await openVerdicts(cache, identity, io.pid);
  return { name: `promtool ${promtool.version}`, identity, promtool, verdicts, servers: version.span };
}

/** A release to be judged: what was compiled, and the files that it became. */
export interface Judged {
  readonly ruleSet: RuleSet | undefined;
  readonly files: readonly PlannedFile[];
}

/** The diagnostics of releases, sorted. A file whose content was passed before, or in another release, is not judged again. */
export async function judge(
  releases: readonly Judged[],
  { promtool, verdicts, remark, servers = NOWHERE }: Judge,
  globals: Globals,
  io: Io,
): Promise<readonly Diagnostic[] | Problem> {
  if (remark !== undefined && !globals.quiet) io.stderr.write(`${remark}\n`);
  if (!promtool) return [];
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const passed: string[] = [];
  const beyond: Beyond[] = [];
  for (const { ruleSet, files } of releases) {
    const pending = files.filter(({ sha256 }) => !verdicts.has(sha256) && !seen.has(sha256));
    for (const { sha256 } of pending) seen.add(sha256);
    const complaints = await checkRules(promtool, pending, io.env);
    if (isProblem(complaints)) return complaints;
    const accused = new Set(complaints.map(({ fileName }) => fileName));
    passed.push(...pending.filter(({ fileName }) => !accused.has(fileName)).map(({ sha256 }) => sha256));
    const scoped = await scopedComplaints(promtool, complaints, (name) => groupsOf(ruleSet, name), io.env);
    if (isProblem(scoped)) return scoped;
    beyond.push(...scoped.beyond);
    diagnostics.push(...promtoolDiagnostics(scoped.kept, ruleSet?.files ?? [], promtool.version));
  }
  await verdicts.add(passed);
  return sortDiagnostics([...diagnostics, ...beyondNote(beyond, promtool.version, servers)]);
}

/** What was compiled into a file. */
function groupsOf(ruleSet: RuleSet | undefined, fileName: string): readonly CompiledRuleGroup[] {
  return [...(ruleSet?.files.find((one) => one.fileName === fileName)?.ruleGroups() ?? [])];
}
