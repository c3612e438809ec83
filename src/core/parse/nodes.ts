import type { Span } from '../ground/source.ts';

/**
 * YAML as the readers of this folder see it: aliases followed, merge keys merged, and every
 * value and key with the place where it was written.
 */
export type YamlNode = ScalarNode | MapNode | ListNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** What was written, its quotes and escapes read: `1.10` is "1.10", an empty value is "". */
  readonly text: string;
  readonly span: Span;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

/** One document of a file. */
export interface YamlDocument {
  readonly span: Span;
  /** Undefined where the document is empty, or so broken that its shape says nothing. */
  readonly root?: YamlNode;
}

/** The value of a key; undefined where the key is not there. */
export function child(map: MapNode, key: string): YamlNode | undefined {
  return map.entries.get(key)?.value;
}

/** Whether a node is `null`, `~` or nothing at all. */
export function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** What a node is, for "…, but it is <this>". */
export function describe(node: YamlNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'empty';
  if (typeof node.value === 'string') return `the text ${shorten(JSON.stringify(node.text))}`;
  return `${typeof node.value === 'number' ? 'the number ' : ''}${shorten(node.text)}`;
}

/** A text cut to what fits into a message. */
export function shorten(text: string, length = 60): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The first line of what a node covers: a place to point at when something in it is missing. */
export function headSpan(span: Span): Span {
  const lineEnd = span.file.text.indexOf('\n', span.start);
  const end = lineEnd < 0 ? span.end : Math.min(span.end, lineEnd);
  return { file: span.file, start: span.start, end: Math.max(end, span.start) };
}

/** Where to point at a value: its first line, or its key where nothing is written. */
export function placeOf({ keySpan, value }: Entry): Span {
  return value.span.start === value.span.end ? keySpan : headSpan(value.span);
}

/**
 * A node as plain JavaScript, for the schemas. Objects have no prototype, so that a key
 * `__proto__` is a key like any other; numbers that JSON lacks become their text.
 * @param skip keys of the top level whose contents are left out (they are read by hand).
 */
export function toPlain(node: YamlNode, skip: ReadonlySet<string> = NONE): unknown {
  if (node.kind === 'scalar') {
    return typeof node.value === 'number' && !Number.isFinite(node.value) ? node.text : node.value;
  }
  if (node.kind === 'list') return node.items.map((item) => toPlain(item));
  const plain: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.entries.values()) {
    plain[key] = skip.has(key) && value.kind === 'map' ? Object.create(null) : toPlain(value);
  }
  return plain;
}

const NONE: ReadonlySet<string> = new Set();
