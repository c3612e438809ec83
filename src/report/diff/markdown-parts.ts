import { fieldName } from '../../core/diff/words.ts';
import { plural } from '../text.ts';
import { visible } from '../visible.ts';
import { clip, code, htmlCode, prose } from './escape.ts';
import type { Row, Section } from './sections.ts';

/** How much is said, so that a report fits where it goes. */
export interface Level {
  /** Names of targets in a row; 0: groups alone. */
  readonly names: number;
  /** Rows of a section; 0: totals alone. */
  readonly rows: number;
  /** Rows of a section before the rest is folded. */
  readonly open: number;
  /** Whether all names, old and new expressions are listed, folded. */
  readonly lists: boolean;
}

/** From everything to totals. */
export const LEVELS: readonly Level[] = [
  { names: 2, rows: 1000, open: 12, lists: true },
  { names: 2, rows: 200, open: 12, lists: false },
  { names: 0, rows: 60, open: 12, lists: false },
  { names: 0, rows: 10, open: 10, lists: false },
  { names: 0, rows: 0, open: 0, lists: false },
];

const MOST_IN_LINE = 12; // targets by name
const MOST_LISTED = 500; // targets of one row
const MOST_IN_LIST = 5000; // targets of a section

const MARK = { bad: '🔴 ', care: '🟡 ', good: '🟢 ', plain: '' } as const;

/** A section as blocks of Markdown. */
export function sectionMarkdown(section: Section, level: Level): string[] {
  const { title, tone, layout, rows } = section;
  const shown = rows.slice(0, level.rows);
  const fold = title === 'Annotations' ? 0 : shown.length <= level.open + 3 ? shown.length : level.open;
  const [open, folded] = [shown.slice(0, fold), shown.slice(fold)];
  const blocks = [`#### ${MARK[tone]}${title}`];
  if (open.length > 0) blocks.push(rowsMarkdown(open, layout, level));
  if (folded.length > 0) {
    const many = open.length > 0 ? `${folded.length} more` : plural(folded.length, 'change');
    blocks.push(details(many, rowsMarkdown(folded, layout, level)));
  }
  if (rows.length > shown.length) blocks.push(`… and ${rows.length - shown.length} more.`);
  if (level.lists) blocks.push(...lists(section, shown));
  return blocks;
}

export const details = (summary: string, content: string): string =>
  `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;

function rowsMarkdown(rows: readonly Row[], layout: Section['layout'], level: Level): string {
  switch (layout) {
    case 'cover':
      // Names have the whole width here: they are what a reviewer looks for.
      return rows.map((row) => `- ${coverItem(row, level)}`).join('\n');
    case 'setting':
      return table(
        ['rule', 'setting', 'old&nbsp;→&nbsp;new', 'targets', 'line'],
        rows.map((row) => [
          rulesCell(row),
          settingCell(row),
          `${valueCell(row.change.old)}&nbsp;→&nbsp;**${valueCell(row.change.new)}**`,
          targetsCell(row, level, 'few'),
          lineCell(row),
        ]),
      );
    case 'restart':
      return table(
        ['alert', 'targets', 'why'],
        rows.map((row) => [rulesCell(row), targetsCell(row, level, 'groups'), whyCell(row)]),
      );
    case 'sentence':
      return rows.map((row) => `- ${serverText(row)}${prose(row.change.message)}${lineTail(row)}`).join('\n');
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => ':--')), ...rows.map(line)].join('\n');
}

const serverText = ({ change }: Row): string => (change.server === undefined ? '' : `${code(change.server)}: `);

function rulesCell(row: Row): string {
  const more = row.rules.length > 3 ? ` and ${row.rules.length - 3} more` : '';
  return `${serverText(row)}${row.rules.slice(0, 3).map(code).join(', ')}${more}`;
}

function settingCell({ change }: Row): string {
  const { condition } = change.affected;
  return `${prose(fieldName(change.field ?? ''))}${condition === undefined ? '' : ` where ${code(condition)}`}`;
}

const valueCell = (value: string | undefined): string => (value === undefined ? 'none' : code(clip(value, 100)));

function coverItem(row: Row, level: Level): string {
  const { targets } = row;
  const { regions } = row.change.affected;
  const few = regions.length === 0 || regions.length > 5 ? '' : ` in ${regions.map(code).join(', ')}`;
  const whom = targets.length > 0 ? `**${plural(targets.length, 'target')}**` : `no target yet${few}`;
  const more = targets.length > MOST_IN_LINE ? ` and ${targets.length - MOST_IN_LINE} more` : '';
  const names = level.names === 0 ? inGroups(row) : targets.slice(0, MOST_IN_LINE).map(code).join(', ') + more;
  return `${rulesCell(row)}: ${whom}, ${prose(whyOf(row))}${lineTail(row)}${names === '' ? '' : `<br>${names}`}`;
}

/** How many, and a few of them behind their groups, or groups alone. */
function targetsCell(row: Row, { names }: Level, how: 'few' | 'groups'): string {
  const { targets, change } = row;
  if (targets.length === 0) {
    const { regions } = change.affected;
    if (regions.length === 0) return '';
    return names === 0 || regions.length > 3 ? 'none yet' : `none yet in ${regions.slice(0, 3).map(code).join(', ')}`;
  }
  const count = `**${targets.length}**`;
  const where = inGroups(row);
  const of = where === '' ? '' : ` ${where}`;
  if (names === 0 || how === 'groups') return `${count}${of}`;
  const some = targets.slice(0, names).map(code).join(', ');
  return `${count}${of}: ${some}${targets.length > names ? ', …' : ''}`;
}

function inGroups({ groups }: Row): string {
  const where = groups.slice(0, 2).map(({ id }) => code(id));
  return where.length === 0 ? '' : `in ${where.join(', ')}${groups.length > 2 ? ', …' : ''}`;
}

function whyOf({ change }: Row): string {
  const { condition } = change.affected;
  const where = condition === undefined ? '' : ` where ${condition}`;
  if (change.kind === 'rule-removed') return `the rule is removed${where}`;
  const why = change.why ?? '';
  return change.kind === 'cover-gained' ? `before, ${why}${where}` : `${why}${where}`;
}

const whyCell = (row: Row): string => [prose(whyOf(row)), lineCell(row)].filter((text) => text !== '').join('<br>');

const lineCell = ({ line, change }: Row): string =>
  line === '' ? '' : `${code(line)}${change.place?.side === 'base' ? ' (removed)' : ''}`;

const lineTail = (row: Row): string => (row.line === '' ? '' : ` (${lineCell(row)})`);

/** What a reviewer may want to see whole: who loses cover, and expressions before and after. */
function lists({ layout }: Section, rows: readonly Row[]): string[] {
  if (layout === 'sentence') {
    return rows.flatMap(({ change }) => {
      if (change.kind !== 'expression') return [];
      return [
        details(
          `The expression of ${change.rules.map(htmlCode).join(', ')}`,
          fenced(change.old ?? '', change.new ?? ''),
        ),
      ];
    });
  }
  const long = rows.filter((row) => row.targets.length > (layout === 'cover' ? MOST_IN_LINE : 0));
  if (long.length === 0 || layout === 'setting') return [];
  let left = MOST_IN_LIST;
  const lines = long.map((row) => {
    const shown = row.targets.slice(0, Math.min(MOST_LISTED, left));
    left -= shown.length;
    const more = row.targets.length - shown.length;
    const rest = more > 0 ? `${shown.length > 0 ? ' and ' : ''}${more} more` : '';
    return `- ${rulesCell(row)}: ${shown.map(code).join(', ')}${rest}`;
  });
  return [details('All targets by name', lines.join('\n'))];
}

/** A block of code in which nothing can end it. */
function fenced(old: string, now: string): string {
  const lines = [`- ${visible(clip(old, 2000))}`, `+ ${visible(clip(now, 2000))}`];
  const longest = Math.max(0, ...[...lines.join('\n').matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}diff`, ...lines, fence].join('\n');
}
