import { aggregator } from './aggregators.ts';
import type { Aggregate, Binary, BinaryOp, Expr, NumberLiteral } from './ast.ts';
import {
  built,
  type Cursor,
  close,
  enter,
  fail,
  isSign,
  peek,
  peekWord,
  take,
  takeSign,
  unexpected,
  uses,
} from './cursor.ts';
import { readNumeral } from './durations.ts';
import { isBinaryOp, NEVER_FUNCTIONS, NEVER_METRICS, PRECEDENCE } from './keywords.ts';
import type { Token } from './lex.ts';
import { type LabelList, parseLabelList, parseOperatorModifiers } from './matching.ts';
import { parsePostfix } from './modifiers.ts';
import { parseSelector, stringValue } from './selector.ts';

const EXPRESSION = 'an expression';

/** Reads an expression whose operators bind at least as tight as `minPrecedence`. */
export function parseExpression(c: Cursor, minPrecedence = 0, expected = EXPRESSION): Expr | undefined {
  if (!enter(c)) return undefined;
  let left = parseOperand(c, expected);
  while (left) {
    const op = binaryOp(peek(c));
    if (!op || PRECEDENCE[op] < minPrecedence) break;
    left = parseBinary(c, left, op);
  }
  c.depth--;
  return left;
}

function binaryOp(token: Token): BinaryOp | undefined {
  if (token.kind !== 'sign' && token.kind !== 'word') return undefined;
  const text = token.text.toLowerCase();
  return isBinaryOp(text) ? text : undefined;
}

function parseBinary(c: Cursor, lhs: Expr, op: BinaryOp): Binary | undefined {
  const token = take(c);
  if (op === '</' || op === '>/') uses(c, 'trim-operator', token);
  const modifiers = parseOperatorModifiers(c);
  if (!modifiers) return undefined;
  const tighter = op === '^' ? PRECEDENCE[op] : PRECEDENCE[op] + 1;
  if (op === '%' && peek(c).kind === 'end') {
    return fail(
      c,
      token,
      'The expression ends after `%`.',
      'PromQL has no percent sign: 80 % is written `80`, or `0.8` of a ratio.',
    );
  }
  const rhs = parseExpression(c, tighter, `the right side of \`${token.text}\``);
  if (!rhs) return undefined;
  const opRange = { from: token.from, to: token.to };
  const node: Binary = { kind: 'binary', from: lhs.from, to: rhs.to, op, opRange, lhs, rhs, ...modifiers };
  return built(c, node, [lhs, rhs]);
}

/** Reads one operand with its sign and what follows it. A sign binds looser than `^` and tighter than all else. */
function parseOperand(c: Cursor, expected: string): Expr | undefined {
  const sign = takeSign(c, '-') ?? takeSign(c, '+');
  if (!sign) {
    const primary = parsePrimary(c, expected);
    return primary && parsePostfix(c, primary);
  }
  const expr = parseExpression(c, PRECEDENCE['^'], `what \`${sign.text}\` belongs to`);
  if (!expr) return undefined;
  const op = sign.text === '-' ? '-' : '+';
  if (expr.kind === 'number') {
    return built(c, { ...expr, from: sign.from, value: op === '-' ? -expr.value : expr.value }, []);
  }
  return built(c, { kind: 'unary', from: sign.from, to: expr.to, op, expr }, [expr]);
}

function parsePrimary(c: Cursor, expected: string): Expr | undefined {
  const token = peek(c);
  const range = { from: token.from, to: token.to };
  switch (token.kind) {
    case 'number':
    case 'duration': {
      take(c);
      const node: NumberLiteral = { kind: 'number', ...range, value: readNumeral(c, token) };
      return built(c, token.kind === 'duration' ? { ...node, duration: true } : node, []);
    }
    case 'string':
      take(c);
      return built(c, { kind: 'string', ...range, value: stringValue(c, token) }, []);
    case 'word':
      return parseNamed(c, token, expected);
    case 'sign':
      if (token.text === '(') return parseParens(c, take(c));
      if (token.text === '{') return parseSelector(c, undefined);
      return unexpected(c, expected);
    default:
      return unexpected(c, expected);
  }
}

function parseParens(c: Cursor, open: Token): Expr | undefined {
  const expr = parseExpression(c);
  if (!expr) return undefined;
  const end = close(c, open, ')', 'an operator or `)`');
  return end && built(c, { kind: 'paren', from: open.from, to: end.to, expr }, [expr]);
}

/** Reads what starts with a word: an aggregation, a call, a number by name, or a selector. */
function parseNamed(c: Cursor, token: Token, expected: string): Expr | undefined {
  const word = token.text.toLowerCase();
  const called = isSign(peek(c, 1), '(');
  const next = peekWord(c, 1);
  if (word === 'inf' || word === 'nan') {
    take(c);
    return built(c, { kind: 'number', from: token.from, to: token.to, value: readNumeral(c, token) }, []);
  }
  if (aggregator(word) && (called || next === 'by' || next === 'without')) return parseAggregate(c, take(c));
  if (NEVER_METRICS.has(word)) return unexpected(c, expected, `\`${word}\` is a keyword.`);
  take(c);
  if (!called) return parseSelector(c, token);
  if (NEVER_FUNCTIONS.has(word) || token.text.includes(':')) {
    return fail(c, token, `\`${token.text}\` is no function.`, 'A metric cannot be followed by parentheses.');
  }
  const open = take(c);
  const args = parseArguments(c, open);
  if (!args) return undefined;
  return built(c, { kind: 'call', from: token.from, to: args.to, func: token.text, args: args.exprs }, args.exprs);
}

interface Arguments {
  readonly exprs: readonly Expr[];
  readonly to: number;
}

function parseArguments(c: Cursor, open: Token): Arguments | undefined {
  const exprs: Expr[] = [];
  while (exprs.length > 0 || !isSign(peek(c), ')')) {
    const expr = parseExpression(c);
    if (!expr) return undefined;
    exprs.push(expr);
    const comma = takeSign(c, ',');
    if (!comma) break;
    if (isSign(peek(c), ')')) return fail(c, comma, 'A comma cannot follow the last argument.', 'Remove it.');
  }
  const end = close(c, open, ')', 'an operator, `,` or `)`');
  return end && { exprs, to: end.to };
}

function parseAggregate(c: Cursor, name: Token): Aggregate | undefined {
  const op = name.text.toLowerCase();
  const before = parseGrouping(c);
  if (c.failed) return undefined;
  const open = takeSign(c, '(');
  if (!open) return unexpected(c, `what \`${op}\` aggregates, in parentheses,`);
  const args = parseArguments(c, open);
  if (!args) return undefined;
  const after = before ? undefined : parseGrouping(c);
  if (c.failed) return undefined;
  const grouping = before ?? after;
  const to = after?.to ?? args.to;
  const count = aggregator(op)?.param === undefined ? 1 : 2;
  const [first, second] = args.exprs;
  const expr = count === 1 ? first : second;
  if (!expr || !first || args.exprs.length !== count) {
    const takes = count === 1 ? 'one argument' : 'two arguments';
    const help = count === 1 ? `Write \`${op}(…)\` around one expression.` : `Write \`${op}(parameter, expression)\`.`;
    return fail(c, { from: name.from, to }, `\`${op}\` takes ${takes}, not ${args.exprs.length}.`, help, 'type');
  }
  const node: Aggregate = { kind: 'aggregate', from: name.from, to, op, expr };
  const grouped = grouping
    ? { ...node, grouping: { by: grouping.by, labels: grouping.labels, insertAt: grouping.insertAt } }
    : node;
  return built(c, count === 1 ? grouped : { ...grouped, param: first }, args.exprs);
}

function parseGrouping(c: Cursor): (LabelList & { readonly by: boolean }) | undefined {
  const word = peekWord(c);
  if (word !== 'by' && word !== 'without') return undefined;
  take(c);
  const list = parseLabelList(c, word);
  return list && { ...list, by: word === 'by' };
}
