import { suggest } from '../ground/suggest.ts';
import type { Argument, Expr, LoopField, Macro } from './ast.ts';
import { LOOP_FIELDS } from './ast.ts';
import { FILTERS } from './filters.ts';
import type { Context } from './names.ts';
import { around, nodePlace, refuse, refused, resolveExport } from './names.ts';
import { many, one, symbolOf } from './nodes.ts';
import type { RawNode } from './raw.ts';

/** Names, filters, calls and members: where templates could reach out, and only what is on a list is let through. */

/** Converts the expressions inside. */
type Convert = (node: RawNode) => Expr;

/** A name of the template’s scope, or a constant of a macro file. */
export function convertName(node: RawNode, context: Context): Expr {
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

/** A filter of the table, with its arguments. */
export function convertFilter(node: RawNode, context: Context, convert: Convert): Expr {
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
  const value = convert(target);
  const converted = args.map((arg) => convert(arg));
  return { kind: 'filter', name, target: value, args: converted, ...around(value, place, ...converted) };
}

/** A call of a macro, or of `range`; nothing else can be called. */
export function convertCall(node: RawNode, context: Context, convert: Convert): Expr {
  const callee = one(node, 'name');
  const args = convertArguments(node, context, convert);
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

function convertArguments(node: RawNode, context: Context, convert: Convert): Argument[] {
  return many(one(node, 'args')).flatMap((arg): Argument[] => {
    if (arg.typename !== 'KeywordArgs') return [{ value: convert(arg) }];
    return many(arg).map((pair) => {
      const name = symbolOf(one(pair, 'key'));
      if (name === undefined) refuse(context, one(pair, 'key'), 'An argument is named by a name.');
      return { name: name ?? '', value: convert(one(pair, 'value')) };
    });
  });
}

/** A dot or brackets: fields of a loop and members of imported files, nothing else. */
export function convertLookup(node: RawNode, context: Context): Expr {
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
