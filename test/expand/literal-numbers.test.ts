import { describe, expect, it } from 'vitest';
import { literalNumbers, tells } from '../../src/core/expand/literal-numbers.ts';
import { propose } from '../adopt/adopt-support.ts';

const found = (text: string): string[] => literalNumbers(text).map(({ from, to }) => text.slice(from, to));

describe('literalNumbers', () => {
  it.each([
    ['less than 20% left', ['20']],
    ['CPU > 90 (critical)', ['90']],
    ['temperature below -5 or over 99.5.', ['-5', '99.5']],
    ['is over 80, which is much', ['80']],
    ['HTTP 5xx, p99, web5, v5.1, 10.0.0.1, a 95th percentile, 5GB', []],
    ['for 5 minutes, 10m, 2 h and 30 seconds', []],
    ['p99 over 5s for more than 30 seconds', ['5']],
    ['above 80°C, the slowest 5% of them', ['80']],
    ['see https://wiki.example/90 or /runbooks/90, #90, 2026-10-05', []],
    ['{{ if gt $value 90.0 }}x{{ end }} << threshold >>', []],
    ['3 of {{ $value }}', ['3']],
  ])('finds in %j what may be a limit', (text, numbers) => {
    expect(found(text)).toEqual(numbers);
  });

  it('knows a ratio by its percent', () => {
    const [five] = literalNumbers('more than 5% fail');
    expect(five && [tells(five, 0.05), tells(five, 5), tells(five, 0.5)]).toEqual([true, true, false]);
    const [plain] = literalNumbers('more than 5 fail');
    expect(plain && tells(plain, 0.05)).toBe(false);
  });

  it.each([
    ['over 5', true],
    ['exceeds the threshold of 5', true],
    ['(threshold: 5)', true],
    ['the 5 request limit', true],
    ['5 or more requests', true],
    ['>= 5', true],
    ['node 5', false],
    ['over port 5', false],
    ['a rate limit on port 5', false],
    ['over the last 5 scrapes', false],
    ['5% left', true],
  ])('tells in %j whether it stands as the limit', (text, told) => {
    expect(literalNumbers(text).some((one) => tells(one, 5))).toBe(told);
  });

  it('tells no value in another unit', () => {
    const [percent] = literalNumbers('more than 5% fail');
    expect(percent && ['percent', 'ratio', 'bytes', undefined].map((unit) => tells(percent, 5, unit))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

describe('adopt --params', () => {
  const textOf = (expr: string, summary: string): string => {
    const rule = { alert: 'A', expr, annotations: { summary } };
    const { texts } = propose(
      { 'n.yml': JSON.stringify({ groups: [{ name: 'g', rules: [rule] }] }) },
      { params: true },
    );
    return /summary: (.*)/.exec(texts['rules/n.yaml'] ?? '')?.[1] ?? '';
  };

  it.each([
    ['a < 20', 'less than 20% left', 'less than << threshold >>% left'],
    ['a > 0.07', 'more than 7% fail', 'more than << (threshold * 100) | round(2) >>% fail'],
    ['a > 20 and b < 5', 'a over 20, b under 5', 'a over << threshold >>, b under << b_below >>'],
    ['a > 5 and b < 5', 'over 5', 'over << threshold >>'],
    ['a > 20', 'over 20.0', 'over 20.0'],
    ['a > 5', 'node 5, page 5, layer 5, port 5', 'node 5, page 5, layer 5, port 5'],
    ['a > 5', 'on node 5 more than 5', 'on node 5 more than << threshold >>'],
    ['a_seconds > 5', 'over 5s for more than 5s', 'over << threshold >>s for more than 5s'],
    ['rate(a[5m]) > 5', 'over 5 in 5m, {{ $value }} <<%', 'over << threshold >> in 5m, {{ $value }} << "<<" >>%'],
  ])('of %s puts the number into %j', (expr, summary, text) => {
    expect(
      textOf(expr, summary)
        .replace(/^["']|["']$/g, '')
        .replaceAll('\\"', '"'),
    ).toBe(text);
  });
});
