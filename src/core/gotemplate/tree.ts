/** The tree of a Go template, as its parser reads it and as `run.ts` walks it. */

/** Half-open UTF-16 offsets in the text. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

export type Statement = TextStatement | ActionStatement | ControlStatement | CallStatement | JumpStatement;

export interface TextStatement {
  readonly kind: 'text';
}

/** `{{ pipeline }}`: prints what the pipeline gives, or declares a variable. */
export interface ActionStatement {
  readonly kind: 'action';
  readonly pipeline: Pipeline;
}

export interface ControlStatement {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

/** `{{ template "name" pipeline }}`; a `block` is this and a definition. */
export interface CallStatement extends Place {
  readonly kind: 'template';
  readonly name: string;
  readonly pipeline?: Pipeline;
}

export interface JumpStatement {
  readonly kind: 'break' | 'continue';
}

export interface Pipeline extends Place {
  /** The variables that get its value: of a `range` the index first, where there are two. */
  readonly variables: readonly string[];
  /** `$x =` instead of `$x :=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** An operand alone, or a function or method with its arguments. */
export interface Command extends Place {
  readonly first: Operand;
  readonly args: readonly Operand[];
}

export type Operand = Place & {
  readonly term: Term;
  /** The `.names` behind the term. */
  readonly fields: readonly FieldName[];
};

export interface FieldName extends Place {
  readonly name: string;
}

export type Term =
  | { readonly kind: 'string'; readonly text: string }
  /** A number or a character, as written. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'nil' }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'parentheses'; readonly pipeline: Pipeline };

/** A text with the templates that it defines by name. */
export interface Tree {
  readonly statements: readonly Statement[];
  readonly definitions: ReadonlyMap<string, readonly Statement[]>;
}
