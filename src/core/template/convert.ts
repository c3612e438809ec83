import type { Exports, Macro, MacroParam, Place, Statement, Unit } from './ast.ts';
import { convertExpr } from './convert-expr.ts';
import type { Context, Loader } from './names.ts';
import { declare, failNode, importFile, namesOf, nodePlace, resolveExport } from './names.ts';
import { many, one, symbolOf } from './nodes.ts';
import { plainHoles } from './plain-holes.ts';
import type { RawNode } from './raw.ts';
import { parseRaw } from './raw.ts';
import type { Computed } from './runtime.ts';
import { isTemplated, scan } from './scan.ts';
import type { TemplateSource } from './source.ts';
import type { Problem } from './tokens.ts';

/** From nunjucks' tree to ours: what is on the list is converted, all else is refused where it stands. */

export interface ConvertedUnit {
  readonly unit: Unit;
  readonly body: readonly Statement[];
  readonly macros: ReadonlyMap<string, Macro>;
  /** What `import` and `from` brought. */
  readonly problems: readonly Problem[];
  /** True where an imported file has errors of its own, which are told there. */
  readonly broken: boolean;
}

/** Parses and converts a text. `constants` is given for a file of macros, and filled by whoever runs its `set`s. */
export function convertUnit(
  source: TemplateSource,
  load: Loader,
  constants?: ReadonlyMap<string, Computed>,
): ConvertedUnit {
  const unit: Unit = constants ? { source, constants } : { source };
  const { text } = source;
  if (!isTemplated(text)) {
    const body: Statement[] = text === '' ? [] : [{ kind: 'text', text, from: 0, to: text.length }];
    return { unit, body, macros: new Map(), problems: [], broken: false };
  }
  const plain = constants ? undefined : plainHoles(text);
  if (plain) return { unit, body: plain, macros: new Map(), problems: [], broken: false };
  return convertParsed(unit, load, constants !== undefined);
}

/** The same by nunjucks' parser, for any text. */
export function convertParsed(unit: Unit, load: Loader, macroFile: boolean): ConvertedUnit {
  const { text } = unit.source;
  const scanned = scan(text);
  const nothing = { unit, body: [], macros: new Map<string, Macro>(), broken: false };
  if (scanned.problems.length > 0) return { ...nothing, problems: scanned.problems };
  const raw = parseRaw(text, scanned);
  if ('problem' in raw) return { ...nothing, problems: [raw.problem] };
  const context: Context = {
    unit,
    text,
    ends: scanned.ends,
    holes: scanned.holes,
    problems: [],
    load,
    macros: new Map(),
    constants: new Map(),
    namespaces: new Map(),
    brokenImports: new Set(),
    macroFile,
    loops: 0,
  };
  const top = many(raw.root);
  for (const node of top) collect(node, context);
  const body = convertAll(top, context, true);
  const { macros, problems } = context;
  return { unit, body, macros, problems, broken: context.brokenImports.size > 0 };
}

/** Macros and imports are known in the whole text, wherever they stand in it. */
function collect(node: RawNode, context: Context): void {
  if (node.typename === 'Macro') {
    const name = symbolOf(one(node, 'name'));
    if (name === undefined) {
      failNode(context, node, 'template-syntax', 'A macro needs a name.');
      return;
    }
    const macro = { name, place: nodePlace(context, one(node, 'name')), params: [], body: [], unit: context.unit };
    if (declare(context, name, macro.place)) context.macros.set(name, macro);
  } else if (node.typename === 'Import') {
    collectImport(node, context);
  } else if (node.typename === 'FromImport') {
    collectFrom(node, context);
  }
}

function collectImport(node: RawNode, context: Context): void {
  const alias = symbolOf(one(node, 'target'));
  if (alias === undefined) {
    failNode(context, node, 'template-syntax', 'What follows `as` must be a name.');
    return;
  }
  if (!declare(context, alias, nodePlace(context, one(node, 'target')))) return;
  const exports = importFile(context, node);
  if (exports === 'broken') context.brokenImports.add(alias);
  else if (exports) context.namespaces.set(alias, exports);
}

function collectFrom(node: RawNode, context: Context): void {
  const exports = importFile(context, node);
  for (const item of many(one(node, 'names'))) {
    const pair = item.typename === 'Pair';
    const nameNode = pair ? one(item, 'key') : item;
    const aliasNode = pair ? one(item, 'value') : item;
    const name = symbolOf(nameNode);
    const alias = symbolOf(aliasNode);
    if (name === undefined || alias === undefined) {
      failNode(context, item, 'template-syntax', 'What is imported is told by its name.');
    } else if (exports === 'broken' || exports === undefined) {
      context.brokenImports.add(alias);
    } else if (declare(context, alias, nodePlace(context, aliasNode))) {
      importName(context, exports, name, alias, nodePlace(context, nameNode));
    }
  }
}

function importName(context: Context, exports: Exports, name: string, alias: string, place: Place): void {
  const found = resolveExport(context, exports, name, place);
  if (found?.kind === 'macro') context.macros.set(alias, found.macro);
  else if (found) context.constants.set(alias, found.value);
  else context.brokenImports.add(alias);
}

function convertAll(nodes: readonly RawNode[], context: Context, top: boolean): Statement[] {
  return nodes.flatMap((node) => convertStatement(node, context, top));
}

function convertStatement(node: RawNode, context: Context, top: boolean): Statement[] {
  switch (node.typename) {
    case 'Output':
      return many(node).flatMap((child) => convertOutput(node, child, context));
    case 'If':
      return [convertIf(node, context)];
    case 'For':
      return convertFor(node, context);
    case 'Set':
      return convertSet(node, context);
    case 'Macro':
      if (top) convertMacro(node, context);
      else failNode(context, node, 'template-forbidden', 'A macro is defined at the top level only.');
      return [];
    case 'Import':
    case 'FromImport':
      if (!top) failNode(context, node, 'template-forbidden', 'Macros are imported at the top level only.');
      return [];
    default:
      failNode(context, node, 'template-forbidden', 'A template may not do this.');
      return [];
  }
}

function convertOutput(node: RawNode, child: RawNode, context: Context): Statement[] {
  if (child.typename === 'TemplateData') {
    const text = String(child['value']);
    if (text === '') return [];
    // White space that `-` took away at the front is not part of the place.
    const written = context.text.slice(node.colno, context.ends.get(node.colno));
    const from = node.colno + Math.max(0, written.indexOf(text));
    return [{ kind: 'text', text, from, to: from + text.length }];
  }
  const to = context.holes.get(node.colno) ?? node.colno + 2;
  return [{ kind: 'output', expr: convertExpr(child, context), from: node.colno, to }];
}

function convertIf(node: RawNode, context: Context): Statement {
  const branch = node['else_'] as RawNode | null;
  const otherwise =
    branch === null ? [] : branch.typename === 'If' ? [convertIf(branch, context)] : block(branch, context);
  const cond = convertExpr(one(node, 'cond'), context);
  return { kind: 'if', cond, body: block(one(node, 'body'), context), otherwise, ...nodePlace(context, node) };
}

function convertFor(node: RawNode, context: Context): Statement[] {
  const name = symbolOf(one(node, 'name'));
  if (name === undefined) {
    const help = 'Lists hold single items: `<% for item in list %>`.';
    failNode(context, one(node, 'name'), 'template-forbidden', 'A `for` takes one name.', help);
    return [];
  }
  const place = nodePlace(context, one(node, 'name'));
  if (!declareLocal(context, name, place)) return [];
  const list = convertExpr(one(node, 'arr'), context);
  const inside = { ...context, loops: context.loops + 1 };
  const body = block(one(node, 'body'), inside);
  const after = node['else_'] as RawNode | undefined;
  return [
    { kind: 'for', name, list, body, otherwise: after ? block(after, context) : [], ...nodePlace(context, node) },
  ];
}

function convertSet(node: RawNode, context: Context): Statement[] {
  const names: string[] = [];
  for (const target of node['targets'] as readonly RawNode[]) {
    const name = symbolOf(target);
    if (name === undefined) failNode(context, target, 'template-forbidden', '`set` sets names only.');
    else if (declareLocal(context, name, nodePlace(context, target))) names.push(name);
  }
  const body = node['body'] as RawNode | undefined;
  const value = body ? block(one(body, 'body'), context) : convertExpr(one(node, 'value'), context);
  return [{ kind: 'set', names, value, ...nodePlace(context, node) }];
}

function convertMacro(node: RawNode, context: Context): void {
  const macro = context.macros.get(symbolOf(one(node, 'name')) ?? '');
  if (!macro || macro.unit !== context.unit || macro.place.from !== one(node, 'name').colno) return;
  const params: MacroParam[] = [];
  for (const arg of many(one(node, 'args'))) {
    const pairs = arg.typename === 'KeywordArgs' ? many(arg) : [arg];
    for (const pair of pairs) {
      const nameNode = pair.typename === 'Pair' ? one(pair, 'key') : pair;
      const name = symbolOf(nameNode);
      const place = nodePlace(context, nameNode);
      if (name === undefined || params.some((p) => p.name === name)) {
        failNode(context, nameNode, 'template-syntax', 'An argument of a macro needs a name of its own.');
      } else if (declareLocal(context, name, place)) {
        params.push(
          pair.typename === 'Pair'
            ? { name, place, fallback: convertExpr(one(pair, 'value'), context) }
            : { name, place },
        );
      }
    }
  }
  // The shell was made when names were collected, so that macros can call one another; here it gets its inside.
  Object.assign(macro, { params, body: block(one(node, 'body'), { ...context, loops: 0 }) });
}

function block(list: RawNode, context: Context): Statement[] {
  return convertAll(many(list), context, false);
}

/** A local name may not hide a macro or an import: a reader would have to know which of both is meant. */
function declareLocal(context: Context, name: string, place: Place): boolean {
  if (name !== 'loop' && !namesOf(context).has(name)) return true;
  const message =
    name === 'loop' ? '`loop` is the name of the loop itself.' : `\`${name}\` is a macro or an import already.`;
  context.problems.push({ code: 'template-forbidden', ...place, message, help: 'Choose another name.' });
  return false;
}
