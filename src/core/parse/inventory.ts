import { labelText } from '../../promql/matcher.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile, Span } from '../ground/source.ts';
import type { InventoryFile } from '../ground/sources.ts';
import { parseJson } from './json.ts';
import type { ParseOptions } from './names.ts';
import type { MapNode, YamlNode } from './nodes.ts';
import { child, describe, headSpan, isNull, shorten } from './nodes.ts';
import { parseYaml } from './yaml/yaml.ts';

/** A target of the inventory: its address as written, and the labels that are known of it. */
export interface WrittenTarget {
  readonly address: string;
  /** Those of its file_sd entry, and those that the configuration adds to the whole file. */
  readonly labels: ReadonlyMap<string, string>;
  readonly span: Span;
}

/** A file_sd file, JSON or YAML: `[{ targets: [host:port], labels: { name: value } }]`. */
export function parseInventory(
  inventory: InventoryFile,
  options: ParseOptions = {},
): { targets: WrittenTarget[]; diagnostics: Diagnostic[] } {
  const { file } = inventory;
  const { roots, diagnostics } = readRoots(file);
  const [root, second] = roots;
  if (!root) return { targets: [], diagnostics };
  if (second) {
    const message = 'A second YAML document: Prometheus reads the first one of a file only.';
    diagnostics.push(
      diagnostic('yaml-many-documents', headSpan(second.span), message, { help: 'Join them into one list.' }),
    );
  }
  if (root.kind !== 'list') {
    const message = `A file of targets must be a list (file_sd), but this is ${describe(root)}.`;
    diagnostics.push(
      diagnostic(root.kind === 'map' ? 'not-our-format' : 'wrong-type', headSpan(root.span), message, {
        help: EXAMPLE,
      }),
    );
    return { targets: [], diagnostics };
  }
  const targets: WrittenTarget[] = [];
  for (const entry of root.items) {
    if (entry.kind === 'map') readEntry(entry, inventory.labels, options, targets, diagnostics);
    else {
      const message = `An entry of file_sd must be a mapping, but it is ${describe(entry)}.`;
      diagnostics.push(diagnostic('wrong-type', headSpan(entry.span), message, { help: EXAMPLE }));
    }
  }
  return { targets, diagnostics };
}

const EXAMPLE = 'For instance: `- { targets: ["web-1:9100"], labels: { env: prod } }`.';

/** JSON is read by a scanner of its own: an inventory may be large, and YAML is fifty times slower. */
function readRoots(file: SourceFile): { roots: YamlNode[]; diagnostics: Diagnostic[] } {
  const json = parseJson(file);
  if (json) return { roots: [json], diagnostics: [] };
  const { documents, diagnostics } = parseYaml(file);
  return { roots: documents.flatMap((d) => d.root ?? []), diagnostics };
}

function readEntry(
  entry: MapNode,
  added: Readonly<Record<string, string>>,
  options: ParseOptions,
  targets: WrittenTarget[],
  out: Diagnostic[],
): void {
  for (const { key, keySpan } of entry.entries.values()) {
    if (key === 'targets' || key === 'labels') continue;
    const help = 'An entry has `targets` and `labels`; labels belong under `labels:`.';
    out.push(diagnostic('unknown-key', keySpan, `An entry of file_sd has no key \`${shorten(key)}\`.`, { help }));
  }
  const labels = readLabels(entry, added, options, out);
  const list = child(entry, 'targets');
  if (list === undefined) {
    out.push(
      diagnostic('missing-key', headSpan(entry.span), 'An entry of file_sd needs `targets`.', { help: EXAMPLE }),
    );
  } else if (list.kind !== 'list') {
    if (isNull(list)) return;
    out.push(
      diagnostic('wrong-type', headSpan(list.span), `\`targets\` must be a list, but it is ${describe(list)}.`, {
        help: EXAMPLE,
      }),
    );
  } else {
    for (const item of list.items) {
      if (item.kind === 'scalar' && item.text.trim() !== '' && item.value !== null) {
        targets.push({ address: item.text, labels, span: item.span });
        continue;
      }
      const message = `A target must be a host or an address, but it is ${describe(item)}.`;
      out.push(diagnostic('wrong-type', headSpan(item.span), message, { help: 'For instance `web-1:9100`.' }));
    }
  }
}

/** One map for all targets of an entry: it is shared, never changed. */
function readLabels(
  entry: MapNode,
  added: Readonly<Record<string, string>>,
  options: ParseOptions,
  out: Diagnostic[],
): ReadonlyMap<string, string> {
  const ofSeries = Object.entries(added).filter(([key, value]) => !key.startsWith('__') && value !== '');
  const labels = new Map<string, string>(ofSeries);
  const node = child(entry, 'labels');
  if (node === undefined || isNull(node)) return labels;
  if (node.kind !== 'map') {
    out.push(
      diagnostic('wrong-type', headSpan(node.span), `\`labels\` must be a mapping, but it is ${describe(node)}.`, {
        help: EXAMPLE,
      }),
    );
    return labels;
  }
  for (const { key, keySpan, value } of node.entries.values()) {
    // Prometheus drops these after relabelling; none of them is on a series.
    if (key.startsWith('__')) continue;
    // To Prometheus an empty label is none; so is null.
    const empty = value.kind === 'scalar' && (value.text === '' || value.value === null);
    if (value.kind !== 'scalar') {
      const message = `The label \`${shorten(key)}\` must be text, but it is ${describe(value)}.`;
      out.push(diagnostic('wrong-type', headSpan(value.span), message));
    } else if (!options.utf8Names && labelText(key) !== key) {
      const message = `\`${shorten(key)}\` is not a label name that every server takes: older ones refuse the whole file.`;
      const warning = diagnostic('invalid-name', keySpan, message, {
        help: 'Letters, digits and `_` only, the first not a digit; servers since 3.0 take any: `prometheus.version: ">=3.0"`.',
      });
      out.push({ ...warning, severity: 'warning' });
      if (!empty) labels.set(key, value.text);
    } else if (!empty) labels.set(key, value.text);
    // A job of no name is the scrape configuration's, as in Prometheus.
    else if (key !== 'job') labels.delete(key);
  }
  return labels;
}
