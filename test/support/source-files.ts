import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';

/** A TypeScript file of the project; `path` from the root, with `/`. */
export interface TsFile {
  readonly path: string;
  readonly text: string;
}

/** Every `.ts` file below a folder of the project, sorted. */
export function tsFiles(folder: string): TsFile[] {
  const entries = readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' });
  return entries
    .filter((entry) => entry.endsWith('.ts'))
    .sort()
    .map((entry) => `${folder}/${entry.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

/** The text with comments and the insides of simple strings blanked, so that only code is left to search. */
export function codeOnly(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (found) =>
    found.startsWith('/') ? ' ' : `${found[0]}${found[0]}`,
  );
}

/** What a file imports or exports from, as written. */
export function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}
