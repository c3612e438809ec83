import type { Expr, Range, VectorSelector } from '../../promql/ast.ts';
import { check } from '../../promql/check.ts';
import type { HoleContext } from '../../promql/hole.ts';
import { holeContext } from '../../promql/hole.ts';
import type { Cut } from '../../promql/inject.ts';
import { cut } from '../../promql/inject.ts';
import { lex } from '../../promql/lex.ts';
import { parse } from '../../promql/parse.ts';
import { rebuild } from '../../promql/rebuild.ts';
import { selectorsOf } from '../../promql/selectors.ts';
import { structureOf } from '../../promql/structure.ts';
import type { VersionRange } from '../../promql/version.ts';
import type { Code } from '../ground/codes.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located } from '../ground/source.ts';
import { valueKey, valueText } from '../model/value.ts';
import type { Piece } from '../template/template.ts';
import { extendedProblems, noResult, promqlDiagnostic, replaceProblems, standInProblem } from './expr-problems.ts';
import { writeValue } from './hole.ts';
import type { Insertion, Segment, Specialised, Values, Variant } from './specialise.ts';
import { assemble, hangsOn, keysOf, withInsertions } from './specialise.ts';

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
  /** Values that are part of the structure (words and operators), as they stand in `sample`. */
  readonly inlined: ReadonlyMap<Piece, string>;
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

/** What is put into an expression beyond what its author wrote, by the shape's sample without it. */
export type Insertions = ReadonlyMap<string, readonly Insertion[]>;

const NONE: Insertions = new Map();

/** The shapes of a rule's expression. */
export function shapesOf(
  specialised: Specialised,
  versions: VersionRange,
  native = false,
  insertions: Insertions = NONE,
): Shapes {
  const { text } = specialised;
  const shapes: Shape[] = [];
  const checked = new Map<string, readonly Diagnostic[]>();
  return {
    text,
    shape(values) {
      const known = shapes.find((s) => hangsOn(s.structural, values));
      if (known) return { shape: known, diagnostics: [] };
      const { variant, diagnostics } = specialised.variant(values);
      if (!variant) return { diagnostics };
      const made = makeShape(text, variant, values, insertions);
      if (!made.shape) return made;
      shapes.push(made.shape);
      return made;
    },
    fill(shape, values) {
      const { texts, diagnostics } = writeHoles(text, shape, values);
      if (!texts) return { diagnostics };
      const key = `${shapes.indexOf(shape)}\n${texts.filter((_, i) => !isPlain(shape.holes[i] as Hole)).join('\n')}`;
      const known = checked.get(key);
      if (known?.length === 0) return { texts, diagnostics: known };
      const problems = known ?? checkFilled(text, shape, texts, versions, native);
      checked.set(key, problems);
      return problems.length > 0 ? { diagnostics: problems } : { texts, diagnostics: [] };
    },
  };
}

const isPlain = ({ context, piece }: Hole): boolean => context.kind === 'number' && piece.value.type === 'number';

function makeShape(
  text: Located<string>,
  variant: Variant,
  values: Values,
  insertions: Insertions,
): { shape?: Shape; diagnostics: readonly Diagnostic[] } {
  const structural = new Map(variant.structural);
  const inline = new Map<Piece, string>();
  const wrong = variant.pieces.flatMap((piece) => {
    const chooses = piece.kind === 'value' && (piece.value.type === 'enum' || piece.value.type === 'boolean');
    return chooses && !inString(piece, variant.pieces) ? inlineWord(text, piece, values, inline, structural) : [];
  });
  if (wrong.length > 0) return { diagnostics: wrong };
  for (;;) {
    const { text: sample, segments } = assemble(variant.pieces, (piece) => inline.get(piece) ?? standIn(piece));
    const { expr, problems } = parse(sample);
    if (!expr) {
      const standIns = variant.pieces.flatMap((piece, i) =>
        piece.kind === 'value' && !inline.has(piece)
          ? [{ segment: segments[i] as Segment, type: piece.value.type }]
          : [],
      );
      const told = problems.map((p) => standInProblem(text, sample, standIns, p));
      return { diagnostics: told.map((p) => promqlDiagnostic(text, sample, segments, p)) };
    }
    const holes = variant.pieces.flatMap((piece, i): Hole[] => {
      const { from, to } = segments[i] as Segment;
      return piece.kind === 'value' && !inline.has(piece)
        ? [{ piece, from, to, context: holeContext(expr, sample, { from, to }) }]
        : [];
    });
    // A name is part of the structure: what the expression means hangs on it.
    const names = holes.filter((h) => h.context.kind === 'name' && h.piece.value.type === 'string');
    if (names.length === 0) {
      const more = insertions.get(sample);
      if (more) {
        const pieces = withInsertions(variant.pieces, segments, more);
        return makeShape(text, { ...variant, pieces }, values, NONE);
      }
      const known = withOpenMatchers(expr, holes);
      return {
        shape: {
          sample,
          expr: known,
          holes,
          structural,
          cuts: cut(known, sample),
          selectors: selectorsOf(known),
          pieces: variant.pieces,
          inlined: inline,
        },
        diagnostics: [],
      };
    }
    const bad = names.flatMap(({ piece, context }) => {
      for (const [name, key] of keysOf(piece.params, values)) structural.set(name, key);
      const value = piece.recompute(values);
      if ('code' in value) return [value];
      const written = writeValue(value, context);
      if (written.problem !== undefined) return [outOfPlace(text, piece, context, written)];
      inline.set(piece, written.text);
      return [];
    });
    if (bad.length > 0) return { diagnostics: bad };
  }
}

/** The matchers in whose values something else will stand are marked as such. */
function withOpenMatchers(expr: Expr, holes: readonly Hole[]): Expr {
  const isOpen = (m: Range): boolean => holes.some((hole) => m.from <= hole.from && hole.to <= m.to);
  if (!selectorsOf(expr).some(({ matchers }) => matchers.some(isOpen))) return expr;
  return rebuild(expr, (node) =>
    node.kind === 'selector'
      ? { ...node, matchers: node.matchers.map((m) => (isOpen(m) ? { ...m, open: true } : m)) }
      : node,
  );
}

const standIn = (piece: ValuePiece): string => STAND_IN[piece.value.type] ?? 'x';

/** Whether a value stands in a string of the expression, where it is text and needs no place in the grammar. */
function inString(piece: ValuePiece, pieces: readonly Piece[]): boolean {
  const { text, segments } = assemble(pieces, standIn);
  const { from, to } = segments[pieces.indexOf(piece)] as Segment;
  return lex(text).some((token) => token.kind === 'string' && token.from < from && to < token.to);
}

/** A value of an enum that is a word or an operator of the expression: it is one token, so that it can't bring others along. */
function inlineWord(
  text: Located<string>,
  piece: ValuePiece,
  values: Values,
  inline: Map<Piece, string>,
  structural: Map<string, string>,
): Diagnostic[] {
  const value = piece.recompute(values);
  if ('code' in value) return [value];
  const word = valueText(value);
  const [token, end] = lex(word);
  if (token?.kind === 'error' || end?.kind !== 'end') {
    return [
      diagnostic(
        'param-changes-structure',
        subSpan(text, piece.from, piece.to),
        `${JSON.stringify(word)} is more than one word or operator, and could change the structure of the expression.`,
        {
          help: 'let the values of the enum be single words or operators, or put << >> in quotes if a text is meant',
        },
      ),
    ];
  }
  inline.set(piece, word);
  for (const [name, key] of keysOf(piece.params, values)) structural.set(name, key);
  return [];
}

function outOfPlace(
  text: Located<string>,
  piece: ValuePiece,
  context: HoleContext,
  { problem, help }: { problem: string; help: string },
): Diagnostic {
  const code: Code = context.kind === 'name' ? 'param-changes-structure' : 'param-position';
  return diagnostic(code, subSpan(text, piece.from, piece.to), problem, { help });
}

function writeHoles(
  text: Located<string>,
  shape: Shape,
  values: Values,
): { texts?: readonly string[]; diagnostics: readonly Diagnostic[] } {
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
    diagnostics.push(outOfPlace(text, piece, context, written));
    return '';
  });
  return diagnostics.length > 0 ? { diagnostics } : { texts, diagnostics };
}

function checkFilled(
  text: Located<string>,
  shape: Shape,
  texts: readonly string[],
  versions: VersionRange,
  native: boolean,
): Diagnostic[] {
  const byPiece = new Map(shape.holes.map((hole, i) => [hole.piece, texts[i] as string]));
  const { text: filled, segments } = assemble(
    shape.pieces,
    (piece) => byPiece.get(piece) ?? shape.inlined.get(piece) ?? valueText(piece.value),
  );
  const { expr, type, problems } = check(filled, versions);
  // What a native file says is taken as Prometheus takes it, were it to fail at each evaluation.
  const inCalls = expr && !native ? [...replaceProblems(expr), ...extendedProblems(expr)] : [];
  const found = [...problems, ...inCalls].map((p) => promqlDiagnostic(text, filled, segments, p));
  if (found.length === 0 && (type === 'matrix' || type === 'string')) found.push(noResult(text, type));
  if (found.length === 0 && expr && structureOf(expr) !== structureOf(shape.expr)) {
    found.push(
      diagnostic(
        'param-changes-structure',
        subSpan(text, 0, text.value.length),
        'With these values the expression would have another structure than with others.',
        {
          help: 'write the expression so that each << >> stands for one number, one duration, one name or one text',
        },
      ),
    );
  }
  return found;
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
