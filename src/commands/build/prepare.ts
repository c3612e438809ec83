import { join, relative } from 'node:path';
import type { Compiled } from '../../core/compile.ts';
import { type Diagnostic, diagnostic, sortDiagnostics } from '../../core/ground/diagnostic.ts';
import { memo } from '../../core/ground/memo.ts';
import type { ServerConfig } from '../../core/model/config.ts';
import { fileNameOf } from '../../core/model/output-file.ts';
import type { RuleSet } from '../../core/model/ruleset.ts';
import { type Cache, openCache } from '../../io/memory/cache.ts';
import { type Dist, readDist } from '../../io/dist/dist.ts';
import { formerReleases } from '../../io/memory/former.ts';
import type { Loaded } from '../../io/sources/load.ts';
import { planRelease, type ReleasePlan, staleFiles } from '../../io/dist/plan.ts';
import type { Problem } from '../../io/problem.ts';
import type { ReleaseFile } from '../../io/dist/stage.ts';
import { openStage, type Stage } from '../../io/dist/stage.ts';
import { manifest } from '../../outputs/manifest.ts';
import { outputOf } from '../../outputs/table.ts';
import { type Call, type Globals, type Io, isProblem, textOption } from '../context.ts';
import { findJudge, type Judge, judge } from './judge.ts';
import { compileOptions, failed, loadRepository, outOf, prefixOf } from '../repository.ts';
import type { Timings } from './timings.ts';

/** A compiled repository, judged and compared with what is on disk. */
export interface Prepared {
  /** For each server, in the order of the settings. Config and diagnostics are the same in all. */
  readonly compiled: readonly [Compiled, ...Compiled[]];
  /** The compiler's and promtool's, sorted. */
  readonly diagnostics: readonly Diagnostic[];
  /** Errors, or with --strict warnings: nothing may be written. */
  readonly refused: boolean;
  /** Where nothing is refused: for each server what it gets. Empty where something is. */
  readonly releases: readonly PreparedRelease[];
  /** Releases of ours in the output directory that the settings no longer have; they go. */
  readonly former: readonly FormerRelease[];
  /** On all servers together; one that several servers scrape is one. */
  readonly targetsCount: number;
  /** "promtool 2.42.0" or "in-process". */
  readonly validatedBy: string;
  /** Removes what was put aside for writing and was not put in place. */
  discard(): void;
}

/** What somebody who prepares has already, and what is to become of it. */
export interface Given {
  readonly sources?: Loaded;
  readonly cache?: Cache | undefined;
  /** A judge, or why there is none though one is demanded. */
  readonly judge?: Judge | Problem;
  /** Texts that `dist/` lacks are put beside their place: `applyPlans` puts them in place, `discard` removes them. */
  readonly writing?: boolean;
  /** Told of each stage as it begins, and of files that are through. */
  readonly mark?: Timings['mark'];
  readonly count?: Timings['count'];
}

/** What one server gets. */
export interface PreparedRelease {
  readonly compiled: Compiled;
  /** What stands before its files' names: "" for the only server, else its folder and a `/`. */
  readonly prefix: string;
  readonly dist: Dist;
  readonly plan: ReleasePlan;
}

export interface FormerRelease {
  readonly prefix: string;
  readonly plan: ReleasePlan;
}

/** Every file by which the output directory differs from what the sources compile to, those of several servers below their folders. */
export function staleOf({ releases, former }: Pick<Prepared, 'releases' | 'former'>): string[] {
  return [...releases, ...former].flatMap(({ prefix, plan }) => staleFiles(plan).map((name) => prefix + name));
}

/** Loads and compiles a repository without deciding any server's own labels, and looks at nothing else. */
export async function compileRepository(
  globals: Globals,
  io: Io,
  load: typeof loadRepository = loadRepository,
): Promise<{ readonly sources: Loaded; readonly compiled: Compiled } | Problem> {
  const sources = await load(globals, io);
  if (isProblem(sources)) return sources;
  const { compile } = await import('../../core/compile.ts');
  return { sources, compiled: compile(sources, compileOptions(io)) };
}

/** All that build and check have in common: load, compile for every server, plan, validate. Writes nothing that stays. */
export async function prepare(call: Call, io: Io, given: Given = {}): Promise<Prepared | Problem> {
  const { globals } = call;
  const { mark = () => undefined } = given;
  const sources = given.sources ?? (await loadRepository(globals, io));
  if (isProblem(sources)) return sources;
  const { compileAll } = await import('../../core/compile.ts');
  const compiled = compileAll(sources, { ...compileOptions(io), mark }) as Prepared['compiled'];
  const targetsCount = targetsOf(compiled);
  const refusal = (diagnostics: readonly Diagnostic[], validatedBy: string): Prepared => {
    const nothing = { releases: [], former: [], discard: () => undefined };
    return { compiled, diagnostics, refused: true, targetsCount, validatedBy, ...nothing };
  };
  if (failed(compiled[0].diagnostics, globals)) return refusal(compiled[0].diagnostics, 'in-process');

  const cache = given.cache ?? (await openCache({ env: io.env, root: globals.root, pid: io.pid }));
  const judgeFound = given.judge ?? (await findJudge(sources.settings, globals, io, cache));
  if (isProblem(judgeFound)) return judgeFound;
  const { name: validatedBy, promtool, verdicts } = judgeFound;
  const unjudged = promtool ? (sha256: string): boolean => !verdicts.has(sha256) : undefined;
  const stage = counting(openStage({ writing: given.writing === true, unjudged, pid: io.pid }), compiled, given.count);
  let kept = false;
  try {
    mark('render');
    const planned = await planAll(compiled, stage, call, io);
    if (isProblem(planned)) return planned;
    if (promtool) mark('promtool');
    const releases = planned.releases.map(({ compiled: { ruleSet }, plan }) => ({ ruleSet, files: plan.files }));
    const judged = await judge(releases, judgeFound, globals, io);
    if (isProblem(judged)) return judged;
    const foreign = planned.releases.flatMap(({ dist, plan }) => foreignFiles(dist, plan, globals.root));
    const limits = compiled.flatMap(({ ruleSet, server }) => (ruleSet ? outputOf(server).check(ruleSet, server) : []));
    const all = [...sortDiagnostics([...compiled[0].diagnostics, ...limits, ...judged]), ...foreign];
    if (failed(all, globals)) return refusal(all, validatedBy);
    kept = given.writing === true;
    const discard = (): void => stage.discard();
    return { compiled, diagnostics: all, refused: false, targetsCount, ...planned, validatedBy, discard };
  } finally {
    if (!kept) stage.discard();
  }
}

function counting(stage: Stage, compiled: readonly Compiled[], count: Given['count']): Stage {
  const all = compiled.reduce((sum, { ruleSet }) => sum + (ruleSet?.files.length ?? 0), 0);
  let done = 0;
  const take: Stage['take'] = (file, place, entry) => {
    count?.(done++, all);
    return stage.take(file, place, entry);
  };
  return { ...stage, take };
}

function targetsOf(compiled: Prepared['compiled']): number {
  if (compiled.length === 1) return compiled[0].targetsCount;
  return new Set(compiled.flatMap(({ program }) => program.inventory.targets.map((t) => t.span))).size;
}

/** Compares what every server gets with what is on disk, and finds what is there of servers that are no more. */
async function planAll(
  compiled: readonly Compiled[],
  stage: Stage,
  call: Call,
  io: Io,
): Promise<Pick<Prepared, 'releases' | 'former'> | Problem> {
  const { root } = call.globals;
  const out = outOf(call, io);
  const chosen = textOption(call, 'out') !== undefined;
  const releases: PreparedRelease[] = [];
  const texts = new Map<RuleSet, readonly ReleaseFile[]>();
  const filesOf = ({ ruleSet, server }: Compiled): readonly ReleaseFile[] =>
    ruleSet ? memo(texts, ruleSet, () => releaseFiles(ruleSet, server)) : [];
  for (const one of compiled) {
    const { name } = one.server;
    const place = join(out, name);
    const clash = SOURCE_FOLDERS.find((folder) => join(place, 'rules').startsWith(join(root, folder)));
    if (clash !== undefined) {
      const message = `--out ${out} would write compiled files among the sources, to ${join(place, 'rules')}.`;
      return { code: 'usage', message };
    }
    const dist = await readDist(root, place, chosen);
    if (isProblem(dist)) return dist;
    const plan = await planRelease(dist, filesOf(one), (rows) => manifest(rows, name), stage);
    if (isProblem(plan)) return plan;
    releases.push({ compiled: one, prefix: prefixOf(name), dist, plan });
  }
  const names = compiled.map(({ server }) => server.name);
  const former = await formerReleases(root, out, chosen, names);
  if (isProblem(former)) return former;
  return { releases, former: former.map(({ name, plan }) => ({ prefix: prefixOf(name), plan })) };
}

/** Rule files in the output directory that nobody compiled: Prometheus would load them beside ours. */
export function foreignFiles(dist: Dist, plan: Pick<ReleasePlan, 'files'>, root: string): Diagnostic[] {
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

const SOURCE_FOLDERS = ['rules', 'groups', 'templates'];

function releaseFiles(set: RuleSet, server: ServerConfig): ReleaseFile[] {
  return [...outputOf(server).files(set, server)].map((file) => ({ ...file, fileName: fileNameOf(file) }));
}
