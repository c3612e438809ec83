import { relative } from 'node:path';
import { effectiveFiles } from '../core/effective-store.ts';
import { suggest } from '../core/suggest.ts';
import { digest } from '../io/dist.ts';
import { writeEffective } from '../io/effective.ts';
import { type ReleasePlan, restrictPlan } from '../io/plan.ts';
import type { Problem } from '../io/problem.ts';
import { applyPlan } from '../io/write.ts';
import { manifest } from '../outputs/manifest.ts';
import { style } from '../report/color.ts';
import { diagnosticsJson } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, useColor, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { type Prepared, prepare } from './prepare.ts';
import { say, sayDiagnostics } from './say.ts';

const MOST_LINES = 30;

/** Compiles the repository and writes what changed; nothing if anything is wrong. */
export async function build(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const started = io.now();
  const prepared = await prepare(call, io);
  if (isProblem(prepared)) return fail(prepared, 'build', globals, io);

  const plan = await chosenPlan(prepared, call);
  if (plan && isProblem(plan)) return fail(plan, 'build', globals, io);
  sayDiagnostics(prepared.diagnostics, globals, io);
  if (plan) {
    const problem = await applyPlan(plan, { pid: io.pid, now: io.now() });
    if (problem) return fail(problem, 'build', globals, io);
    // It describes what all of dist/ does; where --group leaves files as they were, nothing new is true of it yet.
    if (plan.left.length === 0) {
      const effective = effectiveFiles(prepared.compiled.program, (text) => digest([text]).sha256);
      const wrong = await writeEffective(plan.out, effective, { pid: io.pid, now: io.now() });
      if (wrong) return fail(wrong, 'build', globals, io);
    }
  }
  const seconds = (io.now() - started) / 1000;
  if (globals.format === 'json') writeJson(io, buildJson(prepared, plan, seconds));
  else if (plan) sayPlan(plan, prepared, seconds, call, io);
  else say('Nothing was written.', globals, io);
  return plan ? EXIT.ok : EXIT.failed;
}

/** The plan, cut down to what `--group` asks for; undefined where nothing may be written. */
async function chosenPlan(prepared: Prepared, call: Call): Promise<ReleasePlan | Problem | undefined> {
  if (!prepared.release) return undefined;
  const { dist, plan } = prepared.release;
  const groups = call.options['group'];
  if (!Array.isArray(groups)) return plan;
  // A group that says nothing has no file; asking for it is no mistake, there is just nothing to write.
  const ids = prepared.compiled.program.tree.byId.keys();
  const known = new Set([...ids, ...[...plan.files, ...plan.removed].map((file) => file.groupId)]);
  for (const group of groups as readonly string[]) {
    if (known.has(group)) continue;
    const near = suggest(group, known);
    return {
      code: 'usage',
      message: `There is no group ${JSON.stringify(group)}, and no compiled file of one.`,
      help: near ? `Did you mean ${near}?` : `The groups are: ${[...known].sort().slice(0, 20).join(', ')}.`,
    };
  }
  return restrictPlan(dist, plan, new Set(groups as readonly string[]), manifest);
}

function buildJson(prepared: Prepared, plan: ReleasePlan | undefined, seconds: number): object {
  const { compiled, diagnostics } = prepared;
  const written = plan?.files.filter((file) => file.change !== 'unchanged') ?? [];
  const removed = plan?.removed ?? [];
  return {
    groups_affected: new Set([...written, ...removed].map((file) => file.groupId)).size,
    files_generated: written.length,
    files_unchanged: (plan?.files.length ?? 0) - written.length,
    files_removed: removed.length,
    rules_count: plan?.files.reduce((sum, file) => sum + file.ruleCount, 0) ?? 0,
    targets_count: compiled.targetsCount,
    files:
      plan?.files.map((file) => ({
        group_id: file.groupId,
        file_name: file.fileName,
        rules_count: file.ruleCount,
        changed: file.change !== 'unchanged',
      })) ?? [],
    errors: diagnosticsJson(diagnostics, 'error'),
    warnings: diagnosticsJson(diagnostics, 'warning'),
    notes: diagnosticsJson(diagnostics, 'note'),
    validated_by: prepared.validatedBy,
    duration: seconds,
  };
}

function sayPlan(plan: ReleasePlan, prepared: Prepared, seconds: number, call: Call, io: Io): void {
  const { globals } = call;
  const styles = style(useColor(globals, io, io.stderr));
  const way = relative(io.cwd, plan.out) || '.';
  const out = way.startsWith('..') ? plan.out : way;
  const written = plan.files.filter((file) => file.change !== 'unchanged');
  const lines = [
    ...written.map((file) => ({
      sign: file.change === 'created' ? styles.added('+') : styles.warning('~'),
      name: file.fileName,
      what: plural(file.ruleCount, 'rule'),
    })),
    ...plan.removed.map((file) => ({ sign: styles.error('-'), name: file.fileName, what: 'removed' })),
  ];
  const width = Math.max(0, ...lines.map((line) => visible(line.name).length));
  for (const { sign, name, what } of lines.slice(0, MOST_LINES)) {
    say(`${sign} ${visible(`${out}/rules/${name}`.padEnd(out.length + 7 + width))}  ${styles.dim(what)}`, globals, io);
  }
  if (lines.length > MOST_LINES) say(styles.dim(`  … and ${lines.length - MOST_LINES} more files`), globals, io);

  const rules = plan.files.reduce((sum, file) => sum + file.ruleCount, 0);
  const counts = `${plural(rules, 'rule')} in ${plural(plan.files.length, 'file')}, ${plural(prepared.compiled.targetsCount, 'target')}`;
  const tail = styles.dim(`(${prepared.validatedBy}, ${seconds.toFixed(1)} s)`);
  if (lines.length === 0 && !plan.manifest.changed)
    say(`${visible(out)} is up to date: ${counts} ${tail}`, globals, io);
  else {
    const done = [`${written.length} written`, `${plan.removed.length} removed`];
    say(`${done.join(', ')}, ${plan.files.length - written.length} unchanged: ${counts} ${tail}`, globals, io);
  }
  if (plan.left.length > 0) {
    const are = plan.left.length === 1 ? 'is' : 'are';
    say(
      `${plural(plan.left.length, 'other file')} ${are} out of date and was left so, as --group asks: ${visible(plan.left.join(', '))}`,
      globals,
      io,
    );
  }
}
