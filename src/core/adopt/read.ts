import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile, Span } from '../ground/source.ts';
import { positionAt } from '../ground/source.ts';
import { plainGroups } from '../model/plain.ts';
import type { CompiledRuleGroup } from '../model/ruleset.ts';
import { helmInside } from '../parse/helm.ts';
import type { ParseOptions } from '../parse/names.ts';
import { readNative } from '../parse/native.ts';
import type { ListNode, MapNode, YamlNode } from '../parse/nodes.ts';
import { child, headSpan } from '../parse/nodes.ts';
import { parseYaml } from '../parse/yaml/yaml.ts';
import { slug } from './names.ts';

/** Rules that can be taken over: a rule file, or one PrometheusRule of a manifest. */
export interface Adoptable {
  /** Below `rules/`, without its ending. */
  readonly name: string;
  /** For people: the file, and the manifest's own name. */
  readonly from: string;
  /** The source of this repository that it is, from the root; absent where it comes from elsewhere. */
  readonly source?: string;
  readonly groups: readonly CompiledRuleGroup[];
  /** What the author wrote, as a rule file of its own; undefined where it can't be cut out. */
  readonly text?: string;
  /** The same with every line and column where it stands in the original, to check it there. */
  readonly inPlace?: SourceFile;
}

export interface ReadAdoptable {
  readonly found: readonly Adoptable[];
  /** Errors: of a file with any, nothing is taken over. Notes: what was left behind. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether it holds rules at all, or means to. */
  readonly rules: boolean;
  /** Whether it is a source in our own format, which is adopted already. */
  readonly ours?: boolean;
}

/** Reads a rule file or Kubernetes manifests. `name` is what a rule file is to be called. */
export function readAdoptable(file: SourceFile, name: string, options: ParseOptions): ReadAdoptable {
  const { documents, diagnostics } = parseYaml(file);
  const rules = /^\s*(?:-\s+)?(?:alert|record)\s*:|kind:\s*["']?PrometheusRule/m.test(file.text);
  if (diagnostics.some((d) => d.severity === 'error')) {
    const helm = helmInside(file);
    return { found: [], rules, diagnostics: helm ? [helm] : diagnostics };
  }
  const out: Diagnostic[] = [...diagnostics.filter((d) => d.code !== 'empty-file')];
  const roots = documents.flatMap((d) => d.root ?? []);
  const [first] = roots;
  const namespaces = roots.filter(isNamespace);
  if (namespaces.length > 0 && namespaces.length === roots.length) {
    const found = namespaces.flatMap((root) => fromNamespace(file, root, options, out));
    return { found, rules: true, diagnostics: out };
  }
  if (first?.kind === 'map' && first.entries.has('groups') && !first.entries.has('kind')) {
    if (roots[1]) out.push(ignored(roots[1]));
    const native = readNative(file, first, options, out);
    const one = { name, from: file.path, groups: plainGroups(native), text: file.text, inPlace: file };
    return { found: [one], rules: true, diagnostics: out };
  }
  const manifests = roots.flatMap(manifestsIn);
  const found = manifests.flatMap((manifest) => fromManifest(file, manifest, options, out));
  const others = roots.length - roots.filter((root) => manifestsIn(root).length > 0).length;
  if (manifests.length === 0 && rules) out.push(...notRules(file, first));
  else if (manifests.length > 0 && others > 0) {
    const message = `${others} other ${others === 1 ? 'document' : 'documents'} of this file hold no Prometheus rules and were passed over.`;
    out.push({ ...diagnostic('ignored-document', { file, start: 0, end: 0 }, message), severity: 'note' });
  }
  const ours = first?.kind === 'map' && first.entries.has('rules');
  return { found, rules: rules || manifests.length > 0, diagnostics: out, ours };
}

function ignored(second: YamlNode): Diagnostic {
  return diagnostic(
    'ignored-document',
    headSpan(second.span),
    'A second YAML document, which Prometheus never reads: it stays in the text and has no effect, as before.',
  );
}

function notRules(file: SourceFile, first: YamlNode | undefined): Diagnostic[] {
  if (!first) return [];
  const message = `${file.path} holds rules, but neither as a rule file (\`groups:\` at the top) nor as a PrometheusRule.`;
  return [
    diagnostic('not-our-format', headSpan(first.span), message, {
      help: 'Bring it into one of these forms, or render it first if it is a template.',
    }),
  ];
}

/** A rule file of Mimir, Cortex or Loki as their tools read it: rule groups with the namespace that they are put into. */
const isNamespace = (root: YamlNode): root is MapNode =>
  root.kind === 'map' && root.entries.has('namespace') && root.entries.has('groups') && !root.entries.has('kind');

/** The rule groups of a namespace, which becomes the file's name: Prometheus knows files instead. */
function fromNamespace(file: SourceFile, root: MapNode, options: ParseOptions, out: Diagnostic[]): Adoptable[] {
  const entry = root.entries.get('namespace');
  const namespace = textOf(child(root, 'namespace')) ?? 'rules';
  const rest = { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'namespace')) };
  const message = `A namespace of Mimir, Cortex or Loki is a file for Prometheus: \`${namespace}\` gives the file its name, and the line stays behind.`;
  if (entry) out.push({ ...diagnostic('unknown-key', entry.keySpan, message), severity: 'note' });
  const groups = plainGroups(readNative(file, rest, options, out));
  return [{ name: slug(namespace), from: `${file.path} (${namespace})`, groups, ...cutOut(file, rest, []) }];
}

/** The PrometheusRules of a document: itself, or the items of a List. */
function manifestsIn(root: YamlNode): MapNode[] {
  if (root.kind !== 'map') return [];
  const kind = textOf(child(root, 'kind'));
  // OpenShift's AlertingRule has the same `spec`.
  if (kind === 'PrometheusRule' || kind === 'AlertingRule') return [root];
  const items = kind === 'List' || kind === 'PrometheusRuleList' ? child(root, 'items') : undefined;
  return items?.kind === 'list' ? items.items.flatMap(manifestsIn) : [];
}

/** Fields that the Operator itself takes out before Prometheus sees the rules. */
const DROPPED = 'partial_response_strategy';

function fromManifest(file: SourceFile, manifest: MapNode, options: ParseOptions, out: Diagnostic[]): Adoptable[] {
  const metadata = child(manifest, 'metadata');
  const spec = child(manifest, 'spec');
  const meta = (key: string): string | undefined =>
    metadata?.kind === 'map' ? textOf(child(metadata, key)) : undefined;
  const called = meta('name') ?? meta('generateName') ?? 'rules';
  const namespace = meta('namespace');
  if (spec?.kind !== 'map' || !spec.entries.has('groups')) {
    const message = 'This PrometheusRule has no `spec.groups`, so there is nothing to take over.';
    out.push({ ...diagnostic('missing-key', headSpan(manifest.span), message), severity: 'note' });
    return [];
  }
  const dropped: Span[] = [];
  const native = readNative(file, withoutDropped(spec, dropped, out), options, out);
  const groups = plainGroups(native);
  const cut = cutOut(file, spec, dropped);
  return [
    {
      name: namespace ? `${slug(namespace)}/${slug(called)}` : slug(called),
      from: `${file.path} (${namespace ? `${namespace}/` : ''}${called})`,
      groups,
      ...cut,
    },
  ];
}

function withoutDropped(spec: MapNode, dropped: Span[], out: Diagnostic[]): MapNode {
  const list = child(spec, 'groups');
  if (list?.kind !== 'list') return spec;
  const items = list.items.map((item): YamlNode => {
    const entry = item.kind === 'map' ? item.entries.get(DROPPED) : undefined;
    if (item.kind !== 'map' || !entry) return item;
    dropped.push({ file: entry.keySpan.file, start: entry.keySpan.start, end: entry.value.span.end });
    const message = `\`${DROPPED}\` is Thanos' and left behind: the Operator never gives it to Prometheus either.`;
    out.push({ ...diagnostic('unknown-key', entry.keySpan, message), severity: 'note' });
    return { ...item, entries: new Map([...item.entries].filter(([key]) => key !== DROPPED)) };
  });
  const groups: ListNode = { ...list, items };
  const own = spec.entries.get('groups');
  return own ? { ...spec, entries: new Map([...spec.entries, ['groups', { ...own, value: groups }]]) } : spec;
}

/** The lines of `groups:` as a file of its own. What stands in them is checked afterwards to be the same. */
function cutOut(file: SourceFile, spec: MapNode, dropped: readonly Span[]): Pick<Adoptable, 'text' | 'inPlace'> {
  const entry = spec.entries.get('groups');
  if (entry?.value.kind !== 'list' || entry.keySpan.file !== file) return {};
  const lineStart = file.text.lastIndexOf('\n', entry.keySpan.start - 1) + 1;
  const indent = file.text.slice(lineStart, entry.keySpan.start);
  const header = headSpan({ file, start: entry.keySpan.start, end: entry.value.span.start }).end;
  if (!/^ *$/.test(indent) || header >= entry.value.span.start) return {};
  const before = positionAt(file, lineStart).line - 1;
  let end = entry.value.span.end;
  // A collection ends behind its last line break, a scalar in front of it.
  if (file.text[end - 1] !== '\n') end = Math.max(end, file.text.indexOf('\n', end) + 1) || file.text.length;
  let block = file.text.slice(lineStart, end);
  for (const gone of dropped) {
    const [from, to] = [gone.start - lineStart, gone.end - lineStart];
    block = block.slice(0, from) + block.slice(from, to).replace(/[^\n]/g, ' ') + block.slice(to);
  }
  const blank = new Set(dropped.map((gone) => file.text.slice(lineStart, gone.start).split('\n').length - 1));
  const text = block
    .split('\n')
    .filter((line, index) => !blank.has(index) || line.trim() !== '')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join('\n');
  return { text, inPlace: { path: file.path, text: '\n'.repeat(before) + block } };
}

const textOf = (node: YamlNode | undefined): string | undefined =>
  node?.kind === 'scalar' && node.text !== '' ? node.text : undefined;
