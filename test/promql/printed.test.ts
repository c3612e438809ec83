import { describe, expect, it } from 'vitest';
import { type Loss, lossesAmong, lossesOf } from '../../src/promql/losses.ts';
import { parse } from '../../src/promql/parse.ts';
import { couldTell, placesOf, requoted, toldText } from '../../src/promql/printed.ts';

const ALL = lossesOf(undefined);

describe('what servers lose of an expression when they print it', () => {
  it.each<[Parameters<typeof lossesOf>[0], Loss[]]>([
    [
      [2, 42],
      ['grouping', 'empty-name'],
    ],
    [[2, 53], ['grouping']],
    [
      [3, 5],
      ['grouping', 'quotes', 'milliseconds'],
    ],
    [
      [3, 9],
      ['quotes', 'milliseconds'],
    ],
    [[3, 10], ['milliseconds']],
    [undefined, ['grouping', 'quotes', 'empty-name', 'milliseconds']],
  ])('hangs on the version: %s', (version, losses) => expect([...lossesOf(version)]).toEqual(losses));

  it('is what any server of a range loses', () => {
    expect([...lossesAmong({ min: [3, 5] })]).toEqual(['grouping', 'quotes', 'milliseconds']);
    expect([...lossesAmong({ min: [2, 42], max: [2, 55] })]).toEqual(['grouping', 'empty-name']);
    expect([...lossesAmong({ min: [3, 10], max: [3, 12] })]).toEqual(['milliseconds']);
  });

  it.each([
    ['a * ignoring () group_left (x) b', 'a * b'],
    ['a > bool ignoring () group_right b', 'a > bool b'],
    ['a / on ("s.n", b) c', 'a / on (s.n, b) c'],
    ['a / on (x) group_left ("s.n") c{d="on (s.n)"}', 'a / on (x) group_left (s.n) c{d="on (s.n)"}'],
    ['a / on ("a, b") c', 'a / on (a, b) c'],
    ['a / on ("a)b") c', 'a / on (a)b) c'],
    ['{__name__="", a="b"}', '{a="b"}'],
    ['a > 1s1ms', 'a > 1s'],
    ['a > 1s3ms', 'a > 1s2ms'],
  ])('%s is told as %s', (wanted, told) => expect(couldTell(wanted, told, ALL)).toBe(true));

  it.each([
    ['a * ignoring () group_left (x) b', 'a * c'],
    ['a * ignoring (y) group_left (x) b', 'a * b'],
    ['a * on () group_left (x) b', 'a * b'],
    ['a / on ("s.n") c', 'a / on (s.m) c'],
    ['a / on ("s.n") c', 'a / ignoring (s.n) c'],
    ['a / on ("s.n") c > 1', 'a / on (s.n) c > 2'],
    ['a{__name__!="", a="b"}', 'a{a="b"}'],
    ['a > 1.001', 'a > 1'],
    ['a > 2s', 'a > 1s'],
  ])('%s is not told as %s', (wanted, told) => expect(couldTell(wanted, told, ALL)).toBe(false));

  it('is nothing where nothing is lost', () => {
    expect(couldTell('a * ignoring () group_left (x) b', 'a * b', lossesOf([3, 16]))).toBe(false);
    const { expr } = parse('a * on (x) group_left (y) b / ignoring () 2 and on ("a:b") c > 1m');
    expect(expr && placesOf(expr, ALL)).toEqual([]);
  });
});

describe('what a server told', () => {
  it('is read with the quotes that it lacks, and nothing within strings is touched', () => {
    const told = 'sum by ("a.b") (x{y="on (a.b)"}) / on (a.b, c, d-e) group_left (f.g) z{h="\\"on (a.b)"}';
    expect(requoted(told)).toBe(
      'sum by ("a.b") (x{y="on (a.b)"}) / on ("a.b", c, "d-e") group_left ("f.g") z{h="\\"on (a.b)"}',
    );
    expect(parse(toldText(told)).expr).toBeDefined();
  });

  it('stays as it is where it can be read, or where nothing helps', () => {
    for (const text of ['a / on (b) c', 'a /* b', 'a / on (a)b) c']) expect(toldText(text)).toBe(text);
  });
});
