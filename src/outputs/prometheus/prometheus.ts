import type { CompiledRule, CompiledRuleGroup, PatternedRule, RuleFile } from '../../core/model/ruleset.ts';
import { commentLines } from '../yaml/comment.ts';
import { scalar } from '../yaml/scalar.ts';
import { patternedText } from './patterned.ts';

/**
 * A rule file as Prometheus loads it, written for the person who opens it at night: a header that
 * says where it comes from, the fields in Prometheus' usual order, strings plain wherever they can be.
 * The text is put together directly; no YAML document is ever built, since a release may have a million rules.
 */

const GROUP_INDENT = 4;
const RULE_INDENT = 8;

/** A key longer than this, in UTF-16 units, is written as `? key`: YAML gives up on others at 1,024. */
const LONGEST_KEY = 1000;

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
  const sources = file.sources.flatMap(commentLines).map((line) => `#   ${line}\n`);
  return (
    '# Compiled by rulewright: do not edit, the next build would undo it.\n' +
    `# To change these rules, change their sources and run \`rulewright build\`${sources.length > 0 ? ':' : '.'}\n` +
    sources.join('')
  );
}

function groupText(group: CompiledRuleGroup): string {
  const rules: readonly (CompiledRule | PatternedRule)[] = group.written ?? group.rules;
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
    text += separator + ('pattern' in rule ? patternedText(rule, ruleText) : ruleText(rule));
    separator = '\n';
  }
  return text;
}

function ruleText(rule: CompiledRule): string {
  let text = '';
  for (const comment of rule.comment) {
    for (const line of commentLines(comment)) text += line === '' ? '      #\n' : `      # ${line}\n`;
  }
  return (
    `${text}      - ${rule.kind}: ${scalar(rule.name, RULE_INDENT, 'value')}\n` +
    `        expr: ${scalar(rule.expr, RULE_INDENT, 'expr')}\n` +
    fieldText(RULE_INDENT, 'for', rule.for) +
    fieldText(RULE_INDENT, 'keep_firing_for', rule.keepFiringFor) +
    mapText(RULE_INDENT, 'labels', rule.labels) +
    mapText(RULE_INDENT, 'annotations', rule.annotations)
  );
}

function fieldText(indent: number, key: string, text: string | undefined): string {
  return text === undefined ? '' : `${' '.repeat(indent)}${key}: ${scalar(text, indent, 'value')}\n`;
}

/** The entries in the order given; nothing where there are none. */
function mapText(indent: number, key: string, entries: ReadonlyMap<string, string>): string {
  if (entries.size === 0) return '';
  const pad = ' '.repeat(indent + 2);
  let text = `${' '.repeat(indent)}${key}:\n`;
  for (const [name, value] of entries) {
    const written = scalar(name, indent + 2, 'key');
    text += written.length > LONGEST_KEY ? `${pad}? ${written}\n${pad}: ` : `${pad}${written}: `;
    text += `${scalar(value, indent + 2, 'value')}\n`;
  }
  return text;
}
