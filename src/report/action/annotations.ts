import type { Change, DiffReport } from '../../core/diff/report.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { positionAt, type Span } from '../../core/ground/source.ts';
import { visible } from '../visible.ts';
import { EDITED_HELP, type EditedFiles } from './edited.ts';

/** A remark for a line of a changed file. `file` is from the workspace's root; lines are 1-based. */
export interface Remark {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
}

/** So many of each level does GitHub show of one step; the rest it drops without a word. */
export const SHOWN_OF_A_LEVEL = 10;

export interface RemarksOptions {
  /** The rules repository below the workspace, "" or ending in `/`. */
  readonly prefix: string;
  /** Compiled files that are not what the sources compile to. */
  readonly stale: readonly string[];
  /** Compiled files that the change brings and that nobody compiled. */
  readonly edited?: EditedFiles | undefined;
  /** Warnings fail, so that each must be seen. */
  readonly strict: boolean;
}

/**
 * All that is worth a remark, most important first: what is wrong, then what the change does, then notes. Warnings that the
 * base was told as well are left out, for they are not this change's.
 */
export function remarks(
  diagnostics: readonly Diagnostic[],
  report: DiffReport | undefined,
  options: RemarksOptions,
): Remark[] {
  const compared = report?.compared === true;
  const told = diagnostics.filter(
    (d) => d.severity === 'error' || (d.severity === 'warning' && (!compared || options.strict)),
  );
  const changes = (report?.changes ?? []).filter(
    (change) => change.kind !== 'refusal' && !(change.kind === 'warning' && options.strict),
  );
  return [
    ...told.map((d) => diagnosticRemark(d, options.prefix)),
    ...(options.edited ? editedRemarks(options.edited, options.prefix) : []),
    ...staleRemark(options.stale),
    ...changes.map((change) => changeRemark(change, options.prefix)),
    // Who reads the verdict must know how far it goes.
    ...diagnostics.filter((d) => d.code === 'promtool-too-old').map((d) => diagnosticRemark(d, options.prefix)),
  ];
}

/**
 * What GitHub will show: of each level the first, and where there are more the last one says how many. `rest` says where
 * people find them.
 */
export function shownRemarks(all: readonly Remark[], rest: string): Remark[] {
  const distinct = [...new Map(all.map((remark) => [JSON.stringify(remark), remark])).values()];
  return (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const some = distinct.filter((remark) => remark.level === level);
    if (some.length <= SHOWN_OF_A_LEVEL) return some;
    const hidden = some.length - SHOWN_OF_A_LEVEL + 1;
    const message = `GitHub shows ${SHOWN_OF_A_LEVEL} of a kind. ${rest}`;
    return [...some.slice(0, SHOWN_OF_A_LEVEL - 1), { level, title: `… and ${hidden} more ${level}s`, message }];
  });
}

function diagnosticRemark(d: Diagnostic, prefix: string): Remark {
  const level = d.severity === 'note' ? 'notice' : d.severity;
  const notes = d.notes.map((note) => `note: ${note.message}${note.span ? ` (${placeText(note.span)})` : ''}`);
  const lines = [d.message, ...notes, ...(d.help === undefined ? [] : [`help: ${d.help}`])];
  return { level, title: d.code, message: shown(lines.join('\n')), ...place(d.span, prefix) };
}

function changeRemark(change: Change, prefix: string): Remark {
  const title = TITLES[change.kind];
  const message = shown(change.message);
  // A line that only the base has would be shown beside something else.
  if (change.place?.side !== 'head') return { level: change.severity, title, message };
  return { level: change.severity, title, message, ...place(change.place.span, prefix) };
}

const TITLES: Readonly<Record<Change['kind'], string>> = {
  refusal: 'refused',
  server: 'servers change',
  'cover-lost': 'targets lose an alert',
  'cover-gained': 'targets gain an alert',
  setting: 'settings change',
  'fleet-wide': 'computed otherwise',
  restart: 'alerts start over',
  'rule-added': 'new rule',
  'rule-removed': 'rule removed',
  'rule-moved': 'rule moved',
  expression: 'expression changes',
  schedule: 'schedule changes',
  'group-renamed': 'group renamed',
  overlap: 'new overlap',
  warning: 'new warning',
  'target-removed': 'target removed',
  'target-added': 'new target',
  'target-moved': 'target moved',
  annotation: 'annotations change',
};

/** A remark on each file, with the first of what it says otherwise. */
function editedRemarks({ files, differences }: EditedFiles, root: string): Remark[] {
  return files.map((file) => {
    const own = differences.rules.filter(({ fileName }) => file === `${root}dist/${fileName}`);
    const [first] = own;
    const what =
      first === undefined
        ? ''
        : `: ${first.rule ?? first.group} ${first.field === undefined ? '' : `${first.field} ${first.found ?? 'none'} → ${first.wanted ?? 'none'}`}`.trimEnd();
    const more = own.length > 1 ? `, and ${own.length - 1} more` : '';
    const message = `This file is not what the sources compile to${what}${more}.\nhelp: ${EDITED_HELP}`;
    return { level: 'error', title: 'compiled file edited by hand', message: shown(message), file };
  });
}

function staleRemark(stale: readonly string[]): Remark[] {
  if (stale.length === 0) return [];
  const names = stale.slice(0, 5).join(', ') + (stale.length > 5 ? ` and ${stale.length - 5} more` : '');
  const message = shown(
    `dist/ is not what the sources compile to: ${names}.\nhelp: Run \`rulewright build\` and commit what it writes.`,
  );
  return [{ level: 'error', title: 'dist/ is stale', message }];
}

function place(span: Span, prefix: string): Pick<Remark, 'file' | 'line' | 'endLine'> {
  const file = `${prefix}${span.file.path}`;
  if (span.file.text === '') return { file };
  const line = positionAt(span.file, span.start).line;
  return { file, line, endLine: Math.max(line, positionAt(span.file, Math.max(span.start, span.end - 1)).line) };
}

function placeText(span: Span): string {
  return span.file.text === '' ? span.file.path : `${span.file.path}:${positionAt(span.file, span.start).line}`;
}

/** Lines of text that hide nothing. */
function shown(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
