import type { Span } from '../core/ground/source.ts';
import { lineText, positionAt } from '../core/ground/source.ts';
import type { Style } from './color.ts';
import type { Cell } from './visible.ts';
import { cells } from './visible.ts';

/** A span that goes over more lines than this is shown by its first ones. */
const MAX_LINES = 6;
/** No more of a line than this is looked at, in UTF-16 units: a line may be megabytes long. */
const MAX_UNITS = 2_000;

export interface FrameOptions {
  readonly style: Style;
  /** Columns that a whole line of the frame may take. */
  readonly width: number;
  /** Columns of the line numbers. */
  readonly gutter: number;
  readonly paint: (text: string) => string;
}

/**
 * The source lines of a span with line numbers, carets under a span of one line, and `>` beside each
 * line of a longer one. No lines where the file has no text there (it could not be read, say).
 */
export function codeFrame(span: Span, options: FrameOptions): string[] {
  const { style, gutter, paint } = options;
  const start = positionAt(span.file, span.start);
  const end = positionAt(span.file, Math.max(span.start, lastOffset(span)));
  const first = lineText(span.file, start.line);
  if (first === undefined || span.file.text === '') return [];
  const bar = style.dim(`${' '.repeat(gutter)} |`);
  const numbered = (line: number): string => style.dim(`${String(line).padStart(gutter)} |`);
  const room = Math.max(20, options.width - gutter - 5);

  if (end.line === start.line) {
    const view = windowOf(first, start.col - 1, Math.max(end.col, start.col), room);
    return [
      bar,
      `${numbered(start.line)} ${view.text}`,
      `${bar} ${' '.repeat(view.column)}${paint('^'.repeat(view.carets))}`,
    ];
  }
  const lines = [bar];
  const shown = Math.min(end.line, start.line + MAX_LINES - 1);
  for (let line = start.line; line <= shown; line++) {
    const view = windowOf(lineText(span.file, line) ?? '', 0, 1, room - 2);
    lines.push(`${numbered(line)} ${paint('>')} ${view.text}`.trimEnd());
  }
  if (shown < end.line) lines.push(`${bar} ${paint('>')} ${style.dim(`… ${end.line - shown} more`)}`);
  return lines;
}

/** The last line of the frame of a span, 1-based: line numbers are aligned by it. */
export function lastLineShown(span: Span): number {
  const start = positionAt(span.file, span.start).line;
  const end = positionAt(span.file, Math.max(span.start, lastOffset(span))).line;
  return Math.min(end, start + MAX_LINES - 1);
}

/** The offset of the last character of a span that is not white space: YAML's block scalars end with line breaks. */
function lastOffset(span: Span): number {
  let end = Math.min(span.end, span.file.text.length);
  while (end > span.start + 1 && /\s/.test(span.file.text[end - 1] as string)) end--;
  return end - 1;
}

/** The part of a line around `from`..`to` (offsets in the line) that fits `room` columns, and where its carets stand. */
function windowOf(
  line: string,
  from: number,
  to: number,
  room: number,
): { text: string; column: number; carets: number } {
  const cutAt = Math.max(0, Math.min(from - MAX_UNITS / 2, line.length - MAX_UNITS));
  const all = cells(line.slice(cutAt, cutAt + MAX_UNITS));
  const before = (offset: number): number => sum(all.filter((cell) => cell.from + cutAt < offset));
  const total = sum(all);
  const caretFrom = before(from);
  const carets = Math.max(1, before(to) - caretFrom);
  const cutRight = cutAt + MAX_UNITS < line.length;
  if (total <= room && cutAt === 0 && !cutRight) return { text: join(all).trimEnd(), column: caretFrom, carets };

  // The window starts a little to the left of the place, so that the reader sees what leads up to it.
  const left = Math.max(0, Math.min(caretFrom - Math.floor(room / 3), total - room + 1));
  const start = skipTo(all, left);
  const cutLeft = cutAt > 0 || start.index > 0;
  const kept: Cell[] = [];
  let used = cutLeft ? 1 : 0;
  // Where all the rest fits, no column is kept for the sign that something is cut off.
  const fits = used + sum(all.slice(start.index)) <= room && !cutRight ? room : room - 1;
  let index = start.index;
  for (; index < all.length; index++) {
    const cell = all[index] as Cell;
    if (used + cell.width > fits) break;
    kept.push(cell);
    used += cell.width;
  }
  const more = index < all.length || cutRight;
  const column = caretFrom - start.columns + (cutLeft ? 1 : 0);
  return {
    text: `${cutLeft ? '…' : ''}${join(kept)}${more ? '…' : ''}`.trimEnd(),
    column,
    carets: Math.max(1, Math.min(carets, used - column)),
  };
}

/** The first cell that starts at or behind a column, and the column it starts at. */
function skipTo(all: readonly Cell[], column: number): { index: number; columns: number } {
  let columns = 0;
  let index = 0;
  while (index < all.length && columns < column) columns += (all[index++] as Cell).width;
  return { index, columns };
}

const sum = (all: readonly Cell[]): number => all.reduce((width, cell) => width + cell.width, 0);
const join = (all: readonly Cell[]): string => all.map((cell) => cell.shown).join('');
