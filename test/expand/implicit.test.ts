import { describe, expect, test } from 'vitest';
import { liftables } from '../../src/core/adopt/holes.ts';
import { implicitThreshold, lackOfThreshold } from '../../src/core/expand/implicit.ts';

const THRESHOLDS: [string, number | undefined][] = [
  ['up > 5', 5],
  ['5 < up', 5],
  ['up == -1', -1],
  ['up > - 1', -1],
  ['up > 0x10', 16],
  ['up > 1e3', 1000],
  ['up > .5', 0.5],
  ['up > (5)', 5],
  ['(up > 5)', 5],
  ['((up) > ((-5)))', -5],
  ['up > +Inf', Number.POSITIVE_INFINITY],
  ['up > bool 5', 5],
  ['up > 5 # a comment', 5],
  ['up > 2 * 5', 10],
  ['up > ( 25 / 100 )', 0.25],
  // As doubles are multiplied.
  ['up > (14.4 * 0.001)', 0.014400000000000001],
  ['up > -(2 + 3)', -5],
  ['7 * 24 * 60 * 60 < up', 604800],
  ['up > 2 ^ 10 % 1000', 24],
  ['up > 1 / 0', Number.POSITIVE_INFINITY],
  ['up > 0 / 0', undefined],
  ['up > time() - 5', undefined],
  ['up > 1 > bool 0', 0],
  ['up > 5 and b', 5],
  ['up > 5 and b == 0', 5],
  ['( up < 5 and b == 0 )', 5],
  ['up > 1 and on () b', 1],
  ['up > 1 and on (job) b unless ignoring (x) c > 3', 1],
  ['up > 5 unless b > 7', 5],
  ['(up > 5 and b) unless c', 5],
  ['up > 5 and (b < 7 or c > 9)', 5],
  ['up == 0 and b', 0],
  ['up == 0 and b > 0', 0],
  ['up > 0 and b == 3', 0],
  // One that tells a state, or that there is something, beside a limit: which one would be meant?
  ['up == 1 and b > 600', undefined],
  ['up > 0 and b / c > 0.1', undefined],
  ['up == 1 and (b or c > 600)', undefined],
  ['up > 5 or b > 7', undefined],
  ['up > 5 or b > 5', undefined],
  ['a and b > 5', undefined],
  ['up > other', undefined],
  ['up > scalar(x)', undefined],
  ['absent(up)', undefined],
  ['up >', undefined],
];

describe('the number that is meant by `threshold`', () => {
  test.each(THRESHOLDS)('%s', (expr, value) => {
    expect(implicitThreshold(expr)?.value).toBe(value);
  });

  test.each(THRESHOLDS)('adopting with params finds the same one: %s', (expr) => {
    const place = implicitThreshold(expr);
    const lifted = liftables(expr).find(({ param }) => param.name === 'threshold');
    // What tells a state is nothing that adopting makes a param of.
    if (place && Number.isFinite(place.value) && !/[=!]=/.test(expr.replace(/and.*|unless.*/, '')))
      expect([lifted?.from, lifted?.to, Number(lifted?.key)]).toEqual([place.from, place.to, place.value]);
    else expect(lifted).toBe(undefined);
  });

  test.each([
    ['absent(up)', 'none'],
    ['a > b', 'none'],
    ['a and b > 5', 'elsewhere'],
    ['sum(a > 5)', 'elsewhere'],
    ['a > 5 or b > 7', 'elsewhere'],
    ['up == 1 and b > 600', 'doubt'],
  ] as const)('why there is none in %s', (expr, why) => {
    expect(implicitThreshold(expr)).toBe(undefined);
    expect(lackOfThreshold(expr)).toBe(why);
  });

  test.each([
    ['a > (14.4 * 0.01) and b > (14.4 * 0.01)', 'b > (14.4 * 0.01)'],
    ['a > 5 and on () (b > 5.0)', 'b > 5.0'],
    ['a > 5 unless b > 5', 'b > 5'],
    ['a > 5 and b >= 5', undefined],
    ['a > 5 and 5 > b', undefined],
    ['a > 5 and b > 6', undefined],
  ])('%s says it again in %s', (expr, expected) => {
    const again = implicitThreshold(expr)?.again;
    expect(again && expr.slice(again.from, again.to)).toBe(expected);
  });
});
