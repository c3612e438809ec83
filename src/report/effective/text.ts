import type { RuleCell } from '../../core/cascade/cell.ts';
import type { Effective } from '../../core/effective/effective.ts';
import type { Off } from '../../core/effective/off.ts';
import { levelName } from '../../core/effective/why.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { Instance } from '../../core/instance/instantiate.ts';
import { instanceTexts } from '../../core/instance/labels.ts';
import type { Program } from '../../core/instance/program.ts';
import { withUnit } from '../../core/model/params.ts';
import type { FieldValue, Rule, Setting } from '../../core/model/rule.ts';
import type { Value } from '../../core/model/value.ts';
import type { Style } from '../color.ts';
import { style } from '../color.ts';
import { plural } from '../text.ts';
import { visible, visibleWidth } from '../visible.ts';

/** What a report of effective rules is about, and how it is shown. */
export interface EffectiveReport {
  /** The first line: a target's id, say. */
  readonly title: string;
  /** Behind it, dim: labels and groups. */
  readonly about: readonly string[];
  /** Behind the table. */
  readonly remark?: string;
  readonly rules: readonly TextRow[];
  /** Rules that are not in effect, where they are asked for. */
  readonly off?: readonly Off[];
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Whether what is wider than the terminal loses its end: never where a file or a program reads. */
  readonly cut: boolean;
}

/** A rule in effect, as the table shows it. */
export interface TextRow {
  readonly id: string;
  readonly isAlert: boolean;
  /** What stands in the columns behind the id. */
  readonly cells: TextCells;
  readonly condition: string | null;
}

export type TextCells = readonly [severity: string, numbers: string, waits: string, by: string, where: string];

/** Effective rules for somebody who was woken: which alerts, at which numbers, and who said so. */
export function effectiveText(report: EffectiveReport): string {
  const { title, about, remark, rules, off, color, width, cut } = report;
  const styles = style(color);
  const alerts = rules.filter(({ isAlert }) => isAlert);
  const records = [...new Set(rules.filter(({ isAlert }) => !isAlert).map(({ id }) => id))];
  const out = [
    styles.bold(visible(title)),
    ...about.flatMap((line) => wrap(line, width)).map((line) => styles.dim(line)),
  ];
  out.push('');
  if (alerts.length === 0) out.push('No alert is in effect here.');
  else out.push(...tableLines(alerts, styles, cut ? width : undefined));
  out.push('', plural(new Set(alerts.map(({ id }) => id)).size, 'alert'));
  if (records.length > 0)
    out.push(...wrap(`${plural(records.length, 'recording rule')}: ${records.join(', ')}`, width));
  if (remark !== undefined) out.push(...wrap(remark, width));
  if (off) out.push('', ...offLines(off, styles, cut));
  return `${out.join('\n')}\n`;
}

const HEAD = ['RULE', 'SEVERITY', 'NUMBERS', 'FOR', 'SET BY', 'WHERE'];

/** Columns that may be cut, the first one first, each to no less than so many. */
const MAY_SHRINK: readonly (readonly [column: number, least: number])[] = [
  [2, 24],
  [4, 14],
  [2, 14],
];

/** The column of ids is never cut, for what tells two rules apart is at the end of them; a longer one has a line to itself. */
const LEAST_ID = 24;
/** Where no terminal says how wide it is: what most people see without scrolling. */
const WIDEST = 120;

/** `room`: what the terminal has, to which all is cut; undefined where a file or a program reads. */
function tableLines(rules: readonly TextRow[], styles: Style, room: number | undefined): string[] {
  const rows = rules.map(({ id, cells }) => [id, ...cells]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => visibleWidth(row[i] ?? ''))));
  const shrink = (column: number, least: number, width: number): void => {
    const over = widths.reduce((sum, w) => sum + w + 2, -2) - width;
    if (over > 0)
      widths[column] = Math.max(Math.min(widths[column] as number, least), (widths[column] as number) - over);
  };
  if (room !== undefined) for (const [column, least] of MAY_SHRINK) shrink(column, least, room);
  shrink(0, LEAST_ID, room ?? WIDEST);
  const line = (row: readonly string[], paint: (text: string, column: number) => string): string =>
    row
      .map((cell, i) => paint(padded(cell, widths[i] as number, i === row.length - 1), i))
      .join('  ')
      .trimEnd();
  return [
    line(HEAD, (text) => styles.dim(text)),
    ...rows.flatMap((row, i) => {
      const severity = row[1] as string;
      const { id, condition } = rules[i] as TextRow;
      const alone = visibleWidth(id) > (widths[0] as number) ? [visible(id)] : [];
      const cells = alone.length === 0 ? row : ['', ...row.slice(1)];
      const shown = line(cells, (text, column) => (column === 1 ? paintSeverity(severity, styles)(text) : text));
      const when =
        condition === null ? [] : [styles.dim(`  when ${shorten(condition, (room ?? Number.POSITIVE_INFINITY) - 7)}`)];
      return [...alone, shown, ...when];
    }),
  ];
}

function paintSeverity(severity: string, styles: Style): (text: string) => string {
  if (/^(?:critical|page|severe|emergency|error|high)$/.test(severity)) return styles.error;
  return /^(?:warning|medium)$/.test(severity) ? styles.warning : (text) => text;
}

/** Shows a rule in effect as a row of the table. */
export function textRow({ instance, condition }: Effective, program: Program): TextRow {
  const { labels, for: waits } = instanceTexts(instance, program);
  const cells = cellsOf(instance, labels.get('severity') ?? null, waits);
  return { id: instance.rule.id, isAlert: instance.rule.kind === 'alert', cells, condition };
}

/** The cells of an instance whose severity and `for` are known: the numbers, and the line of the first of them. */
export function cellsOf({ rule, cell }: Instance, severity: string | null, waits: string | undefined): TextCells {
  const params = paramsOf(rule, cell).filter(([name, setting]) => isTelling(rule, name, setting));
  const main = params[0];
  const lead = main?.[1];
  const by = lead ? whose(lead, cell) : 'the rule';
  const also = (setting: Setting | undefined): string => {
    const other =
      setting && (setting.level.kind === 'group' || setting.level.kind === 'case') ? whose(setting, cell) : by;
    return other === by ? '' : ` (${other})`;
  };
  const numbers = params.map(([name, setting], i) => {
    const text = shown(setting.value, rule, name);
    return i === 0 && name === 'threshold' ? text : `${name} ${text}${i === 0 ? '' : also(setting)}`;
  });
  const after = waits === undefined ? '-' : `${waits}${also(cell.settings.get('for'))}`;
  return [severity ?? '-', numbers.join(', ') || '-', after, by, lineRef(lead?.span ?? rule.expr.span)];
}

/** Lists and texts are long, and seldom what somebody looks for: they are shown where a group has set them. */
function isTelling(rule: Rule, name: string, { level }: Setting): boolean {
  const type = rule.params.get(name)?.type;
  const long = type === 'list' || type === 'regex' || type === 'string';
  return !long || level.kind === 'group' || level.kind === 'case';
}

/** The params that have a value: the threshold first, then numbers and durations, then what may be long. */
export function paramsOf(rule: Rule, cell: RuleCell): [string, Setting][] {
  const rank = (name: string): number => {
    const type = rule.params.get(name)?.type;
    return name === 'threshold' ? 0 : type === 'number' ? 1 : type === 'duration' ? 2 : 3;
  };
  return [...rule.params.keys()]
    .flatMap((name): [string, Setting][] => {
      const setting = cell.settings.get(`param:${name}`);
      return setting && setting.value !== null ? [[name, setting]] : [];
    })
    .sort(([a], [b]) => rank(a) - rank(b));
}

/** A value with its unit. */
export function shown(value: FieldValue, rule: Rule, param?: string): string {
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return withUnit(value as Value, param === undefined ? undefined : rule.params.get(param));
}

export function who({ level }: Setting, cell: RuleCell): string {
  return levelName(level, cell.declarations);
}

/** The group that set something, also where it was one of its cases: the condition is on the next line. */
function whose(setting: Setting, cell: RuleCell): string {
  const { kind, name } = setting.level;
  return kind === 'case' ? (cell.declarations.find((d) => d.case?.id === name)?.group.id ?? name) : who(setting, cell);
}

function offLines(off: readonly Off[], styles: Style, cut: boolean): string[] {
  if (off.length === 0) return ['Every rule is in effect here.'];
  const widest = (texts: readonly string[], most: number): number =>
    Math.min(most, Math.max(...texts.map(visibleWidth)));
  const ids = widest(
    off.map((o) => o.resolved.rule.id),
    MOST_OFF,
  );
  const places = widest(
    off.map((o) => lineRef(o.span)),
    cut ? MOST_OFF : Number.POSITIVE_INFINITY,
  );
  const lines = off.flatMap(({ resolved: { rule }, reason, span }) => {
    const rest = `  ${styles.dim(padded(lineRef(span), places))}  ${visible(reason)}`;
    return visibleWidth(rule.id) > ids ? [visible(rule.id), ' '.repeat(ids) + rest] : [padded(rule.id, ids) + rest];
  });
  return [`${plural(off.length, 'rule')} not in effect here:`, ...lines];
}

/** Columns for what is not in effect. */
const MOST_OFF = 48;

/** A cell of a width; one that is longer loses its end, but for the last of a line. */
function padded(text: string, width: number, last = false): string {
  const shownText = last ? visible(text) : shorten(text, width);
  return shownText + ' '.repeat(Math.max(0, width - visibleWidth(shownText)));
}

function shorten(text: string, width: number): string {
  const clean = visible(text);
  if (visibleWidth(clean) <= width) return clean;
  let result = '';
  for (const char of clean) {
    if (visibleWidth(result + char) > width - 1) break;
    result += char;
  }
  return `${result}…`;
}

/** A line broken between words, what follows indented. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
