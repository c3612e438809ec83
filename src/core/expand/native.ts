import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located, SourceFile } from '../ground/source.ts';
import { pathOf } from '../model/address.ts';
import type { Param } from '../model/params.ts';
import type { Rule, RuleGroupSource, Setting } from '../model/rule.ts';
import type { NativeRule, NativeRuleFile, NativeRuleGroup, TextMap } from '../model/written.ts';
import { implicitThreshold } from './implicit.ts';
import { withIds } from './native-ids.ts';

/**
 * Prometheus rule files as sources: their rules become ours, with their texts taken as they are. Where
 * an expression gives its value by a comparison with a number, that number is the param `threshold`.
 */
export function expandNative(
  files: readonly NativeRuleFile[],
  own: readonly Rule[],
): { rules: Rule[]; files: StaticFile[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const outputs = new Map<string, SourceFile>();
  const rules: Rule[] = [];
  const statics: StaticFile[] = [];
  for (const file of files) {
    const fileName = staticFileName(file.file.path);
    const twin = outputs.get(fileName.toLowerCase());
    if (twin) {
      diagnostics.push(
        diagnostic(
          'path-clash',
          { file: file.file, start: 0, end: 0 },
          `${file.file.path} and ${twin.path} would both compile to ${fileName}.`,
          {
            help: 'rename one of them',
            notes: [{ message: 'the other one', span: { file: twin, start: 0, end: 0 } }],
          },
        ),
      );
      continue;
    }
    outputs.set(fileName.toLowerCase(), file.file);
    const groups = file.groups.map((group, order) => groupSource(file.file, fileName, group, order));
    statics.push({ file: file.file, fileName, groups });
    file.groups.forEach((group, order) => {
      const source = groups[order] as NativeGroupSource;
      group.rules.forEach((written, index) => {
        const rule = nativeRule(written, source, index);
        if (rule) rules.push(rule);
      });
    });
  }
  const taken = new Set(own.flatMap((rule) => (rule.tier ? [rule.id, rule.tier.of] : [rule.id])));
  return { rules: withIds(rules, taken), files: statics, diagnostics };
}

export type NativeGroupSource = RuleGroupSource & { readonly native: NonNullable<RuleGroupSource['native']> };

/** A native file and what it compiles to, rule groups in their order (also those without rules). */
export interface StaticFile {
  readonly file: SourceFile;
  readonly fileName: string;
  readonly groups: readonly NativeGroupSource[];
}

/** `rules/a/b.yml` compiles to `static-a--b.yml`. */
const staticFileName = (path: string): string => `static-${pathOf(path).replaceAll('/', '--')}.yml`;

function groupSource(file: SourceFile, fileName: string, group: NativeRuleGroup, order: number): NativeGroupSource {
  const labels = new Map(
    [...group.labels].flatMap(([name, { value }]) => (value === null ? [] : [[name, value] as const])),
  );
  return {
    file,
    name: `${pathOf(file.path)}/${group.name.value}`,
    span: group.name.span,
    native: { fileName, groupName: group.name.value, order, labels },
    ...(group.interval && { interval: group.interval.value }),
    ...(group.queryOffset && { queryOffset: group.queryOffset.value }),
    ...(group.limit && { limit: group.limit.value }),
    fieldSpans: {
      ...(group.queryOffset && { queryOffset: group.queryOffset.span }),
      ...(group.limit && { limit: group.limit.span }),
    },
  };
}

function nativeRule(written: NativeRule, group: RuleGroupSource, index: number): Rule | undefined {
  const name = written.alert ?? written.record;
  if (!name) return undefined;
  const level = { kind: 'rule', name: name.value } as const;
  const base = new Map<string, Setting>();
  const put = (field: string, text: Located<string | null> | undefined): void => {
    if (text && text.value !== null) base.set(field, { value: text.value, span: text.span, level });
  };
  const putAll = (kind: string, texts: TextMap): void => {
    for (const [key, text] of texts) put(`${kind}:${key}`, text);
  };
  for (const [key, value] of group.native?.labels ?? []) base.set(`label:${key}`, { value, span: group.span, level });
  put('for', written.for);
  put('keep_firing_for', written.keepFiringFor);
  putAll('label', written.labels);
  putAll('annotation', written.annotations);
  const params = new Map<string, Param>();
  const implicit = written.alert ? implicitThreshold(written.expr.value) : undefined;
  if (implicit) {
    const span = subSpan(written.expr, implicit.from, implicit.to);
    params.set('threshold', { name: 'threshold', type: 'number', fixed: false, span });
    base.set('param:threshold', { value: { type: 'number', value: implicit.value }, span, level });
  }
  return {
    id: name.value,
    kind: written.alert ? 'alert' : 'record',
    name,
    group,
    index,
    params,
    base,
    layers: [{ level, span: written.span, settings: base }],
    expr: written.expr,
    span: name.span,
    ...(implicit && { implicit }),
  };
}
