import { suggest } from '../suggest.ts';
import type { Argument, ArithmeticOp, CompareOp, Expr, LoopField, Macro, Place } from './ast.ts';
import { LOOP_FIELDS } from './ast.ts';
import { FILTERS } from './filters.ts';
import type { Context } from './names.ts';
import { failNode, nodePlace, resolveExport } from './names.ts';
import { many, one, symbolOf } from './nodes.ts';
import type { RawNode } from './raw.ts';
import { bool, num, str } from './runtime.ts';

/** Expressions: nunjucks' tree to ours, with the grouping that nunjucks' own output has. */

const FLAT: Readonly<Record<string, ArithmeticOp>> = { Add: '+', Sub: '-', Mul: '*', Div: '/', Mod: '%' };

/** What stands for an expression that was refused: its unit is never run. */
function refused(context: Context, node: RawNode): Expr {
  return { kind: 'literal', value: { type: 'none' }, ...nodePlace(context, node) };
}

function refuse(context: Context, node: RawNode, message: string, help?: string): Expr {
  failNode(context, node, 'template-forbidden', message, help);
  return refused(context, node);
}

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
      return convertFilter(node, context);
    case 'FunCall':
      return convertCall(node, context);
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

function around(first: Place, ...others: readonly Place[]): Place {
  return {
    from: Math.min(first.from, ...others.map((p) => p.from)),
    to: Math.max(first.to, ...others.map((p) => p.to)),
  };
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

function convertName(node: RawNode, context: Context): Expr {
  const name = String(node['value']);
  const place = nodePlace(context, node);
  const constant = context.constants.get(name);
  if (constant) return { kind: 'constant', value: constant, ...place };
  if (context.macros.has(name)) {
    return refuse(context, node, `\`${name}\` is a macro and is called with parentheses.`, `Write \`${name}(…)\`.`);
  }
  if (context.namespaces.has(name)) {
    return refuse(context, node, `\`${name}\` is an imported file.`, `Write \`${name}.macro(…)\`.`);
  }
  if (name === 'loop' && context.loops > 0) {
    return refuse(
      context,
      node,
      '`loop` by itself has no value.',
      `Write \`loop.index\`; there are ${LOOP_FIELDS.join(', ')}.`,
    );
  }
  return { kind: 'name', name, ...place };
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

function convertFilter(node: RawNode, context: Context): Expr {
  const nameNode = one(node, 'name');
  const name = String(nameNode['value']);
  const [target, ...args] = many(one(node, 'args'));
  const place = nodePlace(context, nameNode);
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (!target) return refuse(context, node, 'A filter needs a value.');
  if (!filter) {
    const near = suggest(name, Object.keys(FILTERS));
    const known = `There are: ${Object.keys(FILTERS).sort().join(', ')}.`;
    const help =
      name === 'default'
        ? 'A param has its default in the rule’s `params`.'
        : near
          ? `Did you mean \`${near}\`? ${known}`
          : known;
    return refuse(context, nameNode, `There is no filter \`${name}\`.`, help);
  }
  const named = args.find((arg) => arg.typename === 'KeywordArgs');
  if (named)
    return refuse(context, nameNode, 'Arguments of a filter have no names.', `Write \`${name}(${filter.usage})\`.`);
  if (args.length < filter.min || args.length > filter.max) {
    const usage = filter.usage === '' ? `\`| ${name}\`` : `\`| ${name}(${filter.usage})\``;
    return refuse(context, nameNode, `The filter \`${name}\` has other arguments.`, `Write ${usage}.`);
  }
  const value = convertExpr(target, context);
  const converted = args.map((arg) => convertExpr(arg, context));
  return { kind: 'filter', name, target: value, args: converted, ...around(value, place, ...converted) };
}

function convertCall(node: RawNode, context: Context): Expr {
  const callee = one(node, 'name');
  const args = convertArguments(node, context);
  const place = around(nodePlace(context, calleeStart(callee)), nodePlace(context, node), ...args.map((a) => a.value));
  const name = symbolOf(callee);
  const macro = name === undefined ? memberMacro(callee, context) : context.macros.get(name);
  if (macro === 'told') return refused(context, node);
  if (macro) return { kind: 'call', macro, args, ...place };
  if (name === 'range') {
    const help = 'Write `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.';
    if (args.length < 1 || args.length > 3 || args.some((a) => a.name !== undefined)) {
      return refuse(context, node, '`range` takes one to three numbers.', help);
    }
    return { kind: 'range', args: args.map((a) => a.value), ...place };
  }
  if (name !== undefined && context.brokenImports.has(name)) return refused(context, node);
  const near = name === undefined ? undefined : suggest(name, [...context.macros.keys(), 'range']);
  const help = near ? `Did you mean \`${near}\`?` : 'Import a macro, or use a filter: `<< value | upper >>`.';
  const message =
    name === undefined ? 'Only macros can be called.' : `\`${name}\` is not a macro, and only macros can be called.`;
  return refuse(context, calleeStart(callee), message, help);
}

function calleeStart(callee: RawNode): RawNode {
  let node = callee;
  while (node.typename === 'LookupVal' || node.typename === 'FunCall') {
    node = one(node, node.typename === 'FunCall' ? 'name' : 'target');
  }
  return node;
}

/** `file.macro(…)`; 'told' where that is wrong and has been said. */
function memberMacro(callee: RawNode, context: Context): Macro | 'told' | undefined {
  if (callee.typename !== 'LookupVal') return undefined;
  const owner = symbolOf(one(callee, 'target'));
  if (owner !== undefined && context.brokenImports.has(owner)) return 'told';
  const exports = owner === undefined ? undefined : context.namespaces.get(owner);
  const member = one(callee, 'val');
  if (!exports) {
    convertLookup(callee, context);
    return 'told';
  }
  const place = nodePlace(context, member);
  const found = resolveExport(context, exports, String(member['value']), place);
  if (found?.kind === 'macro') return found.macro;
  if (found) refuse(context, member, 'This is a value, and only macros can be called.');
  return 'told';
}

function convertArguments(node: RawNode, context: Context): Argument[] {
  return many(one(node, 'args')).flatMap((arg): Argument[] => {
    if (arg.typename !== 'KeywordArgs') return [{ value: convertExpr(arg, context) }];
    return many(arg).map((pair) => {
      const name = symbolOf(one(pair, 'key'));
      if (name === undefined) refuse(context, one(pair, 'key'), 'An argument is named by a name.');
      return { name: name ?? '', value: convertExpr(one(pair, 'value'), context) };
    });
  });
}

function convertLookup(node: RawNode, context: Context): Expr {
  const owner = symbolOf(one(node, 'target'));
  const member = one(node, 'val');
  const text = String(member['value']);
  if (owner === 'loop' && context.loops > 0) {
    if (member.typename === 'Literal' && LOOP_FIELDS.includes(text as LoopField)) {
      const place = around(nodePlace(context, one(node, 'target')), nodePlace(context, member));
      return { kind: 'loop', field: text as LoopField, ...place };
    }
    return refuse(context, member, `A loop has no \`${text}\`.`, `There are: ${LOOP_FIELDS.join(', ')}.`);
  }
  if (owner !== undefined && context.brokenImports.has(owner)) return refused(context, node);
  const exports = owner === undefined ? undefined : context.namespaces.get(owner);
  if (exports && member.typename === 'Literal') {
    const found = resolveExport(context, exports, text, nodePlace(context, member));
    if (found?.kind === 'constant') return { kind: 'constant', value: found.value, ...nodePlace(context, member) };
    if (!found) return refused(context, node);
    return refuse(
      context,
      member,
      `\`${text}\` is a macro and is called with parentheses.`,
      `Write \`${owner}.${text}(…)\`.`,
    );
  }
  const help =
    'A dot reaches the macros of an imported file and `loop.index`; of a list, take `| first`, `| last` or a loop.';
  return refuse(
    context,
    member.typename === 'Missing' ? node : member,
    'A template cannot look inside of a value.',
    help,
  );
}
