import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxIndex } from '../../src/core/cascade/box-index.ts';
import type { Box } from '../../src/promql/region.ts';
import { boxesApart, boxOf, within } from '../../src/promql/region.ts';

const matcher = fc.record({
  label: fc.constantFrom('env', 'team', 'zone'),
  op: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
  value: fc.constantFrom('', 'a', 'b', 'c', 'a|b', 'a|b|c', 'a.*', '.*', '.+'),
});
const box = fc.array(matcher, { maxLength: 3 }).map((matchers) => boxOf(matchers));
const boxes = fc.array(box, { maxLength: 8 }).map((all) => all.filter((one): one is Box => one !== undefined));

test('what is looked up by values is what comparing every pair finds', () => {
  fc.assert(
    fc.property(boxes, box, (all, base) => {
      const index = boxIndex(all);
      const pairs = all.map((a, i) => all.flatMap((b, j) => (j !== i && within(a, b) ? [j] : [])));
      const outer = pairs.map((own, i) => own.filter((j) => j < i || !pairs[j]?.includes(i)));
      expect(index.above()).toEqual(all.map((_, i) => ({ all: pairs[i], outer: outer[i] })));
      if (!base) return;
      const near = index.maybeOverlapping(base);
      expect(near).toEqual([...new Set(near)].sort((a, b) => a - b));
      const overlapping = all.flatMap((other, i) => (boxesApart(base, other) ? [] : [i]));
      expect(near).toEqual(expect.arrayContaining(overlapping));
    }),
    { numRuns: 1000 },
  );
});
