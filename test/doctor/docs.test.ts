import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKS } from '../../src/core/doctor/table.ts';
import { projectRoot } from '../support/paths.ts';

test('docs/doctor.md has a section for each finding, in their order', () => {
  const page = readFileSync(join(projectRoot, 'docs/doctor.md'), 'utf8');
  const sections = [...page.matchAll(/^### `([a-z-]+)`\n\n\S/gm)].map(([, code]) => code);
  expect(sections).toEqual(CHECKS.map(({ code }) => code));
});

test('every finding has a test that creates it', () => {
  const tests = ['doctor', 'machine', 'others', 'reach'].map((name) =>
    readFileSync(join(projectRoot, `test/doctor/${name}.test.ts`), 'utf8'),
  );
  const tried = new Set(tests.flatMap((text) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, code]) => code)));
  expect(CHECKS.map(({ code }) => code).filter((code) => !tried.has(code))).toEqual([]);
});
