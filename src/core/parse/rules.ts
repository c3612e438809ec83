import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic, hasErrors } from '../ground/diagnostic.ts';
import type { SourceFile } from '../ground/source.ts';
import type { NativeRuleFile, WrittenRule, WrittenRuleFile } from '../model/written.ts';
import { RULE_HINTS, readBody } from './body.ts';
import { readShape } from './check.ts';
import { foreignFile, isManifestOfRules } from './foreign.ts';
import { helmInside } from './helm.ts';
import type { ParseOptions } from './names.ts';
import { checkDuration, checkPlainText, checkRuleId } from './names.ts';
import { readNative } from './native.ts';
import type { MapNode, YamlDocument } from './nodes.ts';
import { child, headSpan } from './nodes.ts';
import { compact, readInteger, readText } from './read.ts';
import { ruleFileSchema } from './schema/schema-rules.ts';
import { parseYaml } from './yaml/yaml.ts';

export interface ParsedRuleFile {
  /** One of the two, unless the file is empty, another tool's, or not YAML. */
  readonly written?: WrittenRuleFile;
  readonly native?: NativeRuleFile;
  readonly diagnostics: Diagnostic[];
}

/**
 * A file of `rules/`: our own format, or a Prometheus rule file (`groups:` at the top). What can
 * be read is returned beside the diagnostics, so that later stages find their errors as well.
 */
export function parseRuleFile(file: SourceFile, options: ParseOptions = {}): ParsedRuleFile {
  const { documents, diagnostics } = parseYaml(file);
  const isManifest = documents.some(({ root }) => root !== undefined && isManifestOfRules(root));
  const helm = hasErrors(diagnostics) || isManifest ? helmInside(file) : undefined;
  if (helm) return { diagnostics: [helm] };
  const top = onlyMapping(documents, file, 'rules', diagnostics);
  if (!top) return { diagnostics };
  if (top.entries.has('groups')) return { native: readNative(file, top, options, diagnostics), diagnostics };
  const { map, diagnostics: wrong } = readShape(top, ruleFileSchema, { hints: RULE_HINTS });
  diagnostics.push(...wrong);
  const name = readText(map, 'name') ?? { value: baseName(file.path, 'rules'), span: { file, start: 0, end: 0 } };
  checkPlainText(name, 'the name of a rule group', diagnostics);
  const written = compact<WrittenRuleFile>({
    file,
    name,
    interval: readText(map, 'interval'),
    queryOffset: readText(map, 'query_offset'),
    limit: readInteger(map, 'limit'),
    rules: readRules(map, options, diagnostics),
  });
  checkDuration(written.interval, 'interval', diagnostics);
  checkDuration(written.queryOffset, 'query_offset', diagnostics);
  return { written, diagnostics };
}

function readRules(map: MapNode, options: ParseOptions, out: Diagnostic[]): WrittenRule[] {
  const rules = child(map, 'rules');
  if (rules?.kind !== 'list') return [];
  return rules.items.flatMap((item) => {
    if (item.kind !== 'map') return [];
    const rule = compact<WrittenRule>({ ...readBody(item, options, out), id: readText(item, 'id') });
    if (rule.id) checkRuleId(rule.id, out);
    if (!rule.template && !['alert', 'record'].some((key) => item.entries.has(key))) {
      const help = 'Name it with `alert:` or `record:`, or take it from a `template:`.';
      out.push(diagnostic('missing-key', headSpan(item.span), 'This rule has no name.', { help }));
    }
    if (!rule.template && !item.entries.has('expr')) {
      const help = 'Write its PromQL as `expr:`, or take it from a `template:`.';
      out.push(diagnostic('missing-key', headSpan(item.span), 'This rule has no expression.', { help }));
    }
    return [rule];
  });
}

/** The one mapping of a file that must hold one document; undefined where there is none to read. */
export function onlyMapping(
  documents: readonly YamlDocument[],
  file: SourceFile,
  place: 'rules' | 'templates',
  out: Diagnostic[],
): MapNode | undefined {
  const filled = documents.filter((d) => d.root !== undefined);
  const [first, second] = filled;
  if (!first?.root) return undefined;
  const foreign = foreignFile(first.root, place);
  if (foreign) {
    out.push(foreign);
    return undefined;
  }
  if (second?.root) {
    const help = 'Put each document into a file of its own, or join them.';
    const message = 'A second YAML document: Prometheus reads the first one of a file only, and would lose this one.';
    // A rule file that Prometheus loads today, without the rest, is not ours to refuse.
    const native = first.root.kind === 'map' && first.root.entries.has('groups');
    out.push(
      diagnostic(native ? 'ignored-document' : 'yaml-many-documents', headSpan(second.root.span), message, { help }),
    );
  }
  if (first.root.kind === 'map') return first.root;
  out.push(diagnostic('wrong-type', headSpan(first.root.span), `${file.path} must be a mapping of keys to values.`));
  return undefined;
}

/** The path of a file below a top folder, without its ending: `rules/node/cpu.yaml` → `node/cpu`. */
export function baseName(path: string, folder: string): string {
  const below = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  return below.replace(/\.ya?ml$/i, '');
}
