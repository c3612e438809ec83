import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileAll } from '../../src/core/compile.ts';
import type { DiffInput } from '../../src/core/diff/diff.ts';
import type { SourceFile } from '../../src/core/ground/source.ts';
import type { Sources } from '../../src/core/ground/sources.ts';
import { parseConfig } from '../../src/core/parse/config.ts';
import { TODAY } from '../support/compile.ts';
import { projectRoot } from '../support/paths.ts';

/** The repository that the cases change. */
export const REPOSITORY = join(projectRoot, 'test/diff/repository');
export const CASES = join(projectRoot, 'test/diff/cases');

/** All files below a folder, by path. */
export function filesIn(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), readFileSync(path, 'utf8'));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sources from texts by path, as the loader would sort them. */
export function sourcesFrom(files: ReadonlyMap<string, string>): Sources {
  const all = [...files].map(([path, text]): SourceFile => ({ path, text }));
  const below = (folder: string, ending: RegExp): SourceFile[] =>
    all.filter((f) => f.path.startsWith(`${folder}/`) && ending.test(f.path));
  const config = files.has('rulewright.yaml') ? all.find((f) => f.path === 'rulewright.yaml') : undefined;
  const entries = parseConfig(config, {}).config.inventory;
  const inventory = below('groups/targets', /./).map((file) => {
    const entry = entries.find((e) => e.files.value === file.path) ?? entries[0];
    return { file, labels: entry?.labels ?? {} };
  });
  return {
    ...(config && { config }),
    rules: below('rules', /\.ya?ml$/),
    groups: below('groups', /\.ya?ml$/).filter((f) => !f.path.startsWith('groups/targets/')),
    templates: below('templates', /\.ya?ml$/),
    macros: below('templates', /\.njk$/),
    inventory,
    problems: [],
  };
}

/** A state to compare, from texts by path. */
export function inputFrom(name: string, files: ReadonlyMap<string, string>): DiffInput {
  const sources = sourcesFrom(files);
  const servers = compileAll(sources, { today: TODAY });
  const [compiled] = servers;
  return { name, macros: sources.macros, servers, ...(compiled && { compiled }) };
}

/** Both states of a case: the repository with what the case puts over it. `gone.txt` lists what the head lacks. */
export function caseInputs(name: string): { base: DiffInput; head: DiffInput } {
  const folder = join(CASES, name);
  const common = filesIn(REPOSITORY);
  const gone = join(folder, 'gone.txt');
  const base = new Map([...common, ...filesIn(join(folder, 'base'))]);
  const head = new Map([...common, ...filesIn(join(folder, 'head'))]);
  if (existsSync(gone)) for (const path of readFileSync(gone, 'utf8').trim().split('\n')) head.delete(path);
  const sorted = (files: Map<string, string>): Map<string, string> =>
    new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { base: inputFrom('main (3f2a1b9)', sorted(base)), head: inputFrom('the work tree', sorted(head)) };
}
