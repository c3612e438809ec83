import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import type { RawValue, TextMap, WrittenCase, WrittenOverride, WrittenSettings } from '../model/written.ts';
import { readMatch } from './match.ts';
import type { ParseOptions } from './names.ts';
import { checkLabelNames, checkPartId, checkTemplatedDuration } from './names.ts';
import type { Entry, MapNode, YamlNode } from './nodes.ts';
import { child, describe, headSpan, isNull, shorten } from './nodes.ts';
import { compact, readBoolean, readRawValue, readText, readTextMap, readTextOrNull } from './read.ts';

/** The keys of settings that are fields; every other key is a param. */
export const SETTINGS_FIELDS: ReadonlySet<string> = new Set([
  'params',
  'for',
  'keep_firing_for',
  'labels',
  'annotations',
  'enabled',
  'where',
  'id',
  'match',
]);

const NO_TEXTS: TextMap = new Map();

/**
 * What a group says of one rule. These entries are read by hand, not by the schema: a group may
 * have thousands of them, and nearly all are a bare number.
 */
export function readOverride(entry: Entry, options: ParseOptions, out: Diagnostic[]): WrittenOverride | undefined {
  const rule: Located<string> = { value: entry.key, span: entry.keySpan };
  const { value } = entry;
  if (value.kind === 'map') {
    const settings = readSettings(value, 'override', options, out);
    return { ...settings, rule, where: readCases(value, options, out) };
  }
  if (isNull(value) && value.span.start === value.span.end) {
    const message = `\`${shorten(entry.key)}\` has no value.`;
    out.push(diagnostic('wrong-type', entry.keySpan, message, { help: 'Write the threshold, or `null` to unset it.' }));
    return undefined;
  }
  const threshold = readRawValue(value);
  if (threshold === undefined) {
    notAValue(entry, out);
    return undefined;
  }
  const params = new Map([['threshold', { ...threshold, keySpan: entry.keySpan }]]);
  return { rule, span: value.span, params, labels: NO_TEXTS, annotations: NO_TEXTS, where: [] };
}

/** The settings of a tier of a rule. */
export function readTier(
  entry: Entry,
  options: ParseOptions,
  out: Diagnostic[],
): (WrittenSettings & { readonly keySpan: Span }) | undefined {
  if (entry.value.kind !== 'map') return undefined;
  return { ...readSettings(entry.value, 'tier', options, out), keySpan: entry.keySpan };
}

function readSettings(
  map: MapNode,
  of: 'override' | 'tier' | 'case',
  options: ParseOptions,
  out: Diagnostic[],
): WrittenSettings {
  checkFields(map, of, out);
  const labels = readTextMap(map, 'labels');
  checkLabelNames(labels, options, out);
  const annotations = readTextMap(map, 'annotations');
  checkLabelNames(annotations, options, out, 'annotation');
  const settings: WrittenSettings = compact<WrittenSettings>({
    span: map.span,
    params: readParams(map, of, out),
    for: readTextOrNull(map, 'for'),
    keepFiringFor: readTextOrNull(map, 'keep_firing_for'),
    labels,
    annotations,
    enabled: readBoolean(map, 'enabled'),
  });
  checkTemplatedDuration(settings.for, 'for', out);
  checkTemplatedDuration(settings.keepFiringFor, 'keep_firing_for', out);
  return settings;
}

/** Params by their bare names, and those under `params:`. */
function readParams(map: MapNode, of: string, out: Diagnostic[]): WrittenSettings['params'] {
  const params = new Map<string, Located<RawValue> & { readonly keySpan: Span }>();
  const add = (entry: Entry): void => {
    const value = readRawValue(entry.value);
    const first = params.get(entry.key);
    if (value === undefined) notAValue(entry, out);
    else if (isNull(entry.value) && entry.value.span.start === entry.value.span.end) {
      const message = `\`${shorten(entry.key)}\` has no value.`;
      out.push(diagnostic('wrong-type', entry.keySpan, message, { help: 'Write one, or `null` to unset it.' }));
    } else if (first) {
      const notes = [{ message: 'It is given here as well.', span: first.keySpan }];
      const message = `The param \`${shorten(entry.key)}\` is given twice.`;
      out.push(diagnostic('yaml-duplicate-key', entry.keySpan, message, { help: 'Remove one of them.', notes }));
    } else params.set(entry.key, { ...value, keySpan: entry.keySpan });
  };
  const own = (key: string): boolean =>
    !SETTINGS_FIELDS.has(key) || ((key === 'id' || key === 'match') && of !== 'case');
  for (const entry of map.entries.values()) if (own(entry.key)) add(entry);
  const nested = child(map, 'params');
  if (nested?.kind === 'map') for (const entry of nested.entries.values()) add(entry);
  return params;
}

function checkFields(map: MapNode, of: 'override' | 'tier' | 'case', out: Diagnostic[]): void {
  for (const { key, keySpan, value } of map.entries.values()) {
    if (!SETTINGS_FIELDS.has(key)) continue;
    if (key === 'where') checkWhere(of, keySpan, value, out);
    else if (key === 'enabled') {
      if (value.kind === 'scalar' && typeof value.value === 'boolean') continue;
      wrong(key, 'true or false', value, keySpan, out);
    } else if (key === 'for' || key === 'keep_firing_for') {
      if (value.kind !== 'scalar' || typeof value.value === 'boolean') wrong(key, 'a duration', value, keySpan, out);
    } else if (key === 'params' || key === 'labels' || key === 'annotations') {
      if (value.kind !== 'map') wrong(key, 'a mapping', value, keySpan, out);
      else if (key !== 'params') {
        for (const inner of value.entries.values()) {
          if (inner.value.kind !== 'scalar') wrong(inner.key, 'text', inner.value, inner.keySpan, out);
        }
      }
    }
  }
}

function checkWhere(of: 'override' | 'tier' | 'case', keySpan: Span, value: YamlNode, out: Diagnostic[]): void {
  if (of === 'override') {
    if (value.kind !== 'list') wrong('where', 'a list of cases', value, keySpan, out);
    return;
  }
  const help =
    of === 'tier'
      ? 'A group can say it: `overrides: { Name.tier: { where: […] } }`.'
      : 'Put both matchers into one case.';
  out.push(diagnostic('unknown-key', keySpan, `A ${of} has no cases of its own.`, { help }));
}

function readCases(map: MapNode, options: ParseOptions, out: Diagnostic[]): WrittenCase[] {
  const node = child(map, 'where');
  if (node?.kind !== 'list') return [];
  const cases: WrittenCase[] = [];
  const seen = new Map<string, Span>();
  for (const item of node.items) {
    if (item.kind !== 'map') {
      out.push(
        diagnostic('wrong-type', item.span, `A case must be a mapping, but it is ${describe(item)}.`, { help: CASE }),
      );
      continue;
    }
    const id = readText(item, 'id');
    const settings = readSettings(item, 'case', options, out);
    const match = item.entries.get('match');
    if (!id)
      out.push(
        diagnostic('missing-key', headSpan(item.span), 'A case needs an `id`, which tells its alerts apart.', {
          help: CASE,
        }),
      );
    if (!match) {
      out.push(
        diagnostic('missing-key', headSpan(item.span), 'A case needs a `match`: which series it is for.', {
          help: CASE,
        }),
      );
    }
    if (!id || !match) continue;
    checkPartId(id, 'id of a case', out);
    const first = seen.get(id.value);
    if (first) {
      const notes = [{ message: 'The first one is here.', span: first }];
      out.push(
        diagnostic('duplicate-id', id.span, `Two cases of one rule have the id \`${shorten(id.value)}\`.`, { notes }),
      );
      continue;
    }
    seen.set(id.value, id.span);
    if (match.value.kind === 'map' && match.value.entries.size === 0) {
      out.push(
        diagnostic('invalid-matcher', match.value.span, 'This `match` is empty: the case would be for every series.'),
      );
    }
    cases.push({ ...settings, id, match: readMatch(match, options, out) });
  }
  return cases;
}

const CASE = 'For instance: `{ id: bulk, match: { queue: bulk }, threshold: 50000 }`.';

function notAValue(entry: Entry, out: Diagnostic[]): void {
  const message = `\`${shorten(entry.key)}\` must be a value or a list of values, but it is ${describe(entry.value)}.`;
  const map = entry.value.kind === 'map';
  const help = map ? 'Here the param has a value only; its type, default and bounds stand at the rule.' : undefined;
  out.push(diagnostic('wrong-type', headSpan(entry.value.span), message, { help }));
}

function wrong(key: string, expected: string, value: YamlNode, keySpan: Span, out: Diagnostic[]): void {
  const span = value.span.start === value.span.end ? keySpan : headSpan(value.span);
  out.push(diagnostic('wrong-type', span, `\`${shorten(key)}\` must be ${expected}, but it is ${describe(value)}.`));
}
