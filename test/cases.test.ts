/**
 * Golden cases: each folder of test/cases is a repository, with what it compiles to in `expected/` and what the
 * compiler says of it in `diagnostics.txt`. `UPDATE=1 npx vitest run test/cases.test.ts -t NAME` writes both anew;
 * read the diff before you believe it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { satisfies } from 'semver';
import { describe, expect, test } from 'vitest';
import { CODES } from '../src/core/ground/codes.ts';
import { hasErrors } from '../src/core/ground/diagnostic.ts';
import { positionAt } from '../src/core/ground/source.ts';
import type { CompiledFolder } from './support/compile.ts';
import { compileFolder } from './support/compile.ts';
import { projectRoot } from './support/paths.ts';
import { type Age, describeEach } from './support/tools.ts';
import { TODAY } from './tools/places.mjs';

const folder = join(projectRoot, 'test/cases');
const update = process.env['UPDATE'] === '1';
const names = existsSync(folder)
  ? readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  : [];

describe.skipIf(names.length === 0)('cases', () => {
  test.each(names)('%s', async (name) => {
    const root = join(folder, name);
    const compiled = await compileFolder(root);
    if (update) rewrite(root, compiled);

    expect(compiled.text).toBe(textOf(join(root, 'diagnostics.txt')));
    expect(Object.fromEntries(compiled.files)).toEqual(expectedFiles(root));
    for (const { code, severity, span, message } of compiled.diagnostics) {
      expect(CODES[code].severity).toBe(severity);
      expect(message).toMatch(/\S/);
      expect(span.file.path).toMatch(/^[^/]/);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(span.file.text.length);
      expect(positionAt(span.file, span.start).line).toBeGreaterThanOrEqual(1);
    }
    // A case without errors has to show what it compiles to, if only that it is nothing.
    expect(existsSync(join(root, 'expected'))).toBe(!hasErrors(compiled.diagnostics));
  });
});

describeEach('what the cases compile to is accepted', 'promtool', (promtool, age) => {
  const versions: Partial<Record<Age, string>> = { old: '2.42.0', new: '3.5.0' };

  test('by `check rules` with every lint', async () => {
    const paths: string[] = [];
    for (const name of names) {
      const { config, files } = await compileFolder(join(folder, name));
      if (!satisfies(versions[age] ?? TODAY, config.prometheus.version.value)) continue;
      paths.push(...[...files.keys()].map((file) => join(folder, name, 'expected', file)));
    }
    const check = (): string =>
      execFileSync(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...paths], { encoding: 'utf8' });
    if (paths.length > 0) expect(check).not.toThrow();
    else expect(names.length).toBe(0);
  });
});

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function expectedFiles(root: string): Record<string, string> {
  const expected = join(root, 'expected');
  if (!existsSync(expected)) return {};
  const entries = readdirSync(expected, { recursive: true, encoding: 'utf8' });
  // Where there are several servers, each has a folder of its own.
  const files = entries.filter((file) => !file.endsWith('.gitkeep') && statSync(join(expected, file)).isFile());
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(expected, file), 'utf8')]));
}

function rewrite(root: string, { files, text, diagnostics }: CompiledFolder): void {
  const expected = join(root, 'expected');
  rmSync(expected, { recursive: true, force: true });
  rmSync(join(root, 'diagnostics.txt'), { force: true });
  if (text !== '') writeFileSync(join(root, 'diagnostics.txt'), text);
  if (hasErrors(diagnostics)) return;
  mkdirSync(expected);
  for (const [name, content] of files) {
    mkdirSync(dirname(join(expected, name)), { recursive: true });
    writeFileSync(join(expected, name), content);
  }
  // git keeps no empty folder.
  if (files.size === 0) writeFileSync(join(expected, '.gitkeep'), '');
}
