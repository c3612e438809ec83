import * as z from 'zod';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Entry, MapNode, YamlNode } from './nodes.ts';
import { describe, headSpan, shorten, toPlain } from './nodes.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Help for keys that people write where the format has them elsewhere, by key. */
export type Hints = Readonly<Record<string, string>>;

export interface ShapeOptions {
  /** What to say of keys that are often written at the wrong place. */
  readonly hints?: Hints;
  /** Keys of the top level whose contents the schema doesn't look at. */
  readonly skip?: ReadonlySet<string>;
}

/** A node against a schema: everything that is wrong with its shape, each at its place. */
export function checkShape(node: YamlNode, schema: z.ZodType, options: ShapeOptions = {}): Diagnostic[] {
  return shapeOf(node, schema, options).diagnostics;
}

/**
 * The same, with the node as it was meant: a misspelt key stands there under its right name, so that nobody further
 * down complains of what is missing, and what stands below it is judged as well.
 */
export function readShape(
  map: MapNode,
  schema: z.ZodType,
  options: ShapeOptions = {},
): { map: MapNode; diagnostics: Diagnostic[] } {
  const { diagnostics, misspelt } = shapeOf(map, schema, options);
  if (misspelt.length === 0) return { map, diagnostics };
  const meant = misspelt.reduce<YamlNode>((node, one) => renamed(node, one.path, one), map);
  const again = readShape(meant as MapNode, schema, options);
  return { map: again.map, diagnostics: [...misspelt.map((one) => one.diagnostic), ...again.diagnostics] };
}

/** A key that is not there, next to the one that was meant, which is free. */
interface Misspelt {
  readonly path: Path;
  readonly key: string;
  readonly meant: string;
  readonly diagnostic: Diagnostic;
}

function shapeOf(
  root: YamlNode,
  schema: z.ZodType,
  { hints = {}, skip }: ShapeOptions,
): { diagnostics: Diagnostic[]; misspelt: Misspelt[] } {
  const result = schema.safeParse(toPlain(root, skip));
  const misspelt: Misspelt[] = [];
  if (result.success) return { diagnostics: [], misspelt };
  const context = { root, schema, hints, misspelt };
  return { diagnostics: result.error.issues.flatMap((issue) => explain(issue, [], context)), misspelt };
}

/** A node in which one key below is called otherwise. */
function renamed(node: YamlNode, path: Path, one: Misspelt): YamlNode {
  const [step, ...rest] = path;
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item, index) => (index === step ? renamed(item, rest, one) : item)) };
  }
  const entries = [...node.entries].map(([key, entry]): [string, Entry] => {
    if (step !== undefined) {
      return [key, key === step ? { ...entry, value: renamed(entry.value, rest, one) } : entry];
    }
    return key === one.key ? [one.meant, { ...entry, key: one.meant }] : [key, entry];
  });
  return { ...node, entries: new Map(entries) };
}

interface Context {
  readonly root: YamlNode;
  readonly schema: z.ZodType;
  readonly hints: Hints;
  /** Filled on the way. */
  readonly misspelt: Misspelt[];
}

function explain(issue: Issue, prefix: Path, context: Context): Diagnostic[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, context));
  const place = find(context.root, path);
  if (place.missing !== undefined) return [missingKey(place.missing, path, place.node, context)];
  if (issue.code === 'invalid_union') {
    // The branch that the value was meant for is the one that complains about something inside it.
    const inner = issue.errors.filter((branch) =>
      branch.every((i) => i.path.length > 0 || i.code === 'unrecognized_keys'),
    );
    const [meant] = inner;
    if (inner.length === 1 && meant) return meant.flatMap((i) => explain(i, path, context));
  }
  const expected = [...new Set(expectations(issue))];
  const subject = nameOf(path, place.span);
  const values = expected.every((e) => e.startsWith('`'));
  const found =
    values && place.node.kind === 'scalar' && place.node.value !== null
      ? ownText(place.node.text)
      : describe(place.node);
  const code = place.node.kind === 'scalar' && place.node.value !== null && values ? 'invalid-value' : 'wrong-type';
  const bounds = issue.code === 'too_small' || issue.code === 'too_big';
  const message = `${subject} must be ${join(simplify(expected))}, but it is ${found}.`;
  return [diagnostic(bounds ? 'invalid-value' : code, place.span, message, { help: help(expected, place.node) })];
}

function ownText(text: string): string {
  return `\`${shorten(text)}\``;
}

function unknownKey(key: string, path: Path, { root, schema, hints, misspelt }: Context): Diagnostic {
  const { node, span } = find(root, path);
  const entry = node.kind === 'map' ? node.entries.get(key) : undefined;
  const at = schemaAt(schema, path);
  const known = at instanceof z.ZodObject ? Object.keys(at.shape) : [];
  const meant = Object.hasOwn(hints, key) ? undefined : suggest(key, known);
  const hint = meant === undefined ? hintFor(key, hints) : undefined;
  const help = hint ?? (meant === undefined ? `The keys here are: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`);
  const title = at?.meta()?.title ?? 'this mapping';
  const message = `${subject(title)} has no key \`${shorten(key)}\`.`;
  const found = diagnostic('unknown-key', entry?.keySpan ?? span, message, { help });
  const free = (name: string): boolean =>
    node.kind === 'map' &&
    !node.entries.has(name) &&
    !misspelt.some((m) => m.meant === name && m.path.join() === path.join());
  if (meant !== undefined && free(meant)) misspelt.push({ path, key, meant, diagnostic: found });
  return found;
}

function hintFor(key: string, hints: Hints): string | undefined {
  const near = Object.hasOwn(hints, key) ? key : suggest(key, Object.keys(hints));
  return near === undefined ? undefined : hints[near];
}

function missingKey(key: string, path: Path, parent: YamlNode, { schema }: Context): Diagnostic {
  const at = schemaAt(schema, path.slice(0, -1));
  const field = at instanceof z.ZodObject ? (at.shape[key] as z.ZodType | undefined) : undefined;
  const description = field?.meta()?.description;
  const examples = field?.meta()?.['examples'];
  const example =
    Array.isArray(examples) && examples.length > 0 ? ` For instance: \`${key}: ${JSON.stringify(examples[0])}\`.` : '';
  const help = description === undefined ? undefined : `\`${key}\`: ${description}${example}`;
  return diagnostic(
    'missing-key',
    headSpan(parent.span),
    `${subject(at?.meta()?.title ?? 'this mapping')} needs the key \`${key}\`.`,
    { help },
  );
}

/** The node at a path, or the deepest one on the way there and the key that it lacks. */
function find(root: YamlNode, path: Path): { node: YamlNode; span: Span; missing?: string } {
  let node = root;
  let span = root.span;
  for (const step of path) {
    const next: YamlNode | undefined =
      node.kind === 'map'
        ? node.entries.get(String(step))?.value
        : node.kind === 'list'
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) return { node, span, missing: String(step) };
    // An empty value has no text of its own to point at: its key has.
    const keySpan = node.kind === 'map' ? node.entries.get(String(step))?.keySpan : undefined;
    node = next;
    span =
      next.kind === 'scalar'
        ? next.span.end === next.span.start && keySpan
          ? keySpan
          : next.span
        : headSpan(next.span);
  }
  return { node, span };
}

/** The schema that judges what is at a path; of a union the branch that can have the next step. */
function schemaAt(schema: z.core.$ZodType, path: Path): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional) return schemaAt(schema.unwrap(), path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) {
      const found = schemaAt(option, path);
      if (found && (path.length > 0 || found instanceof z.ZodObject)) return found;
    }
    return undefined;
  }
  if (step === undefined) return schema instanceof z.ZodType ? schema : undefined;
  if (schema instanceof z.ZodArray) return schemaAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return schemaAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return undefined;
  const next: unknown = schema.shape[String(step)] ?? schema.def.catchall;
  return next instanceof z.ZodType ? schemaAt(next, rest) : undefined;
}

/** What an issue expected, in words; values in backticks. */
function expectations(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [typeWord(issue.expected)];
    case 'invalid_value':
      return issue.values.map((value) => `\`${String(value)}\``);
    case 'invalid_union':
      return issue.errors.flatMap((branch) => branch.filter((i) => i.path.length === 0).flatMap(expectations));
    case 'too_small':
      return [`${String(issue.minimum)} or more`];
    case 'too_big':
      return [`${String(issue.maximum)} or less`];
    default:
      return ['something else'];
  }
}

function typeWord(expected: string): string {
  const words: Record<string, string> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    null: 'null',
  };
  return words[expected] ?? expected;
}

/** "text, a number or true or false" is what our formats call text. */
function simplify(expected: readonly string[]): string[] {
  if (expected.includes('text') && expected.includes('a number')) {
    return expected.filter((e) => e !== 'a number' && e !== 'true or false' && e !== 'null');
  }
  return expected.length > 1
    ? expected.flatMap((e) => (e === 'true or false' ? ['`true`', '`false`'] : [e]))
    : [...expected];
}

function help(expected: readonly string[], node: YamlNode): string | undefined {
  if (expected.includes('true or false') && !expected.includes('text') && node.kind === 'scalar') {
    if (/^(yes|on|y)$/i.test(node.text)) return 'Write `true`.';
    if (/^(no|off|n)$/i.test(node.text)) return 'Write `false`.';
    if (/^(true|false)$/i.test(node.text)) return `Write it without quotes: \`${node.text.toLowerCase()}\`.`;
  }
  if ((expected.includes('a number') || expected.includes('a whole number')) && node.kind === 'scalar') {
    if (typeof node.value === 'string' && node.text.trim() !== '' && Number.isFinite(Number(node.text)))
      return 'Write it without quotes.';
  }
  const values = expected.filter((e) => e.startsWith('`')).map((e) => e.slice(1, -1));
  const meant = node.kind === 'scalar' && /[a-z]/i.test(node.text) ? suggest(node.text, values) : undefined;
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  if (expected.includes('a list') && !expected.includes('text') && node.kind !== 'list')
    return 'Start each item with `- `, or write `[…]`.';
  return undefined;
}

function nameOf(path: Path, span: Span): string {
  const last = path.at(-1);
  if (last === undefined) return `The content of ${span.file.path}`;
  if (typeof last !== 'number') return `\`${shorten(String(last))}\``;
  const list = path.at(-2);
  return list === undefined ? 'An item' : `An item of \`${String(list)}\``;
}

function join(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** What a sentence begins with: a kind of thing ("A rule"), or a key or file as it is written. */
const subject = (title: string): string => (/^(an?|this) /.test(title) ? capital(title) : `\`${title}\``);

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
