/** What an alert's state hangs on is what is planned and written, for the example repository and the cases' own. */
import { expect, test } from 'vitest';
import { alertPlaceOf } from '../../src/core/diff/identity.ts';
import { compileFolder } from '../support/compile.ts';
import { projectRoot } from '../support/paths.ts';
import { REPOSITORY } from './support.ts';

test.each([projectRoot, REPOSITORY])('%s', async (root) => {
  const { program, ruleSet } = await compileFolder(root);
  const planned = (ruleSet?.files ?? []).flatMap((file) =>
    [...file.ruleGroups()].flatMap((group) =>
      group.rules.map((rule) => ({
        file: file.fileName,
        ruleGroup: group.name,
        name: rule.name,
        labels: [...group.labels, ...rule.labels].sort(),
      })),
    ),
  );
  const known = program.rules.flatMap(({ instances }) =>
    instances.map((instance) => {
      const place = alertPlaceOf(instance, program);
      return { ...place, labels: [...place.labels].sort() };
    }),
  );
  const sorted = (all: readonly object[]): string[] => all.map((one) => JSON.stringify(one)).sort();
  expect(sorted(known)).toEqual(sorted(planned));
  expect(known.length).toBeGreaterThan(10);
});
