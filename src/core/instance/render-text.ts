import type { VersionRange } from '../../promql/version.ts';
import { checkGoTemplate } from '../gotemplate/check.ts';
import type { Failure } from '../gotemplate/frame.ts';
import type { LabelUse } from '../gotemplate/scope.ts';
import type { Code } from '../ground/codes.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import { memo } from '../ground/memo.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located } from '../ground/source.ts';
import type { Value } from '../model/value.ts';
import { numberText, valueKey, valueText } from '../model/value.ts';
import type { Piece } from '../template/template.ts';
import { escapeFor } from './hole.ts';
import type { Segment, Specialised, Values } from './specialise.ts';
import { assemble, sourceSpan } from './specialise.ts';

/** What a templated text is: it decides what may stand in it and what is checked. */
export type TextKind = 'duration' | 'label' | 'annotation';

export interface RenderedText {
  readonly text: string;
  /** Labels of the sample that its Go template uses, each where it was written. */
  readonly labels: readonly Located<string>[];
}

export interface TextRenderer {
  /** The text for some values; each is checked the first time. */
  render(values: Values): { rendered?: RenderedText; diagnostics: readonly Diagnostic[] };
  /**
   * The text with marks where a number that is a param stands, inside of an action and elsewhere; undefined where the number
   * does more than to stand there.
   */
  marked(values: Values, param: string, marks: { readonly text: string; readonly action: string }): string | undefined;
}

/** Renders `for`, `keep_firing_for`, labels and annotations. */
export function textRenderer(specialised: Specialised, kind: TextKind, versions: VersionRange): TextRenderer {
  const known = new Map<string, ReturnType<TextRenderer['render']>>();
  const names = [...specialised.names.keys()];
  return {
    render(values) {
      const key = names.map((name) => keyOf(values.get(name))).join('\n');
      return memo(known, key, () => renderText(specialised, kind, versions, values));
    },
    marked: (values, param, marks) =>
      kind === 'annotation' ? markedText(specialised, values, param, marks) : undefined,
  };
}

const keyOf = (value: Value | undefined): string =>
  value ? (value.type === 'duration' ? value.text : valueKey(value)) : '';

function renderText(
  specialised: Specialised,
  kind: TextKind,
  versions: VersionRange,
  values: Values,
): ReturnType<TextRenderer['render']> {
  const { variant, diagnostics } = specialised.variant(values);
  if (!variant) return { diagnostics };
  const problems: Diagnostic[] = [];
  const places = goPlaces(variant.pieces);
  const { text, segments } = assemble(variant.pieces, (piece) => {
    const value = piece.recompute(values);
    if ('code' in value) {
      problems.push(value);
      return '';
    }
    const written =
      kind === 'duration' ? { text: plain(value) } : writeInGoTemplate(value, places.get(piece) ?? 'text');
    if (written.text !== undefined) return written.text;
    problems.push(
      diagnostic('param-position', subSpan(specialised.text, piece.from, piece.to), written.problem, {
        help: written.help,
      }),
    );
    return '';
  });
  if (problems.length > 0) return { diagnostics: problems };
  return kind === 'duration'
    ? checkDuration(specialised.text, text, segments)
    : checkGo(specialised.text, text, segments, kind, versions);
}

function markedText(
  specialised: Specialised,
  values: Values,
  param: string,
  marks: { readonly text: string; readonly action: string },
): string | undefined {
  const { variant } = specialised.variant(values);
  if (!variant || variant.structural.has(param)) return undefined;
  const places = goPlaces(variant.pieces);
  let fits = true;
  const { text } = assemble(variant.pieces, (piece) => {
    const place = places.get(piece) ?? 'text';
    const value = piece.recompute(values);
    if ('code' in value) fits = false;
    else if (!piece.params.includes(param)) return writeInGoTemplate(value, place).text ?? '';
    else if (piece.bare === param && value.type === 'number' && (place === 'text' || place === 'action'))
      return place === 'text' ? marks.text : marks.action;
    else fits = false;
    return '';
  });
  return fits ? text : undefined;
}

/** Numbers without exponents' plus signs, lists as people write them. */
const plain = (value: Value): string => (value.type === 'number' ? numberText(value.value) : valueText(value));

function checkDuration(
  source: Located<string>,
  text: string,
  segments: readonly Segment[],
): ReturnType<TextRenderer['render']> {
  const parsed = parseDuration(text);
  if (parsed.problem === undefined) return { rendered: { text, labels: [] }, diagnostics: [] };
  // A number without a unit, as written, was reported where it was read.
  if (text === source.value && /^[+-]?\d+(\.\d+)?$/.test(text)) return { diagnostics: [] };
  const span = sourceSpan(source, segments, 0, text.length);
  return { diagnostics: [diagnostic('invalid-duration', span, parsed.problem, { help: parsed.help })] };
}

function checkGo(
  source: Located<string>,
  text: string,
  segments: readonly Segment[],
  kind: 'label' | 'annotation',
  versions: VersionRange,
): ReturnType<TextRenderer['render']> {
  if (!text.includes('{{')) return { rendered: { text, labels: [] }, diagnostics: [] };
  const { problems, failures, labelsUsed, usesValue } = checkGoTemplate(text, versions);
  const diagnostics = problems.map((p) =>
    diagnostic('go-template', sourceSpan(source, segments, p.from, p.to), p.message, { help: p.help }),
  );
  for (const failure of failures) {
    const { code, message } = told(failure, kind);
    const span = sourceSpan(source, segments, failure.from, failure.to);
    diagnostics.push(diagnostic(code, span, message, { help: failure.help }));
  }
  if (diagnostics.some(({ code }) => code === 'go-template')) return { diagnostics };
  const labels = labelsUsed.map((use: LabelUse) => ({
    value: use.name,
    span: sourceSpan(source, segments, use.from, use.to),
  }));
  if (kind === 'label' && usesValue) {
    diagnostics.push(
      diagnostic(
        'value-in-label',
        sourceSpan(source, segments, 0, text.length),
        'This label can change with the value of the alert: with another text it is another alert, whose `for` starts over.',
        {
          help: 'show the value in an annotation; severities by value are `tiers`',
        },
      ),
    );
  }
  return { rendered: { text, labels }, diagnostics };
}

/** What a failure does to the alert. */
function told({ message, certain, kind }: Failure, text: 'label' | 'annotation'): { code: Code; message: string } {
  if (kind === 'misprint') return { code: 'go-template-misprint', message };
  const when = certain ? 'Whenever the alert fires' : 'Where that happens';
  const does =
    text === 'annotation'
      ? 'people read `<error expanding template: …>` instead of this annotation.'
      : 'this label’s value is `<error expanding template: …>`, which no route and no silence asks for.';
  return { code: certain ? 'go-template' : 'go-template-may-fail', message: `${message} ${when}, ${does}` };
}

/** Where in a Go template a hole stands. */
type GoPlace = 'text' | 'action' | '"' | '`' | 'comment';

function goPlaces(pieces: readonly Piece[]): Map<Piece, GoPlace> {
  const places = new Map<Piece, GoPlace>();
  let place: GoPlace = 'text';
  for (const piece of pieces) {
    if (piece.kind === 'value') places.set(piece, place);
    else place = goPlaceAfter(piece.text, place);
  }
  return places;
}

function goPlaceAfter(text: string, start: GoPlace): GoPlace {
  let place = start;
  for (let i = 0; i < text.length; i++) {
    if (place === 'text') {
      i = text.indexOf('{{', i);
      if (i < 0) return place;
      place = /^\{\{(- )?\/\*/.test(text.slice(i, i + 6)) ? 'comment' : 'action';
      i++;
    } else if (place === 'comment') {
      if (text.startsWith('*/', i)) place = 'action';
    } else if (place === 'action') {
      if (text.startsWith('}}', i)) {
        place = 'text';
        i++;
      } else if (text[i] === '"' || text[i] === '`') place = text[i] as '"' | '`';
    } else if (place === '"' && text[i] === '\\') i++;
    else if (text[i] === place) place = 'action';
  }
  return place;
}

/** A value in a text that Prometheus runs as a template: it can never become an action of its own. */
function writeInGoTemplate(value: Value, place: GoPlace): ReturnType<typeof escapeFor> {
  const text = plain(value);
  switch (place) {
    case 'text':
    case 'comment':
      return { text: text.replaceAll('{{', '{{"{{"}}') };
    case '"':
    case '`':
      return escapeFor(text, place);
    case 'action':
      if (value.type === 'boolean') return { text };
      // `$value` is a float, and Go's templates refuse to compare a float with an integer.
      if (value.type === 'number') return { text: /^-?\d+$/.test(text) ? `${text}.0` : text };
      return {
        problem: `A ${value.type} cannot stand inside {{ }} outside of quotes.`,
        help: 'put << >> in double quotes there',
      };
  }
}
