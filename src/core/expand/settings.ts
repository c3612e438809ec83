import { parse } from '../../promql/parse.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Param } from '../model/params.ts';
import { isList, typedValue } from '../model/params.ts';
import type { Level, Rule, Setting } from '../model/rule.ts';
import type { RawValue, WrittenSettings } from '../model/written.ts';
import { lackOfThreshold } from './implicit.ts';

/** What a level of the cascade says of a rule, put over what the levels before it said. */

/** Sets a param to what was written, typed; null unsets it. */
export function setParam(
  param: Param,
  raw: Located<RawValue>,
  level: Level,
  base: Map<string, Setting>,
  diagnostics: Diagnostic[],
): void {
  if (!isList(raw.value) && raw.value.value === null) {
    base.set(`param:${param.name}`, { value: null, span: raw.span, level });
    return;
  }
  const typed = typedValue(param, raw);
  if (typed.problem) diagnostics.push(typed.problem);
  else base.set(`param:${param.name}`, { value: typed.value, span: raw.span, level });
  if (typed.remark) diagnostics.push(typed.remark);
}

/** The rule, or "*" for all of them. */
type SettingsOf = Pick<Rule, 'id'> & Partial<Pick<Rule, 'group' | 'expr'>>;

type Texts = Pick<WrittenSettings, 'for' | 'keepFiringFor' | 'labels' | 'annotations' | 'enabled'>;

/** Puts a level's texts over what there is. */
export function applyTexts(texts: Texts, level: Level, into: Map<string, Setting>): void {
  if (texts.for) into.set('for', { ...texts.for, level });
  if (texts.keepFiringFor) into.set('keep_firing_for', { ...texts.keepFiringFor, level });
  for (const [name, text] of texts.labels) into.set(`label:${name}`, { value: text.value, span: text.span, level });
  for (const [name, text] of texts.annotations)
    into.set(`annotation:${name}`, { value: text.value, span: text.span, level });
  if (texts.enabled) into.set('enabled', { ...texts.enabled, level });
}

/**
 * Puts what a tier, a group or a case says of a rule over what there is: params typed by the rule,
 * unknown and fixed ones reported.
 */
export function applySettings(
  settings: WrittenSettings,
  level: Level,
  params: ReadonlyMap<string, Param>,
  into: Map<string, Setting>,
  diagnostics: Diagnostic[],
  rule: SettingsOf,
): void {
  for (const [name, raw] of settings.params) {
    const param = params.get(name);
    if (!param) {
      if (!(name === 'threshold' && isUnread(rule)))
        diagnostics.push(unknownParam(name, raw.keySpan, params, rule, level.kind));
    } else if (param.fixed && level.kind !== 'tier') {
      diagnostics.push(
        diagnostic(
          'param-in-identity',
          raw.keySpan,
          `Param "${name}" of rule "${rule.id}" is \`fixed\`: it may stand in a label, so no group may change it.`,
          {
            notes: [{ message: 'declared here', span: param.span }],
          },
        ),
      );
    } else setParam(param, raw, level, into, diagnostics);
  }
  applyTexts(settings, level, into);
}

/** Whether a native rule's expression has an error: which numbers it compares with is known once that is mended. */
const isUnread = ({ group, expr }: SettingsOf): boolean =>
  group?.native !== undefined && expr !== undefined && !parse(expr.value).expr;

const FIELDS = ['params', 'for', 'keep_firing_for', 'labels', 'annotations', 'enabled', 'where'];

/** A param that a rule does not have, with what was probably meant. `threshold` is always a param; another name may be a misspelt key. */
export function unknownParam(
  name: string,
  span: Span,
  params: ReadonlyMap<string, Param>,
  rule: SettingsOf,
  level: Level['kind'] = 'group',
): Diagnostic {
  const names = [...params.keys()].sort();
  const fields = FIELDS.filter((field) => field !== 'where' || level === 'group');
  const close = suggest(name, [...names, ...fields]);
  const list =
    names.length > 0
      ? `${rule.id === '*' ? 'params of the rules' : 'its params'} are: ${names.join(', ')}`
      : rule.group?.native
        ? nativeParams(rule.group.file, rule.expr?.value ?? '')
        : 'it has no params; declare one under `params:` of the rule';
  const advice = close
    ? `did you mean "${close}"? ${list[0]?.toUpperCase()}${list.slice(1)}.`
    : `${list}${name === 'threshold' ? '' : `; the keys of settings are: ${fields.join(', ')}`}`;
  return diagnostic('unknown-param', span, unknownMessage(name, rule.id, level), { help: advice });
}

const NATIVE_PARAM =
  'a rule of a native file has one param, `threshold`: the number that the expression ends in a comparison with, or that what stands on the left of `and` and `unless` does';

/** What params a native rule has, and what gives it others. */
function nativeParams({ path }: SourceFile, expr: string): string {
  const lift = `\`rulewright adopt --params ${path}\` writes the rule in our own format, each number in it a param`;
  switch (lackOfThreshold(expr)) {
    case 'none':
      return `${NATIVE_PARAM}; this one compares with no number`;
    case 'elsewhere':
      return `${NATIVE_PARAM}; in this one numbers stand elsewhere. ${lift}`;
    case 'doubt':
      return `${NATIVE_PARAM}; in this one that tells a state, and the limit is in another condition. ${lift}`;
  }
}

function unknownMessage(name: string, id: string, level: Level['kind']): string {
  const isParam = name === 'threshold';
  if (id === '*') return `No rule has a param "${name}"${isParam ? '' : ', and settings have no such key'}.`;
  if (isParam) return `Rule "${id}" has no param "${name}".`;
  const who = level === 'tier' ? 'A tier' : level === 'case' ? 'A case' : 'An override';
  return `${who} of "${id}" has no key or param "${name}".`;
}
