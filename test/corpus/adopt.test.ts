import { expect, test } from 'vitest';
import { planAdoption } from '../../src/commands/adopt/plan.ts';
import { readRules } from '../../src/commands/adopt/read.ts';
import { parseConfig } from '../../src/core/parse/config.ts';
import { TODAY } from '../support/compile.ts';
import { corpusOrSkip } from '../support/paths.ts';
import { CANNOT_RUN, corpusRows } from './support.ts';

/** One in so many files where not `CORPUS=all`. */
const SAMPLE = 10;
const context = { env: {}, today: TODAY };
const { config } = parseConfig(undefined, {});

/**
 * Taken although promtool 2.42 refuses them: labels of a rule group (3.0) are lowered, and a namespace of Mimir or Cortex
 * becomes a file.
 */
const TAKEN = new Set([
  'rules/VictoriaMetrics__VictoriaMetrics/app/vmalert/config/testdata/dir/rules1-good.rules',
  'rules/grafana__cortex-tools/pkg/rules/testdata/basic_namespace.yaml',
  'rules/grafana__cortex-tools/pkg/rules/testdata/basic_namespace_repeated.yaml',
  'rules/grafana__cortex-tools/pkg/rules/testdata/multiple_namespace.yaml',
]);

test.each([
  ['as they are', { params: false, groups: false }],
  ['with params', { params: true, groups: false }],
  ['with groups', { params: false, groups: true }],
  ['with params and groups', { params: true, groups: true }],
])('files and manifests are adopted %s, with no difference', { timeout: 600_000 }, (_, modes) => {
  const counts = { files: 0, refused: 0, rules: 0, native: 0, params: 0, families: 0, flaws: 0 };
  for (const kind of ['rules', 'crd']) {
    for (const row of corpusRows(folder(), kind, SAMPLE)) {
      const file = { path: row.path, text: row.text };
      const read = readRules([{ file, name: 'x', explicit: true }], config, context);
      expect(read.refused.length > 0, row.path).toBe(
        (row.check === 'fail' && !TAKEN.has(row.path)) || CANNOT_RUN.has(row.path),
      );
      const plan = planAdoption(read.items, { ...context, ...modes, takenIds: new Set(), takenGroups: new Set() });
      const before = read.items.flatMap((item) => item.groups).reduce((sum, group) => sum + group.rules.length, 0);
      const after = plan.proposals.reduce((sum, proposal) => sum + proposal.rules, 0);
      expect(plan.flaws, row.path).toEqual([]);
      expect(after, row.path).toBe(before);
      counts.files++;
      counts.refused += read.refused.length;
      counts.rules += after;
      counts.families += plan.families.length;
      for (const { kind: form, rules, own } of plan.proposals) {
        if (form === 'native') counts.native += rules;
        counts.params += own?.rules.reduce((sum, rule) => sum + rule.params.length, 0) ?? 0;
      }
    }
  }
  console.log(counts);
});

/** The corpus, or every test here is skipped; found out once, for tests of a table get no context of their own. */
function folder(): string {
  return corpusOrSkip({
    skip: (reason: string) => {
      throw new Error(reason);
    },
  } as never);
}
