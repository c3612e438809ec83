import type { Diagnostic } from '../../ground/diagnostic.ts';
import { diagnostic } from '../../ground/diagnostic.ts';
import type { SourceFile } from '../../ground/source.ts';
import { lineText, positionAt } from '../../ground/source.ts';

/** What the YAML library found, before it is put into our words. Offsets into the file. */
export interface RawYamlError {
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** Where the quotes or brackets were opened whose end is missing. */
  readonly opened?: number;
}

/** Errors beyond this many in a file help nobody: they follow from the first ones. */
const MAX_SHOWN = 20;

const WORDS: Readonly<Record<string, readonly [message: string, help?: string]>> = {
  TAB_AS_INDENT: ['A tab indents this line, and YAML takes only spaces there.', 'Replace the tabs with spaces.'],
  BAD_INDENT: [
    'This line is indented less than what it belongs to, or a bracket above is not closed.',
    'Indent it further, or close the `[` or `{` that is open above.',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'A second `: ` on this line (or a wrong indentation) makes a mapping where only a value can stand.',
    'Put the value in quotes, or give the inner mapping lines of its own.',
  ],
  BAD_DQ_ESCAPE: [
    'In double quotes a backslash starts an escape, and this one does not exist.',
    "Write `\\\\` for a backslash, or use single quotes: '…'.",
  ],
  MULTILINE_IMPLICIT_KEY: [
    'A key must stand on one line and end with `:`.',
    'Check the indentation and the quotes of this line and the one above.',
  ],
  MULTIPLE_ANCHORS: ['A value can have only one anchor (`&name`).'],
  MULTIPLE_TAGS: ['A value can have only one tag (`!name`).'],
  KEY_OVER_1024_CHARS: ['This key is longer than 1,024 characters.'],
  BAD_DIRECTIVE: ['A directive (`%…`) that YAML does not know.', 'Remove the line.'],
};

/** Errors that share their code with others, by the beginning of their message. */
const BY_MESSAGE: readonly (readonly [start: string, message: string, help: string])[] = [
  [
    'Sequence item without -',
    'This line stands neither in the column of the `-` above nor in that of the keys behind it.',
    'Check the indentation: keys of one mapping stand in one column.',
  ],
  [
    'Alias cannot be an empty string',
    'A value without quotes cannot start with `*`, which belongs to aliases.',
    'Put it in quotes: `"*"`.',
  ],
];

function wordsOf({ code, message }: RawYamlError): readonly [message?: string, help?: string] {
  const known = BY_MESSAGE.find(([start]) => message.startsWith(start));
  return known ? [known[1], known[2]] : (WORDS[code] ?? []);
}

/** The library's errors as diagnostics: one a line, in our words where we have better ones, at most twenty. */
export function yamlDiagnostics(file: SourceFile, errors: readonly RawYamlError[]): Diagnostic[] {
  const out: Diagnostic[] = [];
  const lines = new Set<number>();
  for (const error of errors) {
    const start = Math.max(0, Math.min(error.start, file.text.length));
    const end = Math.max(start, Math.min(error.end, file.text.length));
    const { line } = positionAt(file, start);
    if (lines.has(line)) continue;
    lines.add(line);
    if (out.length === MAX_SHOWN) break;
    const [words, ownHelp] = wordsOf(error);
    const unclosed = error.opened === undefined ? undefined : unclosedAt(file, error.opened, start);
    if (unclosed) {
      out.push(unclosed);
      continue;
    }
    const message = words ?? scalarStart(file.text[start], error.code) ?? `Not YAML: ${decapitalise(error.message)}.`;
    const help = braces(lineText(file, line) ?? '') ?? ownHelp;
    out.push(diagnostic('yaml-syntax', { file, start, end }, message, { help }));
  }
  return out;
}

/** Something that is opened and not closed: the place to look at is where it is opened. */
function unclosedAt(file: SourceFile, opened: number, missed: number): Diagnostic | undefined {
  const char = file.text[opened];
  const close = char === '[' ? ']' : char === '{' ? '}' : char === '"' || char === "'" ? char : undefined;
  if (char === undefined || close === undefined) return undefined;
  const notes = [{ message: `It should have ended before here.`, span: { file, start: missed, end: missed } }];
  const lineEnd = file.text.indexOf('\n', opened);
  const inside = file.text.slice(opened + 1, lineEnd < 0 ? undefined : lineEnd);
  const own = char === '{' && inside.startsWith('{') ? braces('{{') : undefined;
  const help =
    own ?? (char === "'" ? "Close it; an apostrophe inside is written twice: ''." : `Close it with \`${close}\`.`);
  const message = `This \`${char}\` is opened and not closed.`;
  return diagnostic('yaml-syntax', { file, start: opened, end: opened + 1 }, message, { help, notes });
}

function scalarStart(char: string | undefined, code: string): string | undefined {
  return code === 'BAD_SCALAR_START' && char !== undefined
    ? `A value without quotes cannot start with \`${char}\`: put it in quotes.`
    : undefined;
}

/** Braces of another template language are the most frequent reason why a rule file is not YAML. */
function braces(line: string): string | undefined {
  if (/^\s*\{\{/.test(line) || line.includes('{{-') || line.includes('-}}')) {
    return 'This looks like a Helm (Go) template. Render it first (`helm template`) and commit the result.';
  }
  if (line.includes('{{')) return 'A value that starts with `{{` must stand in quotes: "{{ $labels.instance }} …".';
  if (/^\s*<%|:\s*<%/.test(line))
    return 'A value that starts with `<%` must stand in quotes; ERB files must be rendered first.';
  return undefined;
}

function decapitalise(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
