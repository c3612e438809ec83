import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Change } from './report.ts';
import { NOBODY } from './report.ts';

/** What the compiler says of the head and did not say of the base, and the other way round. Notes are no news. */
export function toldChanges(
  base: readonly Diagnostic[],
  head: readonly Diagnostic[],
): { changes: Change[]; mended: readonly Pick<Diagnostic, 'code' | 'severity' | 'message'>[] } {
  const key = (d: Diagnostic): string => `${d.severity} ${d.code} ${d.span.file.path} ${d.message}`;
  const news = (all: readonly Diagnostic[], than: readonly Diagnostic[]): Diagnostic[] => {
    const known = new Set(than.map(key));
    return all.filter((d) => d.severity !== 'note' && !known.has(key(d)));
  };
  // What forbids to compile is told even where the base had it too.
  const errors = head.filter((d) => d.severity === 'error');
  // Beside errors, warnings may be but their echo.
  const warnings = errors.length > 0 ? [] : news(head, base).filter((d) => d.severity === 'warning');
  const changes = [...errors, ...warnings].map((d): Change => {
    const refusal = d.severity === 'error';
    return {
      kind: refusal ? 'refusal' : 'warning',
      severity: refusal ? 'error' : 'warning',
      message: d.message,
      rules: [],
      field: d.code,
      ...(d.help !== undefined && { why: d.help }),
      place: { side: 'head', span: d.span },
      affected: NOBODY,
      owners: [],
    };
  });
  return { changes, mended: news(base, head).map(({ code, severity, message }) => ({ code, severity, message })) };
}
