import type { Expr } from '../promql/ast.ts';
import { unwrap } from '../promql/kept.ts';
import { quote } from '../promql/matcher.ts';
import { parse } from '../promql/parse.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnostic } from './diagnostic.ts';
import type { Param } from './params.ts';
import type { Hole, Rule, RuleGroupSource, Setting } from './rule.ts';
import { subSpan } from './scalar-map.ts';
import type { Located, SourceFile } from './source.ts';
import type { NativeRule, NativeRuleFile, NativeRuleGroup, TextMap } from './written.ts';

/**
 * Prometheus rule files as sources: their rules become ours, with their texts taken as they are. Where
 * an expression is a comparison with a number, that number is the param `threshold`.
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
  return { rules: withIds(rules, new Set(own.map((r) => r.id))), files: statics, diagnostics };
}

export type NativeGroupSource = RuleGroupSource & { readonly native: NonNullable<RuleGroupSource['native']> };

/** A native file and what it compiles to, rule groups in their order (also those without rules). */
export interface StaticFile {
  readonly file: SourceFile;
  readonly fileName: string;
  readonly groups: readonly NativeGroupSource[];
}

/** The path below `rules/`, without its ending. */
const pathOf = (path: string): string => path.replace(/^rules\//, '').replace(/\.ya?ml$/, '');

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

/** The number that an expression as a whole is compared with. */
export function implicitThreshold(text: string): Hole | undefined {
  const { expr } = parse(text);
  const whole = unwrap(expr);
  if (whole?.kind !== 'binary' || !COMPARISONS.has(whole.op)) return undefined;
  return numberOf(whole.rhs) ?? numberOf(whole.lhs);
}

export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

/** The number that one side of a comparison is, signed and in parentheses too. */
export function numberOf(side: Expr): Hole | undefined {
  const inner = unwrap(side);
  if (inner?.kind === 'number') return { from: inner.from, to: inner.to, value: inner.value };
  const signed = inner?.kind === 'unary' ? unwrap(inner.expr) : undefined;
  if (inner?.kind !== 'unary' || signed?.kind !== 'number') return undefined;
  return { from: inner.from, to: inner.to, value: inner.op === '-' ? -signed.value : signed.value };
}

/** Names where they are unique, else `path:Name`, else with the labels that tell them apart. */
function withIds(rules: readonly Rule[], taken: ReadonlySet<string>): Rule[] {
  const count = new Map<string, number>();
  for (const rule of rules)
    for (const address of new Set(addressesOf(rule))) count.set(address, (count.get(address) ?? 0) + 1);
  const used = new Set(taken);
  return rules.map((rule) => {
    const addresses = addressesOf(rule);
    const free = addresses.find((a) => count.get(a) === 1 && !used.has(a));
    let id = free ?? `${addresses.at(-1)}#2`;
    for (let n = 3; used.has(id); n++) id = `${addresses.at(-1)}#${n}`;
    used.add(id);
    return { ...rule, id };
  });
}

/** How a native rule can be called, the shortest first. */
export function addressesOf(rule: Rule): string[] {
  const name = rule.name.value;
  const path = pathOf(rule.group.file.path);
  const severity = rule.base.get('label:severity')?.value;
  const labels = [...rule.base].flatMap(([f, s]) =>
    f.startsWith('label:') && typeof s.value === 'string' ? [`${f.slice(6)}=${quote(s.value)}`] : [],
  );
  const by = typeof severity === 'string' ? [`severity=${quote(severity)}`] : [];
  return [
    name,
    `${path}:${name}`,
    ...by.map((m) => `${path}:${name}{${m}}`),
    `${path}:${name}{${labels.sort().join(',')}}`,
  ];
}

/** Other ways to write an address: with the path's ending, with `rules/`, without the path. */
export function aliasesOf(rule: Rule): string[] {
  const { path } = rule.group.file;
  const below = path.replace(/^rules\//, '');
  const short = pathOf(path);
  const addresses = addressesOf(rule);
  const variants = addresses.flatMap((a) =>
    a.startsWith(`${short}:`) ? [below, path].map((p) => p + a.slice(short.length)) : [],
  );
  const bare = addresses.flatMap((a) => (a.startsWith(`${short}:`) ? [a.slice(short.length + 1)] : []));
  return [...new Set([...addresses, ...variants, ...bare])];
}
