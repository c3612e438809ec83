import { disabledReason } from '../core/effective-off.ts';
import type { Why, WhyLevel, WhySetting } from '../core/effective-why.ts';
import { levelName } from '../core/effective-why.ts';
import type { Program } from '../core/resolve.ts';
import { lineRef } from '../core/source.ts';
import type { Style } from './color.ts';
import { style } from './color.ts';
import { paramsOf, shown, who, wrap } from './effective.ts';
import { visible, visibleWidth } from './visible.ts';

export interface WhyReport {
  readonly title: string;
  readonly about: readonly string[];
  readonly whys: readonly Why[];
  readonly program: Program;
  readonly color: boolean;
  readonly width: number;
}

/** Who set what of a rule, level by level: where a number comes from and what it overrode. */
export function whyText({ title, about, whys, program, color, width }: WhyReport): string {
  const styles = style(color);
  const out = [
    styles.bold(visible(title)),
    ...about.flatMap((line) => wrap(line, width)).map((line) => styles.dim(line)),
  ];
  for (const why of whys) out.push('', ...cascadeLines(why, program, styles, width));
  return `${out.join('\n')}\n`;
}

function cascadeLines(why: Why, program: Program, styles: Style, width: number): string[] {
  const { resolved, cell, condition } = why;
  const { rule } = resolved;
  const lines = [styles.bold(visible(`${rule.id}${condition === null ? '' : `, when ${condition}`}`))];
  lines.push(...outcome(why));
  lines.push('', 'The cascade, from weak to strong (* is in effect):');
  for (const level of why.levels) lines.push(...levelLines(level, why, program, styles));
  if (why.silent.length > 0) {
    lines.push(...wrap(`Groups that match and say nothing of it: ${why.silent.map((g) => g.id).join(', ')}`, width));
  }
  const file = cell.owner === 'default' && rule.group.native ? rule.group.native.fileName : `group-${cell.owner}.yml`;
  if (cell.applies && cell.enabled) lines.push(styles.dim(visible(`Compiled to rules/${file} of dist/`)));
  return lines;
}

/** What comes out: the values, each with who said so. */
function outcome({ resolved: { rule }, cell }: Why): string[] {
  if (!cell.applies) return ['Not in effect: the rule is not for this group (`only`, `except`).'];
  if (!cell.enabled) {
    const setting = cell.settings.get('enabled');
    return [`Not in effect: disabled by ${setting ? `${who(setting, cell)}, ${lineRef(setting.span)}` : 'the rule'}.`];
  }
  const times = ['for', 'keep_firing_for'].flatMap((field) => {
    const setting = cell.settings.get(field);
    return setting && setting.value !== null
      ? [[field, String(setting.value), who(setting, cell), lineRef(setting.span)]]
      : [];
  });
  const params = paramsOf(rule, cell).map(([name, s]) => [
    name,
    shown(s.value, rule, name),
    who(s, cell),
    lineRef(s.span),
  ]);
  return columns([...params, ...times]).map((line) => `  ${line}`);
}

function levelLines(level: WhyLevel, why: Why, program: Program, styles: Style): string[] {
  const { rule } = why.resolved;
  const group = level.group;
  const matched = level.match === undefined ? '' : `  matches ${level.match}`;
  const rank = group && level.level.kind === 'group' && group.priority !== 0 ? `  priority ${group.priority}` : '';
  const head = `${titleOf(level)}${matched}${rank}`;
  const rows = level.said.map((said) => {
    const { field, setting } = said;
    const value = field.startsWith('param:') ? shown(setting.value, rule, field.slice(6)) : plain(setting.value);
    return [
      sign(said, level),
      `${fieldText(field)} ${value}${reasonOf(said, program)}`,
      lineRef(setting.span),
      verdict(said, level, why),
    ];
  });
  const lines = columns(rows).map((line) => (line.startsWith('*') ? `  ${line}` : styles.dim(`  ${line}`)));
  return [`${visible(head)}${styles.dim(`  ${visible(lineRef(level.span))}`)}`, ...lines];
}

function titleOf({ level, group }: WhyLevel): string {
  if (level.kind === 'case') return `case ${level.name} of ${group?.id ?? ''}`;
  return level.kind === 'group' ? `group ${level.name}` : level.kind === 'rule' ? 'the rule itself' : levelName(level);
}

const sign = ({ overriddenBy }: WhySetting, { unreached }: WhyLevel): string => (overriddenBy || unreached ? ' ' : '*');

function verdict({ overriddenBy }: WhySetting, { unreached }: WhyLevel, { cell }: Why): string {
  if (unreached) return 'does not reach it: the rule looks at many machines at once';
  return overriddenBy ? `overridden by ${who(overriddenBy, cell)}, ${lineRef(overriddenBy.span)}` : '';
}

const reasonOf = ({ field, setting }: WhySetting, program: Program): string =>
  field === 'enabled' && setting.value === false ? (disabledReason(setting, program) ?? '') : '';

const LONGEST = 48; // columns

function plain(value: WhySetting['setting']['value']): string {
  const text = value === null ? 'unset' : String(value);
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
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
