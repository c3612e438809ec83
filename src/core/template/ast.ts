import type { Computed, Plain } from './runtime.ts';
import type { TemplateSource } from './source.ts';

/** What a template is made of: only this can be written, for nothing else is converted from what nunjucks parsed. */

/** Half-open UTF-16 offsets into the text of the unit (the decoded YAML scalar, or the macro file). */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** A template, or a file of macros: what a macro sees beside its arguments. */
export interface Unit {
  readonly source: TemplateSource;
  /** What a macro file has set at its top level; undefined for a template, whose names come with each run. */
  readonly constants?: ReadonlyMap<string, Computed>;
}

export interface Macro {
  readonly name: string;
  readonly place: Place;
  readonly params: readonly MacroParam[];
  readonly body: readonly Statement[];
  readonly unit: Unit;
}

export interface MacroParam {
  readonly name: string;
  readonly place: Place;
  readonly fallback?: Expr;
}

/** What `import` finds in a macro file. */
export type Export =
  | { readonly kind: 'macro'; readonly macro: Macro }
  | { readonly kind: 'constant'; readonly value: Computed };

export type Exports = ReadonlyMap<string, Export>;

export type Statement = Place &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'output'; readonly expr: Expr }
    | {
        readonly kind: 'if';
        readonly cond: Expr;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: 'for';
        readonly name: string;
        readonly list: Expr;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | { readonly kind: 'set'; readonly names: readonly string[]; readonly value: Expr | readonly Statement[] }
  );

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '//' | '**';
export type CompareOp = '==' | '!=' | '<' | '<=' | '>' | '>=';

export interface Argument {
  /** Undefined: by its position. */
  readonly name?: string;
  readonly value: Expr;
}

export type Expr = Place &
  (
    | { readonly kind: 'literal'; readonly value: Plain }
    | { readonly kind: 'constant'; readonly value: Computed }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'loop'; readonly field: LoopField }
    | { readonly kind: 'list'; readonly items: readonly Expr[] }
    | { readonly kind: 'range'; readonly args: readonly Expr[] }
    | { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'negate'; readonly operand: Expr }
    | { readonly kind: 'concat'; readonly parts: readonly Expr[] }
    | { readonly kind: 'compare'; readonly op: CompareOp; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'in'; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'not'; readonly operand: Expr }
    | { readonly kind: 'choose'; readonly cond: Expr; readonly chosen: Expr; readonly otherwise?: Expr }
    | {
        readonly kind: 'filter';
        readonly name: string;
        readonly target: Expr;
        readonly args: readonly Expr[];
      }
    | { readonly kind: 'call'; readonly macro: Macro; readonly args: readonly Argument[] }
  );

export const LOOP_FIELDS = ['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length'] as const;
export type LoopField = (typeof LOOP_FIELDS)[number];
