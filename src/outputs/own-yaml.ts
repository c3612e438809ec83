import type { OwnFile, OwnGroup, OwnParam, OwnRule, OwnSettings } from '../core/adopt/own.ts';
import { commentLines } from './yaml/comment.ts';
import { scalar } from './yaml/scalar.ts';

/** Sources in our own format as text, written as a person would: short forms where there are any. */

/** A file of `rules/`. */
export function ownFileText(file: OwnFile): string {
  const head = [
    ...file.comment.flatMap(commentLines).map((line) => `# ${line}`.trimEnd()),
    ...field(0, 'interval', file.interval),
    ...field(0, 'query_offset', file.queryOffset),
    ...(file.limit === undefined ? [] : [`limit: ${file.limit}`]),
  ];
  return `${[...head, 'rules:'].join('\n')}\n${file.rules.map((rule) => `${ruleLines(rule).join('\n')}\n`).join('\n')}`;
}

/** A file of `groups/`. */
export function ownGroupText(group: OwnGroup, comment: readonly string[]): string {
  const numbers = [...group.overrides].filter(([, said]) => saysOnlyParams(said));
  const others = [...group.overrides].filter(([, said]) => !saysOnlyParams(said));
  return `${[
    ...comment.flatMap(commentLines).map((line) => `# ${line}`.trimEnd()),
    `id: ${scalar(group.id, 0, 'value')}`,
    'match:',
    ...[...group.match].map(([label, values]) => `  ${key(label, 2)}: ${flow(values)}`),
    ...(numbers.length > 0 ? ['thresholds:'] : []),
    ...numbers.flatMap(([id, said]) => paramsOf(id, said)),
    ...(others.length > 0 ? ['overrides:'] : []),
    ...others.flatMap(([id, said]) => [`  ${key(id, 2)}:`, ...settingLines(4, said)]),
    ...(group.disabled.length > 0 ? [`disabled: ${list(group.disabled)}`] : []),
  ].join('\n')}\n`;
}

function paramsOf(id: string, said: OwnSettings): string[] {
  const [only] = said.params;
  if (only && said.params.size === 1 && only[0] === 'threshold') return [`  ${key(id, 2)}: ${only[1]}`];
  return [`  ${key(id, 2)}: { ${[...said.params].map(([name, value]) => `${key(name, 4)}: ${value}`).join(', ')} }`];
}

const saysOnlyParams = (said: OwnSettings): boolean =>
  said.params.size > 0 &&
  said.for === undefined &&
  said.keepFiringFor === undefined &&
  said.labels.size === 0 &&
  said.annotations.size === 0;

function ruleLines(rule: OwnRule): string[] {
  const lines = [
    `- ${rule.kind}: ${scalar(rule.name, 2, 'value')}`,
    ...field(2, 'id', rule.id),
    ...(rule.only ? [`  only: ${list(rule.only)}`] : []),
    ...(rule.params.length > 0 ? ['  params:', ...rule.params.map(paramLine)] : []),
    `  expr: ${scalar(rule.expr, 2, 'expr')}`,
    ...field(2, 'for', rule.for),
    ...field(2, 'keep_firing_for', rule.keepFiringFor),
    ...texts(2, 'labels', rule.labels),
    ...texts(2, 'annotations', rule.annotations),
    ...(rule.tiers ? ['  tiers:'] : []),
    ...[...(rule.tiers ?? [])].flatMap(([name, said]) => {
      const own = settingLines(6, said);
      return own.length === 0 ? [`    ${key(name, 4)}: {}`] : [`    ${key(name, 4)}:`, ...own];
    }),
  ];
  return lines.flatMap((line) => line.split('\n').map((part) => (part === '' ? '' : `  ${part}`)));
}

function paramLine({ name, value, unit }: OwnParam): string {
  return unit === undefined
    ? `    ${name}: ${value}`
    : `    ${name}: { type: number, default: ${value}, unit: ${unit} }`;
}

function settingLines(indent: number, said: OwnSettings): string[] {
  const pad = ' '.repeat(indent);
  return [
    ...[...said.params].map(([name, value]) => `${pad}${key(name, indent)}: ${value}`),
    ...field(indent, 'for', said.for),
    ...field(indent, 'keep_firing_for', said.keepFiringFor),
    ...texts(indent, 'labels', said.labels),
    ...texts(indent, 'annotations', said.annotations),
  ];
}

function field(indent: number, name: string, text: string | null | undefined): string[] {
  if (text === undefined) return [];
  return [`${' '.repeat(indent)}${name}: ${text === null ? 'null' : scalar(text, indent, 'value')}`];
}

function texts(indent: number, name: string, entries: ReadonlyMap<string, string | null>): string[] {
  if (entries.size === 0) return [];
  const pad = ' '.repeat(indent);
  return [
    `${pad}${name}:`,
    ...[...entries].map(
      ([k, v]) => `${pad}  ${key(k, indent + 2)}: ${v === null ? 'null' : scalar(v, indent + 2, 'value')}`,
    ),
  ];
}

const key = (text: string, indent: number): string => scalar(text, indent, 'key');

const flow = (values: readonly string[]): string =>
  values.length === 1 ? scalar(values[0] ?? '', 2, 'value') : list(values);

const list = (values: readonly string[]): string =>
  `[${values.map((v) => (/^[\w.-]+$/.test(v) ? scalar(v, 0, 'value') : JSON.stringify(v))).join(', ')}]`;
