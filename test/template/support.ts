import type { Diagnostic } from '../../src/core/ground/diagnostic.ts';
import type { Located } from '../../src/core/ground/source.ts';
import type { Value } from '../../src/core/model/value.ts';
import { valueText } from '../../src/core/model/value.ts';
import type { MacroLibrary, Piece, Rendered } from '../../src/core/template/template.ts';
import { macroLibrary, NO_MACROS, parseTemplate, render } from '../../src/core/template/template.ts';

/** A text as a plain YAML scalar that is a file by itself. */
export function located(value: string): Located<string> {
  return { value, span: { file: { path: 'rules/a.yaml', text: value }, start: 0, end: value.length } };
}

export function library(files: Record<string, string>): { library: MacroLibrary; diagnostics: Diagnostic[] } {
  return macroLibrary(
    Object.entries(files).map(([name, text]) => ({ name, file: { path: `templates/${name}`, text } })),
  );
}

export interface Outcome {
  readonly text?: string;
  readonly pieces: readonly Piece[];
  readonly rendered?: Rendered;
  readonly diagnostics: readonly Diagnostic[];
}

export function run(text: string, params: Record<string, Value> = {}, macros: MacroLibrary = NO_MACROS): Outcome {
  const { template, diagnostics } = parseTemplate(located(text), macros);
  if (!template) return { pieces: [], diagnostics };
  const { rendered, diagnostics: problems } = render(template, new Map(Object.entries(params)));
  if (!rendered) return { pieces: [], diagnostics: problems };
  return { text: textOf(rendered.pieces), pieces: rendered.pieces, rendered, diagnostics: problems };
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === 'text' ? piece.text : valueText(piece.value))).join('');
}

export const n = (value: number): Value => ({ type: 'number', value });
export const s = (value: string): Value => ({ type: 'string', value });
export const d = (ms: number, text: string): Value => ({ type: 'duration', ms, text });
export const list = (...items: string[]): Value => ({ type: 'list', items });
export const b = (value: boolean): Value => ({ type: 'boolean', value });

/** The codes of all diagnostics, and the text that each points at. */
export function told(outcome: { readonly diagnostics: readonly Diagnostic[] }): [string, string][] {
  return outcome.diagnostics.map((x) => [x.code, x.span.file.text.slice(x.span.start, x.span.end)]);
}
