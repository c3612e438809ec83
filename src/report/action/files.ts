import type { CompiledDifferences } from '../../core/deploy/compiled-files.ts';
import type { Difference } from '../../core/deploy/read-back.ts';
import { code } from '../diff/escape.ts';
import { whereApart } from '../drift.ts';
import { plural } from '../text.ts';

/** What compiled files themselves say of a change, where the sources of one of its sides are not known. */
export interface FilesReport {
  /** Why it is not known what changes for each target: a sentence, and how to mend it. */
  readonly why: string;
  readonly help: string;
  /** How many files differ in their bytes. */
  readonly files: number;
  /** How many of these were not looked at. */
  readonly unseen: number;
  readonly differences: CompiledDifferences;
}

/** Lines of rules: beyond, the pull request's own files tell. */
const MOST_LINES = 200;

/** In one line. */
export function filesHeadline({ differences, unseen }: FilesReport): string {
  const rules = rulesIn(differences.rules);
  if (differences.unreadable.length + unseen > 0) return 'what changes is not known';
  if (rules === 0) return differences.rules.length === 0 ? 'written otherwise, no rule differs' : 'rule groups differ';
  return `${plural(rules, 'rule')} ${rules === 1 ? 'differs, its' : 'differ, their'} targets are not known`;
}

/** As Markdown, within so many characters. */
export function filesMarkdown(report: FilesReport, limit: number): string {
  const { why, help, files, unseen, differences } = report;
  const lead = `> [!WARNING]\n> What this changes for each target is not known. ${why} ${help}`;
  const said = `Of ${plural(files, 'compiled file')} that ${files === 1 ? 'differs' : 'differ'}, this is what the files themselves say:`;
  const lines = [
    ...differenceLines(differences),
    ...(unseen > 0 ? [`- ${unseen} more ${unseen === 1 ? 'was' : 'were'} not compared`] : []),
  ];
  let text = `${lead}\n\n${said}\n`;
  for (const [i, line] of lines.entries()) {
    const more = `\n- … and ${lines.length - i} more: see the files of the change`;
    if (i >= MOST_LINES || text.length + line.length + more.length + 1 > limit) return text + more;
    text += `\n${line}`;
  }
  return text;
}

/** Rule by rule what two states of compiled files say, as items of a list. */
export function differenceLines({ rules, unreadable }: CompiledDifferences): string[] {
  return [
    ...unreadable.map((name) => `- ${code(name)}: can’t be read as a rule file`),
    ...rules.map((difference) => `- ${place(difference)}: ${change(difference)}`),
    ...(rules.length + unreadable.length === 0 ? ['- no rule differs: only comments, or the form'] : []),
  ];
}

/** For machines, with the keys of a report that compares. */
export function filesJson(report: FilesReport): object {
  const { why, help, files, unseen, differences } = report;
  const error = {
    code: 'environment',
    severity: 'error',
    message: why,
    file: null,
    line: null,
    col: null,
    help,
    notes: [],
  };
  return {
    summary: filesHeadline(report),
    // Nobody knows of none.
    consequences: true,
    compared: false,
    base: null,
    head: null,
    owners: [],
    changes: [],
    mended: [],
    errors: [error],
    compiled_files: {
      changed: files,
      not_compared: unseen,
      unreadable: differences.unreadable,
      rules: differences.rules.map(differenceJson),
    },
  };
}

/** A difference for machines. */
export function differenceJson({ what, fileName, group, rule, field, wanted, found }: Difference): object {
  return {
    what:
      what === 'rule-missing' ? 'added' : what === 'rule-left-over' ? 'removed' : what === 'order' ? what : 'changed',
    file: fileName,
    group,
    rule: rule ?? null,
    field: field ?? null,
    old: found ?? null,
    new: wanted ?? null,
  };
}

/** Rules that differ in whatever. */
export function rulesIn(differences: readonly Difference[]): number {
  const ruleOf = ({ fileName, group, rule }: Difference): string => JSON.stringify([fileName, group, rule]);
  return new Set(differences.filter(({ rule }) => rule !== undefined).map(ruleOf)).size;
}

function place({ fileName, group, rule }: Difference): string {
  return [fileName, group, ...(rule === undefined ? [] : [rule])].map(code).join(' › ');
}

function change({ what, field, wanted, found }: Difference): string {
  if (what === 'rule-missing') return 'is new';
  if (what === 'rule-left-over') return 'is removed';
  if (what === 'order') return 'the rules stand in another order';
  const [was, is] = whereApart(found, wanted);
  return `${code(field ?? '')}: ${code(was)} → ${code(is)}`;
}
