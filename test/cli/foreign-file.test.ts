import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliJson, folder, put, REPOSITORY } from './support.ts';

it('tells of a rule file in dist/ that nobody compiled, and leaves it', async () => {
  const cwd = await folder(REPOSITORY);
  await cliJson(['build'], { cwd });
  await put(cwd, { 'dist/rules/mine.yml': 'groups: []\n', 'dist/rules/README.md': 'no rules\n' });
  const found = { code: 'foreign-file', severity: 'warning', file: 'dist/rules/mine.yml' };
  const checked = await cliJson(['check'], { cwd });
  expect(checked).toMatchObject({
    code: 0,
    json: { ok: true, stale: [], warnings: expect.arrayContaining([expect.objectContaining(found)]) },
  });
  expect(await cliJson(['check', '--strict'], { cwd })).toMatchObject({ code: 1, json: { ok: false } });
  const built = await cliJson(['build'], { cwd });
  expect(built).toMatchObject({
    code: 0,
    json: { files_removed: 0, warnings: expect.arrayContaining([expect.objectContaining(found)]) },
  });
  expect(await readFile(join(cwd, 'dist/rules/mine.yml'), 'utf8')).toBe('groups: []\n');
});
