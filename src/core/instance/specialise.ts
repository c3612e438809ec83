import type { Diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located, Span } from '../ground/source.ts';
import type { Value } from '../model/value.ts';
import { valueKey } from '../model/value.ts';
import type { MacroLibrary, Piece, Template } from '../template/template.ts';
import { freeNames, parseTemplate, render } from '../template/template.ts';

/**
 * A templated text is parsed once, and run once for each *variant*: each set of values that chose
 * other branches. Values that only fill holes are put in without running the template again.
 */
export interface Specialised {
  readonly text: Located<string>;
  /** Names that it reads, each with its places; empty for a text without a template. */
  readonly names: ReadonlyMap<string, readonly Span[]>;
  readonly diagnostics: readonly Diagnostic[];
  /** The variant for some values; undefined after an error. */
  variant(values: Values): { variant?: Variant; diagnostics: readonly Diagnostic[] };
}

export type Values = ReadonlyMap<string, Value>;

export interface Variant {
  readonly pieces: readonly Piece[];
  /** The values that the choice of branches hangs on, as keys. */
  readonly structural: ReadonlyMap<string, string>;
}

export function specialise(text: Located<string>, library: MacroLibrary): Specialised {
  const { template, diagnostics } = parseTemplate(text, library);
  const names = template ? freeNames(template) : new Map<string, Span[]>();
  const variants: Variant[] = [];
  return {
    text,
    names,
    diagnostics,
    variant(values) {
      if (!template) return { diagnostics: [] };
      const known = variants.find((v) => hangsOn(v.structural, values));
      if (known) return { variant: known, diagnostics: [] };
      const made = makeVariant(template, values);
      if (made.variant) variants.push(made.variant);
      return made;
    },
  };
}

/** A text that is no template: as it is written, but for the number that is its threshold. */
export function verbatim(text: Located<string>, hole?: { from: number; to: number; value: number }): Specialised {
  const { value } = text;
  const plain = (from: number, to: number): Piece[] =>
    to > from ? [{ kind: 'text', text: value.slice(from, to), from, to, exact: true }] : [];
  const pieces: Piece[] = hole
    ? [...plain(0, hole.from), thresholdPiece(value.slice(hole.from, hole.to), hole), ...plain(hole.to, value.length)]
    : plain(0, value.length);
  const variant: Variant = { pieces, structural: new Map() };
  const names = new Map<string, readonly Span[]>(hole ? [['threshold', [subSpan(text, hole.from, hole.to)]]] : []);
  return { text, names, diagnostics: [], variant: () => ({ variant, diagnostics: [] }) };
}

function thresholdPiece(written: string, { from, to, value }: { from: number; to: number; value: number }): Piece {
  const number: Value = { type: 'number', value };
  return {
    kind: 'value',
    value: number,
    params: ['threshold'],
    from,
    to,
    written,
    recompute: (values) => values.get('threshold') ?? number,
  };
}

export function hangsOn(structural: ReadonlyMap<string, string>, values: Values): boolean {
  for (const [name, key] of structural) {
    const value = values.get(name);
    if ((value ? valueKey(value) : '') !== key) return false;
  }
  return true;
}

function makeVariant(template: Template, values: Values): { variant?: Variant; diagnostics: readonly Diagnostic[] } {
  const { rendered, diagnostics } = render(template, values);
  if (!rendered) return { diagnostics };
  return { variant: { pieces: rendered.pieces, structural: keysOf(rendered.structural, values) }, diagnostics };
}

export function keysOf(names: Iterable<string>, values: Values): Map<string, string> {
  const keys = new Map<string, string>();
  for (const name of names) {
    const value = values.get(name);
    keys.set(name, value ? valueKey(value) : '');
  }
  return keys;
}

/** A piece of a text that was put together, and where it was written. */
export interface Segment {
  /** Offsets in the text put together. */
  readonly from: number;
  readonly to: number;
  /** Offsets in the template's text. */
  readonly source: { readonly from: number; readonly to: number };
  /** Whether it stands there letter by letter. */
  readonly verbatim: boolean;
}

/** Puts pieces together; `write` gives the text of a value. */
export function assemble(
  pieces: readonly Piece[],
  write: (piece: Extract<Piece, { kind: 'value' }>) => string,
): { text: string; segments: Segment[] } {
  let text = '';
  const segments: Segment[] = [];
  for (const piece of pieces) {
    const from = text.length;
    text += piece.kind === 'text' ? piece.text : write(piece);
    const to = text.length;
    segments.push({ from, to, source: piece, verbatim: piece.kind === 'text' && piece.exact });
  }
  return { text, segments };
}

/** Text that is put into a text put together; `at` is the offset there. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** The pieces with more text between them. */
export function withInsertions(
  pieces: readonly Piece[],
  segments: readonly Segment[],
  insertions: readonly Insertion[],
): Piece[] {
  return pieces.flatMap((piece, i): Piece[] => {
    const { from, to } = segments[i] as Segment;
    const own = insertions.filter(({ at }) => from < at && at <= to).sort((a, b) => a.at - b.at);
    if (own.length === 0) return [piece];
    if (piece.kind === 'value') {
      return [
        piece,
        ...own.map(({ text }): Piece => ({ kind: 'text', text, from: piece.to, to: piece.to, exact: false })),
      ];
    }
    const parts: Piece[] = [];
    const placeOf = (offset: number): number => (piece.exact ? piece.from + offset - from : piece.from);
    let start = from;
    const upTo = (end: number): void => {
      if (end === start) return;
      const text = piece.text.slice(start - from, end - from);
      parts.push({ ...piece, text, from: placeOf(start), to: piece.exact ? placeOf(end) : piece.to });
      start = end;
    };
    for (const { at, text } of own) {
      upTo(at);
      parts.push({ kind: 'text', text, from: placeOf(at), to: placeOf(at), exact: false });
    }
    upTo(to);
    return parts;
  });
}

/** Where a range of a text put together was written. */
export function sourceSpan(text: Located<string>, segments: readonly Segment[], from: number, to: number): Span {
  const start = sourceOffsetOf(segments, from, 'from');
  const end = Math.max(start + 1, sourceOffsetOf(segments, Math.max(from, to - 1), 'to'));
  return subSpan(text, Math.min(start, text.value.length), Math.min(end, text.value.length));
}

function sourceOffsetOf(segments: readonly Segment[], offset: number, side: 'from' | 'to'): number {
  const segment = segments.find((s) => s.from <= offset && offset < s.to) ?? segments.at(-1);
  if (!segment) return 0;
  if (!segment.verbatim) return segment.source[side];
  return Math.min(segment.source.from + (offset - segment.from) + (side === 'to' ? 1 : 0), segment.source.to);
}
