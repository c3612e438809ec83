import { expect, test } from 'vitest';
import { circlesOf, type Floors, floorOf, importsAmong, upwardImports } from './support/imports.ts';
import { codeOnly, importsOf, type TsFile, tsFiles } from './support/source-files.ts';

/** Core's passes from the ground up, as ARCHITECTURE.md draws them. */
const passes: Floors = [
  ['src/core/ground'],
  ['src/core/model'],
  ['src/core/parse', 'src/core/template', 'src/core/gotemplate', 'src/core/expand', 'src/core/gates'],
  ['src/core/inventory', 'src/core/lookup', 'src/core/unit-tests'],
  ['src/core/cascade'],
  ['src/core/instance'],
  ['src/core/shares', 'src/core/plan', 'src/core/live', 'src/core/owners', 'src/core/change', 'src/core/adopt'],
  ['src/core/resolve', 'src/core/checks', 'src/core/effective', 'src/core/deploy'],
  ['src/core/compile.ts', 'src/core/doctor'],
  ['src/core/diff'],
];

/** From the ground up; the parts of one floor don't know of one another. */
const floors: Floors = [
  ['src/promql'],
  ...passes,
  ['src/io', 'src/report', 'src/outputs'],
  ['src/commands'],
  ['src/cli.ts', 'src/action.ts'],
];

/** Layers that take strings and return values: no files, no network, no clock, no process. */
const pure = ['src/promql', ...passes.flat(), 'src/report', 'src/outputs'];

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

const imports = importsAmong(files);

test('every file lies on a floor', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.map((file) => file.path).filter((path) => floorOf(path, floors).floor < 0)).toEqual([]);
});

test('imports only go down', () => {
  expect(upwardImports(imports, floors)).toEqual([]);
});

test('no files import one another in a circle, for a type neither', () => {
  expect(circlesOf(imports)).toEqual([]);
});

test('one file of core lies flat: the picture of its passes', () => {
  expect(files.map(({ path }) => path).filter((path) => /^src\/core\/[^/]+$/.test(path))).toEqual([
    'src/core/compile.ts',
  ]);
});

test('a circle and an import that goes up are found wherever they are', () => {
  const upward = planted('src/promql/ast.ts', "import type { Diagnostic } from '../core/ground/diagnostic.ts';");
  expect(upwardImports(importsAmong(upward), floors)).toEqual([
    'src/promql/ast.ts imports src/core/ground/diagnostic.ts',
  ]);
  const beside = planted('src/report/table.ts', "export { digest } from '../io/dist/dist.ts';");
  expect(upwardImports(importsAmong(beside), floors)).toEqual(['src/report/table.ts imports src/io/dist/dist.ts']);
  const pass = planted('src/core/expand/native.ts', "import type { Cell } from '../cascade/cells.ts';");
  expect(upwardImports(importsAmong(pass), floors)).toEqual([
    'src/core/expand/native.ts imports src/core/cascade/cells.ts',
  ]);
  const circle = planted('src/core/ground/source.ts', "import type { Diagnostic } from './diagnostic.ts';");
  expect(circlesOf(importsAmong(circle))).toEqual([['src/core/ground/diagnostic.ts', 'src/core/ground/source.ts']]);
  const later = planted('src/core/ground/source.ts', "const { diagnostic } = await import('./diagnostic.ts');");
  expect(circlesOf(importsAmong(later))).toEqual([['src/core/ground/diagnostic.ts', 'src/core/ground/source.ts']]);
});

/** All files, with one more line in one of them. */
function planted(path: string, line: string): TsFile[] {
  expect(files.map((file) => file.path)).toContain(path);
  return files.map((file) => (file.path === path ? { path, text: `${file.text}\n${line}\n` } : file));
}

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
    .filter(({ path }) => pure.includes(floorOf(path, floors).part ?? ''))
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
