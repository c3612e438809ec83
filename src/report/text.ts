import type { Severity } from '../core/ground/codes.ts';
import type { Diagnostic } from '../core/ground/diagnostic.ts';
import type { Span } from '../core/ground/source.ts';
import { positionAt } from '../core/ground/source.ts';
import type { Style } from './color.ts';
import { style } from './color.ts';
import { type Folded, fold, foldedText } from './fold.ts';
import { codeFrame, lastLineShown } from './frame.ts';
import { visible } from './visible.ts';

export interface TextOptions {
  readonly color: boolean;
  /** Columns of the terminal; default 120. */
  readonly width?: number;
  /** More diagnostics than this are counted, not shown; default: all are shown. */
  readonly limit?: number;
  /** Whether those that repeat one another in a file are told by their lines. */
  readonly fold?: boolean;
}

/**
 * Diagnostics for people: each with its place, the source line and carets, notes and help, and
 * behind them all the counts. "" where there are none. Ends with a line break.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  if (diagnostics.length === 0) return '';
  const styles = style(options.color);
  const width = Math.max(40, options.width ?? 120);
  const folded = options.fold ? fold(diagnostics) : diagnostics.map((d): Folded => ({ shown: d, more: [] }));
  const kept = folded.slice(0, options.limit ?? folded.length);
  const shown = kept.map((one) => one.shown);
  const blocks = kept.map(({ shown: d, more }) => {
    const block = renderOne(d, styles, width);
    return more.length === 0 ? block : `${block}\n${d.severity === 'note' ? '' : '\n'}${styles.dim(foldedText(more))}`;
  });
  const hidden = diagnostics.length - kept.reduce((sum, { more }) => sum + 1 + more.length, 0);
  if (hidden > 0) blocks.push(styles.dim(`… and ${hidden} more, which --format json lists`));
  const note = (index: number): boolean => shown[index]?.severity === 'note';
  const text = blocks.map((block, i) => (i === 0 ? block : `${note(i) && note(i - 1) ? '\n' : '\n\n'}${block}`));
  return `${text.join('')}\n\n${countLine(diagnostics, styles)}\n`;
}

/** "3 errors, 1 warning, 2 notes": what there is none of is left out. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Severity): number => diagnostics.filter((d) => d.severity === severity).length;
  const part = (n: number, word: string): string[] => (n === 0 ? [] : [plural(n, word)]);
  return [...part(count('error'), 'error'), ...part(count('warning'), 'warning'), ...part(count('note'), 'note')].join(
    ', ',
  );
}

/** "1 file", "2 files". */
export function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}

function countLine(diagnostics: readonly Diagnostic[], styles: Style): string {
  const worst =
    (['error', 'warning', 'note'] as const).find((s) => diagnostics.some((d) => d.severity === s)) ?? 'note';
  return styles[worst](countText(diagnostics));
}

/** A note is there to be known, not to be mended: one line, so that errors stay in sight. */
const renderNote = (d: Diagnostic, styles: Style): string =>
  `${styles.note(`note[${d.code}]`)}: ${message(d.message, '')} ${styles.dim(`(${visible(placeText(d.span))})`)}`;

function renderOne(d: Diagnostic, styles: Style, width: number): string {
  if (d.severity === 'note') return renderNote(d, styles);
  const paint = styles[d.severity];
  const spans = [d.span, ...d.notes.flatMap((note) => (note.span ? [note.span] : []))];
  const gutter = Math.max(...spans.map((span) => String(lastLineShown(span)).length));
  const margin = ' '.repeat(gutter);
  const place = (span: Span): string => `${margin}${styles.dim('-->')} ${visible(placeText(span))}`;

  const lines = [
    `${paint(`${d.severity}[${d.code}]`)}${styles.bold(`: ${message(d.message, margin)}`)}`,
    place(d.span),
  ];
  lines.push(...codeFrame(d.span, { style: styles, width, gutter, paint }));
  const bar = `${margin} ${styles.dim('=')}`;
  for (const note of d.notes) {
    if (!note.span) {
      lines.push(`${bar} ${styles.note('note')}: ${message(note.message, `${margin}   `)}`);
      continue;
    }
    lines.push(`${styles.note('note')}: ${message(note.message, margin)}`, place(note.span));
    lines.push(...codeFrame(note.span, { style: styles, width, gutter, paint: styles.note }));
  }
  if (d.help !== undefined) lines.push(`${bar} ${styles.help('help')}: ${message(d.help, `${margin}   `)}`);
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** A message may have several lines, which are indented under the first; each is made safe on its own. */
function message(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => visible(line))
    .join(`\n${indent}  `);
}

/** `file:line:col`; the path alone where nothing of the file could be read. */
function placeText(span: Span): string {
  if (span.file.text === '') return span.file.path;
  const { line, col } = positionAt(span.file, span.start);
  return `${span.file.path}:${line}:${col}`;
}
