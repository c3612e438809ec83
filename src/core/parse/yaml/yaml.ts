import type { Diagnostic } from '../../ground/diagnostic.ts';
import { diagnostic } from '../../ground/diagnostic.ts';
import type { SourceFile } from '../../ground/source.ts';
import type { YamlDocument } from '../nodes.ts';
import { resolveNodes } from '../resolve-nodes.ts';
import { yamlDiagnostics } from './yaml-errors.ts';
import type { ParsedDocument } from './yaml-library.ts';
import { MAX_DEPTH, parseStream } from './yaml-library.ts';
import { parsePlainYaml } from './yaml-plain.ts';

/**
 * Characters that nobody should write: control characters are refused by Prometheus' own
 * reader, a lone carriage return is a line break for it and none for ours.
 */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\r(?!\n)|\p{Surrogate}/gu;

/**
 * A file's YAML documents (1.2, core schema) as located nodes. Never throws: whatever is wrong
 * becomes a diagnostic, and a document that has a syntax error has no `root`.
 */
export function parseYaml(file: SourceFile): { documents: YamlDocument[]; diagnostics: Diagnostic[] } {
  const plain = parsePlainYaml(file);
  return plain ? { documents: [plain], diagnostics: [] } : parseByLibrary(file);
}

/** The same by the YAML library alone: what is plainly written is read without it. */
export function parseByLibrary(file: SourceFile): { documents: YamlDocument[]; diagnostics: Diagnostic[] } {
  const diagnostics = controlCharacters(file);
  const size = file.text.length;
  const parsed = parseStream(file.text);
  if ('tooDeep' in parsed) {
    const span = { file, start: Math.min(parsed.tooDeep, size), end: Math.min(parsed.tooDeep + 1, size) };
    const message = `This nests more than ${MAX_DEPTH} levels deep.`;
    const help = 'No source of rulewright nests deeper than ten.';
    diagnostics.push(diagnostic('yaml-too-deep', span, message, { help }));
    return { documents: [], diagnostics };
  }
  const documents = parsed.docs.map((doc): YamlDocument => {
    const [start, , end] = doc.range;
    const span = { file, start: Math.min(start, size), end: Math.min(end, size) };
    return doc.errors.length > 0 || isEmpty(doc)
      ? { span }
      : { span, root: resolveNodes(file, doc.contents, diagnostics) };
  });
  diagnostics.push(...yamlDiagnostics(file, parsed.errors));
  if (diagnostics.length === 0 && documents.every((d) => !d.root)) diagnostics.push(emptyFile(file));
  return { documents, diagnostics };
}

function emptyFile(file: SourceFile): Diagnostic {
  const message = 'This file says nothing: it is empty, or holds comments only.';
  return diagnostic('empty-file', { file, start: 0, end: 0 }, message, { help: 'Fill it or remove it.' });
}

function controlCharacters(file: SourceFile): Diagnostic[] {
  const out: Diagnostic[] = [];
  let lineEnd = -1;
  for (const { 0: char, index } of file.text.matchAll(FORBIDDEN)) {
    // One a line and ten a file are enough: a binary file has thousands.
    if (index < lineEnd) continue;
    if (out.length === 10) break;
    const next = file.text.indexOf('\n', index);
    lineEnd = next < 0 ? file.text.length : next;
    const name = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    const message = `A control character (${name}), which Prometheus refuses in YAML.`;
    const help = 'Remove it; where it is meant, write it as an escape in double quotes.';
    out.push(diagnostic('control-character', { file, start: index, end: index + char.length }, message, { help }));
  }
  return out;
}

function isEmpty(doc: ParsedDocument): boolean {
  const node: unknown = doc.contents;
  if (node === null) return true;
  const scalar = node as { value?: unknown; source?: unknown; anchor?: unknown };
  return scalar.value === null && (scalar.source === undefined || scalar.source === '') && scalar.anchor === undefined;
}
