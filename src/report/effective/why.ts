import { disabledReason } from '../../core/effective/off.ts';
import type { Why, WhyLevel, WhySetting } from '../../core/effective/why.ts';
import { levelName } from '../../core/effective/why.ts';
import { withoutLine } from '../../core/effective/without.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { Program } from '../../core/instance/program.ts';
import type { FieldValue, Setting } from '../../core/model/rule.ts';
import type { Style } from '../color.ts';
import { style } from '../color.ts';
import { visible, visibleWidth } from '../visible.ts';
import { paramsOf, shown, who, wrap } from './text.ts';

export interface WhyReport {
  readonly title: string;
  readonly about: readonly string[];
  readonly whys: readonly Why[];
  readonly program: Program;
  readonly color: boolean;
  readonly width: number;
  /** Whether long texts lose their end: only a terminal's lines are short. */
  readonly cut: boolean;
}

/** Only of a group: a target is always in some cell. */
const SHARED =
  'Everywhere in it other groups have a say of this rule as well: ask for one of those, for a group that joins them (`a--b`), or for a target.';

/** Who set what of a rule, level by level: where a number comes from and what it overrode. */
export function whyText(report: WhyReport): string {
  const { title, about, whys, color, width } = report;
  const styles = style(color);
  const out = [
    styles.bold(visible(title)),
    ...about.flatMap((line) => wrap(line, width)).map((line) => styles.dim(line)),
  ];
  if (whys.length === 0) out.push('', ...wrap(SHARED, width));
  for (const why of whys) out.push('', ...cascadeLines(why, report, styles));
  return `${out.join('\n')}\n`;
}

function cascadeLines(why: Why, report: WhyReport, styles: Style): string[] {
  const { resolved, cell, condition, off, levels, silent } = why;
  const { rule } = resolved;
  const lines = [styles.bold(visible(`${rule.id}${condition === null ? '' : `, when ${condition}`}`))];
  lines.push(...(off ? wrap(`Not in effect, ${lineRef(off.span)}: ${off.reason}`, report.width) : outcome(why)));
  lines.push('', `The cascade, from weak to strong (${off ? 'nothing of it is in effect here' : '* is in effect'}):`);
  for (const level of levels) lines.push(...levelLines(level, why, report, styles));
  if (silent.length > 0) {
    const ids = silent.map((g) => g.id).join(', ');
    lines.push(...wrap(`Groups that match and say nothing of it: ${ids}`, report.width));
  }
  const file = cell.owner === 'default' && rule.group.native ? rule.group.native.fileName : `group-${cell.owner}.yml`;
  if (!off) lines.push(styles.dim(visible(`Compiled to rules/${file} of dist/`)));
  return lines;
}

/** What comes out: the values, each with who said so, and what it would be if they had not. */
function outcome(why: Why): string[] {
  const { rule } = why.resolved;
  const { cell } = why;
  const row = (field: string, name: string, text: (setting: Setting) => string): string[][] => {
    const setting = cell.settings.get(field);
    if (!setting || setting.value === null) return [];
    const next = withoutLine(why, field);
    const without = next ? `without it: ${text(next)} (${who(next, cell)}, ${lineRef(next.span)})` : '';
    return [[name, text(setting), who(setting, cell), lineRef(setting.span), without]];
  };
  const params = paramsOf(rule, cell).flatMap(([name]) =>
    row(`param:${name}`, name, ({ value }) => shown(value, rule, name)),
  );
  const times = ['for', 'keep_firing_for'].flatMap((field) =>
    row(field, field, ({ value }) => (value === null ? 'none' : String(value))),
  );
  return columns([...params, ...times]).map((line) => `  ${line}`);
}

function levelLines(level: WhyLevel, why: Why, { program, cut }: WhyReport, styles: Style): string[] {
  const { rule } = why.resolved;
  const group = level.group;
  const matched = level.match === undefined ? '' : `  matches ${level.match}`;
  const rank = group && level.level.kind === 'group' && group.priority !== 0 ? `  priority ${group.priority}` : '';
  const head = `${titleOf(level)}${matched}${rank}`;
  const rows = level.said.map((said) => {
    const { field, setting } = said;
    const value = field.startsWith('param:') ? shown(setting.value, rule, field.slice(6)) : plain(setting.value, cut);
    return [
      sign(said, level, why),
      `${fieldText(field)} ${value}${reasonOf(said, program)}`,
      lineRef(setting.span),
      verdict(said, level, why),
    ];
  });
  const lines = columns(rows).map((line) => (line.startsWith('*') ? `  ${line}` : styles.dim(`  ${line}`)));
  return [`${visible(head)}${styles.dim(`  ${visible(lineRef(level.span))}`)}`, ...lines];
}

function titleOf({ level, group, wide }: WhyLevel): string {
  if (wide) return `group ${level.name}, labels for all its alerts, only where the rule has none`;
  if (level.kind === 'case') return `case ${level.name} of ${group?.id ?? ''}`;
  return level.kind === 'group' ? `group ${level.name}` : level.kind === 'rule' ? 'the rule itself' : levelName(level);
}

const sign = ({ overriddenBy }: WhySetting, { unreached }: WhyLevel, { off }: Why): string =>
  overriddenBy || unreached || off ? ' ' : '*';

function verdict({ field, setting, overriddenBy }: WhySetting, { unreached }: WhyLevel, { cell, off }: Why): string {
  if (unreached) return 'does not reach it: the rule looks at many machines at once';
  if (overriddenBy) return `overridden by ${who(overriddenBy, cell)}, ${lineRef(overriddenBy.span)}`;
  return off?.why === 'disabled' && field === 'enabled' && setting.value === false ? 'this switches it off' : '';
}

const reasonOf = ({ field, setting }: WhySetting, program: Program): string =>
  field === 'enabled' && setting.value === false ? (disabledReason(setting, program) ?? '') : '';

const LONGEST = 48; // columns

function plain(value: FieldValue, cut: boolean): string {
  const text = value === null ? 'unset' : String(value);
  const line = text.replace(/\s+/g, ' ').trim();
  return cut && line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** A field as people write it: `threshold`, `label severity`. */
function fieldText(field: string): string {
  const at = field.indexOf(':');
  if (at < 0) return field;
  const kind = field.slice(0, at);
  return kind === 'param' ? field.slice(at + 1) : `${kind} ${field.slice(at + 1)}`;
}

/** Rows with their columns aligned. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visibleWidth(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => visible(cell) + ' '.repeat((widths[i] as number) - visibleWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}
