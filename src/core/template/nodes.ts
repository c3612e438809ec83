import type { RawNode } from './raw.ts';

/** Fields of nunjucks' nodes, read with their types checked: the library's tree has none. */

function isNode(value: unknown): value is RawNode {
  return typeof value === 'object' && value !== null && typeof (value as { typename?: unknown }).typename === 'string';
}

const MISSING: RawNode = { typename: 'Missing', lineno: 0, colno: 0 };

/** A field that holds one node; a node of type `Missing`, which nothing converts, where it doesn't. */
export function one(node: RawNode, field: string): RawNode {
  const value = node[field];
  return isNode(value) ? value : MISSING;
}

/** The children of a list of nodes; none where it has none. */
export function many(node: RawNode): readonly RawNode[] {
  const value = node['children'];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name that a symbol is; undefined for any other node. */
export function symbolOf(node: RawNode): string | undefined {
  return node.typename === 'Symbol' && typeof node['value'] === 'string' ? node['value'] : undefined;
}
