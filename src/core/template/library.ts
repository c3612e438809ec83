import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { MacroFile } from '../model/written.ts';
import type { Export, Exports, Statement } from './ast.ts';
import type { ConvertedUnit } from './convert.ts';
import { convertUnit } from './convert.ts';
import { callMacro, execute } from './execute.ts';
import { freeInMacro, setNames } from './free.ts';
import { newRun, topScope } from './machine.ts';
import type { Loader } from './names.ts';
import type { Computed } from './runtime.ts';
import type { TemplateSource } from './source.ts';
import type { Problem } from './tokens.ts';

/** The macro files of a repository, parsed, their imports resolved. */
export interface MacroLibrary {
  /** Sorted. */
  readonly names: readonly string[];
  /** 'broken' where the file has errors, which `macroLibrary` has told. */
  exportsOf(name: string): Exports | 'unknown' | 'broken';
}

const MAX_IMPORTS = 20; // files that import files

/** A library without files: for templates that stand alone. */
export const NO_MACROS: MacroLibrary = { names: [], exportsOf: () => 'unknown' };

/** Parses all macro files. A file with an error exports nothing; the others stay usable. */
export function macroLibrary(files: readonly MacroFile[]): { library: MacroLibrary; diagnostics: Diagnostic[] } {
  const byName = new Map(files.map((file) => [file.name, file]));
  const names = [...byName.keys()].sort();
  const done = new Map<string, Exports | 'broken'>();
  const diagnostics: Diagnostic[] = [];
  const load = (name: string, path: readonly string[]): ReturnType<Loader['load']> => {
    const file = byName.get(name);
    if (!file) return 'unknown';
    if (path.includes(name)) return { cycle: [...path.slice(path.indexOf(name)), name].join(' → ') };
    const known = done.get(name);
    if (known) return known;
    const inner = [...path, name];
    const loader: Loader = {
      names,
      load: (imported) => (inner.length > MAX_IMPORTS ? 'broken' : load(imported, inner)),
    };
    const loaded = loadFile(file, loader, diagnostics);
    done.set(name, loaded);
    return loaded;
  };
  for (const name of names) load(name, []);
  return { library: { names, exportsOf: (name) => done.get(name) ?? 'unknown' }, diagnostics };
}

/** Diagnostics for the problems of a text. */
export function toDiagnostics(source: TemplateSource, problems: readonly Problem[]): Diagnostic[] {
  return problems.map(({ code, from, to, message, help }) =>
    diagnostic(code, source.span(from, to), message, { help }),
  );
}

function loadFile(file: MacroFile, loader: Loader, diagnostics: Diagnostic[]): Exports | 'broken' {
  const source: TemplateSource = {
    text: file.file.text,
    span: (start, end) => ({ file: file.file, start, end }),
  };
  const constants = new Map<string, Computed>();
  const converted = convertUnit(source, loader, constants);
  const problems = [...converted.problems, ...converted.body.flatMap(onlyDefinitions), ...blindMacros(converted)];
  diagnostics.push(...toDiagnostics(source, problems));
  if (problems.length > 0 || converted.broken) return 'broken';
  const run = newRun(new Map(), callMacro);
  const scope = topScope(converted.unit);
  execute(converted.body, scope, run, []);
  diagnostics.push(...run.diagnostics);
  if (run.diagnostics.length > 0) return 'broken';
  const exports = new Map<string, Export>();
  for (const [name, value] of scope.frame.variables) {
    if (!value) continue;
    constants.set(name, value);
    if (!name.startsWith('_')) exports.set(name, { kind: 'constant', value });
  }
  for (const [name, macro] of converted.macros) {
    if (macro.unit === converted.unit && !name.startsWith('_')) exports.set(name, { kind: 'macro', macro });
  }
  return exports;
}

/** At its top level a macro file defines; text between the definitions is a remark. */
function onlyDefinitions(statement: Statement): Problem[] {
  if (statement.kind === 'text' || statement.kind === 'set') return [];
  const message = 'A file of macros holds macros, imports and `set` only: this would never be written anywhere.';
  return [{ code: 'template-forbidden', from: statement.from, to: statement.to, message }];
}

function blindMacros(converted: ConvertedUnit): Problem[] {
  const bound = setNames(converted.body);
  return [...converted.macros.values()].flatMap((macro) => {
    if (macro.unit !== converted.unit) return [];
    return freeInMacro(macro, bound).map((free) => ({
      code: 'template-undefined' as const,
      from: free.from,
      to: free.to,
      message: `The macro \`${macro.name}\` does not know \`${free.name}\`: it sees its arguments only.`,
      help: `Make it an argument: \`${macro.name}(${[...macro.params.map((p) => p.name), free.name].join(', ')})\`.`,
    }));
  });
}
