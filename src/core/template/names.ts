import type { Code } from '../ground/codes.ts';
import { suggest } from '../ground/suggest.ts';
import type { Export, Exports, Expr, Macro, Place, Unit } from './ast.ts';
import { one } from './nodes.ts';
import type { RawNode } from './raw.ts';
import type { Computed } from './runtime.ts';
import type { Problem } from './tokens.ts';

/** What is known while a text is converted: its macros and imports, and where its words stand. */

export interface Context {
  readonly unit: Unit;
  readonly text: string;
  readonly ends: ReadonlyMap<number, number>;
  readonly holes: ReadonlyMap<number, number>;
  readonly problems: Problem[];
  readonly load: Loader;
  readonly macros: Map<string, Macro>;
  readonly constants: Map<string, Computed>;
  readonly namespaces: Map<string, Exports>;
  /** Names from files that have errors of their own: nothing is said of these twice. */
  readonly brokenImports: Set<string>;
  readonly macroFile: boolean;
  readonly loops: number;
}

/** Finds a file of macros by its name. */
export interface Loader {
  readonly names: readonly string[];
  load(name: string): Exports | 'unknown' | 'broken' | { readonly cycle: string };
}

export function nodePlace(context: Context, node: RawNode): Place {
  return { from: node.colno, to: context.ends.get(node.colno) ?? node.colno + 1 };
}

export function failNode(context: Context, node: RawNode, code: Code, message: string, help?: string): void {
  const problem = { code, ...nodePlace(context, node), message };
  context.problems.push(help === undefined ? problem : { ...problem, help });
}

/** All names that the text's macros and imports have taken. */
export function namesOf(context: Context): Set<string> {
  const { macros, constants, namespaces, brokenImports } = context;
  return new Set([...macros.keys(), ...constants.keys(), ...namespaces.keys(), ...brokenImports]);
}

/** True where a name of a macro or an import is still free; else a problem is told. */
export function declare(context: Context, name: string, place: Place): boolean {
  if (name !== 'loop' && name !== 'range' && !namesOf(context).has(name)) return true;
  const message =
    name === 'loop' || name === 'range' ? `\`${name}\` has a meaning of its own.` : `\`${name}\` is defined twice.`;
  context.problems.push({ code: 'template-forbidden', ...place, message, help: 'Choose another name.' });
  return false;
}

/** The macros of the file that an import names; undefined where that was refused, which has been told. */
export function importFile(context: Context, node: RawNode): Exports | 'broken' | undefined {
  const template = one(node, 'template');
  const name = template['value'];
  const place = nodePlace(context, template);
  const fail = (code: Code, message: string, help?: string): undefined => {
    context.problems.push(help === undefined ? { code, ...place, message } : { code, ...place, message, help });
  };
  if (node['withContext'] === true) {
    const help = 'Give the macro what it needs as arguments.';
    failNode(context, node, 'template-forbidden', 'A macro sees its arguments only, never the template’s names.', help);
    return undefined;
  }
  if (template.typename !== 'Literal' || typeof name !== 'string') {
    return fail(
      'template-forbidden',
      'The file that is imported is told by a string.',
      'Write `<% import "file.njk" as file %>`.',
    );
  }
  if (name.startsWith('/') || name.includes('\\') || name.split('/').some((part) => part === '..' || part === '.')) {
    const help = 'Name the file by its path below `templates/`, as in `<% import "units.njk" as units %>`.';
    return fail('template-forbidden', `A template imports from \`templates/\` only, not \`${name}\`.`, help);
  }
  const found = context.load.load(name);
  if (found === 'broken') return 'broken';
  if (found === 'unknown') {
    const near = suggest(name, context.load.names) ?? context.load.names.find((known) => known === `${name}.njk`);
    const known = context.load.names.length === 0 ? 'There are none.' : `There are: ${context.load.names.join(', ')}.`;
    return fail(
      'unknown-template',
      `There is no file of macros \`${name}\` in \`templates/\`.`,
      near ? `Did you mean \`${near}\`?` : known,
    );
  }
  if ('cycle' in found && typeof found.cycle === 'string') {
    return fail('cycle', `This file of macros imports itself: ${found.cycle}.`, 'Move what both need to a third file.');
  }
  return found as Exports;
}

/** What a file of macros gives under a name; undefined, and told, where it gives nothing. */
export function resolveExport(context: Context, exports: Exports, name: string, place: Place): Export | undefined {
  const found = exports.get(name);
  if (found) return found;
  const near = suggest(name, exports.keys());
  const known =
    exports.size === 0 ? 'The file defines none.' : `The file defines: ${[...exports.keys()].sort().join(', ')}.`;
  const message = `The imported file has no macro \`${name}\`.`;
  const help = near ? `Did you mean \`${near}\`? ${known}` : known;
  context.problems.push({ code: 'template-undefined', ...place, message, help });
  return undefined;
}

/** What stands for an expression that was refused: its unit is never run. */
export function refused(context: Context, node: RawNode): Expr {
  return { kind: 'literal', value: { type: 'none' }, ...nodePlace(context, node) };
}

/** Tells what a template may not do. */
export function refuse(context: Context, node: RawNode, message: string, help?: string): Expr {
  failNode(context, node, 'template-forbidden', message, help);
  return refused(context, node);
}

/** The place from the first of some to the last. */
export function around(first: Place, ...others: readonly Place[]): Place {
  return {
    from: Math.min(first.from, ...others.map((p) => p.from)),
    to: Math.max(first.to, ...others.map((p) => p.to)),
  };
}
