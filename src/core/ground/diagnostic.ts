import type { Code, Severity } from './codes.ts';
import { CODES } from './codes.ts';
import type { Span } from './source.ts';

/** What the compiler tells a person: what is wrong, where, and how to mend it. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** What is wrong and, where it isn't plain, why it matters. One or two sentences. */
  readonly message: string;
  readonly span: Span;
  /** How to mend it. */
  readonly help?: string;
  /** The other half of the story, each with its own place. */
  readonly notes: readonly Note[];
}

export interface Note {
  readonly message: string;
  readonly span?: Span;
}

/** A diagnostic of a code of the table, with that code's severity. */
export function diagnostic(
  code: Code,
  span: Span,
  message: string,
  more: { help?: string | undefined; notes?: readonly Note[] } = {},
): Diagnostic {
  const base = { code, severity: CODES[code].severity, message, span, notes: more.notes ?? [] };
  return more.help === undefined ? base : { ...base, help: sentence(more.help) };
}

/** Advice as a sentence: a capital, and a full stop behind words. */
function sentence(text: string): string {
  const started = text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  return /[\p{L}\p{N}"'`)\]}>…]$/u.test(started) ? `${started}.` : started;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** Sorted by file, place, code and message, without exact repetitions. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = [...diagnostics].sort(
    (a, b) =>
      compare(a.span.file.path, b.span.file.path) ||
      a.span.start - b.span.start ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
  return sorted.filter((d, i) => {
    const before = sorted[i - 1];
    return !(
      before &&
      before.code === d.code &&
      before.message === d.message &&
      before.span.start === d.span.start &&
      before.span.file.path === d.span.file.path
    );
  });
}
