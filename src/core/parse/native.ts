import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, SourceFile } from '../ground/source.ts';
import type { NativeRule, NativeRuleFile, NativeRuleGroup, TextMap } from '../model/written.ts';
import { checkShape } from './check.ts';
import { FOREIGN_FIELDS, isLogQl, PROMETHEUS_NAMES } from './foreign.ts';
import type { ParseOptions } from './names.ts';
import { checkDuration, checkLabelNames, checkMetricName } from './names.ts';
import type { MapNode } from './nodes.ts';
import { child, headSpan, shorten } from './nodes.ts';
import { compact, readInteger, readText, readTextMap } from './read.ts';
import { nativeFileSchema } from './schema/schema-rules.ts';

/** A Prometheus rule file, as strict as promtool. Rules without a name or an expression are left out. */
export function readNative(file: SourceFile, map: MapNode, options: ParseOptions, out: Diagnostic[]): NativeRuleFile {
  for (const d of checkShape(map, nativeFileSchema)) out.push(d.code === 'unknown-key' ? foreignField(d) : d);
  const list = child(map, 'groups');
  const groups: NativeRuleGroup[] = [];
  const seen = new Map<string, Located<string>>();
  for (const item of list?.kind === 'list' ? list.items : []) {
    const group = item.kind === 'map' ? readGroup(item, options, out) : undefined;
    if (!group) continue;
    const first = seen.get(group.name.value);
    if (first) {
      const notes = [{ message: 'The first one is here.', span: first.span }];
      const message = `The rule group \`${shorten(group.name.value)}\` is in this file twice, which Prometheus refuses.`;
      out.push(diagnostic('duplicate-id', group.name.span, message, { help: 'Rename one of them.', notes }));
    } else seen.set(group.name.value, group.name);
    groups.push(group);
  }
  return { file, groups };
}

function foreignField(found: Diagnostic): Diagnostic {
  const key = found.span.file.text.slice(found.span.start, found.span.end).replace(/^["']|["']$/g, '');
  const whose = Object.hasOwn(FOREIGN_FIELDS, key) ? FOREIGN_FIELDS[key] : undefined;
  if (whose === undefined) return found;
  if (key === 'source_tenants') {
    const why =
      '`source_tenants` makes this a federated rule group of Mimir, which reads the series of several tenants. Prometheus has none, and refuses the whole file because of the field.';
    return diagnostic('not-our-format', found.span, why, {
      help: 'Leave such rule groups to Mimir. Where one Prometheus has the series of all these tenants, remove the field.',
    });
  }
  const message = `\`${key}\` is a field of ${whose}; Prometheus refuses the whole file because of it.`;
  const name = Object.hasOwn(PROMETHEUS_NAMES, key) ? PROMETHEUS_NAMES[key] : undefined;
  const help = name
    ? `Prometheus 2.53 and later call it \`${name}\`: write that instead; for older ones remove it, if the rules keep their meaning without.`
    : 'Remove it, if the rule keeps its meaning without.';
  return diagnostic('not-our-format', found.span, message, { help });
}

function readGroup(map: MapNode, options: ParseOptions, out: Diagnostic[]): NativeRuleGroup | undefined {
  const name = readText(map, 'name');
  if (name?.value === '') {
    out.push(
      diagnostic('invalid-name', name.span, 'A rule group needs a name.', { help: 'Prometheus refuses an empty one.' }),
    );
  }
  const rules = child(map, 'rules');
  const group = compact<NativeRuleGroup>({
    span: map.span,
    name: name ?? { value: '', span: headSpan(map.span) },
    interval: readText(map, 'interval'),
    queryOffset: readText(map, 'query_offset'),
    limit: readInteger(map, 'limit'),
    labels: readNativeTexts(map, 'labels'),
    rules: (rules?.kind === 'list' ? rules.items : []).flatMap((item) =>
      item.kind === 'map' ? (readRule(item, options, out) ?? []) : [],
    ),
  });
  checkDuration(group.interval, 'interval', out);
  checkDuration(group.queryOffset, 'query_offset', out);
  checkLabelNames(group.labels, options, out);
  return name && group;
}

function readRule(map: MapNode, options: ParseOptions, out: Diagnostic[]): NativeRule | undefined {
  const alert = named(map, 'alert');
  const record = named(map, 'record');
  const expr = readText(map, 'expr');
  const rule = compact<Omit<NativeRule, 'expr'>>({
    span: map.span,
    alert,
    record,
    for: readText(map, 'for'),
    keepFiringFor: readText(map, 'keep_firing_for'),
    labels: readNativeTexts(map, 'labels'),
    annotations: readNativeTexts(map, 'annotations'),
  });
  checkDuration(rule.for, 'for', out);
  checkDuration(rule.keepFiringFor, 'keep_firing_for', out);
  checkLabelNames(rule.labels, options, out);
  checkLabelNames(rule.annotations, options, out, 'annotation');
  if (!alert && !record) {
    const help = 'Name it with `alert:` or `record:`.';
    out.push(diagnostic('missing-key', headSpan(map.span), 'This rule has no name.', { help }));
  }
  if (alert && record) {
    const notes = [{ message: 'The other one is here.', span: alert.span }];
    out.push(
      diagnostic('invalid-value', record.span, 'A rule is either an alert or a recording rule, not both.', { notes }),
    );
  }
  if (record) {
    checkMetricName(record, options, out);
    refuseInRecord(map, rule, out);
  }
  if (expr?.value === '') {
    out.push(
      diagnostic('invalid-value', expr.span, 'The expression is empty.', { help: 'Write the PromQL of the rule.' }),
    );
  }
  if (expr && isLogQl(expr.value)) {
    const message = 'This is LogQL: a rule of Loki, which Prometheus cannot evaluate.';
    out.push(
      diagnostic('not-our-format', headSpan(expr.span), message, { help: 'Keep the rules of Loki out of rules/.' }),
    );
    return undefined;
  }
  return expr && expr.value !== '' && (alert || record) ? { ...rule, expr } : undefined;
}

/** An empty name is none for Prometheus. */
function named(map: MapNode, key: string): Located<string> | undefined {
  const name = readText(map, key);
  return name?.value === '' ? undefined : name;
}

/** Prometheus reads `null` in a mapping of texts as the empty text. */
function readNativeTexts(map: MapNode, key: string): TextMap {
  const texts = readTextMap(map, key);
  return new Map([...texts].map(([name, text]) => [name, { ...text, value: text.value ?? '' }]));
}

function refuseInRecord(map: MapNode, rule: Omit<NativeRule, 'expr'>, out: Diagnostic[]): void {
  const wrong: string[] = [];
  if (rule.for && !/^0+[a-z]*$/.test(rule.for.value)) wrong.push('for');
  if (rule.keepFiringFor && !/^0+[a-z]*$/.test(rule.keepFiringFor.value)) wrong.push('keep_firing_for');
  if (rule.annotations.size > 0) wrong.push('annotations');
  for (const key of wrong) {
    const span = map.entries.get(key)?.keySpan ?? map.span;
    out.push(
      diagnostic('invalid-value', span, `Prometheus refuses \`${key}\` in a recording rule.`, { help: 'Remove it.' }),
    );
  }
}
