import type { Lexer } from 'nunjucks/src/lexer.js';
import type { Code } from '../ground/codes.ts';

/** What a scan of a template works with: its tokens, the problems it finds, and how far it is. */

/** `colno` is the UTF-16 offset in the text, `lineno` always 0: nodes of the parser then carry offsets. */
export interface Token {
  readonly type: string;
  readonly value: unknown;
  readonly lineno: 0;
  readonly colno: number;
}

export interface Problem {
  readonly code: Code;
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly help?: string;
}

/** A scan that is under way. */
export interface State {
  readonly text: string;
  readonly lexer: Lexer;
  readonly tokens: Token[];
  readonly ends: Map<number, number>;
  readonly holes: Map<number, number>;
  readonly problems: Problem[];
  readonly open: { readonly tag: string; readonly from: number; readonly to: number; branches: number }[];
}

/** Notes a problem; the first one ends the scan. */
export function fail(state: State, code: Code, from: number, to: number, message: string, help?: string): void {
  state.problems.push(help === undefined ? { code, from, to, message } : { code, from, to, message, help });
}
