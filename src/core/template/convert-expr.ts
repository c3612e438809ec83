import type { ArithmeticOp, CompareOp, Expr } from './ast.ts';
import { convertCall, convertFilter, convertLookup, convertName } from './convert-call.ts';
import type { Context } from './names.ts';
import { around, nodePlace, refuse } from './names.ts';
import { many, one } from './nodes.ts';
import type { RawNode } from './raw.ts';
import { bool, num, str } from './runtime.ts';

/** Expressions: nunjucks' tree to ours, with the grouping that nunjucks' own output has. */

const FLAT: Readonly<Record<string, ArithmeticOp>> = { Add: '+', Sub: '-', Mul: '*', Div: '/', Mod: '%' };

export function convertExpr(node: RawNode, context: Context): Expr {
  const convert = (child: RawNode): Expr => convertExpr(child, context);
  const left = (): Expr => convert(one(node, 'left'));
  const right = (): Expr => convert(one(node, 'right'));
  switch (node.typename) {
    case 'Literal':
      return convertLiteral(node, context);
    case 'Symbol':
      return convertName(node, context);
    case 'Group': {
      const inside = many(node);
      return inside[0] && inside.length === 1
        ? convert(inside[0])
        : refuse(context, node, 'Parentheses hold one expression.');
    }
    case 'Array': {
      const items = many(node).map(convert);
      return { kind: 'list', items, ...around(nodePlace(context, node), ...items) };
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Mod':
      return regroup(flatten(node, context));
    case 'FloorDiv':
      return convertFloorDiv(node, context);
    case 'Pow':
      return binary({ kind: 'arithmetic', op: '**', left: left(), right: right() });
    case 'Neg':
    case 'Pos':
      return convertSign(node, context);
    case 'Concat':
      return convertConcat(node, context);
    case 'Compare':
      return convertCompare(node, context);
    case 'In':
      return binary({ kind: 'in', left: left(), right: right() });
    case 'And':
    case 'Or':
      return binary({ kind: node.typename === 'And' ? 'and' : 'or', left: left(), right: right() });
    case 'Not':
      return convertNot(node, context);
    case 'InlineIf':
      return convertChoose(node, context);
    case 'Filter':
      return convertFilter(node, context, convert);
    case 'FunCall':
      return convertCall(node, context, convert);
    case 'LookupVal':
      return convertLookup(node, context);
    case 'Is':
      return refuse(context, node, 'A template has no tests with `is`.', 'Compare with `==`, or ask with `in`.');
    case 'Dict':
      return refuse(context, node, 'A template has no objects.');
    default:
      return refuse(context, node, 'A template may not do this.');
  }
}

type BinaryShape =
  | { kind: 'arithmetic'; op: ArithmeticOp; left: Expr; right: Expr }
  | { kind: 'in' | 'and' | 'or'; left: Expr; right: Expr };

function binary(shape: BinaryShape): Expr {
  return { ...shape, ...around(shape.left, shape.right) } as Expr;
}

function convertLiteral(node: RawNode, context: Context): Expr {
  const value = node['value'];
  const place = nodePlace(context, node);
  if (typeof value === 'number') return { kind: 'literal', value: num(value), ...place };
  if (typeof value === 'string') return { kind: 'literal', value: str(value), ...place };
  if (typeof value === 'boolean') return { kind: 'literal', value: bool(value), ...place };
  if (value === null) return { kind: 'literal', value: { type: 'none' }, ...place };
  return refuse(context, node, 'A template may not have such a value.');
}

/** nunjucks writes such a chain out flat, so that `a * b / c` is (a * b) / c whatever its tree says. */
function flatten(node: RawNode, context: Context): { operands: Expr[]; ops: ArithmeticOp[] } {
  const op = FLAT[node.typename];
  if (op === undefined) return { operands: [convertExpr(node, context)], ops: [] };
  const left = flatten(one(node, 'left'), context);
  const right = flatten(one(node, 'right'), context);
  return { operands: [...left.operands, ...right.operands], ops: [...left.ops, op, ...right.ops] };
}

function regroup(chain: { operands: readonly Expr[]; ops: readonly ArithmeticOp[] }): Expr {
  const terms: Expr[] = [chain.operands[0] as Expr];
  const sums: ArithmeticOp[] = [];
  for (const [i, op] of chain.ops.entries()) {
    const operand = chain.operands[i + 1] as Expr;
    if (op === '+' || op === '-') {
      sums.push(op);
      terms.push(operand);
    } else {
      terms.push(binary({ kind: 'arithmetic', op, left: terms.pop() as Expr, right: operand }));
    }
  }
  return terms.reduce((left, right, i) => binary({ kind: 'arithmetic', op: sums[i - 1] as ArithmeticOp, left, right }));
}

function convertFloorDiv(node: RawNode, context: Context): Expr {
  const right = one(node, 'right');
  if (FLAT[right.typename] !== undefined) {
    return refuse(
      context,
      right,
      '`//` beside another operator is ambiguous.',
      'Put parentheses around what belongs together.',
    );
  }
  const left = regroup(flatten(one(node, 'left'), context));
  return binary({ kind: 'arithmetic', op: '//', left, right: convertExpr(right, context) });
}

function convertSign(node: RawNode, context: Context): Expr {
  const operand = convertExpr(one(node, 'target'), context);
  const place = around(nodePlace(context, node), operand);
  // A plus sign changes nothing, but it takes numbers only: adding zero says so.
  const zero: Expr = { kind: 'literal', value: num(0), ...place };
  return node.typename === 'Neg'
    ? { kind: 'negate', operand, ...place }
    : { kind: 'arithmetic', op: '+', left: zero, right: operand, ...place };
}

function convertConcat(node: RawNode, context: Context): Expr {
  const parts: RawNode[] = [];
  let first = node;
  for (; first.typename === 'Concat'; first = one(first, 'left')) parts.unshift(one(first, 'right'));
  const sum = parts.find((part) => part.typename === 'Add' || part.typename === 'Sub');
  if (sum) {
    return refuse(context, sum, 'A sum after `~` is ambiguous.', 'Put it in parentheses: `text ~ (a + b)`.');
  }
  const converted = [first, ...parts].map((part) => convertExpr(part, context));
  return { kind: 'concat', parts: converted, ...around(converted[0] as Expr, ...converted) };
}

function convertCompare(node: RawNode, context: Context): Expr {
  const ops = (node['ops'] as readonly RawNode[]) ?? [];
  const [op, more] = ops;
  if (!op || more) {
    return refuse(context, more ?? node, 'A comparison has two sides.', 'Write `a < b and b < c`.');
  }
  const left = convertExpr(one(node, 'expr'), context);
  const right = convertExpr(one(op, 'expr'), context);
  const text = String(op['type']);
  if (text === '===' || text === '!==') {
    return refuse(context, node, `A template compares by \`${text.slice(0, 2)}\`, not by \`${text}\`.`);
  }
  return { kind: 'compare', op: text as CompareOp, left, right, ...around(left, right) };
}

function convertNot(node: RawNode, context: Context): Expr {
  const target = one(node, 'target');
  if (target.typename === 'Compare' || target.typename === 'Concat' || FLAT[target.typename] !== undefined) {
    return refuse(context, node, '`not` before an operator is ambiguous.', 'Use parentheses: `not (a == b)`.');
  }
  const operand = convertExpr(target, context);
  return { kind: 'not', operand, ...around(nodePlace(context, node), operand) };
}

function convertChoose(node: RawNode, context: Context): Expr {
  const cond = convertExpr(one(node, 'cond'), context);
  const chosen = convertExpr(one(node, 'body'), context);
  if (node['else_'] === null) return { kind: 'choose', cond, chosen, ...around(chosen, cond) };
  const otherwise = convertExpr(one(node, 'else_'), context);
  return { kind: 'choose', cond, chosen, otherwise, ...around(chosen, cond, otherwise) };
}
