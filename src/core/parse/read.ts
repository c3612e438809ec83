import type { Located } from '../ground/source.ts';
import type { RawScalar, RawValue, Text, TextMap } from '../model/written.ts';
import type { MapNode, YamlNode } from './nodes.ts';
import { child, isNull } from './nodes.ts';

/**
 * Readers of single values. They give `undefined` for what is missing or of another shape:
 * the schema has complained about that already.
 */

/** An object without the keys that are undefined, as optional properties want it. */
export function compact<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}

/** A text; null, empty and other shapes are undefined. */
export function readText(map: MapNode, key: string): Located<string> | undefined {
  const node = child(map, key);
  return node?.kind === 'scalar' && node.value !== null ? { value: node.text, span: node.span } : undefined;
}

/** A text that `null` unsets. */
export function readTextOrNull(map: MapNode, key: string): Text | undefined {
  const node = child(map, key);
  return node?.kind === 'scalar' ? { value: node.value === null ? null : node.text, span: node.span } : undefined;
}

/** A mapping of texts, the keys with their places. */
export function readTextMap(map: MapNode, key: string): TextMap {
  const node = child(map, key);
  const out = new Map<string, Text & { readonly keySpan: Located<string>['span'] }>();
  if (node?.kind !== 'map') return out;
  for (const { key: name, keySpan, value } of node.entries.values()) {
    if (value.kind !== 'scalar') continue;
    out.set(name, { value: value.value === null ? null : value.text, span: value.span, keySpan });
  }
  return out;
}

/** A list of texts, or one text alone. */
export function readTexts(map: MapNode, key: string): Located<string>[] | undefined {
  const node = child(map, key);
  if (node === undefined || isNull(node)) return undefined;
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) =>
    item.kind === 'scalar' && item.value !== null ? [{ value: item.text, span: item.span }] : [],
  );
}

export function readBoolean(map: MapNode, key: string): Located<boolean> | undefined {
  const node = child(map, key);
  return node?.kind === 'scalar' && typeof node.value === 'boolean'
    ? { value: node.value, span: node.span }
    : undefined;
}

export function readInteger(map: MapNode, key: string): Located<number> | undefined {
  const node = child(map, key);
  if (node?.kind !== 'scalar' || typeof node.value !== 'number' || !Number.isSafeInteger(node.value)) return undefined;
  return { value: node.value, span: node.span };
}

export function readRawScalar(node: YamlNode | undefined): Located<RawScalar> | undefined {
  return node?.kind === 'scalar' ? { value: { value: node.value, text: node.text }, span: node.span } : undefined;
}

/** A param's value: a scalar, or a list of scalars. Undefined for mappings and lists of other things. */
export function readRawValue(node: YamlNode | undefined): Located<RawValue> | undefined {
  if (node?.kind !== 'list') return readRawScalar(node);
  const items = node.items.flatMap((item) => readRawScalar(item) ?? []);
  return items.length === node.items.length ? { value: items, span: node.span } : undefined;
}
