import type { CST, Document } from 'yaml';
import { Composer, isCollection, isScalar, Lexer, Parser, visit } from 'yaml';
import type { RawYamlError } from './yaml-errors.ts';

/** Deeper than anything that our formats nest; the library itself would overflow the stack at some thousands. */
export const MAX_DEPTH = 100;

/** Where the library has found this many errors, it is not given the rest of the file. */
const MAX_ERRORS = 200;

export type ParsedDocument = Document.Parsed;

export interface ParsedStream {
  readonly docs: readonly ParsedDocument[];
  /** All errors of the file, those of the documents among them, in the order of their places. */
  readonly errors: readonly RawYamlError[];
}

/**
 * The library's parse of a text (YAML 1.2, core schema), bounded in depth and in errors.
 * `tooDeep` is the offset where the depth was exceeded.
 */
export function parseStream(text: string): ParsedStream | { readonly tooDeep: number } {
  const strict = parseOnce(text, new Lexer());
  if ('tooDeep' in strict || !strict.errors.some((e) => e.code === 'MISSING_CHAR' && e.message.includes('quote'))) {
    return strict;
  }
  // Prometheus' own reader lets the further lines of a quoted text be indented less than YAML
  // 1.2 demands. Where nothing else is wrong, such a file is taken as Prometheus takes it.
  const lenient = parseOnce(text, lenientLexer());
  return 'tooDeep' in lenient || lenient.errors.length > 0 ? strict : lenient;
}

function parseOnce(text: string, lexer: Lexer): ParsedStream | { readonly tooDeep: number } {
  const read = readTokens(text, lexer);
  if ('tooDeep' in read) return read;
  const { docs, errors } = compose(read.tokens);
  for (const doc of docs) {
    for (const error of doc.errors.map(raw)) {
      const opened = /closing|end with/.test(error.message) ? openedAt(doc, error) : undefined;
      errors.push(opened === undefined ? error : { ...error, opened });
    }
  }
  return { docs, errors: errors.sort((a, b) => a.start - b.start) };
}

/** The text's tokens. The parser keeps its open nodes in an array, so the depth is known before anything recurses. */
function readTokens(text: string, lexer: Lexer): { tokens: CST.Token[] } | { readonly tooDeep: number } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let errors = 0;
  for (const lexeme of lexer.lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') errors++;
    }
    if (parser.stack.length > MAX_DEPTH) return { tooDeep: parser.offset };
    if (errors > MAX_ERRORS) return { tokens };
  }
  tokens.push(...parser.end());
  return { tokens };
}

function compose(tokens: readonly CST.Token[]): { docs: ParsedDocument[]; errors: RawYamlError[] } {
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'silent' });
  const errors: RawYamlError[] = [];
  const docs: ParsedDocument[] = [];
  try {
    limitErrors(composer, errors);
    for (const token of tokens) docs.push(...(composer.next(token) as Iterable<ParsedDocument>));
    docs.push(...(composer.end() as Iterable<ParsedDocument>));
    errors.push(...composer.streamInfo().errors.map(raw));
  } catch (error) {
    // Either our own limit, or a bug of the library: the file is refused all the same.
    const message = error instanceof Error ? error.message : String(error);
    if (errors.length === 0) errors.push({ code: 'IMPOSSIBLE', message, start: 0, end: 0 });
  }
  return { docs, errors };
}

/** Where the quotes or brackets were opened that an error at an offset misses the end of. */
function openedAt(doc: ParsedDocument, error: RawYamlError): number | undefined {
  const at = error.start;
  const quotes = error.message.includes('quote');
  let found: number | undefined;
  visit(doc, (_, node) => {
    const range = isScalar(node) || isCollection(node) ? node.range : undefined;
    if (!range || range[0] >= at || range[1] < at - 1) return;
    const quoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
    if (quotes ? quoted : isCollection(node) && node.flow) found = range[0];
  });
  return found;
}

interface LibraryError {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

function raw(error: LibraryError): RawYamlError {
  return { code: error.code, message: error.message, start: error.pos[0], end: error.pos[1] };
}

/**
 * Hears each error of the composer and stops it at the limit: a megabyte of brackets would cost
 * a minute of errors that nobody reads. Should the library rename the hook, only the limit is lost.
 */
function limitErrors(composer: Composer, errors: RawYamlError[]): void {
  const before: unknown = Reflect.get(composer, 'onError');
  if (typeof before !== 'function') return;
  let count = 0;
  Reflect.set(composer, 'onError', (source: unknown, code: string, message: string, warning?: boolean): void => {
    before(source, code, message, warning);
    if (++count <= MAX_ERRORS) return;
    const found: unknown = Reflect.get(composer, 'errors');
    if (Array.isArray(found)) errors.push(...(found as LibraryError[]).map(raw));
    throw new Error('too many errors');
  });
}

/** A lexer for which the lines of a quoted text go on at any indentation. Without the library's hook: the usual one. */
function lenientLexer(): Lexer {
  const lexer = new Lexer();
  const before: unknown = Reflect.get(lexer, 'continueScalar');
  if (typeof before !== 'function') return lexer;
  Reflect.set(lexer, 'continueScalar', (offset: number): number => {
    const found = Number(before.call(lexer, offset));
    const buffer: unknown = Reflect.get(lexer, 'buffer');
    const quote = typeof buffer === 'string' ? buffer[Number(Reflect.get(lexer, 'pos'))] : undefined;
    if (found !== -1 || typeof buffer !== 'string' || (quote !== '"' && quote !== "'")) return found;
    if (/^(?:---|\.\.\.)(?=\s|$)/.test(buffer.slice(offset, offset + 4))) return -1;
    let at = offset;
    while (buffer[at] === ' ') at++;
    return at;
  });
  return lexer;
}
