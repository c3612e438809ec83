import { goString } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { describe, fail, isKeyword, next, nextNonSpace, peek, peekNonSpace, unexpected } from './cursor.ts';
import type { GoToken } from './lex.ts';
import { pipeline } from './pipeline.ts';
import type { Parser, Scope } from './scope.ts';
import { definitionScope } from './scope.ts';
import type { Pipeline, Statement } from './tree.ts';

/** The statements of a Go template, as strict as Go's own parser: the first error ends it. */

/** A list of statements, and what ended it. */
interface Ending {
  readonly kind: 'end' | 'else' | 'stopped';
  readonly token: GoToken;
  readonly statements: readonly Statement[];
  /** Whether it holds more than white space. */
  readonly filled: boolean;
}

/** A statement, or what ends a list of them. */
type Item = { readonly kind: 'end' | 'else' } | { readonly kind: 'node'; readonly node: Statement; blank?: boolean };

/** Go has no such limit; no text that a person writes comes near it. */
const MAX_DEPTH = 100;

/** The whole text: like a list, but with `define`, and to the end. */
export function parseText(parser: Parser, scope: Scope): readonly Statement[] {
  const { cursor } = parser;
  const statements: Statement[] = [];
  while (peek(cursor).type !== 'end of text' && !cursor.problem) {
    const before = cursor.at;
    if (peek(cursor).type === 'left') {
      next(cursor);
      if (isKeyword(nextNonSpace(cursor), 'define')) {
        definition(parser);
        continue;
      }
      cursor.at = before;
    }
    const token = peek(cursor);
    const item = textOrAction(parser, scope);
    if (item.kind === 'node') statements.push(item.node);
    else fail(cursor, { from: token.from, to: cursorEnd(cursor, before) }, `\`{{ ${item.kind} }}\` closes nothing.`);
  }
  return statements;
}

function cursorEnd(cursor: Cursor, from: number): number {
  const right = cursor.tokens.slice(from).find((token) => token.type === 'right');
  return right?.to ?? cursor.tokens[from]?.to ?? 0;
}

/** Statements up to `{{ end }}` or `{{ else }}`. */
function list(parser: Parser, scope: Scope, opened: GoToken): Ending {
  const { cursor } = parser;
  const statements: Statement[] = [];
  let filled = false;
  parser.depth++;
  if (parser.depth > MAX_DEPTH) fail(cursor, opened, `Blocks nest deeper than ${MAX_DEPTH}.`);
  while (peekNonSpace(cursor).type !== 'end of text' && !cursor.problem) {
    const token = peek(cursor);
    const item = textOrAction(parser, scope);
    if (item.kind !== 'node') {
      parser.depth--;
      return { kind: item.kind, token, statements, filled };
    }
    statements.push(item.node);
    filled ||= !item.blank;
  }
  parser.depth--;
  fail(cursor, opened, `\`{{ ${opened.text} }}\` is never closed.`, 'Write `{{ end }}` where it ends.');
  return { kind: 'stopped', token: opened, statements, filled };
}

function textOrAction(parser: Parser, scope: Scope): Item {
  const token = nextNonSpace(parser.cursor);
  if (token.type === 'left') return action(parser, scope);
  if (token.type !== 'text') unexpected(parser.cursor, token, 'here');
  return { kind: 'node', node: { kind: 'text' }, blank: token.type === 'text' && token.text.trim() === '' };
}

function action(parser: Parser, scope: Scope): Item {
  const { cursor } = parser;
  const token = peekNonSpace(cursor);
  const item = (node: Statement): Item => ({ kind: 'node', node });
  if (!isKeyword(token, 'block', 'break', 'continue', 'else', 'end', 'if', 'range', 'template', 'with')) {
    // Variables that are declared here stay until the `end` of what is around them.
    return item({ kind: 'action', pipeline: pipeline(parser, scope, 'action', 'right') });
  }
  next(cursor);
  switch (token.text) {
    case 'block':
      return item(block(parser, scope, token));
    case 'break':
    case 'continue':
      expectRight(parser, token);
      if (scope.ranges === 0) fail(cursor, token, `\`{{ ${token.text} }}\` stands in no \`{{ range }}\`.`);
      return item({ kind: token.text });
    case 'else': {
      // `else if` and `else with` leave their second word to whoever reads the branch.
      if (!isKeyword(peekNonSpace(cursor), 'if', 'with')) expectRight(parser, token);
      return { kind: 'else' };
    }
    case 'end':
      expectRight(parser, token);
      return { kind: 'end' };
    case 'template': {
      const name = templateName(parser, token);
      if (nextNonSpace(cursor).type === 'right') return item(callOf(cursor, token, name));
      cursor.at--;
      return item(callOf(cursor, token, name, pipeline(parser, scope, 'template', 'right')));
    }
    default:
      return item(control(parser, scope, token));
  }
}

/** `template` and `block`: from the keyword to the name, which is what is wrong where the template is not there. */
function callOf(cursor: Cursor, { from, to }: GoToken, name: string, argument?: Pipeline): Statement {
  const quoted = cursor.tokens.find((token) => token.type === 'string' && token.from >= to);
  const call = { kind: 'template', name, from, to: quoted?.to ?? to } as const;
  return argument ? { ...call, pipeline: argument } : call;
}

function expectRight(parser: Parser, keyword: GoToken): void {
  const token = nextNonSpace(parser.cursor);
  if (token.type !== 'right')
    unexpected(parser.cursor, token, `after \`${keyword.text}\``, `Write \`{{ ${keyword.text} }}\`.`);
}

/** `if`, `with` and `range`, whose keyword has been read, up to their `end`. */
function control(parser: Parser, scope: Scope, keyword: GoToken): Statement {
  const { dot, guards } = scope;
  const known = scope.variables.length;
  const context = keyword.text as 'if' | 'with' | 'range';
  const before = parser.uses.labels.length;
  const condition = pipeline(parser, scope, context, 'right');
  if (context !== 'range') scope.guards = [...guards, ...guardLabels(parser, before)];
  if (context === 'range') scope.ranges++;
  if (context !== 'if') scope.dot = context === 'with' ? condition.kind : 'other';
  const ending = list(parser, scope, keyword);
  if (context === 'range') scope.ranges--;
  scope.dot = dot;
  scope.guards = guards;
  const otherwise = ending.kind === 'else' ? branch(parser, scope, keyword, context) : [];
  scope.variables.length = known;
  return { kind: context, pipeline: condition, body: ending.statements, otherwise };
}

/** What a condition asks for may be missing: uses in it and behind it are no mistakes. */
function guardLabels(parser: Parser, from: number): string[] {
  const { labels } = parser.uses;
  for (let i = from; i < labels.length; i++) labels[i] = { ...(labels[i] as (typeof labels)[number]), guarded: true };
  return labels.slice(from).map((use) => use.name);
}

function branch(
  parser: Parser,
  scope: Scope,
  keyword: GoToken,
  context: 'if' | 'with' | 'range',
): readonly Statement[] {
  const { cursor } = parser;
  const token = peek(cursor);
  if (context !== 'range' && isKeyword(token, context)) {
    next(cursor);
    if (context === 'with' && parser.min[0] < 3) {
      const help = 'Write `{{ else }}{{ with … }}…{{ end }}{{ end }}`, or raise `prometheus.version`.';
      fail(cursor, token, `\`else with\` is not known before Prometheus 3.0.`, help);
      return [];
    }
    parser.depth++;
    if (parser.depth > MAX_DEPTH) fail(cursor, token, `Branches go on for more than ${MAX_DEPTH}.`);
    const chained = control(parser, scope, token);
    parser.depth--;
    return [chained];
  }
  const ending = list(parser, scope, keyword);
  if (ending.kind === 'else') {
    fail(
      cursor,
      ending.token,
      `A second \`{{ else }}\` stands in \`{{ ${keyword.text} }}\`, where \`{{ end }}\` was expected.`,
    );
  }
  return ending.statements;
}

function templateName(parser: Parser, keyword: GoToken): string {
  const token = nextNonSpace(parser.cursor);
  const name = token.type === 'string' ? goString(token.text) : undefined;
  if (token.type !== 'string') {
    unexpected(
      parser.cursor,
      token,
      `after \`${keyword.text}\``,
      `Write \`{{ ${keyword.text} "name" }}\`: the name is a string.`,
    );
  } else if (name === undefined) {
    fail(parser.cursor, token, `${describe(token)} has an escape that Go does not know.`);
  }
  return name ?? '';
}

function block(parser: Parser, scope: Scope, keyword: GoToken): Statement {
  const name = templateName(parser, keyword);
  const call = callOf(parser.cursor, keyword, name, pipeline(parser, scope, 'block', 'right'));
  body(parser, keyword, name);
  return call;
}

function definition(parser: Parser): void {
  const keyword = parser.cursor.tokens[parser.cursor.at - 1] as GoToken;
  const name = templateName(parser, keyword);
  expectRight(parser, keyword);
  body(parser, keyword, name);
}

function body(parser: Parser, keyword: GoToken, name: string): void {
  const ending = list(parser, definitionScope(), keyword);
  if (ending.kind === 'else') {
    fail(
      parser.cursor,
      ending.token,
      `\`{{ else }}\` stands where \`{{ end }}\` must close \`{{ ${keyword.text} }}\`.`,
    );
  }
  const known = parser.definitions.get(name);
  if (known?.filled && ending.filled) fail(parser.cursor, keyword, `The template "${name}" is defined twice.`);
  if (!known?.filled) parser.definitions.set(name, ending);
}
