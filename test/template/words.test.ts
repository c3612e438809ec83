import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/ground/duration.ts';
import { editDistance, suggest, suggestWhole } from '../../src/core/ground/suggest.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['324ms', 324],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
    ['10y', 10 * 365 * 86_400_000],
    ['4w', 4 * 7 * 86_400_000],
    ['1d0h', 86_400_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toEqual({ ms }));

  it.each([
    '',
    '5',
    '30m1h',
    '1',
    '-5m',
    '1.5h',
    '5M',
    '5 m',
    'm',
    '1d1d',
    '5min',
    '293y',
    '99999999999999999999y',
    '∞',
  ])('%s is refused', (text) => expect(parseDuration(text).problem).toBeTypeOf('string'));

  it.each([
    [0, '0s'],
    [324, '324ms'],
    [90 * 60_000, '1h30m'],
    [7 * 86_400_000, '1w'],
    [90 * 86_400_000, '90d'],
    [365 * 86_400_000, '1y'],
    [14 * 86_400_000 + 1, '14d1ms'],
  ])('%d prints as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toEqual({ ms });
  });

  it('says how to mend the usual mistakes', () => {
    expect(parseDuration('5')).toMatchObject({ help: expect.stringContaining('`5s`') });
    expect(parseDuration('30m1h')).toMatchObject({ help: expect.stringContaining('largest to the smallest') });
    expect(parseDuration('1.5h')).toMatchObject({ help: expect.stringContaining('whole') });
  });
});

describe('did you mean', () => {
  it.each([
    ['treshold', 'threshold'],
    ['HighCpuUsage', 'HighCPUUsage'],
    ['widnow', 'window'],
    ['fro', 'for'],
  ])('%s: %s', (word, meant) => expect(suggest(word, ['threshold', 'window', 'HighCPUUsage', 'for'])).toBe(meant));

  it.each([
    ['prinft', 'printf'], // a swap is nearer than a letter less
    ['pritn', 'print'],
    ['prin', 'print'],
    ['PRINTF', 'printf'],
    ['evn', 'env'],
  ])('of names that are equally near: %s: %s', (word, meant) =>
    expect(suggest(word, ['and', 'env', 'print', 'printf', 'println'])).toBe(meant),
  );

  it('finds names that hold a whole word', () => {
    expect(suggestWhole('Seoul', ['gpu', 'site-seoul-2', 'site-seoul'])).toEqual(['site-seoul', 'site-seoul-2']);
    expect(suggestWhole('gp', ['gpu'])).toEqual([]);
  });

  it('stays silent where nothing is near', () => {
    expect(suggest('banana', ['threshold', 'window'])).toBeUndefined();
    expect(suggest('x', [])).toBeUndefined();
  });

  it('counts a swap as one step', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('kitten', 'sitting', 1)).toBe(2);
  });
});
