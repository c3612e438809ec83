import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import type { ParamType } from '../model/value.ts';
import { PARAM_TYPES } from '../model/value.ts';
import type { WrittenBody, WrittenParam, WrittenSettings } from '../model/written.ts';
import type { Hints } from './check.ts';
import type { ParseOptions } from './names.ts';
import {
  checkAlertName,
  checkLabelNames,
  checkMetricName,
  checkPartId,
  checkPlainText,
  checkTemplatedDuration,
} from './names.ts';
import type { Entry, MapNode } from './nodes.ts';
import { child, shorten } from './nodes.ts';
import {
  compact,
  readBoolean,
  readRawScalar,
  readRawValue,
  readText,
  readTextMap,
  readTextOrNull,
  readTexts,
} from './read.ts';
import { readTier, SETTINGS_FIELDS } from './settings.ts';

/** What to say of keys that are often written in a rule and belong elsewhere. */
export const RULE_HINTS: Hints = {
  severity: 'It is a label: `labels: { severity: warning }`; or use `tiers:` for several severities.',
  summary: 'It is an annotation: `annotations: { summary: "…" }`.',
  runbook_url: 'It is an annotation: `annotations: { runbook_url: "…" }`.',
  runbook: 'It is an annotation: `annotations: { runbook_url: "…" }`.',
  threshold: 'It is a param: `params: { threshold: 80 }`; the expression uses it as `<< threshold >>`.',
  name: 'A rule is named by `alert:` or `record:`; `name:` stands at the top of the file.',
  title: 'A rule is named by `alert:` or `record:`.',
  query: 'Did you mean `expr`?',
  expression: 'Did you mean `expr`?',
  duration: 'Did you mean `for`?',
  match: 'Which targets a group has is said in groups/; a rule can be narrowed with `only:` and `except:`.',
  groups: 'Write `only:` with the ids of groups.',
  disabled: 'Write `enabled: false`.',
};

/** The body of a rule or of a template, whose shape was checked. */
export function readBody(map: MapNode, options: ParseOptions, out: Diagnostic[]): WrittenBody {
  const labels = readTextMap(map, 'labels');
  const annotations = readTextMap(map, 'annotations');
  const body = compact<WrittenBody>({
    span: map.span,
    alert: readText(map, 'alert'),
    record: readText(map, 'record'),
    template: readText(map, 'template'),
    description: readText(map, 'description'),
    owner: readText(map, 'owner'),
    expr: readText(map, 'expr'),
    params: readParams(map, out),
    for: readTextOrNull(map, 'for'),
    keepFiringFor: readTextOrNull(map, 'keep_firing_for'),
    labels,
    annotations,
    enabled: readBoolean(map, 'enabled'),
    only: readTexts(map, 'only'),
    except: readTexts(map, 'except'),
    tiers: readTiers(map, options, out),
  });
  checkLabelNames(labels, options, out);
  checkLabelNames(annotations, options, out, 'annotation');
  checkTemplatedDuration(body.for, 'for', out);
  checkTemplatedDuration(body.keepFiringFor, 'keep_firing_for', out);
  checkIdentity(map, body, options, out);
  return body;
}

function checkIdentity(map: MapNode, body: WrittenBody, options: ParseOptions, out: Diagnostic[]): void {
  const { alert, record } = body;
  if (alert) checkAlertName(alert, out);
  if (record) checkMetricName(record, options, out);
  if (body.template) checkPlainText(body.template, 'the name of a template', out);
  if (body.expr && body.expr.value.trim() === '') {
    out.push(
      diagnostic('invalid-value', body.expr.span, 'The expression is empty.', {
        help: 'Write the PromQL of the rule.',
      }),
    );
  }
  if (alert && record) {
    const notes = [{ message: 'The other one is here.', span: alert.span }];
    const message = 'A rule is either an alert or a recording rule, not both.';
    out.push(
      diagnostic('invalid-value', record.span, message, {
        help: 'Keep one, and make the other a rule of its own.',
        notes,
      }),
    );
  }
  if (record && !alert) refuseInRecord(map, out);
}

/** Prometheus knows no state of a recording rule, so what speaks of a state has no meaning there. */
function refuseInRecord(map: MapNode, out: Diagnostic[]): void {
  const reasons: Record<string, string> = {
    for: 'it is computed at each evaluation, it does not wait',
    keep_firing_for: 'it is computed at each evaluation, it never fires',
    annotations: 'nobody is notified of it',
    tiers: 'it has no severity',
  };
  for (const [key, reason] of Object.entries(reasons)) {
    const entry = map.entries.get(key);
    if (!entry) continue;
    const message = `A recording rule has no \`${key}\`: ${reason}.`;
    out.push(diagnostic('invalid-value', entry.keySpan, message, { help: 'Remove it, or make the rule an alert.' }));
  }
}

function readTiers(
  map: MapNode,
  options: ParseOptions,
  out: Diagnostic[],
): ReadonlyMap<string, WrittenSettings & { readonly keySpan: Span }> | undefined {
  const node = child(map, 'tiers');
  if (node?.kind !== 'map') return undefined;
  const tiers = new Map<string, WrittenSettings & { readonly keySpan: Span }>();
  for (const entry of node.entries.values()) {
    checkPartId({ value: entry.key, span: entry.keySpan }, 'name of a tier', out);
    const tier = readTier(entry, options, out);
    if (tier) tiers.set(entry.key, tier);
  }
  return tiers;
}

function readParams(map: MapNode, out: Diagnostic[]): ReadonlyMap<string, WrittenParam> {
  const node = child(map, 'params');
  const params = new Map<string, WrittenParam>();
  if (node?.kind !== 'map') return params;
  for (const entry of node.entries.values()) {
    checkParamName(entry, out);
    const param = readParam(entry);
    if (param) params.set(entry.key, param);
  }
  return params;
}

function readParam({ key, keySpan, value }: Entry): WrittenParam | undefined {
  const name: Located<string> = { value: key, span: keySpan };
  if (value.kind !== 'map') {
    const short = readRawValue(value);
    return short && { name, span: value.span, default: short, short: true };
  }
  const type = readText(value, 'type');
  const known = PARAM_TYPES.find((t) => t === type?.value);
  return compact<WrittenParam>({
    name,
    span: value.span,
    type: type && known ? ({ value: known, span: type.span } satisfies Located<ParamType>) : undefined,
    default: readRawValue(child(value, 'default')),
    unit: readText(value, 'unit'),
    min: readRawScalar(child(value, 'min')),
    max: readRawScalar(child(value, 'max')),
    values: readTexts(value, 'values'),
    description: readText(value, 'description')?.value,
    fixed: readBoolean(value, 'fixed'),
    short: false,
  });
}

/** Words that a template reads as its own, and names that no param should have. */
const RESERVED = new Set(
  'and or not in is if else true false none null loop super caller self this constructor prototype __proto__'.split(
    ' ',
  ),
);

function checkParamName({ key, keySpan }: Entry, out: Diagnostic[]): void {
  if (SETTINGS_FIELDS.has(key)) {
    const message = `A param cannot be called \`${key}\`: in a group that is a field of its own, so nobody could set the param.`;
    out.push(diagnostic('invalid-name', keySpan, message, { help: 'Choose another name.' }));
  } else if (RESERVED.has(key)) {
    out.push(
      diagnostic('invalid-name', keySpan, `\`${key}\` is a word of the template language.`, {
        help: 'Choose another name.',
      }),
    );
  } else if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key)) {
    const message = `\`${shorten(key)}\` cannot be the name of a param, for \`<< … >>\` could not use it.`;
    out.push(
      diagnostic('invalid-name', keySpan, message, { help: 'Letters, digits and `_` only, the first not a digit.' }),
    );
  }
}
