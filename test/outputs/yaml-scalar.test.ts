import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ScalarContext, scalar } from '../../src/outputs/yaml/scalar.ts';
import { nasty, TRICKY } from './arbitraries.ts';

const VERSIONS = ['1.1', '1.2'] as const;

function readBack(text: string, context: ScalarContext, version: '1.1' | '1.2'): void {
  const parsed =
    context === 'key'
      ? parse(`a:\n  ? ${scalar(text, 2, 'key')}\n  : x\n  z: x\n`, { version })
      : parse(`a:\n  b: ${scalar(text, 2, context)}\n\n# after\nc: d\n`, { version });
  const meant = context === 'key' ? { a: { [text]: 'x', z: 'x' } } : { a: { b: text }, c: 'd' };
  expect(parsed, scalar(text, 2, context)).toEqual(meant);
}

describe('scalar', () => {
  test('tricky strings are read back as they were', () => {
    for (const text of TRICKY) {
      for (const version of VERSIONS) {
        readBack(text, 'value', version);
        readBack(text, 'expr', version);
        if (text !== 'z') readBack(text, 'key', version);
      }
    }
  });

  test('any string is read back as it was', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom<ScalarContext>('key', 'value', 'expr'), (text, context) => {
        fc.pre(text !== 'z' && text !== '__proto__' && !/\p{Cs}/u.test(text));
        for (const version of VERSIONS) readBack(text, context, version);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['CPU is high', 'CPU is high'],
    ['5m', '5m'],
    ['1h30m', '1h30m'],
    ['warning', 'warning'],
    ['job:up:sum', 'job:up:sum'],
    ['https://example.org/a#b', 'https://example.org/a#b'],
    ['10.0.0.1:9100', '10.0.0.1:9100'],
    ['温度', '温度'],
    ['CPU: high', '"CPU: high"'],
    ['{{ $value }}%', '"{{ $value }}%"'],
    ['{{ $labels.a }} is "b"', `'{{ $labels.a }} is "b"'`],
    [`{{ it's }} "b"`, `|-\n    {{ it's }} "b"`],
    ['no', '"no"'],
    ['90', '"90"'],
    ['1_000', '"1_000"'],
    ['2026-11-22', '"2026-11-22"'],
    ['two\nlines', '|-\n    two\n    lines'],
    ['two\n\nlines\n', '|\n    two\n\n    lines'],
    ['  indented\nnot', '|2-\n      indented\n    not'],
    [' edge', '" edge"'],
    ['bell\x07', '"bell\\u0007"'],
    ['half \ud83d', '"half \ufffd"'],
  ])('a value: %j', (text, written) => {
    expect(scalar(text, 2, 'value')).toBe(written);
  });

  test.each([
    ['up == 0', 'up == 0'],
    ['a{b="c"} > 1', 'a{b="c"} > 1'],
    ['{a="b"} > 1', '|-\n    {a="b"} > 1'],
    ['-a > 1', '|-\n    -a > 1'],
    ['a > 1 # why', '|-\n    a > 1 # why'],
    ['a{b=~"c: \\\\d"}', '|-\n    a{b=~"c: \\\\d"}'],
    ['1', '"1"'],
    ['NaN', '"NaN"'],
  ])('an expression: %j', (text, written) => {
    expect(scalar(text, 2, 'expr')).toBe(written);
  });

  test.each([
    ['severity', 'severity'],
    ['on', '"on"'],
    ['<<', '"<<"'],
    ['a "b"', 'a "b"'],
    ['"b"', `'"b"'`],
    ['two\nlines', '"two\\nlines"'],
  ])('a key: %j', (text, written) => {
    expect(scalar(text, 2, 'key')).toBe(written);
  });
});
