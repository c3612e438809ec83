import { expect, test } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { addressesOf } from '../../src/core/model/address.ts';
import { TODAY } from '../support/compile.ts';
import { corpusOrSkip } from '../support/paths.ts';
import { corpusRows } from './support.ts';

/** One in so many files where not `CORPUS=all`. */
const SAMPLE = 20;

test('every rule of a real file has an address that fits it alone', { timeout: 600_000 }, (context) => {
  const folder = corpusOrSkip(context);
  const counts = { rules: 0, byName: 0, alike: 0 };
  for (const { path, text } of corpusRows(folder, 'rules', SAMPLE)) {
    const nothing = { groups: [], templates: [], macros: [], inventory: [], problems: [] };
    const { program } = compile({ ...nothing, rules: [{ path: 'rules/x.yml', text }] }, { today: TODAY });
    const rules = program.rules.map(({ rule }) => rule);
    const addresses = addressesOf(rules);
    expect(new Set(rules.map(({ id }) => id)).size, path).toBe(rules.length);
    for (const rule of rules) {
      counts.rules++;
      if (rule.id === rule.name.value) counts.byName++;
      // What is alike in every way is counted, and has no address.
      if (/ \(\d+ of \d+\)$/.test(rule.id)) counts.alike++;
      else expect(addresses.find(rule.id).rules, `${path}: ${rule.id}`).toEqual([rule]);
    }
  }
  console.log(counts);
});
