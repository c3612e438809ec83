import type { DiffReport } from '../../core/diff/report.ts';
import { arrow, fieldName } from '../../core/diff/words.ts';
import { type Style, style } from '../color.ts';
import { visible } from '../visible.ts';
import { clip } from './escape.ts';
import { headline, loadLine, type Row, type Section, sectionsOf, sideRemarks } from './sections.ts';

const MOST_ROWS = 40; // of a section
const MOST_NAMES = 5; // targets of a row

export interface DiffTextOptions {
  readonly color: boolean;
  /** Everything, however long; else a terminal's worth of each section. */
  readonly all?: boolean;
}

/** The report for a terminal. Ends with a line break. */
export function renderDiffText(report: DiffReport, options: DiffTextOptions): string {
  const styles = style(options.color);
  const { base, head, owners } = report;
  const sections = sectionsOf(report);
  const bad = head.state === 'refused' || sections.some((s) => s.tone === 'bad');
  const out = [
    (bad ? styles.error : styles.bold)(`${visible(headline(report))}.`),
    styles.dim(`${visible(base.name)} → ${visible(head.name)}`),
  ];
  if (base.state !== 'refused' && head.state !== 'refused') out.push(styles.dim(loadLine(report)));
  if (owners.length > 0) out.push(styles.dim(`Concerns ${owners.map(visible).join(', ')}.`));
  for (const remark of sideRemarks(report)) out.push(visible(remark));
  for (const section of sections) out.push('', ...sectionLines(section, styles, options.all === true));
  return `${out.join('\n')}\n`;
}

function sectionLines({ title, tone, layout, rows }: Section, styles: Style, all: boolean): string[] {
  const paint = { bad: styles.error, care: styles.warning, good: styles.added, plain: styles.bold }[tone];
  const shown = all ? rows : rows.slice(0, MOST_ROWS);
  const lines = shown.flatMap((row) => (layout === 'sentence' ? sentence(row, styles) : rowLines(row, layout, styles)));
  const more = rows.length > shown.length ? [styles.dim(`  … and ${rows.length - shown.length} more`)] : [];
  return [paint(title), ...lines, ...more];
}

function sentence(row: Row, styles: Style): string[] {
  const { change } = row;
  const lines = [`  ${serverOf(row)}${visible(change.message)}${place(row, styles)}`];
  if (change.kind === 'expression') {
    lines.push(styles.error(`    - ${visible(clip(change.old ?? '', 400))}`));
    lines.push(styles.added(`    + ${visible(clip(change.new ?? '', 400))}`));
  }
  return lines;
}

function rowLines(row: Row, layout: Section['layout'], styles: Style): string[] {
  const { change, rules } = row;
  const names = `${rules.slice(0, 5).map(visible).join(', ')}${rules.length > 5 ? ` and ${rules.length - 5} more` : ''}`;
  const condition = change.affected.condition === undefined ? '' : ` where ${change.affected.condition}`;
  const first = `  ${serverOf(row)}${styles.bold(names)}  ${visible(whatOf(row, layout))}${visible(condition)}${place(row, styles)}`;
  const whom = whomOf(row);
  return whom === '' ? [first] : [first, styles.dim(`    ${whom}`)];
}

function whatOf({ change }: Row, layout: Section['layout']): string {
  if (layout === 'setting') {
    const [old, now] = [change.old, change.new].map((v) => (v === undefined ? undefined : clip(v, 120)));
    return `${fieldName(change.field ?? '')} ${arrow(old, now, change.field)}`;
  }
  if (change.kind === 'rule-removed') return 'the rule is removed';
  return change.kind === 'cover-gained' ? `before, ${change.why ?? ''}` : (change.why ?? '');
}

function whomOf({ targets, groups, change }: Row): string {
  if (targets.length === 0) {
    const { regions } = change.affected;
    return regions.length === 0
      ? ''
      : visible(`no target yet in ${regions.slice(0, 3).join(', ')}${regions.length > 3 ? ', …' : ''}`);
  }
  const more = targets.length > MOST_NAMES ? `, and ${targets.length - MOST_NAMES} more` : '';
  const where = groups
    .slice(0, 3)
    .map((g) => visible(g.id))
    .join(', ');
  const some = targets.slice(0, MOST_NAMES).map(visible).join(', ');
  const of = where === '' ? '' : ` in ${where}${groups.length > 3 ? ', …' : ''}`;
  return `${targets.length} target${targets.length === 1 ? '' : 's'}${of}: ${some}${more}`;
}

const serverOf = ({ change }: Row): string => (change.server === undefined ? '' : `${visible(change.server)}: `);

const place = ({ line, change }: Row, styles: Style): string =>
  line === '' ? '' : `  ${styles.dim(visible(line + (change.place?.side === 'base' ? ' (removed)' : '')))}`;
