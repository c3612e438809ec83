import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/promql/canonical.ts';
import { parse } from '../../src/promql/parse.ts';

function print(text: string): string {
  const { expr, problems } = parse(text);
  if (!expr) throw new Error(`${text}: ${problems[0]?.message}`);
  return canonical(expr);
}

describe('equal for texts that mean the same', () => {
  it.each([
    ['up==1', 'up == 1 # a comment'],
    ['sum(a) by (x)', 'SUM BY (x,) (a)'],
    ['sum by () (a)', 'sum(a)'],
    ['a{x="1",y="2"}', "a{y='2', x=`1`,}"],
    ['{__name__="a"}', 'a{}'],
    ['{"a"}', 'a'],
    ['a > 80', 'a > 80.0'],
    ['a > 8e1', 'a > 0x50'],
    ['- 1', '-1'],
    ['+1', '1'],
    ['a[1h]', 'a[60m]'],
    ['a[90s:]', 'a[1m30s : ]'],
    ['a offset 1d', 'a offset 24h'],
    ['a offset 5m @ 1', 'a @ 1.000 offset 5m'],
    ['a + ignoring () b', 'a + b'],
    ['a * on (x) group_left b', 'a * ON(x) GROUP_LEFT() b'],
    ['a * on () 2', 'a * 2'],
    ['a{x="\\u0041"}', 'a{x="A"}'],
    ['a > 5m', 'a > 300'],
  ])('%s and %s', (left, right) => expect(print(left)).toBe(print(right)));
});

describe('different for texts that do not', () => {
  it.each([
    ['a', 'b'],
    ['(a)', 'a'],
    ['a - b - c', 'a - (b - c)'],
    ['sum without () (a)', 'sum(a)'],
    ['sum by (x, y) (a)', 'sum by (y, x) (a)'],
    ['a + on () b', 'a + b'],
    ['a == bool b', 'a == b'],
    ['a{x="1"}', 'a{x=~"1"}'],
    ['a[5m:]', 'a[5m:1m]'],
    ['a[5m:]', 'a[5m]'],
    ['a offset 5m', 'a offset -5m'],
    ['a @ start()', 'a @ end()'],
    ['a * on (x) group_left b', 'a * on (x) group_right b'],
    ['-a', 'a'],
    ['+a', 'a'],
    ['a > 0.1', 'a > 0.10000000000000002'],
    ['a{x="\\xff"}', 'a{x="\\xfe"}'],
  ])('%s and %s', (left, right) => expect(print(left)).not.toBe(print(right)));
});

it('prints what reads as the same again', () => {
  for (const text of [
    '-a ^ 2',
    'topk by (x) (3, a{b!~"c"}[5m:1m] offset -1h)',
    '{"x.y", "l.m"="n"} and on ("l.m") b @ 5.5',
  ]) {
    expect(print(print(text))).toBe(print(text));
  }
});
