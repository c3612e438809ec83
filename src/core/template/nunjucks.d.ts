/** The parts of nunjucks that are used: its lexer and its parser, without the rest of the library. */

declare module 'nunjucks/src/lexer.js' {
  export interface LexerToken {
    readonly type: string;
    readonly value: unknown;
    readonly lineno: number;
    readonly colno: number;
  }
  export interface Lexer {
    /** UTF-16 offset of the next character. */
    readonly index: number;
    readonly tags: Readonly<Record<string, string>>;
    nextToken(): LexerToken | null;
    forwardN(count: number): void;
  }
  const lexer: { lex(text: string, options: { tags: Readonly<Record<string, string>> }): Lexer };
  export default lexer;
}

declare module 'nunjucks/src/parser.js' {
  export interface RawNode {
    readonly typename: string;
    readonly lineno: number;
    readonly colno: number;
    readonly [field: string]: unknown;
  }
  export interface TokenSource {
    readonly tags: Readonly<Record<string, string>>;
    nextToken(): unknown;
  }
  class Parser {
    constructor(tokens: TokenSource);
    parseAsRoot(): RawNode;
    advanceAfterBlockEnd(name?: string): unknown;
    nextToken(): { readonly colno: number; readonly value: unknown };
    parseRaw: (tagName?: string) => RawNode;
    dropLeadingWhitespace: boolean;
  }
  const parser: { Parser: typeof Parser };
  export default parser;
}
