import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesOf } from '../tools/places.mjs';

/** Expressions in the tests of Prometheus' own parser and printer, read where Go keeps the module; none is copied here. */

/** The tests of the parser and printer, and the scripts that the engine is tested with; the last two by older and newer releases. */
const FOLDERS = [
  { folder: 'promql/parser', ending: '_test.go', pattern: /`([^`]+)`|"((?:[^"\\\n]|\\.)+)"/g },
  {
    folder: 'promql/testdata',
    ending: '.test',
    pattern: /^\s*eval(?:_\w+)? (?:instant at \S+|range from \S+ to \S+ step \S+) (.+)$/gm,
  },
  {
    folder: 'promql/promqltest/testdata',
    ending: '.test',
    pattern: /^\s*eval(?:_\w+)? (?:instant at \S+|range from \S+ to \S+ step \S+) (.+)$/gm,
  },
];

/**
 * Every text in one version's tests that may be an expression, each once; undefined where Go or the module isn't here.
 * Many are none, or meant to be refused: a promtool of that version says which.
 */
export function goExpressions(version: string): readonly string[] | undefined {
  const module = sourcesOf(version);
  if (module === undefined) return undefined;
  const found = new Set<string>();
  for (const { folder, ending, pattern } of FOLDERS) {
    const path = join(module, folder);
    const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(ending)) : [];
    for (const name of names) {
      for (const [, raw, quoted] of readFileSync(join(path, name), 'utf8').matchAll(pattern)) {
        const text = raw ?? unquoted(quoted ?? '');
        if (text !== undefined && text.trim() !== '') found.add(text.trim());
      }
    }
  }
  return [...found];
}

/** The value of what stands in the double quotes of a string literal of Go; undefined where it holds bytes that are no text. */
function unquoted(inside: string): string | undefined {
  if (/\\(?:x[89a-fA-F]|[0-7]{3})/.test(inside)) return undefined;
  const json = inside
    .replace(/\\x([0-9a-fA-F]{2})/g, '\\u00$1')
    .replace(/\\a/g, '\\u0007')
    .replace(/\\v/g, '\\u000b');
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return undefined;
  }
}
