import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located, Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Value } from '../model/value.ts';
import type { Macro, Place, Statement, Unit } from './ast.ts';
import { convertUnit } from './convert.ts';
import { callMacro, execute } from './execute.ts';
import type { FreeName } from './free.ts';
import { freeInBody, freeInMacro, setNames } from './free.ts';
import type { MacroLibrary } from './library.ts';
import { toDiagnostics } from './library.ts';
import { newRun, topScope } from './machine.ts';
import type { Computed, Part } from './runtime.ts';
import type { TemplateSource } from './source.ts';

/** Templates: Nunjucks' syntax with `<< >>`, as data. Parsed once, rendered for each shape, spliced for each instance. */

export type { MacroLibrary } from './library.ts';
export { macroLibrary, NO_MACROS } from './library.ts';

/** A parsed template; `text.value` is the decoded YAML scalar. */
export interface Template {
  readonly text: Located<string>;
  /** False where the text stands for itself. */
  readonly templated: boolean;
  readonly unit: Unit;
  readonly body: readonly Statement[];
  readonly macros: readonly Macro[];
  readonly free: readonly FreeName[];
}

/** Offsets are half-open, in UTF-16 units of `text.value`; what a macro wrote has those of the hole that called it. */
export type Piece =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly from: number;
      readonly to: number;
      /** True where the text is the template's own, character by character, from `from` on. */
      readonly exact: boolean;
      /** Where in a macro file it was written. */
      readonly macro?: Span;
    }
  | {
      readonly kind: 'value';
      readonly value: Value;
      /** What the value depends on, sorted. */
      readonly params: readonly string[];
      readonly from: number;
      readonly to: number;
      readonly macro?: Span;
      /** The param that it is, as it is. */
      readonly bare?: string;
      /** How the value itself was written, for a number that is a param only when a group changes it. */
      readonly written?: string;
      /**
       * The same output with other values: `values` holds all params, those of `structural` unchanged. It is rendered
       * once for each map and remembered, so a map must not be changed afterwards.
       */
      recompute(values: ReadonlyMap<string, Value>): Value | Diagnostic;
    };

export interface Rendered {
  readonly pieces: readonly Piece[];
  /** Params whose value chose a branch, a loop, or how often it goes round. */
  readonly structural: ReadonlySet<string>;
}

/** Parses a template. None comes back where it has errors, or where a file that it imports has (told there). */
export function parseTemplate(
  text: Located<string>,
  library: MacroLibrary,
): { template?: Template; diagnostics: Diagnostic[] } {
  const source: TemplateSource = { text: text.value, span: (from, to) => subSpan(text, from, to) };
  const converted = convertUnit(source, { names: library.names, load: (name) => library.exportsOf(name) });
  const { unit, body, problems, broken } = converted;
  if (problems.length > 0 || broken) return { diagnostics: toDiagnostics(source, problems) };
  const macros = [...converted.macros.values()].filter((macro) => macro.unit === unit);
  const bound = setNames(body);
  const free = [...freeInBody(body, []), ...macros.flatMap((macro) => freeInMacro(macro, bound))];
  const only = body.length === 1 ? body[0] : undefined;
  const templated = text.value !== '' && !(only?.kind === 'text' && only.text === text.value);
  return { template: { text, templated, unit, body, macros, free }, diagnostics: [] };
}

/** Names that the template reads from its scope, each with its places. */
export function freeNames(template: Template): ReadonlyMap<string, Span[]> {
  const places = new Map<string, Span[]>();
  for (const { name, from, to } of template.free) {
    const spans = places.get(name) ?? [];
    spans.push(subSpan(template.text, from, to));
    places.set(name, spans);
  }
  return places;
}

/** Writes the template with the values of params. Every unknown name is told, also in a branch that isn't taken. */
export function render(
  template: Template,
  params: ReadonlyMap<string, Value>,
): { rendered?: Rendered; diagnostics: Diagnostic[] } {
  const unknown = template.free.filter((free) => !params.has(free.name));
  if (unknown.length > 0) {
    return { diagnostics: unknown.map((free) => unknownName(template, free, [...params.keys()])) };
  }
  if (!template.templated) return { rendered: plainText(template.text.value), diagnostics: [] };
  const { parts, structural, diagnostics } = write(template, params);
  if (diagnostics.length > 0) return { diagnostics };
  const again = rememberRuns(template);
  const pieces = parts.map((part, index) => toPiece(template, part, index, parts.length, again));
  return { rendered: { pieces, structural }, diagnostics: [] };
}

function plainText(text: string): Rendered {
  const piece = { kind: 'text', text, from: 0, to: text.length, exact: true } as const;
  return { pieces: text === '' ? [] : [piece], structural: new Set() };
}

function write(
  template: Template,
  params: ReadonlyMap<string, Value>,
): { parts: Part[]; structural: ReadonlySet<string>; diagnostics: Diagnostic[] } {
  const values = new Map<string, Computed>();
  for (const [name, value] of params) values.set(name, { value, deps: new Set([name]) });
  const run = newRun(values, callMacro);
  const parts: Part[] = [];
  execute(template.body, topScope(template.unit), run, parts);
  return { parts, structural: run.structural, diagnostics: run.diagnostics };
}

type Again = (values: ReadonlyMap<string, Value>) => ReturnType<typeof write>;

function rememberRuns(template: Template): Again {
  const runs = new WeakMap<ReadonlyMap<string, Value>, ReturnType<typeof write>>();
  return (values) => {
    const known = runs.get(values) ?? write(template, values);
    runs.set(values, known);
    return known;
  };
}

function toPiece(template: Template, part: Part, index: number, count: number, again: Again): Piece {
  const { from, to } = part;
  const macro = part.macro ? { macro: part.macro.source.span(part.macro.from, part.macro.to) } : {};
  if (part.kind === 'text') return { kind: 'text', text: part.text, from, to, exact: part.exact, ...macro };
  const { value, bare } = part;
  const place: Place = { from, to };
  const recompute = (values: ReadonlyMap<string, Value>): Value | Diagnostic => {
    const direct = bare === undefined ? undefined : values.get(bare);
    if (direct) return direct;
    const { parts, diagnostics } = again(values);
    const found = parts[index];
    if (diagnostics[0]) return diagnostics[0];
    if (found?.kind === 'value' && parts.length === count) return found.value;
    return shapeChanged(template, place);
  };
  const own = bare === undefined ? {} : { bare };
  return { kind: 'value', value, params: [...part.deps].sort(), from, to, ...own, ...macro, recompute };
}

function shapeChanged(template: Template, { from, to }: Place): Diagnostic {
  const message = 'With these values the template writes something of another shape.';
  return diagnostic('param-changes-structure', subSpan(template.text, from, to), message);
}

function unknownName(template: Template, free: FreeName, known: readonly string[]): Diagnostic {
  const near = suggest(free.name, known);
  const list =
    known.length === 0 ? 'The rule has no params.' : `The rule has these params: ${[...known].sort().join(', ')}.`;
  const message = `The template uses \`${free.name}\`, which is not a param of the rule.`;
  const help = near ? `Did you mean \`${near}\`? ${list}` : list;
  return diagnostic('template-undefined', subSpan(template.text, free.from, free.to), message, { help });
}
