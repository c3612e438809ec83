import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic, hasErrors } from '../ground/diagnostic.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import type { RuleFile } from '../model/ruleset.ts';
import type { MapNode, YamlNode } from '../parse/nodes.ts';
import { child, headSpan } from '../parse/nodes.ts';
import { parseYaml } from '../parse/yaml/yaml.ts';

/** A file of promtool's unit tests, as far as it takes to run it against what was compiled. */
export interface UnitTestFile {
  readonly file: SourceFile;
  /** The rule files that it names; undefined where it names none. */
  readonly ruleFiles?: readonly Located<string>[];
  /** The whole of `rule_files`, its key included. */
  readonly ruleFilesSpan?: Span;
  readonly tests: readonly UnitTest[];
}

export interface UnitTest {
  readonly name?: string;
  readonly span: Span;
  readonly checks: readonly UnitCheck[];
}

/** One expectation: of an alert or of an expression, at a time. */
export interface UnitCheck {
  readonly kind: 'alert' | 'expr';
  /** The alert's name or the expression. */
  readonly what: string;
  readonly time: string;
  readonly span: Span;
}

/** Reads a unit test; undefined where the file is none. */
export function readUnitTest(file: SourceFile): { test?: UnitTestFile; diagnostics: readonly Diagnostic[] } {
  const { documents, diagnostics } = parseYaml(file);
  const root = documents.find((d) => d.root)?.root;
  if (hasErrors(diagnostics)) return { diagnostics };
  const tests = root?.kind === 'map' ? child(root, 'tests') : undefined;
  if (root?.kind !== 'map' || tests?.kind !== 'list') return { diagnostics: [] };
  const entry = root.entries.get('rule_files');
  const items = entry?.value.kind === 'list' ? entry.value.items : [];
  const ruleFiles = items.flatMap((item) => (item.kind === 'scalar' ? [{ value: item.text, span: item.span }] : []));
  return {
    diagnostics: [],
    test: {
      file,
      tests: tests.items.flatMap((item) => (item.kind === 'map' ? [unitTest(item)] : [])),
      ...(entry && { ruleFiles, ruleFilesSpan: { file, start: entry.keySpan.start, end: entry.value.span.end } }),
    },
  };
}

function unitTest(map: MapNode): UnitTest {
  const name = child(map, 'name');
  const checks = (key: string, kind: UnitCheck['kind'], what: string): UnitCheck[] => {
    const list = child(map, key);
    return (list?.kind === 'list' ? list.items : []).flatMap((item) =>
      item.kind === 'map'
        ? [{ kind, what: textOf(child(item, what)), time: textOf(child(item, 'eval_time')), span: headSpan(item.span) }]
        : [],
    );
  };
  return {
    span: headSpan(map.span),
    checks: [...checks('alert_rule_test', 'alert', 'alertname'), ...checks('promql_expr_test', 'expr', 'expr')],
    ...(name?.kind === 'scalar' && name.text !== '' && { name: name.text }),
  };
}

const textOf = (node: YamlNode | undefined): string => (node?.kind === 'scalar' ? node.text : '');

/** What an entry of `rule_files` leads to. */
export interface Meant {
  readonly files: readonly RuleFile[];
  /** Sources that fit alike, where the entry leads to no path and its name alone had to do; else empty. */
  readonly alike: readonly string[];
}

/**
 * The compiled files that a test means by an entry of `rule_files`: a compiled file, a source (then every file with
 * rules of it), or a pattern of either. `*` and a folder are all that are in it. `folder` is that of
 * one of several servers below `dist/`, such as `seoul/`.
 */
export function meantFiles(entry: string, testPath: string, files: readonly RuleFile[], folder = ''): Meant {
  const own = [normal(entry), normal(`${testPath.split('/').slice(0, -1).join('/')}/${entry}`)];
  const meant = (tests: (name: string) => boolean): Meant => ({
    files: files.filter((f) => [f.fileName, `dist/${folder}rules/${f.fileName}`, ...f.sources].some(tests)),
    alike: [],
  });
  if (entry === '*' || entry === '**') return { files, alike: [] };
  for (const path of own) {
    const found = meant((name) => name === path);
    if (found.files.length > 0) return found;
  }
  const patterns = own.map((path) => patternOf(path));
  const matched = meant((name) => patterns.some((p) => p.test(name)));
  return matched.files.length > 0 ? matched : meantByName(own, files);
}

/**
 * A test that came from elsewhere names its rules by the path that they had there: the source of that name is meant,
 * of several the one whose folders are most like those of that path, counted from the file upwards.
 */
function meantByName(paths: readonly string[], files: readonly RuleFile[]): Meant {
  const named = new Set(files.flatMap((f) => f.sources.filter((source) => source.startsWith('rules/'))));
  const candidates = [...named].flatMap((source) => {
    const likeness = Math.max(...paths.map((path) => likenessOf(path, source)));
    return likeness < 0 ? [] : [{ source, likeness }];
  });
  const most = Math.max(...candidates.map((c) => c.likeness));
  const alike = candidates.filter((c) => c.likeness === most).map((c) => c.source);
  const found = files.filter((f) => f.sources.some((source) => alike.includes(source)));
  return { files: found, alike: alike.length > 1 ? alike.sort() : [] };
}

/** How many steps two paths share from their end, the file's ending counting a half; -1 where the files' names differ. */
function likenessOf(path: string, other: string): number {
  if (bare(path) !== bare(other)) return -1;
  const [a, b] = [path.split('/').reverse(), other.split('/').reverse()];
  const differ = a.findIndex((step, index) => index > 0 && step !== b[index]);
  return (differ < 0 ? a.length : differ) + (a[0] === b[0] ? 0.5 : 0);
}

/** The name of a file without folders and endings. */
const bare = (path: string): string => (path.split('/').at(-1) ?? path).replace(/\.(?:ya?ml|rules)$/, '');

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** A glob as Go reads it (`*` and `?` within one step of the path); a folder stands for all below it. */
function patternOf(glob: string): RegExp {
  const text = glob.replace(/\*\*|[*?]|[.+^${}()|[\]\\]/g, (c) =>
    c === '**' ? '.*' : c === '*' ? '[^/]*' : c === '?' ? '[^/]' : `\\${c}`,
  );
  return new RegExp(`^${text}(?:/.*)?$`);
}

/** The test with other rule files, on lines of the same number. */
export function withRuleFiles({ file, ruleFilesSpan }: UnitTestFile, paths: readonly string[]): string {
  const list = `rule_files: ${JSON.stringify(paths)}`;
  if (!ruleFilesSpan) return `${file.text.trimEnd()}\n${list}\n`;
  const written = file.text.slice(ruleFilesSpan.start, ruleFilesSpan.end);
  const lines = written.split('\n').length - 1;
  return file.text.slice(0, ruleFilesSpan.start) + list + '\n'.repeat(lines) + file.text.slice(ruleFilesSpan.end);
}

export function unmeant(entry: Located<string>, files: readonly RuleFile[]): Diagnostic {
  const known = files.map((f) => f.fileName).slice(0, 8);
  return diagnostic(
    'invalid-value',
    entry.span,
    `\`${entry.value}\` is neither a compiled file nor a source, so nothing would be tested.`,
    {
      help: `Name a source such as rules/node.yaml, "*" for all, or one of: ${known.join(', ')}${files.length > known.length ? ', …' : ''}.`,
    },
  );
}

/** Several sources have the name that an entry gives, and nothing says which is meant: the test runs with all of them. */
export function alike(entry: Located<string>, sources: readonly string[]): Diagnostic {
  return diagnostic(
    'several-files-fit',
    entry.span,
    `\`${entry.value}\` is ${sources.join(' and ')} alike, so the test runs with the rules of all of them.`,
    { help: `Name the one that is meant, such as ${sources[0]}.` },
  );
}
