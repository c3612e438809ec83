import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile, Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Entry, YamlNode } from './nodes.ts';
import { describe, shorten } from './nodes.ts';

/** Nodes that aliases may add to a document; a bomb asks for billions. */
const MAX_EXPANDED = 100_000;

const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((t) => `tag:yaml.org,2002:${t}`));

interface State {
  readonly file: SourceFile;
  readonly out: Diagnostic[];
  readonly anchors: Map<string, { node: YamlNode; size: number } | 'open'>;
  /** Nodes read so far, and nodes that aliases stood for. */
  count: number;
  expanded: number;
  tooMany: boolean;
}

/**
 * The library's nodes as ours: aliases followed (they share the node that they name, so nothing
 * grows), merge keys merged, duplicate keys, foreign tags and endless aliases reported.
 */
export function resolveNodes(file: SourceFile, contents: Node | null, out: Diagnostic[]): YamlNode {
  const state: State = { file, out, anchors: new Map(), count: 0, expanded: 0, tooMany: false };
  return resolve(contents, 0, state);
}

function resolve(node: unknown, at: number, state: State): YamlNode {
  const span = spanOf(node, at, state.file);
  state.count++;
  if (isAlias(node)) return followAlias(node.source, span, state);
  const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
  if (tag !== undefined && tag !== '!' && !TAGS.has(tag)) {
    const written = tag.replace(/^tag:yaml\.org,2002:/, '!!');
    const message = `The tag \`${shorten(written)}\` means nothing here: rulewright reads plain YAML only.`;
    state.out.push(diagnostic('yaml-syntax', tagSpan(written, span), message, { help: 'Remove the tag.' }));
  }
  const before = state.count + state.expanded;
  if (anchor !== undefined) state.anchors.set(anchor, 'open');
  const resolved = isMap(node)
    ? resolveMap(node, span, state)
    : isSeq(node)
      ? resolveList(node, span, state)
      : resolveScalar(node, span, state);
  if (anchor !== undefined)
    state.anchors.set(anchor, { node: resolved, size: state.count + state.expanded - before + 1 });
  return resolved;
}

function resolveList(node: YAMLSeq, span: Span, state: State): YamlNode {
  return { kind: 'list', items: node.items.map((item) => resolve(item, span.end, state)), span };
}

function resolveScalar(node: unknown, span: Span, state: State): YamlNode {
  if (!isScalar(node)) return { kind: 'scalar', value: null, text: '', span };
  const source = (node as Scalar).source ?? (node.value === null || node.value === undefined ? '' : String(node.value));
  const text = node.type?.startsWith('BLOCK') ? withoutInventedBreak(source, state.file.text) : source;
  const { value } = node;
  // An escape can make half a character, which no UTF-8 file of Prometheus' could hold.
  if (/\p{Surrogate}/u.test(text)) {
    state.out.push(diagnostic('control-character', span, 'Half of a surrogate pair: this text is not valid Unicode.'));
  }
  const plain = typeof value === 'number' || typeof value === 'boolean' || value === null ? value : text;
  return { kind: 'scalar', value: plain, text, span };
}

/**
 * A block that ends with the file, which itself ends without a line break, has none at its end either:
 * so Go reads it, and YAML's grammar says. The library adds one.
 */
function withoutInventedBreak(text: string, file: string): string {
  if (file.endsWith('\n') || !text.endsWith('\n')) return text;
  const lastLine = file.slice(file.lastIndexOf('\n') + 1).trim();
  return lastLine !== '' && text.trimEnd().endsWith(lastLine) ? text.slice(0, -1) : text;
}

function resolveMap(node: YAMLMap, span: Span, state: State): YamlNode {
  const entries = new Map<string, Entry>();
  const merges: { keySpan: Span; value: YamlNode }[] = [];
  for (const pair of node.items as Pair<unknown, unknown>[]) {
    const keyNode = resolve(pair.key, span.start, state);
    const keySpan = keyNode.span;
    const value = resolve(pair.value, keySpan.end, state);
    if (keyNode.kind !== 'scalar' || keyNode.text === '') {
      const message = `A key must be a word, but it is ${describe(keyNode)}.`;
      const braces = keyNode.kind === 'map' && state.file.text[span.start] === '{';
      const help = braces
        ? 'A value that starts with `{{` must stand in quotes: "{{ $labels.instance }} …".'
        : undefined;
      state.out.push(diagnostic('wrong-type', keySpan, message, { help }));
      continue;
    }
    const key = keyNode.text;
    if (key === '<<' && isScalar(pair.key) && (pair.key.type === 'PLAIN' || pair.key.type === undefined)) {
      merges.push({ keySpan, value });
      continue;
    }
    const first = entries.get(key);
    if (first) {
      const notes = [{ message: 'The first one is here.', span: first.keySpan }];
      const message = `The key \`${shorten(key)}\` stands twice in one mapping; it isn't plain which one counts.`;
      state.out.push(diagnostic('yaml-duplicate-key', keySpan, message, { help: 'Remove one of them.', notes }));
      continue;
    }
    entries.set(key, { key, keySpan, value });
  }
  for (const { keySpan, value } of merges) merge(entries, keySpan, value, state);
  return { kind: 'map', entries, span };
}

/** `<<: *base` and `<<: [*a, *b]`: what the mapping says itself wins, and then what stands first. */
function merge(entries: Map<string, Entry>, keySpan: Span, value: YamlNode, state: State): void {
  const sources = value.kind === 'list' ? value.items : [value];
  for (const source of sources) {
    if (source.kind !== 'map') {
      const message = `\`<<\` merges mappings, but this is ${describe(source)}.`;
      state.out.push(diagnostic('wrong-type', keySpan, message, { help: 'Name an anchor of a mapping: `<<: *base`.' }));
      continue;
    }
    for (const entry of source.entries.values()) if (!entries.has(entry.key)) entries.set(entry.key, entry);
  }
}

function followAlias(name: string, span: Span, state: State): YamlNode {
  const nothing: YamlNode = { kind: 'scalar', value: null, text: '', span };
  const found = state.anchors.get(name);
  if (found === undefined) {
    const similar = suggest(name, [...state.anchors.keys()]);
    const help =
      similar === undefined ? 'Define it above, as `&name` before a value.' : `Did you mean \`*${similar}\`?`;
    const message = `No anchor \`&${shorten(name)}\` stands above this alias.`;
    state.out.push(diagnostic('yaml-syntax', span, message, { help }));
    return nothing;
  }
  if (found === 'open') {
    const message = `The alias \`*${shorten(name)}\` stands inside what it names: it would never end.`;
    state.out.push(diagnostic('yaml-alias', span, message, { help: 'Write the value out.' }));
    return nothing;
  }
  state.expanded += found.size;
  if (state.expanded > MAX_EXPANDED) {
    const message = `The aliases of this document stand for more than ${MAX_EXPANDED.toLocaleString('en')} values.`;
    if (!state.tooMany) {
      state.out.push(diagnostic('yaml-alias', span, message, { help: 'Write the values out, or use fewer aliases.' }));
    }
    state.tooMany = true;
    return nothing;
  }
  return found.node;
}

/** The tag in front of a value; the value itself where it isn't found there. */
function tagSpan(written: string, value: Span): Span {
  const start = value.file.text.lastIndexOf(written, value.start);
  return start < 0 ? value : { file: value.file, start, end: start + written.length };
}

function spanOf(node: unknown, at: number, file: SourceFile): Span {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  const size = file.text.length;
  const start = Math.min(range?.[0] ?? at, size);
  return { file, start, end: Math.max(start, Math.min(range?.[1] ?? at, size)) };
}
