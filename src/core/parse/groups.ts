import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import type { ThresholdEntry } from '../model/thresholds.ts';
import { thresholdsOf } from '../model/thresholds.ts';
import type { Thresholds, WrittenDisabled, WrittenGroup, WrittenOverride } from '../model/written.ts';
import type { Hints } from './check.ts';
import { readShape } from './check.ts';
import { isDate } from './dates.ts';
import { foreignFile } from './foreign.ts';
import { readMatch } from './match.ts';
import type { ParseOptions } from './names.ts';
import { checkGroupId, checkLabelNames } from './names.ts';
import type { MapNode, ScalarNode } from './nodes.ts';
import { child, headSpan, isNull, shorten } from './nodes.ts';
import { compact, readInteger, readText, readTextMap } from './read.ts';
import { groupOuterSchema } from './schema/schema-groups.ts';
import { readOverride } from './settings.ts';
import { parseYaml } from './yaml/yaml.ts';

const GROUP_HINTS: Hints = {
  params: 'Say of which rule: `overrides: { HighCPUUsage: { params: { window: 10m } } }`.',
  matchers: 'Did you mean `match`?',
  selector: 'Did you mean `match`?',
  enabled: 'Say of which rule: `disabled: [NodeClockSkew]`.',
  targets: 'Targets are told by `match`; lists of them stand in groups/targets/.',
  annotations: 'Say of which rule: `overrides: { "*": { annotations: { … } } }`.',
  for: 'Say of which rule: `overrides: { HighCPUUsage: { for: 10m } }`.',
};

const HAND_READ: ReadonlySet<string> = new Set(['thresholds', 'overrides']);

/** A file of `groups/`: a group, or several as YAML documents. What can be read is returned beside the diagnostics. */
export function parseGroupFile(
  file: SourceFile,
  options: ParseOptions = {},
): { groups: WrittenGroup[]; diagnostics: Diagnostic[] } {
  const { documents, diagnostics } = parseYaml(file);
  const filled = documents.flatMap((d) => (d.root ? [d.root] : []));
  const groups = filled.flatMap((root) => {
    const foreign = foreignFile(root, 'groups');
    if (foreign) diagnostics.push(foreign);
    else if (root.kind === 'map')
      return [readGroup(file, root, documents.length > 1 && filled.length > 1, options, diagnostics)];
    else
      diagnostics.push(diagnostic('wrong-type', headSpan(root.span), 'A group must be a mapping of keys to values.'));
    return [];
  });
  return { groups, diagnostics };
}

function readGroup(
  file: SourceFile,
  root: MapNode,
  several: boolean,
  options: ParseOptions,
  out: Diagnostic[],
): WrittenGroup {
  const { map, diagnostics } = readShape(root, groupOuterSchema, { hints: GROUP_HINTS, skip: HAND_READ });
  out.push(...diagnostics);
  const match = map.entries.get('match');
  const group = compact<WrittenGroup>({
    file,
    span: map.span,
    id: readId(file, map, several, out),
    name: readText(map, 'name'),
    description: readText(map, 'description'),
    owner: readText(map, 'owner'),
    parent: readText(map, 'parent'),
    match: match ? readMatch(match, options, out) : [],
    hasMatch: match !== undefined,
    matchSpan: match ? match.value.span : headSpan(map.span),
    priority: readInteger(map, 'priority'),
    thresholds: readThresholds(file, map, options, out),
    overrides: readOverrides(map, 'overrides', options, out),
    disabled: readDisabled(map, out),
    labels: readTextMap(map, 'labels'),
  });
  checkLabelNames(group.labels, options, out);
  return group;
}

function readId(file: SourceFile, map: MapNode, several: boolean, out: Diagnostic[]): Located<string> {
  const written = readText(map, 'id');
  if (written) {
    checkGroupId(written, out);
    return written;
  }
  const name = (file.path.split('/').at(-1) ?? file.path).replace(/\.ya?ml$/i, '');
  const id = { value: name, span: headSpan(map.span) };
  if (several) {
    const message = 'Where a file holds several groups, each needs an `id`.';
    out.push(diagnostic('missing-key', id.span, message, { help: 'Write `id: …` at the top of each document.' }));
  } else checkGroupId(id, out, true);
  return id;
}

function readThresholds(file: SourceFile, map: MapNode, options: ParseOptions, out: Diagnostic[]): Thresholds {
  const node = child(map, 'thresholds');
  if (node?.kind !== 'map') return thresholdsOf(file, []);
  const entries: ThresholdEntry[] = [];
  for (const entry of node.entries.values()) {
    const { value, key: name, keySpan } = entry;
    const bare = value.kind === 'scalar' && typeof value.value === 'number' && isWrittenOut(value);
    const read = bare
      ? { name, number: value.value as number, keySpan, valueSpan: value.span }
      : readOverride(entry, options, out);
    if (read) entries.push(read);
  }
  return thresholdsOf(file, entries);
}

/** Whether a number's text is what stands in its place, and short enough that no digit is lost: then it needs no copy. */
const isWrittenOut = ({ span, text }: ScalarNode): boolean =>
  text.length <= 15 && span.end - span.start === text.length && span.file.text.startsWith(text, span.start);

function readOverrides(map: MapNode, key: string, options: ParseOptions, out: Diagnostic[]): WrittenOverride[] {
  const node = child(map, key);
  if (node?.kind !== 'map') return [];
  return [...node.entries.values()].flatMap((entry) => readOverride(entry, options, out) ?? []);
}

function readDisabled(map: MapNode, out: Diagnostic[]): WrittenDisabled[] {
  const node = child(map, 'disabled');
  if (node?.kind !== 'list') return [];
  const seen = new Map<string, Span>();
  return node.items.flatMap((item) => {
    const rule =
      item.kind === 'map'
        ? readText(item, 'rule')
        : item.kind === 'scalar' && !isNull(item)
          ? { value: item.text, span: item.span }
          : undefined;
    if (!rule) return [];
    const first = seen.get(rule.value);
    if (first) {
      const notes = [{ message: 'The first one is here.', span: first }];
      const message = `\`${shorten(rule.value)}\` is disabled twice.`;
      out.push(diagnostic('yaml-duplicate-key', rule.span, message, { help: 'Remove one of them.', notes }));
    } else seen.set(rule.value, rule.span);
    if (item.kind !== 'map') return [{ rule }];
    const until = readText(item, 'until');
    if (until) checkDate(until, out);
    return [compact<WrittenDisabled>({ rule, reason: readText(item, 'reason')?.value, until })];
  });
}

function checkDate(date: Located<string>, out: Diagnostic[]): void {
  if (isDate(date.value)) return;
  const message = `\`until\` must be a day, but it is \`${shorten(date.value)}\`.`;
  out.push(diagnostic('invalid-value', date.span, message, { help: 'Write YYYY-MM-DD, for instance `2027-03-01`.' }));
}
