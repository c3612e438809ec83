/**
 * What a change does, for each kind of change: `test/diff/repository` with the files of `cases/<name>/head` put over it,
 * against the same with those of `base`. `UPDATE=1 npx vitest run test/diff/cases.test.ts -t NAME` writes the
 * reports anew; read the diff before you believe it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diffReport } from '../../src/core/diff/diff.ts';
import { identities } from '../../src/outputs/table.ts';
import { diffJson } from '../../src/report/diff/json.ts';
import { renderDiffMarkdown } from '../../src/report/diff/markdown.ts';
import { renderDiffText } from '../../src/report/diff/text.ts';
import { CASES, caseInputs } from './support.ts';

const update = process.env['UPDATE'] === '1';

test.each(readdirSync(CASES).sort())('%s', (name) => {
  const { base, head } = caseInputs(name);
  const report = diffReport(base, head, identities);
  const written = { 'report.md': renderDiffMarkdown(report), 'report.txt': renderDiffText(report, { color: false }) };
  for (const [file, text] of Object.entries(written)) {
    const path = join(CASES, name, file);
    if (update) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, 'utf8'));
  }
  for (const change of report.changes) {
    expect(change.message).toMatch(/\S.*\.$/s);
    expect(change.affected.targets).toEqual([...new Set(change.affected.targets)].sort());
  }
  expect(() => JSON.stringify(diffJson(report))).not.toThrow();
});
