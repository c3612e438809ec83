import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from './support/paths.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
const page = read('SECURITY.md');

/** The cells of each row of its tables, without heads. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?:---| who )/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('each row of SECURITY.md names the tests that hold it, and they are there', () => {
  expect(rows.length).toBeGreaterThan(15);
  for (const cells of rows) {
    const tests = [...(cells.at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '');
    expect(tests.length, cells.join(' | ')).toBeGreaterThan(0);
    for (const path of tests) {
      expect(path, cells[0]).toMatch(/^test\/.*\.test\.ts$/);
      expect(existsSync(join(projectRoot, path)), path).toBe(true);
    }
  }
});

test('it is linked from where people come in', () => {
  for (const path of ['README.md', 'CONTRIBUTING.md', 'docs/deploy.md', 'docs/action.md']) {
    expect(read(path), path).toMatch(/\]\((?:\.\.\/)?SECURITY\.md\)/);
  }
});
