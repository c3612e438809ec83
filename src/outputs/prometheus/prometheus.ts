import type { CompiledRule, CompiledRuleGroup, RuleCopy, RuleFile } from '../../core/model/ruleset.ts';
import { scalar } from '../yaml/scalar.ts';
import { commentText, fieldText, mapText } from '../yaml/writer.ts';
import { copyText } from './copies.ts';

/**
 * A rule file as Prometheus loads it, written for the person who opens it at night: a header that
 * says where it comes from, the fields in Prometheus' usual order, strings plain wherever they can be.
 * The text is put together directly; no YAML document is ever built, since a release may have a million rules.
 */

const GROUP_INDENT = 4;
const RULE_INDENT = 8;
const COMMENT_INDENT = 6;

/** The whole text of a rule file. */
export function renderFile(file: RuleFile): string {
  return [...renderParts(file)].join('');
}

/** The text of a rule file in pieces, a rule group each, for files that are too large for one string. */
export function* renderParts(file: RuleFile): Generator<string> {
  yield header(file);
  let separator = 'groups:\n';
  for (const group of file.ruleGroups()) {
    yield separator + groupText(group);
    separator = '\n';
  }
  if (separator !== '\n') yield 'groups: []\n';
}

function header(file: RuleFile): string {
  const end = file.sources.length > 0 ? ':' : '.';
  return (
    commentText(0, [
      'Compiled by rulewright: do not edit, the next build would undo it.',
      `To change these rules, change their sources and run \`rulewright build\`${end}`,
    ]) + commentText(0, file.sources, 2)
  );
}

function groupText(group: CompiledRuleGroup): string {
  const rules: readonly (CompiledRule | RuleCopy)[] = group.written ?? group.rules;
  const head =
    `  - name: ${scalar(group.name, GROUP_INDENT, 'value')}\n` +
    fieldText(GROUP_INDENT, 'interval', group.interval) +
    fieldText(GROUP_INDENT, 'query_offset', group.queryOffset) +
    (group.limit === undefined ? '' : `    limit: ${group.limit}\n`) +
    mapText(GROUP_INDENT, 'labels', group.labels);
  if (rules.length === 0) return `${head}    rules: []\n`;
  let text = `${head}    rules:\n`;
  let separator = '';
  for (const rule of rules) {
    text += separator + ('sample' in rule ? copyText(rule, ruleText) : ruleText(rule));
    separator = '\n';
  }
  return text;
}

function ruleText(rule: CompiledRule): string {
  return (
    `${commentText(COMMENT_INDENT, rule.comment)}      - ${rule.kind}: ${scalar(rule.name, RULE_INDENT, 'value')}\n` +
    `        expr: ${scalar(rule.expr, RULE_INDENT, 'expr')}\n` +
    fieldText(RULE_INDENT, 'for', rule.for) +
    fieldText(RULE_INDENT, 'keep_firing_for', rule.keepFiringFor) +
    mapText(RULE_INDENT, 'labels', rule.labels) +
    mapText(RULE_INDENT, 'annotations', rule.annotations)
  );
}
