import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { codeOnly, importsOf, tsFiles } from './support/source-files.ts';

/** From the ground up; a layer's folders don't know of one another. */
const layers = [['promql'], ['core'], ['io', 'report', 'outputs'], ['commands'], ['cli.ts', 'action.ts']];

/** Layers that take strings and return values: no files, no network, no clock, no process. */
const pure = ['promql', 'core', 'report', 'outputs'];

/** Words of the world outside, each as it stands in code. */
const effects = [
  /\bprocess\b/,
  /\bconsole\b/,
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bperformance\b/,
  /\bfetch\s*\(/,
  /\bMath\.random\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
];

/** Files that may be longer than LONGEST lines, each with the reason. */
const mayBeLong: Readonly<Record<string, string>> = {
  'test/gotemplate/agree.test.ts': 'one list of templates with one verdict each',
  'test/judge/brute.ts': 'the whole meaning once more, in one place, to be read against the design',
  'test/judge/shapes.ts': 'one table of expression shapes',
};
const LONGEST = 300; // lines

const files = tsFiles('src');

/** The folder (or door) below `src/` that a path lies in. */
function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function layerOf(path: string): number {
  return layers.findIndex((layer) => layer.includes(partOf(path)));
}

test('every file lies in a layer', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.map((file) => file.path).filter((path) => layerOf(path) < 0)).toEqual([]);
});

test('imports only go down', () => {
  const upward = files.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.join(posix.dirname(path), name))
      .filter((target) => layerOf(target) >= layerOf(path) && partOf(target) !== partOf(path))
      .map((target) => `${path} imports ${target}`),
  );
  expect(upward).toEqual([]);
});

test('imports of our own files carry their ending', () => {
  const bare = files.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((name) => name.startsWith('.') && !/\.(ts|json)$/.test(name))
      .map((name) => `${path} imports ${name}`),
  );
  expect(bare).toEqual([]);
});

test('the pure layers import nothing of Node and touch nothing outside', () => {
  const impure = files
    .filter(({ path }) => pure.includes(partOf(path)))
    .flatMap(({ path, text }) => {
      const code = codeOnly(text);
      const nodeImports = importsOf(text).filter((name) => name.startsWith('node:'));
      const words = effects.filter((effect) => effect.test(code)).map((effect) => effect.source);
      return [...nodeImports, ...words].map((what) => `${path}: ${what}`);
    });
  expect(impure).toEqual([]);
});

test(`no file is longer than ${LONGEST} lines without a reason`, () => {
  const long = [...files, ...tsFiles('test')]
    .filter(({ path, text }) => text.split('\n').length - 1 > LONGEST && !(path in mayBeLong))
    .map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`);
  expect(long).toEqual([]);
});

test('the search for imports sees each way to write one', () => {
  const text = [
    "import a from './a.ts';",
    "import type { B } from './b.ts';",
    'import {',
    '  c,',
    "} from './c.ts';",
    "import './d.ts';",
    "export { e } from './e.ts';",
    "export * from './f.ts';",
    "const g = await import('./g.ts');",
    "const h = 'from nowhere'; // import './not.ts'",
  ].join('\n');
  expect(importsOf(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.ts`).concat('./not.ts'));
  expect(codeOnly("a('process'); // process\n/* process */ b")).not.toContain('process');
});
