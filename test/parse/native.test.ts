import { expect, test } from 'vitest';
import { parseRuleFile } from '../../src/core/parse/rules.ts';
import { brief, source } from './helpers.ts';

const parse = (text: string, utf8Names = false) => parseRuleFile(source('rules/n.yml', text), { utf8Names });
const group = (lines: string) => parse(`groups:\n- name: g\n${lines.replace(/^(?=.)/gm, '  ')}`);

test('every field, values as written', () => {
  const text = `
groups:
  - name: g
    interval: 1m
    query_offset: 5s
    limit: 10
    labels: { team: 007 }
    rules:
      - alert: Up
        expr: 1
        for: 0m
        keep_firing_for: 5m
        labels: { on: yes, empty: , hex: 0x1F }
        annotations: { summary: "{{ $labels.x }} << kept >>" }
      - record: a:b
        expr: |
          # a comment
          up
        for: 0s
  - name: empty
    rules:
`;
  const { native, written, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  expect(written).toBeUndefined();
  const [g, empty] = native?.groups ?? [];
  expect(g).toMatchObject({
    name: { value: 'g' },
    interval: { value: '1m' },
    queryOffset: { value: '5s' },
    limit: { value: 10 },
  });
  expect(g?.labels.get('team')?.value).toBe('007');
  const [alert, record] = g?.rules ?? [];
  expect(alert).toMatchObject({ alert: { value: 'Up' }, expr: { value: '1' }, for: { value: '0m' } });
  expect([...(alert?.labels ?? [])].map(([k, v]) => [k, v.value])).toEqual([
    ['on', 'yes'],
    ['empty', ''],
    ['hex', '0x1F'],
  ]);
  expect(alert?.annotations.get('summary')?.value).toBe('{{ $labels.x }} << kept >>');
  expect(record?.expr.value).toBe('# a comment\nup\n');
  expect(empty?.rules).toEqual([]);
});

test('no groups at all are fine for Prometheus', () => {
  expect(parse('groups:\n')).toMatchObject({ native: { groups: [] }, diagnostics: [] });
});

test.each<[string, string, string[]]>([
  ['an unknown key', 'rules: []\nrulez: []\n', ['4:3 unknown-key rulez']],
  ['a field of vmalert', 'concurrency: 2\n', ['3:3 not-our-format concurrency']],
  ['a rule without a name', 'rules:\n- expr: up\n', ['4:5 missing-key expr: up']],
  ['both names', 'rules:\n- {alert: A, record: b, expr: up}\n', ['4:24 invalid-value b']],
  ['no expression', 'rules:\n- alert: A\n', ['4:5 missing-key alert: A']],
  ['for in a recording rule', 'rules:\n- {record: a, expr: up, for: 5m}\n', ['4:27 invalid-value for']],
  ['a bad duration', 'rules:\n- {alert: a, expr: up, for: 5}\n', ['4:31 invalid-duration 5']],
  ['a bad label name', 'rules:\n- {alert: a, expr: up, labels: {a.b: c}}\n', ['4:35 invalid-name a.b']],
  ['a bad metric name', 'rules:\n- {record: "a{}", expr: up}\n', ['4:14 invalid-name "a{}"']],
  ['an alias for ever', 'rules: &r\n- *r\n', ['4:5 yaml-alias *r', '4:5 wrong-type *r']],
  [
    'LogQL',
    'rules:\n- {alert: a, expr: \'count({a="b"} |= "x")\'}\n',
    ['4:22 not-our-format \'count({a="b"} |= "x")\''],
  ],
])('%s', (_, lines, expected) => {
  expect(brief(group(lines).diagnostics)).toEqual(expected);
});

test('two rule groups of one name', () => {
  const { diagnostics } = parse('groups:\n- name: a\n- name: a\n');
  expect(brief(diagnostics)).toEqual(['3:9 duplicate-id a']);
  expect(diagnostics[0]?.notes[0]?.span).toMatchObject({ start: 16 });
});

test('names of Prometheus 3 are taken where all servers take them', () => {
  const text = 'groups:\n- name: g\n  rules:\n  - {alert: a, expr: up, labels: {a.b: c}}\n';
  expect(parse(text, true).diagnostics).toEqual([]);
});

test('what looks like LogQL inside a string is a string', () => {
  const text = 'groups:\n- name: g\n  rules:\n  - {alert: a, expr: \'up{a=~"}|=x"}\'}\n';
  expect(parse(text).diagnostics).toEqual([]);
});
