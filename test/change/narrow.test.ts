import { describe, expect, it } from 'vitest';
import {
  changedThresholds,
  cutRules as cut,
  cutThresholds,
  moved,
  ruleList,
} from '../../src/core/change/narrow-text.ts';
import { blocksOf, carryOver } from '../../src/outputs/prometheus/blocks.ts';

const cutRules = (text: string, wanted: ReadonlySet<string>) => cut(ruleList(text), wanted);

const GROUP =
  'id: a\n# thresholds:\nthresholds:\n  One: 5\n\n  # why\n  Two.critical: 7.5\n  Three: { threshold: 9 }\nlabels: { x: y }\n';

describe('a change of numbers', () => {
  it('is told from every other', () => {
    const change = (from: string, to: string): readonly string[] | undefined => {
      const names = changedThresholds(GROUP, GROUP.replace(from, to));
      return names && [...names];
    };
    expect(change('One: 5', 'One: 50')).toEqual(['One']);
    expect(change('7.5', '-8')).toEqual(['Two.critical']);
    expect(change('', '')).toEqual([]);
    for (const [from, to] of [
      ['One: 5', 'One: 5 # why'],
      ['One: 5', 'Other: 5'],
      ['One: 5', 'One: 5m'],
      ['One: 5', 'One: "5"'],
      ['threshold: 9', 'threshold: 8'],
      ['  One: 5\n', ''],
      ['thresholds:\n', 'overrides:\n'],
      ['id: a', 'id: b'],
    ] as const)
      expect(change(from, to), to).toBeUndefined();
    // Further in, or under another key, a number is something else.
    expect(changedThresholds('overrides:\n  One: 5\n', 'overrides:\n  One: 6\n')).toBeUndefined();
    expect(changedThresholds('thresholds:\n  A:\n    for: 5\n', 'thresholds:\n  A:\n    for: 6\n')).toBeUndefined();
  });

  it('moves what stands behind it', () => {
    const after = GROUP.replace('One: 5', 'One: 500').replace('7.5', '7');
    const to = moved(GROUP, after);
    for (const word of ['id', 'One', 'why', 'Two', 'Three', 'labels', 'x: y']) {
      expect(to(GROUP.indexOf(word)), word).toBe(after.indexOf(word));
    }
    expect(to(GROUP.length)).toBe(after.length);
    expect(after.slice(to(GROUP.indexOf('5')), to(GROUP.indexOf('5') + 1))).toBe('500');
  });

  it('leaves other rules out', () => {
    expect(cutThresholds(GROUP, new Set(['Two']))).toBe(GROUP.replace('  One: 5\n', ''));
    expect(cutThresholds('id: a\nthresholds:\n  One: 5\nmatch: { a: b }\n', new Set())).toBe(
      'id: a\nmatch: { a: b }\n',
    );
    const rules =
      'name: n\nrules:\n  - alert: A\n    expr: |\n      - alert: B\n  - alert: B\n    expr: b\n\n  - record: r\n    expr: c\n  - { alert: F, expr: f }\n';
    expect(cutRules(rules, new Set(['B']))).toBe(rules.replace('  - alert: A\n    expr: |\n      - alert: B\n', ''));
    expect(cutRules('rules:\n- alert: A\n  expr: a\n', new Set(['B']))).toBeUndefined();
    // What is tied together, and what goes on behind the list, is left alone.
    for (const text of ['rules:\n  - alert: A\n    expr: &x a\n', 'rules:\n  - alert: A\n    expr: a\nname: n\n']) {
      expect(cutRules(text, new Set(['B']))).toBe(text);
    }
  });
});

describe('what is carried over', () => {
  const rule = (name: string, value: number): string =>
    `      # from a file\n      - alert: ${name}\n        expr: x > ${value}\n`;
  const file = (...groups: string[][]): string =>
    `# head\ngroups:\n${groups.map((rules, i) => `  - name: g${i}\n    rules:\n${rules.join('\n')}`).join('\n')}`;

  it('stands in the place of what it was', () => {
    const whole = file([rule('A', 1), rule('B', 2)], [rule('C', 3)]);
    expect(blocksOf(whole).rules).toHaveLength(3);
    expect(carryOver(whole, file([rule('B', 2)]), file([rule('B', 9)]))).toBe(
      file([rule('A', 1), rule('B', 9)], [rule('C', 3)]),
    );
    expect(carryOver(whole, file([rule('B', 7)]), file([rule('B', 9)]))).toBeUndefined();
    expect(carryOver(file([rule('B', 2)], [rule('B', 2)]), file([rule('B', 2)]), file([rule('B', 9)]))).toBeUndefined();
    expect(carryOver(whole, file([rule('B', 2)]), file([rule('B', 2), rule('D', 4)]))).toBeUndefined();
  });
});
