import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiffReport } from '../../core/diff/report.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { fsProblem, type Problem } from '../../io/problem.ts';
import { editedJson } from '../../report/action/edited.ts';
import { besideOf, type Frame, framedReport } from '../../report/action/text.ts';
import { diffJson } from '../../report/diff/json.ts';
import { spoken } from '../../report/diff/markdown.ts';
import type { World } from './world.ts';

/** Characters of the report in the artifact: what no comment and no summary can hold. */
export const FILE_LIMIT = 10_000_000;

/** Writes `report.md` and `report.json` for the artifact. */
export function writeReport(world: World, report: DiffReport, frame: Frame): Promise<Problem | undefined> {
  const json = diffJson(report);
  const { edited } = frame;
  const summary = spoken(report, besideOf(frame));
  const besides = edited ? { summary, consequences: true, edited_files: editedJson(edited) } : { edited_files: null };
  return writeReportFiles(world, framedReport(report, frame, FILE_LIMIT), { ...json, ...besides });
}

/** The same of any report: as Markdown and as JSON. */
export async function writeReportFiles(
  { inputs, runner }: World,
  text: string,
  data: object,
): Promise<Problem | undefined> {
  const markdown = join(inputs.reportDirectory, 'report.md');
  const json = join(inputs.reportDirectory, 'report.json');
  try {
    await mkdir(inputs.reportDirectory, { recursive: true });
    await writeFile(markdown, text);
    await writeFile(json, `${JSON.stringify(data, null, 2)}\n`);
  } catch (error) {
    return fsProblem(error, 'cannot write', inputs.reportDirectory);
  }
  runner.output('report-directory', inputs.reportDirectory);
  runner.output('report', markdown);
  runner.output('report-json', json);
  return undefined;
}

/** The outputs that tell what a change does (`edited`: also to compiled files, by hand); of several pull requests, what it does in any of them. */
export function reportOutputs(
  { runner }: World,
  reports: readonly DiffReport[],
  diagnostics: readonly Diagnostic[],
  edited = false,
): void {
  const targets = new Set(reports.flatMap((report) => report.changes.flatMap((change) => change.affected.targets)));
  const owners = new Set(reports.flatMap((report) => report.owners));
  runner.output('changed', String(edited || reports.some((report) => report.changes.length > 0)));
  runner.output('rules', String(reports[0]?.head.rules ?? 0));
  runner.output('targets-changed', String(targets.size));
  runner.output('owners', [...owners].join(','));
  runner.output('errors', String(diagnostics.filter((d) => d.severity === 'error').length));
  runner.output('warnings', String(diagnostics.filter((d) => d.severity === 'warning').length));
}
