import type { DiffReport } from '../../core/diff/report.ts';
import type { Problem } from '../../io/problem.ts';
import { remarks } from '../../report/action/annotations.ts';
import { editedHeadline } from '../../report/action/edited.ts';
import { type Frame, framedReport, refusal, SUMMARY_LIMIT } from '../../report/action/text.ts';
import { plural } from '../../report/text.ts';
import { type Prepared, prepare, staleOf } from '../build/prepare.ts';
import { EXIT, type ExitCode, isProblem } from '../context.ts';
import { sayDiagnostics } from '../say.ts';
import { previewBase } from './base.ts';
import { compareWithCommit } from './compare.ts';
import { editedDist } from './edited.ts';
import { reportOutputs, writeReport } from './report.ts';
import { commentedPull, keepReport } from './sticky.ts';
import { annotate, annotateProblem, callOf, type World } from './world.ts';

/** Says what a change does: beside its lines, in the summary, in files, and in one comment. Writes nothing to `dist/`. */
export async function preview(world: World): Promise<ExitCode | Problem> {
  const { inputs, io, runner, git } = world;
  const call = callOf(world);
  const base = await previewBase(git, runner.event, inputs.base);
  if (base && isProblem(base)) return base;
  const prepared = await prepare(call, io);
  if (isProblem(prepared)) return prepared;
  const report = await compareWithCommit(world, base, prepared);
  if (isProblem(report)) return report;

  const commits = { base: base?.sha, head: 'HEAD', own: runner.event.pull?.headSha };
  const edited = await editedDist(world, commits, prepared.compiled);
  if (edited && isProblem(edited)) return edited;
  const stale = inputs.dist === 'checked' ? staleOf(prepared) : [];
  sayDiagnostics(prepared.diagnostics, call.globals, io);
  annotate(
    world,
    remarks(prepared.diagnostics, report, { prefix: inputs.prefix, stale, edited, strict: inputs.strict }),
  );
  const frame: Frame = {
    lead: refusalLines(prepared, report, inputs.strict),
    stale,
    edited,
    validatedBy: prepared.validatedBy,
    commit: runner.event.pull?.headSha || runner.event.sha,
    runUrl: runner.event.runUrl,
  };
  const wrong =
    (await writeReport(world, report, frame)) ?? (await runner.summary(framedReport(report, frame, SUMMARY_LIMIT)));
  if (wrong) return wrong;
  runner.output('stale', String(stale.length > 0 || edited !== undefined));
  reportOutputs(world, [report], prepared.diagnostics, edited !== undefined);

  runner.log(sentence(report, frame, prepared.refused));
  const untold = await comment(world, report, frame);
  return prepared.refused || stale.length > 0 || edited || untold ? EXIT.failed : EXIT.ok;
}

/** Keeps the comment up to date. One that can't be fails the check, for what stands there then is about other bytes. */
async function comment(world: World, report: DiffReport, frame: Frame): Promise<Problem | undefined> {
  const pull = await commentedPull(world);
  const problem = pull && (await keepReport(world, pull.number, report, frame));
  if (problem) {
    const message = `${problem.message} The report is in the job’s summary all the same.`;
    annotateProblem(world.runner, 'the comment is not up to date', { ...problem, message });
  }
  return problem;
}

/** Why nothing may be written, where the report doesn't tell: promtool's verdict, or warnings under `strict`. */
function refusalLines({ refused, diagnostics }: Prepared, report: DiffReport, strict: boolean): string[] {
  if (!refused || !report.compared) return [];
  return refusal(diagnostics.filter((d) => d.severity === 'error' || (strict && d.severity === 'warning')));
}

function sentence(report: DiffReport, { stale, edited }: Frame, refused: boolean): string {
  if (refused) return 'Nothing may be written: see the errors.';
  const what = report.changes.length === 0 ? 'no consequences' : plural(report.changes.length, 'consequence');
  const hand = edited ? `; ${editedHeadline(edited)}` : '';
  return `${what}${hand}${stale.length > 0 ? `; ${plural(stale.length, 'file')} of dist/ not up to date` : ''}`;
}
