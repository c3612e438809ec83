import { describe, expect, test } from 'vitest';
import { exprMeaning } from '../../src/core/adopt/compare.ts';
import { cutRules } from '../../src/core/adopt/cut.ts';
import { lift, liftables } from '../../src/core/adopt/holes.ts';
import { asTemplate } from '../../src/core/adopt/own.ts';
import { shapeKey, withoutLabels } from '../../src/core/adopt/regions.ts';
import { guessUnit } from '../../src/core/adopt/units.ts';
import { parse } from '../../src/promql/parse.ts';
import { propose } from './adopt-support.ts';

const file = (...rules: string[]): string => `groups:\n- name: g\n  rules:\n${rules.map((r) => `  - ${r}\n`).join('')}`;

describe('limits and ranges', () => {
  test.each<[string, string]>([
    ['up < 5', 'up < << threshold >>'],
    ['up <5', 'up < << threshold >>'],
    ['5 < up', '<< threshold >> < up'],
    ['a > 5 and b > 3', 'a > << threshold >> and b > << b_above >>'],
    ['a > 5 and b > 3 and b{x="y"} > 4', 'a > << threshold >> and b > << b_above >> and b{x="y"} > << b_above_2 >>'],
    ['a > 5 and b > 0', 'a > << threshold >> and b > 0'],
    ['a > 0', 'a > << threshold >>'],
    ['up == 0', 'up == 0'],
    ['a > 5 or b < -3', 'a > << a_above >> or b < << b_below >>'],
    ['rate(a[5m]) > 1', 'rate(a[<< window >>]) > << threshold >>'],
    [
      'rate(a[1h]) > 1 and rate(a[5m]) > 2 and rate(a[300s]) > 3',
      'rate(a[<< long_window >>]) > << threshold >> and rate(a[<< short_window >>]) > << a_above >> and rate(a[<< short_window >>]) > << a_above_2 >>',
    ],
    ['max_over_time(a[1h:5m]) > 1', 'max_over_time(a[<< window >>:5m]) > << threshold >>'],
    ['absent(a)', 'absent(a)'],
  ])('%s', (text, expected) => {
    expect(lift(text, liftables(text)).expr).toBe(expected);
  });

  test.each<[string, string | undefined]>([
    ['100 * (1 - avg(rate(x_seconds_total[5m])))', 'percent'],
    ['a_bytes / b_bytes', 'ratio'],
    ['100 * a_bytes / b_bytes', 'percent'],
    ['1 - a_bytes / b_bytes', 'ratio'],
    ['sum by (x) (a_bytes)', 'bytes'],
    ['increase(a_bytes_total[1h])', 'bytes'],
    ['rate(a_bytes_total[1h])', undefined],
    ['max(temp_celsius)', 'celsius'],
    ['histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))', 'seconds'],
    ['time() - last_run_timestamp_seconds', 'seconds'],
    ['count(a_bytes)', undefined],
    ['up', undefined],
  ])('the unit of %s', (text, unit) => {
    const { expr } = parse(text);
    expect(expr && guessUnit(expr)).toBe(unit);
  });
});

describe('copies', () => {
  test('differ in matchers, limits and ranges alone', () => {
    const [a, b, c] = ['rate(x{env="a",job="j"}[5m]) > 1', 'rate(x{job="k"}[1h]) > (2)', 'rate(x[5m]) * 2 > 1'].map(
      shapeKey,
    );
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });

  test.each<[string, string | undefined]>([
    ['x{env="a"} > 1', 'x > 1'],
    ['x{job="j", env="a" , b=~"c,d"} > y{env="a"}', 'x{job="j", b=~"c,d"} > y'],
    ['{__name__="x",env="a"}', '{__name__="x"}'],
    ['{"x",env="a"}', undefined],
  ])('%s without env', (text, expected) => {
    expect(withoutLabels(text, ['env'])?.text).toBe(expected);
  });

  test('matchers that say the same are the same', () => {
    expect(exprMeaning('x{env!~"b|a"}', 'matchers')).toBe(exprMeaning('x{env!="a",env!="b"}', 'matchers'));
    expect(exprMeaning('x{env!~"b|a"}', 'exact')).not.toBe(exprMeaning('x{env!~"a|b"}', 'exact'));
    expect(exprMeaning('x{env=~"a|b"}', 'matchers')).not.toBe(exprMeaning('x{env=~"a|b|c"}', 'matchers'));
  });

  const cpu = (env: string, limit: number, severity = 'warning'): string =>
    `{ alert: Cpu, expr: 'cpu{env${env}} > ${limit}', labels: { severity: ${severity} }, annotations: { s: "over ${limit}%" } }`;

  test('a default and two environments', () => {
    const { texts, plan } = propose(
      { 'n.yml': file(cpu('="prod"', 90, 'critical'), cpu('=~"dev|test"', 80), cpu('!~"prod|test|dev|lab"', 70)) },
      { groups: true },
    );
    expect(plan.stayed).toEqual([]);
    expect(Object.keys(texts).sort()).toEqual([
      'groups/dev-test.yaml',
      'groups/lab.yaml',
      'groups/prod.yaml',
      'rules/n-shared.yaml',
    ]);
    expect(texts['rules/n-shared.yaml']).toContain('expr: cpu > << threshold >>');
    expect(texts['rules/n-shared.yaml']).toContain('s: over << threshold >>%');
    expect(texts['groups/lab.yaml']).toContain('disabled: [Cpu]');
    expect(texts['groups/prod.yaml']).toMatch(/threshold: 90\n {4}labels:\n {6}severity: critical/);
    expect(texts['groups/dev-test.yaml']).toMatch(/match:\n {2}env: \[dev, test\]\nthresholds:\n {2}Cpu: 80/);
  });

  test('one file a namespace, none of them the default', () => {
    const { texts, plan } = propose(
      { 'a.yml': file(cpu('="a"', 1)), 'b.yml': file(cpu('="b"', 2), '{ record: r, expr: up }') },
      { groups: true },
    );
    expect(plan.families[0]?.copies).toHaveLength(2);
    expect(Object.keys(texts).sort()).toEqual(['groups/a.yaml', 'groups/b.yaml', 'rules/a-shared.yaml', 'rules/b.yml']);
    expect(texts['rules/a-shared.yaml']).toContain('only: [a, b]');
    expect(texts['rules/b.yml']).toBe(file('{ record: r, expr: up }'));
  });

  test('severities become tiers, also in each environment', () => {
    const { texts } = propose(
      {
        'n.yml': file(
          cpu('="prod"', 90),
          cpu('="prod"', 95, 'critical'),
          cpu('!="prod"', 80),
          cpu('!="prod"', 85, 'critical'),
        ),
      },
      { groups: true },
    );
    expect(texts['rules/n-shared.yaml']).toMatch(
      /tiers:\n {6}warning:\n {8}threshold: 80\n {6}critical:\n {8}threshold: 85/,
    );
    expect(texts['groups/prod.yaml']).toContain('Cpu.warning: 90\n  Cpu.critical: 95');
  });

  test.each<[string, string[], RegExp]>([
    [
      'that overlap',
      [cpu('="prod"', 90), '{ alert: Cpu, expr: cpu > 80, labels: { severity: warning } }'],
      /two copies fire for the same series/,
    ],
    [
      'whose matchers are in one selector only',
      [`{ alert: A, expr: 'a{env="x"} / b > 1' }`, `{ alert: A, expr: 'a{env="y"} / b > 1' }`],
      /not in every selector/,
    ],
    [
      'of absent(), without an inventory',
      [`{ alert: A, expr: 'absent(a{env="x"})' }`, `{ alert: A, expr: 'absent(a{env="y"})' }`],
      /inventory/,
    ],
    [
      'that are told by a regex',
      [`{ alert: A, expr: 'a{env=~"x.*"} > 1' }`, `{ alert: A, expr: 'a{env="y"} > 1' }`],
      /regular expression/,
    ],
    [
      'that read what is recorded beside them',
      ['{ record: r, expr: up }', `{ alert: A, expr: 'r{env="x"} > 1' }`, `{ alert: A, expr: 'r{env="y"} > 1' }`],
      /evaluated out of order/,
    ],
    [
      'whose tiers are in the wrong order',
      [cpu('="x"', 90, 'critical').replace('cpu{env="x"}', 'cpu'), cpu('="x"', 95).replace('cpu{env="x"}', 'cpu')],
      /./,
    ],
  ])('%s stay as they are', (_, rules, reason) => {
    const { texts, plan } = propose({ 'n.yml': file(...rules) }, { groups: true });
    expect(texts).toEqual({ 'rules/n.yml': file(...rules) });
    expect(plan.stayed[0]?.reason).toMatch(reason);
  });
});

describe('our own format', () => {
  test('texts that look like templates come out as they were', () => {
    const text = '<< x >> <% y %> <# z #> {{ $value }} 1 << 2';
    expect(asTemplate(text)).toBe(
      '<< "<<" >> x >> << "<%" >> y << "%>" >> << "<#" >> z << "#>" >> {{ $value }} 1 << "<<" >> 2',
    );
    const { texts, plan } = propose(
      { 'n.yml': file(`{ alert: A, expr: up > 1, annotations: { s: '${text}' } }`) },
      { params: true },
    );
    expect(plan.stayed).toEqual([]);
    expect(Object.keys(texts)).toEqual(['rules/n.yaml']);
  });

  test('labels of the rule group, its fields and names that repeat', () => {
    const native = `groups:
- name: g
  interval: 2m
  limit: 5
  labels: { team: a }
  rules:
  - { record: r, expr: 'sum(up)' }
  - { alert: A, expr: up > 1, labels: { severity: warning } }
  - { alert: A, expr: up > 2, labels: { severity: critical } }
`;
    const { texts } = propose({ 'n.yml': native }, { params: true });
    expect(Object.keys(texts)).toEqual(['rules/n.yaml']);
    expect(texts['rules/n.yaml']).toMatch(/interval: 2m\nlimit: 5/);
    expect(texts['rules/n.yaml']).toContain('id: A-critical');
  });

  test('what two rules of one name and labels have stays native, and so does its rule group alone', () => {
    const twice = file('{ alert: A, expr: up > 1 }', '{ alert: A, expr: up > 2 }');
    const { texts, plan } = propose({ 'n.yml': twice, 'm.yml': file('{ alert: B, expr: up > 1 }') }, { params: true });
    expect(Object.keys(texts).sort()).toEqual(['rules/m.yaml', 'rules/n.yml']);
    expect(plan.stayed).toEqual([{ what: 'g', from: ['n.yml'], reason: expect.stringContaining('same name "A"') }]);
  });
});

test('rules are cut out of a file with the comments above them, the rest stays as it was written', () => {
  const text = `# top
groups:
- name: g   # here
  rules:
  # of the first
  - alert: A
    expr: |
      up
      > 1

  # of the second
  # two lines
  - alert: B
    expr: up > 2

- name: h
  rules:
  - alert: C
    expr: up > 3
`;
  expect(cutRules(text, (g, r) => g !== 0 || r !== 0)).toBe(
    text.replace(/ {2}# of the first[\s\S]*?(?= {2}# of the second)/, ''),
  );
  expect(cutRules(text, (g) => g === 0)).toBe(text.slice(0, text.indexOf('- name: h')));
  expect(cutRules(text, (g) => g === 1)).toContain('# top\ngroups:\n- name: h');
});
