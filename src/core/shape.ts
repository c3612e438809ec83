import type { Expr, PromqlProblem, Range, VectorSelector } from '../promql/ast.ts';
import { check } from '../promql/check.ts';
import type { HoleContext } from '../promql/hole.ts';
import { holeContext } from '../promql/hole.ts';
import type { Cut } from '../promql/inject.ts';
import { cut } from '../promql/inject.ts';
import { selectorsOf } from '../promql/kept.ts';
import { parse } from '../promql/parse.ts';
import { structureOf } from '../promql/structure.ts';
import type { VersionRange } from '../promql/version.ts';
import type { Code } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnostic } from './diagnostic.ts';
import { writeValue } from './hole.ts';
import { subSpan } from './scalar-map.ts';
import type { Located } from './source.ts';
import type { Segment, Specialised, Values, Variant } from './specialise.ts';
import { assemble, keysOf, hangsOn, sourceSpan } from './specialise.ts';
import type { Piece } from './template/template.ts';
import { valueKey, valueText } from './value.ts';

type ValuePiece = Extract<Piece, { kind: 'value' }>;

/**
 * An expression with its holes: templated, parsed and cut once for all instances that differ only in
 * the values of the holes.
 */
export interface Shape {
  /** The expression with a stand-in in each hole; offsets of `expr`, `holes` and `cuts` are in it. */
  readonly sample: string;
  readonly expr: Expr;
  readonly holes: readonly Hole[];
  readonly cuts: readonly Cut[];
  readonly selectors: readonly VectorSelector[];
  readonly structural: ReadonlyMap<string, string>;
  readonly pieces: readonly Piece[];
}

export interface Hole extends Range {
  readonly piece: ValuePiece;
  readonly context: HoleContext;
}

export interface Shapes {
  readonly text: Located<string>;
  /** The shape for some values, made and checked when it is first asked for. */
  shape(values: Values): { shape?: Shape; diagnostics: readonly Diagnostic[] };
  /** What stands in the holes of a shape, checked when a set of values other than numbers is new. */
  fill(shape: Shape, values: Values): { texts?: readonly string[]; diagnostics: readonly Diagnostic[] };
}

/** Stand-ins that parse wherever a value of the type may stand. */
const STAND_IN: Readonly<Record<string, string>> = { number: '1', duration: '5m', string: 'x', regex: 'x', list: 'x' };

/** The shapes of a rule's expression. */
export function shapesOf(specialised: Specialised, versions: VersionRange): Shapes {
  const { text } = specialised;
  const shapes: Shape[] = [];
  const checked = new Set<string>();
  return {
    text,
    shape(values) {
      const known = shapes.find((s) => hangsOn(s.structural, values));
      if (known) return { shape: known, diagnostics: [] };
      const { variant, diagnostics } = specialised.variant(values);
      if (!variant) return { diagnostics };
      const made = makeShape(text, variant, values);
      if (!made.shape) return made;
      shapes.push(made.shape);
      return made;
    },
    fill(shape, values) {
      const { texts, diagnostics } = writeHoles(text, shape, values);
      if (!texts) return { diagnostics };
      const key = `${shapes.indexOf(shape)}\n${texts.filter((_, i) => !isPlain(shape.holes[i] as Hole)).join('\n')}`;
      if (checked.has(key)) return { texts, diagnostics: [] };
      checked.add(key);
      const problems = checkFilled(text, shape, texts, versions);
      return problems.length > 0 ? { diagnostics: problems } : { texts, diagnostics: [] };
    },
  };
}

const isPlain = ({ context, piece }: Hole): boolean => context.kind === 'number' && piece.value.type === 'number';

function makeShape(text: Located<string>, variant: Variant, values: Values): { shape?: Shape; diagnostics: readonly Diagnostic[] } {
  const structural = new Map(variant.structural);
  const inline = new Set<Piece>();
  for (const piece of variant.pieces) {
    if (piece.kind === 'value' && (piece.value.type === 'enum' || piece.value.type === 'boolean')) inlinePiece(piece, values, inline, structural);
  }
  for (;;) {
    const { text: sample, segments } = assemble(variant.pieces, (piece) => standIn(piece, inline));
    const { expr, problems } = parse(sample);
    if (!expr) return { diagnostics: problems.map((p) => promqlDiagnostic(text, segments, p)) };
    const holes = variant.pieces.flatMap((piece, i): Hole[] => {
      const { from, to } = segments[i] as Segment;
      return piece.kind === 'value' && !inline.has(piece) ? [{ piece, from, to, context: holeContext(expr, sample, { from, to }) }] : [];
    });
    // A name is part of the structure: what the expression means hangs on it.
    const names = holes.filter((h) => h.context.kind === 'name' && h.piece.value.type === 'string');
    const bad = names.find((h) => writeValue(h.piece.value, h.context).text === undefined);
    if (names.length === 0 || bad) {
      return { shape: { sample, expr, holes, structural, cuts: cut(expr, sample), selectors: selectorsOf(expr), pieces: variant.pieces }, diagnostics: [] };
    }
    for (const { piece } of names) inlinePiece(piece, values, inline, structural);
  }
}

function inlinePiece(piece: ValuePiece, values: Values, inline: Set<Piece>, structural: Map<string, string>): void {
  inline.add(piece);
  for (const [name, key] of keysOf(piece.params, values)) structural.set(name, key);
}

const standIn = (piece: ValuePiece, inline: ReadonlySet<Piece>): string => (inline.has(piece) ? valueText(piece.value) : (STAND_IN[piece.value.type] ?? 'x'));

function writeHoles(text: Located<string>, shape: Shape, values: Values): { texts?: readonly string[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const texts = shape.holes.map(({ piece, context }) => {
    const value = piece.recompute(values);
    if ('code' in value) {
      diagnostics.push(value);
      return '';
    }
    if (piece.written !== undefined && valueKey(value) === valueKey(piece.value)) return piece.written;
    const written = writeValue(value, context);
    if (written.problem === undefined) return written.text;
    const code: Code = context.kind === 'name' ? 'param-changes-structure' : 'param-position';
    diagnostics.push(diagnostic(code, subSpan(text, piece.from, piece.to), written.problem, { help: written.help }));
    return '';
  });
  return diagnostics.length > 0 ? { diagnostics } : { texts, diagnostics };
}

function checkFilled(text: Located<string>, shape: Shape, texts: readonly string[], versions: VersionRange): Diagnostic[] {
  const byPiece = new Map(shape.holes.map((hole, i) => [hole.piece, texts[i] as string]));
  const { text: filled, segments } = assemble(shape.pieces, (piece) => byPiece.get(piece) ?? valueText(piece.value));
  const { expr, problems } = check(filled, versions);
  const found = problems.map((p) => promqlDiagnostic(text, segments, p));
  if (found.length === 0 && expr && structureOf(expr) !== structureOf(shape.expr)) {
    found.push(
      diagnostic('param-changes-structure', subSpan(text, 0, text.value.length), 'With these values the expression would have another structure than with others.', {
        help: 'write the expression so that each << >> stands for one number, one duration, one name or one text',
      }),
    );
  }
  return found;
}

const PROBLEM_CODE: Readonly<Record<PromqlProblem['kind'], Code>> = { syntax: 'promql-syntax', type: 'promql-type', version: 'version-gate' };

/** A problem of an expression, placed where it was written; `{{` there gets the advice that it needs. */
function promqlDiagnostic(text: Located<string>, segments: readonly Segment[], problem: PromqlProblem): Diagnostic {
  const span = sourceSpan(text, segments, problem.from, problem.to);
  const code = /regex/i.test(problem.message) ? 'invalid-regex' : PROBLEM_CODE[problem.kind];
  return diagnostic(code, span, problem.message, { help: problem.help });
}

/** The text of a range of the sample with an instance's values in its holes. */
export function fillRange(shape: Shape, texts: readonly string[], { from, to }: Range): string {
  let text = '';
  let at = from;
  shape.holes.forEach((hole, i) => {
    if (hole.from < from || hole.to > to) return;
    text += shape.sample.slice(at, hole.from) + (texts[i] as string);
    at = hole.to;
  });
  return text + shape.sample.slice(at, to);
}
