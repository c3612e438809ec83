import type { DiffReport } from '../../core/diff/report.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { lineRef } from '../../core/ground/source.ts';
import { COMMENT_LIMIT, type DiffMarkdownOptions, renderDiffMarkdown } from '../diff/markdown.ts';
import { plural } from '../text.ts';
import { visible } from '../visible.ts';
import { type EditedFiles, editedHeadline, editedMarkdown } from './edited.ts';

/** A job's summary may have 1 MiB, counted in bytes: so many UTF-16 units never take more, for none takes over 3 bytes. */
export const SUMMARY_LIMIT = 340_000;

/** What stands around a report on a pull request, in a summary, or in a file. */
export interface Frame {
  /** Tells our comment from others: its first line. */
  readonly marker?: string;
  /** Markdown of ours above the report: paragraphs. */
  readonly lead?: readonly string[];
  /** Compiled files that are not what the sources compile to. */
  readonly stale: readonly string[];
  /** Compiled files that the change brings and that nobody compiled. */
  readonly edited?: EditedFiles | undefined;
  /** "promtool 3.5.0", "in-process". */
  readonly validatedBy: string;
  /** 40 hexadecimal digits, or "". */
  readonly commit: string;
  /** The page of the run, or "". */
  readonly runUrl: string;
}

/** The marker of the comment that `preview` keeps for the rules in this folder. */
export function previewMarker(root: string): string {
  return `<!-- rulewright:preview ${encodeURIComponent(root)} -->`;
}

/** The marker of the pull request that `publish` keeps for the rules in this folder. */
export function publishMarker(root: string): string {
  return `<!-- rulewright:publish ${encodeURIComponent(root)} -->`;
}

/** The report as GitHub shows it, within so many characters: the frame is whole, the report degrades. */
export function framedReport(report: DiffReport, frame: Frame, limit: number = COMMENT_LIMIT): string {
  return framed((left) => renderDiffMarkdown(report, { limit: left, ...besideOf(frame) }), frame, limit);
}

/** What the headline must say besides, for it tells of the sources alone. */
export function besideOf({ edited, stale }: Pick<Frame, 'edited' | 'stale'>): Pick<DiffMarkdownOptions, 'beside'> {
  if (edited) return { beside: { mark: '🔴 ', text: editedHeadline(edited) } };
  return stale.length > 0 ? { beside: { mark: '🟡 ', text: 'dist/ is not up to date' } } : {};
}

/** Any report in a frame: `body` gives as much of it as these characters hold. */
export function framed(body: (limit: number) => string, frame: Frame, limit: number = COMMENT_LIMIT): string {
  const head = [
    ...(frame.marker === undefined ? [] : [frame.marker]),
    ...(frame.lead ?? []),
    ...(frame.edited ? [editedMarkdown(frame.edited)] : []),
    ...staleLines(frame.stale),
  ];
  const foot = `<sub>${footer(frame).join(' · ')}</sub>`;
  const around = [...head, '', foot].join('\n\n').length + 4;
  return `${[...head, body(Math.max(0, limit - around)).trim(), foot].join('\n\n')}\n`;
}

/** What stands in place of a report that there can't be. `why` is Markdown of ours. */
export function untoldText(
  why: string,
  { marker, commit, runUrl }: Pick<Frame, 'marker' | 'commit' | 'runUrl'>,
): string {
  const what = commit === '' ? 'this commit' : `commit ${code(commit.slice(0, 7))}`;
  const lines = [`What ${what} changes is not known: ${why}`, 'What stood here was about an older commit.'];
  const foot = `<sub>${places({ commit, runUrl }).join(' · ')}</sub>`;
  return `${[...(marker === undefined ? [] : [marker]), `> [!WARNING]\n> ${lines.join(' ')}`, foot].join('\n\n')}\n`;
}

/** The Markdown of a step that has no report: a failure, or a deploy. Cut at the limit. */
export function plainText(title: string, paragraphs: readonly string[], limit: number = SUMMARY_LIMIT): string {
  const text = `${[`## ${title}`, ...paragraphs].join('\n\n')}\n`;
  return text.length <= limit ? text : `${text.slice(0, limit - 2)}…\n`;
}

/** What forbids to write anything, as a list; the log has all of it. */
export function refusal(diagnostics: readonly Diagnostic[]): string[] {
  if (diagnostics.length === 0) return [];
  const shown = diagnostics.slice(0, 10).map((d) => `> - ${code(d.message)} (${code(lineRef(d.span))})`);
  const more = diagnostics.length > shown.length ? [`> - … and ${diagnostics.length - shown.length} more`] : [];
  return [['> [!CAUTION]', '> Nothing may be written:', '>', ...shown, ...more].join('\n')];
}

function staleLines(stale: readonly string[]): string[] {
  if (stale.length === 0) return [];
  const names = stale.slice(0, 20).map(code).join(', ') + (stale.length > 20 ? `, and ${stale.length - 20} more` : '');
  return [
    `> [!WARNING]\n> ${plural(stale.length, 'file')} of dist/ not as the sources compile: ${names}. Run ${code('rulewright build')} and commit what it writes.`,
  ];
}

function footer({ validatedBy, ...frame }: Frame): string[] {
  return [
    validatedBy === 'in-process' ? 'checked in process' : `checked by ${escapeHtml(validatedBy)}`,
    ...places(frame),
  ];
}

function places({ commit, runUrl }: Pick<Frame, 'commit' | 'runUrl'>): string[] {
  const parts: string[] = [];
  if (commit !== '') parts.push(`commit ${commit.slice(0, 7)}`);
  if (/^https?:\/\/[\w.:/-]+$/.test(runUrl)) parts.push(`<a href="${runUrl}">run</a>`);
  return parts;
}

/** Text as inert code in Markdown: no mention, no link, no formatting comes of it, and nothing in it hides. */
export function code(text: string): string {
  // A character reference is never read as Markdown, wherever it stands.
  const inert = visible(text).replace(/[&<>"'`*_~[\]\\|@#:!$(){}]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<code>${inert}</code>`;
}

/** Text between tags. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
