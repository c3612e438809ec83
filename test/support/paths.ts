import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { onTestFinished } from 'vitest';

/** The project's own root, without a slash at its end. */
export const projectRoot: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The folder of real rule files, or the test is skipped and says so. */
export function corpusOrSkip(context: TestContext): string {
  const folder = join(projectRoot, '../shared/corpus');
  if (!existsSync(folder)) context.skip('skipped: the corpus of real rule files is not beside the project');
  return folder;
}

/** A new empty folder that goes when the test does. Only inside of a test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rulewright-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
