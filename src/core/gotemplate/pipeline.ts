import { compareVersions, versionText } from '../../promql/version.ts';
import { suggest } from '../ground/suggest.ts';
import { goString, isGoCharacter, isGoNumber } from './constants.ts';
import { describe, fail, isKeyword, next, nextNonSpace, peek, peekNonSpace, unexpected } from './cursor.ts';
import { GO_FUNCTIONS } from './functions.ts';
import { afterOperandHelp, comparisonHelp, functionHelp, wrongTokenHelp } from './help.ts';
import type { GoToken, GoTokenType } from './lex.ts';
import type { Kind, Parser, Scope } from './scope.ts';
import { follow, useLabel } from './scope.ts';
import type * as tree from './tree.ts';

/** Pipelines of Go templates: declarations, commands, operands. */

type Context = 'action' | 'if' | 'with' | 'range' | 'template' | 'block' | 'parentheses';

interface Operand {
  readonly type: 'constant' | 'dot' | 'nil' | 'word' | 'value';
  readonly kind: Kind;
  readonly token: GoToken;
  readonly term: tree.Term;
  readonly fields?: readonly tree.FieldName[];
}

interface Command {
  readonly operands: readonly [Operand, ...Operand[]];
  readonly kind: Kind;
  /** Where it ends. */
  readonly to: number;
}

/** A pipeline, and what its value is as far as labels are concerned. */
interface ReadPipeline extends tree.Pipeline {
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

/** Reads a pipeline and what ends it. */
export function pipeline(parser: Parser, scope: Scope, context: Context, end: GoTokenType): ReadPipeline {
  const { cursor } = parser;
  const start = peekNonSpace(cursor);
  const { variables, assigns } = declarations(parser, scope, context);
  const commands: Command[] = [];
  while (!cursor.problem) {
    const token = nextNonSpace(cursor);
    if (token.type === end) {
      checkStages(parser, commands, context, start, token);
      const kind = commands.length === 1 ? (commands[0] as Command).kind : 'other';
      for (const name of variables) scope.variables.push({ name, kind: context === 'range' ? 'other' : kind });
      const to = commands.at(-1)?.to ?? token.from;
      return { kind, variables, assigns, commands: commands.map(commandOf), from: start.from, to };
    }
    if (!startsOperand(token)) {
      unexpected(cursor, token, WHERE[context], wrongTokenHelp(token));
      break;
    }
    cursor.at--;
    const command = readCommand(parser, scope);
    if (command) commands.push(command);
  }
  return { kind: 'other', variables, assigns, commands: [], from: start.from, to: start.to };
}

function commandOf({ operands: [first, ...args], to }: Command): tree.Command {
  return { first: operandOf(first), args: args.map(operandOf), from: first.token.from, to };
}

function operandOf({ term, token, fields = [] }: Operand): tree.Operand {
  const to = fields.at(-1)?.to ?? (term.kind === 'parentheses' ? term.pipeline.to + 1 : token.to);
  return { term, fields, from: token.from, to };
}

/** `$x :=`, `$x =` and, in a `range`, `$i, $x :=`. */
function declarations(
  parser: Parser,
  scope: Scope,
  context: Context,
): { readonly variables: readonly string[]; readonly assigns: boolean } {
  const { cursor } = parser;
  const variables: string[] = [];
  let assigns = false;
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
    if (sign.type === 'assign') assigns = true;
    variables.push(variable.text);
    // It is known from here on, also to the pipeline that gives it its value.
    scope.variables.push({ name: variable.text, kind: 'other' });
    if (!comma) break;
    if (context !== 'range' || variables.length > 1) {
      fail(cursor, sign, 'Only `range` declares two variables at once.');
    } else if (!['variable', 'right', 'close'].includes(peekNonSpace(cursor).type)) {
      unexpected(cursor, peekNonSpace(cursor), 'after this comma', 'Write `{{ range $index, $item := … }}`.');
    }
  }
  return { variables, assigns };
}

function startsOperand(token: GoToken): boolean {
  if (token.type === 'word')
    return !isKeyword(token, 'if', 'range', 'with', 'template', 'block', 'end', 'else', 'break', 'continue', 'define');
  return ['character', 'dot', 'field', 'number', 'string', 'variable', 'open'].includes(token.type);
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
  for (const {
    operands: [first],
  } of commands.slice(1)) {
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
      const help = (operands.length === 1 && comparisonHelp(cursor, operands[0] as Operand)) || afterOperandHelp(token);
      unexpected(cursor, token, before ? `after ${describe(before.token)}` : 'here', help);
    }
    break;
  }
  const [first, ...args] = operands;
  if (cursor.problem) return undefined;
  if (!first) {
    fail(cursor, peek(cursor), 'A command is empty.');
    return undefined;
  }
  const kind = args.length === 0 ? first.kind : indexed(parser, scope, operands);
  return { operands: [first, ...args], kind, to: operandOf(args.at(-1) ?? first).to };
}

/** `index $labels "name"` uses a label as `$labels.name` does. */
function indexed(parser: Parser, scope: Scope, [first, target, key]: readonly Operand[]): Kind {
  if (first?.type !== 'word' || first.token.text !== 'index') return 'other';
  if (target?.kind !== 'labels' || key?.term.kind !== 'string') return 'other';
  const { from, to } = key.token;
  useLabel(key.term.text, { from: from + 1, to: to - 1 }, scope, parser.uses);
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
  const fields = [...(term.fields ?? [])];
  while (peek(cursor).type === 'field') {
    const field = next(cursor);
    fields.push(fieldName(field));
    kind = follow(kind, field.text, field, scope, parser.uses);
  }
  return { ...term, type: 'value', kind, fields };
}

function readTerm(parser: Parser, scope: Scope): Operand | undefined {
  const { cursor, uses } = parser;
  const before = cursor.at;
  const token = nextNonSpace(cursor);
  const constant = { type: 'constant', kind: 'other', token, term: { kind: 'number', text: token.text } } as const;
  switch (token.type) {
    case 'word':
      return readWord(parser, token) ?? undoTo(parser, before);
    case 'dot':
      return { type: 'dot', kind: scope.dot, token, term: { kind: 'dot' } };
    case 'variable':
      return useVariable(parser, scope, token);
    case 'field':
      return {
        type: 'value',
        kind: follow(scope.dot, token.text, token, scope, uses),
        token,
        term: { kind: 'dot' },
        fields: [fieldName(token)],
      };
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
      if (text !== undefined) return { ...constant, term: { kind: 'string', text } };
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

const fieldName = ({ text, from, to }: GoToken): tree.FieldName => ({ name: text.slice(1), from, to });

function undoTo(parser: Parser, at: number): undefined {
  if (!parser.cursor.problem) parser.cursor.at = at;
  return undefined;
}

function readParentheses(parser: Parser, scope: Scope, token: GoToken): Operand {
  if (scope.parentheses >= MAX_PARENTHESES)
    fail(parser.cursor, token, `Parentheses nest deeper than ${MAX_PARENTHESES}.`);
  scope.parentheses++;
  const inside = pipeline(parser, scope, 'parentheses', 'close');
  scope.parentheses--;
  return { type: 'value', kind: inside.kind, token, term: { kind: 'parentheses', pipeline: inside } };
}

/** A constant by name or a function; undefined for a keyword, which is no operand. */
function readWord(parser: Parser, token: GoToken): Operand | undefined {
  const { cursor, min } = parser;
  if (token.text === 'nil') return { type: 'nil', kind: 'other', token, term: { kind: 'nil' } };
  if (token.text === 'true' || token.text === 'false')
    return { type: 'constant', kind: 'other', token, term: { kind: 'boolean', value: token.text === 'true' } };
  if (!startsOperand(token)) return undefined;
  const since = GO_FUNCTIONS.get(token.text);
  if (!GO_FUNCTIONS.has(token.text)) {
    fail(cursor, token, `Prometheus’ templates have no function \`${token.text}\`.`, functionHelp(token.text));
  } else if (since && compareVersions(min, since) < 0) {
    const message = `\`${token.text}\` is known from Prometheus ${versionText(since)} on, and \`prometheus.version\` allows ${versionText(min)}.`;
    fail(cursor, token, message, 'Raise `prometheus.version`, or do without.');
  }
  return { type: 'word', kind: 'other', token, term: { kind: 'function', name: token.text } };
}

function useVariable(parser: Parser, scope: Scope, token: GoToken): Operand {
  const found = scope.variables.findLast((variable) => variable.name === token.text);
  if (token.text === '$value') parser.uses.value = true;
  const term = { kind: 'variable', name: token.text } as const;
  if (found) return { type: 'value', kind: found.kind, token, term };
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
  return { type: 'value', kind: 'other', token, term };
}
