import type { Code } from '../ground/codes.ts';
import { CODES } from '../ground/codes.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic, hasErrors } from '../ground/diagnostic.ts';
import type { SourceFile, Span } from '../ground/source.ts';
import { lineText, positionAt } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import { isDate } from '../parse/dates.ts';

/** A comment that silences a warning, where it is well formed. */
interface Suppression {
  readonly code: Code;
  readonly until?: string;
  /** 1-based, the line whose warnings it speaks of. */
  readonly line: number;
  readonly span: Span;
}

const HELP = 'Write `# rulewright: ignore CODE: why`, or `# rulewright: ignore CODE until 2027-01-01: why`.';

/**
 * Silences warnings and notes that a comment `# rulewright: ignore CODE until 2027-01-01: why`
 * speaks of: at the end of the line where they start, or on the lines just above it. Comments that are
 * wrong, expired or useless are reported; errors can't be silenced.
 * @param today YYYY-MM-DD.
 * @param live whether these are what a server's data led to, or what the sources alone did: comments
 * about the other kind are left to whoever has it.
 */
export function applySuppressions(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  today: string,
  live = false,
): Diagnostic[] {
  const silenced = new Set<Diagnostic>();
  const more: Diagnostic[] = [];
  const broken = hasErrors(diagnostics);
  let index: Map<string, Diagnostic[]> | undefined;
  for (const file of files) {
    for (const suppression of readSuppressions(file, more)) {
      const { code, line, span, until } = suppression;
      if (code.startsWith('live-') !== live) continue;
      if (until !== undefined && until < today) {
        const message = `This suppression ended on ${until}, so it has no effect any more.`;
        more.push(
          diagnostic('until-passed', span, message, { help: 'Mend what it hides, give it a later day, or remove it.' }),
        );
        continue;
      }
      index ??= byPlace(diagnostics);
      const meant = index.get(placeKey(file.path, line, code)) ?? [];
      const quiet = meant.filter((d) => d.severity !== 'error');
      for (const d of quiet) silenced.add(d);
      if (quiet.length > 0) continue;
      if (meant.length > 0 || CODES[code].severity === 'error') {
        more.push(
          diagnostic('invalid-suppression', span, `\`${code}\` is an error, and errors can't be silenced.`, {
            help: 'Mend its cause.',
          }),
        );
      } else if (!broken) {
        // Where something is wrong, not all checks have run, and this one may still be needed.
        const message = `Nothing on line ${line} gives the warning \`${code}\`.`;
        more.push(diagnostic('unused-suppression', span, message, { help: 'Remove the comment.' }));
      }
    }
  }
  return [...diagnostics.filter((d) => !silenced.has(d)), ...more];
}

function placeKey(path: string, line: number, code: Code): string {
  return `${path}\n${line}\n${code}`;
}

function byPlace(diagnostics: readonly Diagnostic[]): Map<string, Diagnostic[]> {
  const index = new Map<string, Diagnostic[]>();
  for (const d of diagnostics) {
    const key = placeKey(d.span.file.path, positionAt(d.span.file, d.span.start).line, d.code);
    const there = index.get(key);
    if (there) there.push(d);
    else index.set(key, [d]);
  }
  return index;
}

/** The suppressions of a file. Only lines that hold the words are looked at. */
function readSuppressions(file: SourceFile, out: Diagnostic[]): Suppression[] {
  const found: Suppression[] = [];
  for (const match of file.text.matchAll(/#[ \t]*rulewright:[ \t]*ignore\b([^\r\n]*)/g)) {
    const span = { file, start: match.index, end: match.index + match[0].trimEnd().length };
    const words = /^\s+([^\s:]+)(?:\s+until\s+([^\s:]+))?\s*(?::\s*(.*?))?\s*$/.exec(match[1] ?? '');
    const [, code, until, reason] = words ?? [];
    const problem = problemOf(code, until, reason);
    if (problem !== undefined || code === undefined || !isCode(code)) {
      const help = (code !== undefined && !isCode(code) && didYouMean(code)) || HELP;
      out.push(diagnostic('invalid-suppression', span, problem ?? 'This suppression says nothing.', { help }));
      continue;
    }
    const line = targetLine(file, positionAt(file, match.index).line);
    found.push(until === undefined ? { code, line, span } : { code, until, line, span });
  }
  return found;
}

function problemOf(
  code: string | undefined,
  until: string | undefined,
  reason: string | undefined,
): string | undefined {
  if (code === undefined) return 'This suppression has another form than rulewright reads.';
  if (!isCode(code)) return `No warning has the code \`${code}\`.`;
  if (until !== undefined && !isDate(until)) return `\`until ${until}\` is not a day.`;
  if (reason === undefined || reason === '') return 'A suppression needs a reason, for whoever reads it next year.';
  return undefined;
}

function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}

function didYouMean(code: string): string | undefined {
  const meant = suggest(code, Object.keys(CODES));
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

/** A comment behind something speaks of its own line, one alone of the next line that isn't a comment. */
function targetLine(file: SourceFile, line: number): number {
  let at = line;
  while (/^\s*#/.test(lineText(file, at) ?? '')) at++;
  return at;
}
