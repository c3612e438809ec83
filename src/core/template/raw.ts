import type { RawNode } from 'nunjucks/src/parser.js';
import parser from 'nunjucks/src/parser.js';
import type { Scan } from './scan.ts';
import { TAGS } from './scan.ts';
import type { Problem } from './tokens.ts';

/** nunjucks' parser over tokens that were scanned before; its throws become problems here, and nowhere else. */

export type { RawNode } from 'nunjucks/src/parser.js';

/** The tree as nunjucks sees it: `colno` of every node is a UTF-16 offset in the text. */
export function parseRaw(text: string, scan: Scan): { root: RawNode } | { problem: Problem } {
  let read = 0;
  const source = {
    // The parser looks at the lengths of these to see `-` beside a delimiter.
    tags: {
      VARIABLE_START: TAGS.variableStart,
      VARIABLE_END: TAGS.variableEnd,
      COMMENT_START: TAGS.commentStart,
      COMMENT_END: TAGS.commentEnd,
    },
    nextToken: () => scan.tokens[read++] ?? null,
  };
  const machine = new parser.Parser(source);
  machine.parseRaw = () => {
    const begin = machine.advanceAfterBlockEnd() && machine.nextToken();
    machine.dropLeadingWhitespace = false;
    const { colno, value } = begin as { colno: number; value: unknown };
    const data: RawNode = { typename: 'TemplateData', lineno: 0, colno, value };
    return { typename: 'Output', lineno: 0, colno, children: [data] };
  };
  try {
    return { root: machine.parseAsRoot() };
  } catch (error) {
    return { problem: explain(error, text, scan, read) };
  }
}

function explain(error: unknown, text: string, scan: Scan, read: number): Problem {
  if (error instanceof RangeError) {
    return { code: 'template-limit', from: 0, to: 1, message: 'The template nests deeper than it may.' };
  }
  const last = scan.tokens[Math.min(read, scan.tokens.length) - 1];
  const told = positionOf(error);
  const from = told ?? last?.colno ?? 0;
  const to = scan.ends.get(from) ?? Math.min(from + 1, text.length);
  const said = error instanceof Error ? error.message : '';
  return { code: 'template-syntax', from, to, ...translate(said, text.slice(from, to)) };
}

/** The parser adds one to the column, which here is an offset, and tells no line where it knows none. */
function positionOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('colno' in error)) return undefined;
  return typeof error.colno === 'number' && Number.isFinite(error.colno) ? error.colno - 1 : undefined;
}

/** The parser's words, written for its own author, in words for the reader. */
function translate(said: string, token: string): { message: string; help?: string } {
  const here = token.trim() === '' ? 'the end' : `\`${token}\``;
  if (/expected variable end/.test(said)) {
    return {
      message: `${here} stands where \`>>\` was expected.`,
      help: 'A hole holds one expression: `<< threshold >>`, `<< threshold * 2 >>`, `<< name | upper >>`.',
    };
  }
  const statement = /expected block end in (\w+)/.exec(said);
  if (statement)
    return { message: `${here} stands where \`%>\` was expected, at the end of the tag \`${statement[1]}\`.` };
  if (/expected comma/.test(said))
    return { message: `${here} stands where a comma or a closing bracket was expected.` };
  if (/expected "in"/.test(said)) return { message: '`for` lacks its `in`.', help: 'Write `<% for item in list %>`.' };
  if (/parseFor: variable name/.test(said)) return { message: `${here} is not a name for the items of a \`for\`.` };
  if (/parseSet/.test(said)) return { message: '`set` lacks its `=`.', help: 'Write `<% set name = value %>`.' };
  if (/expected "as"/.test(said)) {
    return { message: '`import` lacks its `as`.', help: 'Write `<% import "file.njk" as file %>`.' };
  }
  if (/parseFrom/.test(said))
    return { message: '`from` is incomplete.', help: 'Write `<% from "file.njk" import name %>`.' };
  if (/expected arguments/.test(said)) {
    return { message: 'A macro lacks its list of arguments.', help: 'Write `<% macro name(argument) %>`.' };
  }
  return { message: `${here} cannot stand here.` };
}
