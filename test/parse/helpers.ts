import type { Diagnostic } from '../../src/core/ground/diagnostic.ts';
import type { SourceFile } from '../../src/core/ground/source.ts';
import { positionAt } from '../../src/core/ground/source.ts';

export function source(path: string, text: string): SourceFile {
  return { path, text };
}

/** A diagnostic as `line:col code` and what its span covers: short enough to compare by eye. */
export function brief(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map((d) => {
    const { line, col } = positionAt(d.span.file, d.span.start);
    const covered = d.span.file.text.slice(d.span.start, d.span.end);
    return `${line}:${col} ${d.severity === 'error' ? '' : `${d.severity} `}${d.code} ${covered.slice(0, 40)}`.trimEnd();
  });
}

/** Whether every span lies within its file, as every reader of spans takes for granted. */
export function spansInside(diagnostics: readonly Diagnostic[]): boolean {
  const spans = diagnostics.flatMap((d) => [d.span, ...d.notes.flatMap((n) => n.span ?? [])]);
  return spans.every(({ file, start, end }) => start >= 0 && start <= end && end <= file.text.length);
}
