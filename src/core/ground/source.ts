/** Where a value was written: a file, and half-open UTF-16 offsets into its text. */

/** A text that somebody wrote. `path` is relative to the repository's root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A piece of a source file: offsets into `file.text`, `start` included, `end` not. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A value that remembers where it was written, as long as anybody may complain about it. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
}

/** A position for people: both 1-based, `col` in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

const lineStartsOf = new WeakMap<SourceFile, number[]>();

function lineStarts(file: SourceFile): number[] {
  let starts = lineStartsOf.get(file);
  if (!starts) {
    starts = [0];
    for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1);
    lineStartsOf.set(file, starts);
  }
  return starts;
}

/** The 1-based line and column of an offset; offsets past the end fall on the end. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file);
  const at = Math.max(0, Math.min(offset, file.text.length));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, col: at - (starts[low] as number) + 1 };
}

/** The text of a 1-based line, without its line break; undefined where there is no such line. */
export function lineText(file: SourceFile, line: number): string | undefined {
  const starts = lineStarts(file);
  const start = starts[line - 1];
  if (start === undefined) return undefined;
  const end = starts[line] ?? file.text.length + 1;
  return file.text.slice(start, end - 1).replace(/\r$/, '');
}

/** `file:line:col` of where a span starts. */
export function spanText(span: Span): string {
  const { line, col } = positionAt(span.file, span.start);
  return `${span.file.path}:${line}:${col}`;
}

/** `file:line` of where a span starts: what people click on. */
export function lineRef(span: Span): string {
  return `${span.file.path}:${positionAt(span.file, span.start).line}`;
}
