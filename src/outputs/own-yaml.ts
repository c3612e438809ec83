import type { OwnFile, OwnGroup, OwnParam, OwnRule, OwnSettings } from '../core/adopt/own.ts';
import { scalar } from './yaml/scalar.ts';
import { commentText, entryText, fieldText, flowList, keyText, mapText } from './yaml/writer.ts';

/** Sources in our own format as text, written as a person would: short forms where there are any. */

/** A file of `rules/`. */
export function ownFileText(file: OwnFile): string {
  const head =
    commentText(0, file.comment) +
    fieldText(0, 'interval', file.interval) +
    fieldText(0, 'query_offset', file.queryOffset) +
    (file.limit === undefined ? '' : `limit: ${file.limit}\n`);
  return `${head}rules:\n${file.rules.map(ruleText).join('\n')}`;
}

/** A file of `groups/`. */
export function ownGroupText(group: OwnGroup, comment: readonly string[]): string {
  const numbers = [...group.overrides].filter(([, said]) => saysOnlyParams(said));
  const others = [...group.overrides].filter(([, said]) => !saysOnlyParams(said));
  return (
    commentText(0, comment) +
    fieldText(0, 'id', group.id) +
    'match:\n' +
    [...group.match].map(([label, values]) => entryText(2, label, oneOrList(values))).join('') +
    section(
      'thresholds',
      numbers.map(([id, said]) => entryText(2, id, paramsOf(said))),
    ) +
    section(
      'overrides',
      others.map(([id, said]) => `  ${keyText(2, id)}:\n${settingsText(4, said)}`),
    ) +
    (group.disabled.length > 0 ? `disabled: ${flowList(group.disabled)}\n` : '')
  );
}

const section = (key: string, entries: readonly string[]): string =>
  entries.length === 0 ? '' : `${key}:\n${entries.join('')}`;

function paramsOf(said: OwnSettings): string {
  const [only] = said.params;
  if (only && said.params.size === 1 && only[0] === 'threshold') return `${only[1]}`;
  return `{ ${[...said.params].map(([name, value]) => `${keyText(4, name)}: ${value}`).join(', ')} }`;
}

const saysOnlyParams = (said: OwnSettings): boolean =>
  said.params.size > 0 &&
  said.for === undefined &&
  said.keepFiringFor === undefined &&
  said.labels.size === 0 &&
  said.annotations.size === 0;

/** One of a list of rules: its fields stand four further in than the list. */
function ruleText(rule: OwnRule): string {
  return (
    `  - ${rule.kind}: ${scalar(rule.name, 4, 'value')}\n` +
    fieldText(4, 'id', rule.id) +
    (rule.only ? `    only: ${flowList(rule.only)}\n` : '') +
    (rule.params.length > 0 ? `    params:\n${rule.params.map(paramText).join('')}` : '') +
    `    expr: ${scalar(rule.expr, 4, 'expr')}\n` +
    fieldText(4, 'for', rule.for) +
    fieldText(4, 'keep_firing_for', rule.keepFiringFor) +
    mapText(4, 'labels', rule.labels) +
    mapText(4, 'annotations', rule.annotations) +
    (rule.tiers
      ? `    tiers:\n${[...rule.tiers].map(([name, said]) => tierText(name, settingsText(8, said))).join('')}`
      : '')
  );
}

const tierText = (name: string, settings: string): string =>
  settings === '' ? `      ${keyText(6, name)}: {}\n` : `      ${keyText(6, name)}:\n${settings}`;

const paramText = ({ name, value, unit }: OwnParam): string =>
  entryText(6, name, unit === undefined ? `${value}` : `{ type: number, default: ${value}, unit: ${unit} }`);

function settingsText(indent: number, said: OwnSettings): string {
  return (
    [...said.params].map(([name, value]) => entryText(indent, name, `${value}`)).join('') +
    fieldText(indent, 'for', said.for) +
    fieldText(indent, 'keep_firing_for', said.keepFiringFor) +
    mapText(indent, 'labels', said.labels) +
    mapText(indent, 'annotations', said.annotations)
  );
}

const oneOrList = (values: readonly string[]): string =>
  values.length === 1 ? scalar(values[0] ?? '', 2, 'value') : flowList(values);
