import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import type { Why } from '../../src/core/effective/why.ts';
import { whyOf } from '../../src/core/effective/why.ts';
import { withoutLine } from '../../src/core/effective/without.ts';
import { ALL_KNOWN, targetSubject } from '../../src/core/ground/subject.ts';

/** Groups g0, g1, … of rising priority: what they match, and the threshold and the window that they give. */
interface Said {
  readonly match: string;
  readonly threshold?: number | undefined;
  readonly window?: number | undefined;
}

const some = fc.option(fc.integer({ min: 1, max: 59 }), { nil: undefined });
const groups: fc.Arbitrary<Said[]> = fc.array(
  fc.record({
    match: fc.constantFrom('env="a"', 'site="a"', 'tier!="b"', 'env=~"a|b",site="a"', 'env="b"'),
    threshold: some,
    window: some,
  }),
  { minLength: 1, maxLength: 5 },
);

const LABELS = new Map(Object.entries({ env: 'a', site: 'a', job: 'node', instance: 'x:1' }));

/** The cascade of the rule for the one target. */
function whyIn(said: readonly Said[]): Why {
  const file = (path: string, text: string) => ({ path, text });
  const rules =
    'rules:\n  - { alert: R, params: { threshold: 99, window: 1h }, expr: "rate(m[<< window >>]) > << threshold >>" }\n';
  const texts = said.map(({ match, threshold, window }, i) => {
    const thresholds = threshold === undefined ? '' : `thresholds: { R: ${threshold} }\n`;
    const overrides = window === undefined ? '' : `overrides: { R: { params: { window: ${window}m } } }\n`;
    return `id: g${i}\npriority: ${i}\nmatch: '{${match}}'\n${thresholds}${overrides}`;
  });
  const { program, diagnostics } = compile(
    {
      rules: [file('rules/r.yaml', rules)],
      groups: [file('groups/g.yaml', texts.join('---\n'))],
      templates: [],
      macros: [],
      inventory: [],
      problems: [],
    },
    { today: '2026-11-22' },
  );
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  const [why, ...more] = program.rules.flatMap((r) => whyOf(program, r, targetSubject(LABELS, ALL_KNOWN)));
  expect(more).toEqual([]);
  return why as Why;
}

test('what a value would be without its line is what it is once the line is gone', () => {
  fc.assert(
    fc.property(groups, fc.constantFrom('threshold' as const, 'window' as const), (said, name) => {
      const why = whyIn(said);
      const winner = why.cell.settings.get(`param:${name}`);
      const without = withoutLine(why, `param:${name}`);
      if (winner?.level.kind !== 'group') {
        expect(without).toBeUndefined();
        return;
      }
      const gone = said.map((s, i) => (winner.level.name === `g${i}` ? { ...s, [name]: undefined } : s));
      expect(without?.value).toEqual(whyIn(gone).cell.settings.get(`param:${name}`)?.value);
    }),
    { numRuns: 60 },
  );
});
