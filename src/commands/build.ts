import { hash } from 'node:crypto';
import { join, relative } from 'node:path';
import { memo } from '../core/ground/memo.ts';
import { suggest } from '../core/ground/suggest.ts';
import type { Program } from '../core/instance/program.ts';
import { writeEffective } from '../io/dist/effective.ts';
import { type PlannedFile, type ReleasePlan, restrictPlan } from '../io/dist/plan.ts';
import { applyPlans } from '../io/dist/write.ts';
import { removeEmptied } from '../io/memory/former.ts';
import type { Problem } from '../io/problem.ts';
import { manifest } from '../outputs/manifest.ts';
import { style } from '../report/color.ts';
import { diagnosticsJson } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Prepared, prepare } from './build/prepare.ts';
import { type EffectiveDigests, openMemory } from './build/recall.ts';
import { openTimings } from './build/timings.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, useColor, writeJson } from './context.ts';
import type { AnswerKeeper } from './effective/keep.ts';
import { fail } from './fail.ts';
import { loadRepository, outOf, refusedExit } from './repository.ts';
import { say, sayDiagnostics } from './say.ts';

const MOST_LINES = 30;

/**
 * Compiles the repository and writes what changed, for every server; nothing if anything is wrong. `load` reads the
 * sources, for a caller that wants to know which ones were built.
 */
export async function build(call: Call, io: Io, load = loadRepository): Promise<ExitCode> {
  const { globals } = call;
  const started = io.now();
  const seconds = (): number => (io.now() - started) / 1000;
  const timings = openTimings(call, io);
  const failed = (problem: Problem): ExitCode => {
    timings.end();
    return fail(problem, call, io);
  };
  const sources = await load(globals, io);
  if (isProblem(sources)) return failed(sources);
  timings.mark('recall');
  const memory = await openMemory(call, io, sources, true);
  const recalled =
    call.options['group'] === undefined ? ((await memory.recall()) ?? (await memory.patch())) : undefined;
  if (recalled) {
    timings.mark('write');
    const plans = recalled.releases.map((one) => one.plan);
    const problem = await applyPlans(plans, { pid: io.pid, now: io.now() });
    if (problem) return failed(problem);
    await recalled.settle();
    timings.end();
    sayDiagnostics(recalled.diagnostics, globals, io);
    tell(recalled, recalled.releases, seconds(), call, io);
    return EXIT.ok;
  }

  const prepared = await prepare(call, io, { ...memory, ...timings, sources, writing: true });
  if (isProblem(prepared)) return failed(prepared);
  try {
    const chosen = await chosenPlans(prepared, call);
    if (isProblem(chosen)) return failed(chosen);
    if (!prepared.refused) {
      timings.mark('write');
      const options = { pid: io.pid, now: io.now() };
      const plans = chosen.map((one) => one.plan);
      const problem = await applyPlans(plans, options);
      if (problem) return failed(problem);
      timings.mark('effective');
      const { answerKeeper } = await import('./effective/keep.ts');
      const keeper = answerKeeper(sources, globals.root, memory.cache, io);
      const effective = await writeRest(chosen, keeper, io);
      if (isProblem(effective)) return failed(effective);
      timings.mark('remember');
      if (plans.every((plan) => plan.left.length === 0)) await memory.keep(prepared, effective);
    }
    timings.end();
    sayDiagnostics(prepared.diagnostics, globals, io);
    if (prepared.refused && globals.format === 'text') say('Nothing was written.', globals, io);
    else tell(prepared, chosen, seconds(), call, io);
    return prepared.refused ? refusedExit(prepared.diagnostics) : EXIT.ok;
  } finally {
    prepared.discard();
  }
}

/** What is told of a build beside its plans. */
type Told = Pick<Prepared, 'diagnostics' | 'validatedBy' | 'targetsCount'> & { readonly releases: readonly unknown[] };

function tell(told: Told, chosen: readonly Chosen[], seconds: number, call: Call, io: Io): void {
  if (call.globals.format === 'json') writeJson(io, buildJson(told, chosen, seconds));
  else sayPlans(chosen, told, seconds, call, io);
}

/** A plan that is carried out; one without a program removes a server that is no more. */
interface Chosen {
  readonly prefix: string;
  readonly plan: ReleasePlan;
  readonly program?: Program;
}

/** Beside the rules: what is in effect where. Of servers that are no more nothing stays. Gives what each release has now. */
async function writeRest(
  chosen: readonly Chosen[],
  keeper: AnswerKeeper | undefined,
  io: Io,
): Promise<Map<string, EffectiveDigests> | Problem> {
  const { effectiveFiles } = await import('../core/effective/store.ts');
  const digests = new Map<string, EffectiveDigests>();
  const made = new Map<Program, ReadonlyMap<string, string>>();
  for (const { prefix, plan, program } of chosen) {
    // It describes what all of dist/ does; where --group leaves files as they were, nothing new is true of it yet.
    if (plan.left.length > 0) continue;
    const effective = program ? memo(made, program, () => effectiveFiles(program, sha256, keeper?.seen)) : new Map();
    const wrong = await writeEffective(plan.out, effective, { pid: io.pid, now: io.now() });
    if (wrong) return wrong;
    if (!program) await removeEmptied(plan.out);
    else {
      const own = new Map([...effective].map(([path, text]) => [path, sha256(text)]));
      digests.set(prefix, own);
      await keeper?.keep(program, join(plan.out, 'effective'), own);
    }
  }
  return digests;
}

const sha256 = (text: string): string => hash('sha256', text);

/** The plans, cut down to what `--group` asks for; none where nothing may be written. */
async function chosenPlans({ releases, former }: Prepared, call: Call): Promise<readonly Chosen[] | Problem> {
  const all = releases.map(({ prefix, plan, compiled: { program } }) => ({ prefix, plan, program }));
  const groups = call.options['group'];
  if (!Array.isArray(groups)) return [...all, ...former];
  // A group that says nothing has no file; asking for it is no mistake, there is just nothing to write.
  const ids = all.flatMap(({ program }) => [...program.tree.byId.keys()]);
  const files = all.flatMap(({ plan }) => [...plan.files, ...plan.removed]);
  const known = new Set([...ids, ...files.map((file) => file.groupId)]);
  for (const group of groups as readonly string[]) {
    if (releases.length === 0 || known.has(group)) continue;
    const near = suggest(group, known);
    return {
      code: 'usage',
      message: `There is no group ${JSON.stringify(group)}, and no compiled file of one.`,
      help: near ? `Did you mean ${near}?` : `The groups are: ${[...known].sort().slice(0, 20).join(', ')}.`,
    };
  }
  const restricted: Chosen[] = [];
  for (const { prefix, dist, plan, compiled } of releases) {
    const render: typeof manifest = (rows) => manifest(rows, compiled.server.name);
    const own = await restrictPlan(dist, plan, new Set(groups as readonly string[]), render);
    if (isProblem(own)) return own;
    restricted.push({ prefix, plan: own, program: compiled.program });
  }
  return restricted;
}

const isWritten = (file: PlannedFile): boolean => file.change !== 'unchanged';

function buildJson(
  { diagnostics, validatedBy, targetsCount }: Told,
  chosen: readonly Chosen[],
  seconds: number,
): object {
  const files = chosen.flatMap(({ prefix, plan }) => plan.files.map((file) => ({ prefix, file })));
  const written = files.filter(({ file }) => isWritten(file)).map(({ file }) => file);
  const removed = chosen.flatMap(({ plan }) => plan.removed);
  return {
    groups_affected: new Set([...written, ...removed].map((file) => file.groupId)).size,
    files_generated: written.length,
    files_unchanged: files.length - written.length,
    files_removed: removed.length,
    rules_count: files.reduce((sum, { file }) => sum + file.ruleCount, 0),
    targets_count: targetsCount,
    files: files.map(({ prefix, file }) => ({
      group_id: file.groupId,
      file_name: prefix + file.fileName,
      rules_count: file.ruleCount,
      changed: isWritten(file),
    })),
    errors: diagnosticsJson(diagnostics, 'error'),
    warnings: diagnosticsJson(diagnostics, 'warning'),
    notes: diagnosticsJson(diagnostics, 'note'),
    validated_by: validatedBy,
    duration: seconds,
  };
}

function sayPlans(chosen: readonly Chosen[], told: Told, seconds: number, call: Call, io: Io): void {
  const { globals } = call;
  const styles = style(useColor(globals, io, io.stderr));
  const lines = chosen.flatMap(({ plan }) => planLines(plan, styles, io));
  const width = Math.max(0, ...lines.map((line) => line.name.length));
  for (const { sign, name, what } of lines.slice(0, MOST_LINES)) {
    say(`${sign} ${name.padEnd(width)}  ${styles.dim(what)}`, globals, io);
  }
  if (lines.length > MOST_LINES) say(styles.dim(`  … and ${lines.length - MOST_LINES} more files`), globals, io);

  const files = chosen.flatMap(({ plan }) => plan.files);
  const written = files.filter(isWritten).length;
  const removed = chosen.reduce((sum, { plan }) => sum + plan.removed.length, 0);
  const rules = files.reduce((sum, file) => sum + file.ruleCount, 0);
  const servers = told.releases.length > 1 ? ` for ${told.releases.length} servers` : '';
  const counts = `${plural(rules, 'rule')} in ${plural(files.length, 'file')}${servers}, ${plural(told.targetsCount, 'target')}`;
  const tail = styles.dim(`(${told.validatedBy}, ${seconds.toFixed(1)} s)`);
  if (lines.length === 0 && !chosen.some(({ plan }) => plan.manifest.changed)) {
    const out = told.releases.length === 1 ? shownOut(chosen[0]?.plan.out ?? '', io) : shownOut(outOf(call, io), io);
    say(`${visible(out)} is up to date: ${counts} ${tail}`, globals, io);
  } else {
    const done = [`${written} written`, `${removed} removed`];
    say(`${done.join(', ')}, ${files.length - written} unchanged: ${counts} ${tail}`, globals, io);
  }
  const left = chosen.flatMap(({ prefix, plan }) => plan.left.map((name) => prefix + name));
  if (left.length > 0) {
    const are = left.length === 1 ? 'is' : 'are';
    say(
      `${plural(left.length, 'other file')} ${are} out of date and was left so, as --group asks: ${visible(left.join(', '))}`,
      globals,
      io,
    );
  }
}

function planLines({ out, files, removed }: ReleasePlan, styles: Styles, io: Io): Line[] {
  const place = (fileName: string): string => visible(`${shownOut(out, io)}/rules/${fileName}`);
  return [
    ...files.filter(isWritten).map((file) => ({
      sign: file.change === 'created' ? styles.added('+') : styles.warning('~'),
      name: place(file.fileName),
      what: plural(file.ruleCount, 'rule'),
    })),
    ...removed.map((file) => ({ sign: styles.error('-'), name: place(file.fileName), what: 'removed' })),
  ];
}

interface Line {
  readonly sign: string;
  readonly name: string;
  readonly what: string;
}

type Styles = ReturnType<typeof style>;

/** An output directory as people type it: from where they stand, unless it lies elsewhere. */
function shownOut(out: string, io: Io): string {
  const way = relative(io.cwd, out) || '.';
  return way.startsWith('..') ? out : way;
}
