import type { Diagnostic } from '../core/ground/diagnostic.ts';
import { renderDiagnostics } from '../report/text.ts';
import { type Globals, type Io, useColor } from './context.ts';

/** More than this helps nobody in a terminal; JSON has them all. */
const MOST_DIAGNOSTICS = 100;

/** Diagnostics to standard error, where the format is text; with --quiet only errors. */
export function sayDiagnostics(diagnostics: readonly Diagnostic[], globals: Globals, io: Io): void {
  if (globals.format === 'json') return;
  // Under --strict a warning is why the command fails, so that it must be seen.
  const broken = diagnostics.some((d) => d.severity === 'error');
  const wanted = diagnostics.filter((d) => {
    if (globals.quiet) return d.severity === 'error' || (globals.strict && d.severity === 'warning');
    // Where something is wrong, notes would only push it off the screen.
    return d.severity !== 'note' || !broken;
  });
  const worst = [...wanted].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  const text = renderDiagnostics(wanted.length > MOST_DIAGNOSTICS ? worst : wanted, {
    color: useColor(globals, io, io.stderr),
    width: io.stderr.columns ?? 120,
    limit: MOST_DIAGNOSTICS,
    fold: true,
  });
  if (text !== '') io.stderr.write(text);
}

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** A line for people to standard error; not with --quiet, not beside JSON. */
export function say(line: string, globals: Globals, io: Io): void {
  if (!globals.quiet && globals.format === 'text') io.stderr.write(`${line}\n`);
}
