import type { Severity } from '../core/ground/codes.ts';
import type { Diagnostic } from '../core/ground/diagnostic.ts';
import type { Span } from '../core/ground/source.ts';
import { positionAt } from '../core/ground/source.ts';

/** A diagnostic as every command's JSON shows it. `line` and `col` are 1-based, `col` in UTF-16 units. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** null where the complaint is about no file: wrong usage, a broken environment. */
  readonly file: string | null;
  readonly line: number | null;
  readonly col: number | null;
  readonly help: string | null;
  readonly notes: readonly NoteJson[];
}

export interface NoteJson {
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly col: number | null;
}

/** The JSON form of a diagnostic; every key is always there. */
export function diagnosticJson(d: Diagnostic): DiagnosticJson {
  return {
    code: d.code,
    severity: d.severity,
    message: d.message,
    ...place(d.span),
    help: d.help ?? null,
    notes: d.notes.map((note) => ({ message: note.message, ...place(note.span) })),
  };
}

/** The diagnostics of one severity, as JSON. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[], severity: Severity): DiagnosticJson[] {
  return diagnostics.filter((d) => d.severity === severity).map(diagnosticJson);
}

function place(span: Span | undefined): { file: string | null; line: number | null; col: number | null } {
  if (!span) return { file: null, line: null, col: null };
  return { file: span.file.path, ...positionAt(span.file, span.start) };
}
