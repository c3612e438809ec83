import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CODES } from '../src/core/ground/codes.ts';
import { projectRoot } from './support/paths.ts';

const page = readFileSync(join(projectRoot, 'docs/diagnostics.md'), 'utf8');

/** Codes that no case shows yet. The list may only shrink; a new code doesn't belong in it. */
const withoutCase: readonly string[] = JSON.parse(
  readFileSync(join(projectRoot, 'test/codes-without-case.json'), 'utf8'),
);

/** Each section of the page: its code, its severity, its text. */
const sections = [...page.matchAll(/^### `([a-z-]+)` \((\w+)\)\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)].map((match) => ({
  code: match[1] ?? '',
  severity: match[2] ?? '',
  text: match[3] ?? '',
}));

test('every code has its section in docs/diagnostics.md, with its severity', () => {
  const listed = sections.map(({ code, severity }) => `${code} (${severity})`).sort();
  const known = Object.entries(CODES)
    .map(([code, { severity }]) => `${code} (${severity})`)
    .sort();
  expect(listed).toEqual(known);
});

test.each(sections)('$code: says what it is, and how to mend it', ({ text }) => {
  expect(text).toMatch(/\n\*\*Mend it:\*\* \S/);
  expect(text.split('**Mend it:**')[0]?.trim().length).toBeGreaterThan(40);
});

test('every code has a case that shows it', () => {
  const shown = codesShown();
  const missing = Object.keys(CODES).filter((code) => !shown.has(code));
  if (missing.length > 0) console.warn(`codes without a case: ${missing.join(', ')}`);
  expect(missing.filter((code) => !withoutCase.includes(code))).toEqual([]);
});

/** The codes in the cases' diagnostics.txt, and those that other tests make at run time. */
function codesShown(): Set<string> {
  const folder = join(projectRoot, 'test/cases');
  const texts = existsSync(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name, 'diagnostics.txt'))
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, 'utf8'))
    : [];
  const inCases = texts.flatMap((text) => [...text.matchAll(/^(?:error|warning|note)\[([a-z-]+)\]/gm)]);
  const tests = [
    'test/bad-input.test.ts',
    'test/cli/live.test.ts',
    'test/cli/foreign-file.test.ts',
    'test/cli/test.test.ts',
  ];
  const atRunTime = tests.flatMap((path) => [
    ...readFileSync(join(projectRoot, path), 'utf8').matchAll(/\bcode: '([a-z-]+)'/g),
  ]);
  return new Set([...inCases, ...atRunTime].map((match) => match[1] ?? ''));
}

const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...readdirSync(join(projectRoot, 'docs'))]
  .filter((name) => name.endsWith('.md'))
  .map((name) => (existsSync(join(projectRoot, name)) ? name : `docs/${name}`));

test.each(pages)('%s: what it links to is there', (name) => {
  const links = [...readFileSync(join(projectRoot, name), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)];
  const gone = links
    .map(([, to = '']) => to)
    .filter((to) => !/^[a-z]+:/.test(to) && !existsSync(join(projectRoot, dirname(name), to)));
  expect(gone).toEqual([]);
});

test('ARCHITECTURE.md names only files and folders that are there', () => {
  const text = readFileSync(join(projectRoot, 'ARCHITECTURE.md'), 'utf8');
  const layers = /(?<![\w./])(?:src\/)?((?:promql|core|outputs|report|io|commands|test)\/[\w./-]*[\w/])(\*?)/g;
  const gone = [...text.matchAll(layers)]
    .map(([, path = '']) => (path.startsWith('test/') ? path : `src/${path}`))
    .filter((path) => ![path, `${path}.ts`].some((one) => existsSync(join(projectRoot, one))));
  expect(gone).toEqual([]);
});
