import { compareVersions, versionText } from '../../promql/version.ts';
import { suggest } from '../suggest.ts';
import { goString, isGoCharacter, isGoNumber } from './constants.ts';
import { describe, fail, isKeyword, next, nextNonSpace, peek, peekNonSpace, unexpected } from './cursor.ts';
import { GO_FUNCTIONS, NOT_HERE } from './functions.ts';
import type { GoToken, GoTokenType } from './lex.ts';
import type { Kind, Parser, Scope } from './scope.ts';
import { follow, useLabel } from './scope.ts';

/** Pipelines of Go templates: declarations, commands, operands. */

type Context = 'action' | 'if' | 'with' | 'range' | 'template' | 'block' | 'parentheses';

interface Operand {
  readonly type: 'constant' | 'dot' | 'nil' | 'word' | 'value';
  readonly kind: Kind;
  readonly token: GoToken;
  /** Of a string its value. */
  readonly text?: string;
}

interface Command {
  readonly first: Operand;
  readonly kind: Kind;
}

/** As deep as Go's own parser goes. */
const MAX_PARENTHESES = 100;

const WHERE: Readonly<Record<Context, string>> = {
  action: 'in an action',
  if: 'in the condition of `if`',
  with: 'in `with`',
  range: 'in `range`',
  template: 'in `template`',
  block: 'in `block`',
  parentheses: 'in parentheses',
};

/** Reads a pipeline and what ends it; tells what its value is. */
export function pipeline(parser: Parser, scope: Scope, context: Context, end: GoTokenType): Kind {
  const { cursor } = parser;
  const start = peekNonSpace(cursor);
  const declared = declarations(parser, scope, context);
  const commands: Command[] = [];
  while (!cursor.problem) {
    const token = nextNonSpace(cursor);
    if (token.type === end) {
      checkStages(parser, commands, context, start, token);
      const kind = commands.length === 1 ? (commands[0] as Command).kind : 'other';
      for (const name of declared) scope.variables.push({ name, kind: context === 'range' ? 'other' : kind });
      return kind;
    }
    if (!startsOperand(token)) {
      unexpected(cursor, token, WHERE[context], wrongTokenHelp(token));
      break;
    }
    cursor.at--;
    const command = readCommand(parser, scope);
    if (command) commands.push(command);
  }
  return 'other';
}

/** `$x :=`, `$x =` and, in a `range`, `$i, $x :=`. */
function declarations(parser: Parser, scope: Scope, context: Context): string[] {
  const { cursor } = parser;
  const declared: string[] = [];
  while (peekNonSpace(cursor).type === 'variable') {
    const before = cursor.at;
    const variable = next(cursor);
    const sign = peekNonSpace(cursor);
    const comma = sign.type === 'char' && sign.text === ',';
    if (sign.type !== 'assign' && sign.type !== 'declare' && !comma) {
      cursor.at = before;
      break;
    }
    next(cursor);
    declared.push(variable.text);
    // It is known from here on, also to the pipeline that gives it its value.
    scope.variables.push({ name: variable.text, kind: 'other' });
    if (!comma) break;
    if (context !== 'range' || declared.length > 1) {
      fail(cursor, sign, 'Only `range` declares two variables at once.');
    } else if (!['variable', 'right', 'close'].includes(peekNonSpace(cursor).type)) {
      unexpected(cursor, peekNonSpace(cursor), 'after this comma', 'Write `{{ range $index, $item := … }}`.');
    }
  }
  return declared;
}

function startsOperand(token: GoToken): boolean {
  if (token.type === 'word')
    return !isKeyword(token, 'if', 'range', 'with', 'template', 'block', 'end', 'else', 'break', 'continue', 'define');
  return ['character', 'dot', 'field', 'number', 'string', 'variable', 'open'].includes(token.type);
}

function wrongTokenHelp(token: GoToken): string | undefined {
  if (token.type === 'char' && /[<>!&*/%+]/.test(token.text)) {
    return 'Templates have no operators: write `eq a b`, `gt a b`, `and a b`; arithmetic belongs in the expression.';
  }
  if (token.type === 'assign') return 'Compare by `eq a b`; declare a variable by `$x := …`.';
  if (token.type === 'char' && token.text === '{') return 'An action is closed by `}}` before another one begins.';
  return undefined;
}

function checkStages(
  parser: Parser,
  commands: readonly Command[],
  context: Context,
  start: GoToken,
  end: GoToken,
): void {
  if (commands.length === 0) {
    const at = { from: start.from, to: end.to };
    fail(parser.cursor, at, context === 'action' ? 'The action is empty.' : `A value is missing ${WHERE[context]}.`);
  }
  for (const { first } of commands.slice(1)) {
    if (first.type === 'word' || first.type === 'value') continue;
    fail(
      parser.cursor,
      first.token,
      `${describe(first.token)} cannot take a value from the \`|\` before it: only functions can.`,
    );
  }
}

function readCommand(parser: Parser, scope: Scope): Command | undefined {
  const { cursor } = parser;
  const operands: Operand[] = [];
  while (!cursor.problem) {
    const operand = readOperand(parser, scope);
    if (operand) operands.push(operand);
    const token = next(cursor);
    if (token.type === 'space') continue;
    if (token.type === 'right' || token.type === 'close') cursor.at--;
    else if (token.type !== 'pipe') {
      const before = operands.at(-1);
      unexpected(cursor, token, before ? `after ${describe(before.token)}` : 'here', afterOperandHelp(token));
    }
    break;
  }
  const first = operands[0];
  if (cursor.problem) return undefined;
  if (!first) {
    fail(cursor, peek(cursor), 'A command is empty.');
    return undefined;
  }
  return { first, kind: operands.length === 1 ? first.kind : indexed(parser, scope, operands) };
}

function afterOperandHelp(token: GoToken): string | undefined {
  if (token.type === 'end of text' || token.type === 'error') return undefined;
  return wrongTokenHelp(token) ?? 'Arguments are separated by spaces.';
}

/** `index $labels "name"` uses a label as `$labels.name` does. */
function indexed(parser: Parser, scope: Scope, [first, target, key]: readonly Operand[]): Kind {
  if (first?.type !== 'word' || first.token.text !== 'index') return 'other';
  if (target?.kind !== 'labels' || key?.text === undefined) return 'other';
  const { from, to } = key.token;
  useLabel(key.text, { from: from + 1, to: to - 1 }, scope, parser.uses);
  return 'other';
}

/** A term and the fields that follow it; undefined where the next token begins none. */
function readOperand(parser: Parser, scope: Scope): Operand | undefined {
  const { cursor } = parser;
  const term = readTerm(parser, scope);
  if (!term || peek(cursor).type !== 'field') return term;
  if (term.type === 'constant' || term.type === 'nil' || term.type === 'dot') {
    fail(cursor, peek(cursor), `${describe(term.token)} has no fields.`);
    return undefined;
  }
  let { kind } = term;
  while (peek(cursor).type === 'field') {
    const field = next(cursor);
    kind = follow(kind, field.text, field, scope, parser.uses);
  }
  return { type: 'value', kind, token: term.token };
}

function readTerm(parser: Parser, scope: Scope): Operand | undefined {
  const { cursor, uses } = parser;
  const before = cursor.at;
  const token = nextNonSpace(cursor);
  const constant = { type: 'constant', kind: 'other', token } as const;
  switch (token.type) {
    case 'word':
      return readWord(parser, token) ?? undoTo(parser, before);
    case 'dot':
      return { type: 'dot', kind: scope.dot, token };
    case 'variable':
      return useVariable(parser, scope, token);
    case 'field':
      return { type: 'value', kind: follow(scope.dot, token.text, token, scope, uses), token };
    case 'number':
      if (!isGoNumber(token.text)) fail(cursor, token, `${describe(token)} is not a number that Go can read.`);
      return constant;
    case 'character':
      if (!isGoCharacter(token.text)) {
        fail(
          cursor,
          token,
          `${describe(token)} is not a single character.`,
          'Strings stand in double quotes or backquotes.',
        );
      }
      return constant;
    case 'string': {
      const text = goString(token.text);
      if (text !== undefined) return { ...constant, text };
      fail(
        cursor,
        token,
        'The string has an escape that Go does not know.',
        'In double quotes, write a backslash twice; in backquotes, once.',
      );
      return constant;
    }
    case 'open':
      return readParentheses(parser, scope, token);
    default:
      return undoTo(parser, before);
  }
}

function undoTo(parser: Parser, at: number): undefined {
  if (!parser.cursor.problem) parser.cursor.at = at;
  return undefined;
}

function readParentheses(parser: Parser, scope: Scope, token: GoToken): Operand {
  if (scope.parentheses >= MAX_PARENTHESES)
    fail(parser.cursor, token, `Parentheses nest deeper than ${MAX_PARENTHESES}.`);
  scope.parentheses++;
  const kind = pipeline(parser, scope, 'parentheses', 'close');
  scope.parentheses--;
  return { type: 'value', kind, token };
}

/** A constant by name or a function; undefined for a keyword, which is no operand. */
function readWord(parser: Parser, token: GoToken): Operand | undefined {
  const { cursor, min } = parser;
  if (token.text === 'nil') return { type: 'nil', kind: 'other', token };
  if (token.text === 'true' || token.text === 'false') return { type: 'constant', kind: 'other', token };
  if (!startsOperand(token)) return undefined;
  const since = GO_FUNCTIONS.get(token.text);
  if (!GO_FUNCTIONS.has(token.text)) {
    fail(cursor, token, `Prometheus’ templates have no function \`${token.text}\`.`, functionHelp(token.text));
  } else if (since && compareVersions(min, since) < 0) {
    const message = `\`${token.text}\` is known from Prometheus ${versionText(since)} on, and \`prometheus.version\` allows ${versionText(min)}.`;
    fail(cursor, token, message, 'Raise `prometheus.version`, or do without.');
  }
  return { type: 'word', kind: 'other', token };
}

function functionHelp(name: string): string {
  if (Object.hasOwn(NOT_HERE, name)) return NOT_HERE[name] as string;
  const near = suggest(name, GO_FUNCTIONS.keys());
  if (near) return `Did you mean \`${near}\`?`;
  return 'A label is written `$labels.name`, the value `$value`; a text stands in double quotes.';
}

function useVariable(parser: Parser, scope: Scope, token: GoToken): Operand {
  const found = scope.variables.findLast((variable) => variable.name === token.text);
  if (token.text === '$value') parser.uses.value = true;
  if (found) return { type: 'value', kind: found.kind, token };
  const near = suggest(token.text, new Set(scope.variables.map((variable) => variable.name)));
  const known = scope.variables.some((variable) => variable.name === '$labels')
    ? 'There are `$labels`, `$value`, `$externalLabels` and `$externalURL`.'
    : 'Inside of `define` only `$` and `.` are known: what the template was called with.';
  fail(
    parser.cursor,
    token,
    `The variable \`${token.text}\` is not defined.`,
    near ? `Did you mean \`${near}\`?` : known,
  );
  return { type: 'value', kind: 'other', token };
}
