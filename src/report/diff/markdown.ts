import type { DiffReport } from '../../core/diff/report.ts';
import { plural } from '../text.ts';
import { clip, code, prose } from './escape.ts';
import { details, LEVELS, type Level, sectionMarkdown } from './markdown-parts.ts';
import { headline, loadLine, type Section, sectionsOf, sideRemarks } from './sections.ts';

/** What GitHub takes as a comment. */
export const COMMENT_LIMIT = 65_536; // characters

export interface DiffMarkdownOptions {
  /** The most characters (UTF-16 units); default: those of a GitHub comment. */
  readonly limit?: number;
  /** Where the whole report is, for whoever reads a shortened one: the end of "The full report is …", in plain text. */
  readonly full?: string;
  /** What is true beside the consequences of the sources, so that none of these is not the whole: plain text, and how loud it is. */
  readonly beside?: { readonly mark: '🔴 ' | '🟡 '; readonly text: string };
}

/**
 * The report as Markdown for GitHub, within the limit: from all names, over a few and groups alone, to
 * totals. Names in it are inert text.
 */
export function renderDiffMarkdown(report: DiffReport, options: DiffMarkdownOptions = {}): string {
  const limit = options.limit ?? COMMENT_LIMIT;
  const sections = sectionsOf(report);
  for (const level of LEVELS) {
    const text = whole(report, sections, level, options);
    if (text.length <= limit) return text;
  }
  const said = spoken(report, options);
  const short = `### ${mark(report, options)}${said}\n`;
  return short.length <= limit ? short : clip(prose(said).replace(/[`<]/g, ''), limit);
}

/** The headline, with what is true beside it. */
export function spoken(report: DiffReport, { beside }: DiffMarkdownOptions): string {
  if (!beside) return headline(report);
  if (report.compared && report.changes.length === 0) return `${beside.text}; the sources have no consequences`;
  return `${headline(report)}; ${beside.text}`;
}

function whole(report: DiffReport, sections: readonly Section[], level: Level, options: DiffMarkdownOptions): string {
  const full = options.full ?? 'what `rulewright diff` prints';
  const { base, head, owners, mended } = report;
  const about = [`${code(base.name)} → ${code(head.name)}`];
  if (base.state !== 'refused' && head.state !== 'refused') about.push(loadLine(report));
  const blocks = [`### ${mark(report, options)}${prose(spoken(report, options))}`, about.join(' · ')];
  if (owners.length > 0) blocks.push(`Concerns ${names(owners, level.names === 0 ? 5 : 20)}.`);
  for (const remark of sideRemarks(report)) blocks.push(prose(remark));
  if (level.rows === 0) {
    blocks.push(sections.map((s) => `- ${s.title}: ${plural(s.rows.length, 'change')}`).join('\n'));
  } else for (const section of sections) blocks.push(...sectionMarkdown(section, level));
  if (mended.length > 0 && level.lists) {
    const lines = mended.map((d) => `- ${code(d.code)}: ${prose(d.message)}`);
    blocks.push(details(`${plural(mended.length, 'complaint')} of before, mended`, lines.join('\n')));
  }
  if (!level.lists) blocks.push(`This is shortened to fit; the full report is ${full}.`);
  return `${blocks.join('\n\n')}\n`;
}

function names(all: readonly string[], most: number): string {
  const more = all.length > most ? ` and ${all.length - most} more` : '';
  return `${all.slice(0, most).map(code).join(', ')}${more}`;
}

function mark({ changes, head, base }: DiffReport, { beside }: DiffMarkdownOptions): string {
  if (
    beside?.mark === '🔴 ' ||
    head.state === 'refused' ||
    changes.some((c) => c.kind === 'cover-lost' || (c.kind === 'rule-removed' && c.affected.targets.length > 0))
  )
    return '🔴 ';
  if (base.state === 'refused' || changes.some((c) => c.severity === 'warning')) return '🟡 ';
  return beside?.mark ?? (changes.length === 0 ? '🟢 ' : '');
}
