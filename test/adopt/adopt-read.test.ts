import { describe, expect, test } from 'vitest';
import { liveRules } from '../../src/core/adopt/live.ts';
import { plainText } from '../../src/outputs/plain-text.ts';
import { propose } from './adopt-support.ts';

describe('manifests', () => {
  const manifest = (name: string, rules: string): string =>
    `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: ${name}\n  namespace: mon\nspec:\n  groups:\n  - name: g\n    partial_response_strategy: warn\n    rules:\n    # why\n    ${rules}\n`;

  test('several documents, and other kinds among them', () => {
    const text = `${manifest('one', '- { alert: A, expr: up > 1 }')}---\nkind: ConfigMap\n---\n${manifest('two', '- { alert: B, expr: up > 1 }')}`;
    const { texts, read } = propose({ 'all.yaml': text });
    expect(Object.keys(texts)).toEqual(['rules/mon/one.yml', 'rules/mon/two.yml']);
    expect(read.diagnostics.map((d) => [d.severity, d.code])).toEqual([
      ['note', 'ignored-document'],
      ['note', 'unknown-key'],
      ['note', 'unknown-key'],
    ]);
  });

  test('a List, in JSON', () => {
    const rule = {
      kind: 'PrometheusRule',
      metadata: { name: 'x' },
      spec: { groups: [{ name: 'g', rules: [{ alert: 'A', expr: 1 }] }] },
    };
    const { texts } = propose({ 'l.json': JSON.stringify({ kind: 'List', items: [rule] }) });
    expect(texts['rules/x.yml']).toBe('groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: "1"\n');
  });

  test('errors stand where they are in the manifest', () => {
    const { read } = propose({ 'a.yaml': manifest('one', '- { alert: A, expr: up > }') });
    expect(read.refused).toEqual(['a.yaml']);
    expect(read.diagnostics.find((d) => d.code === 'promql-syntax')?.span).toMatchObject({ file: { path: 'a.yaml' } });
  });

  test('templates of Helm are told apart from mistakes', () => {
    const { read } = propose({
      'h.yaml': `{{- if .Values.on }}\n${manifest('one', '- { alert: A, expr: up > 1 }')}{{- end }}\n`,
    });
    expect(read.diagnostics).toEqual([
      expect.objectContaining({ code: 'not-our-format', help: expect.stringContaining('helm template') }),
    ]);
  });

  test.each([
    ['an expression', '{ alert: A, expr: "up > {{ .Values.limit }}" }'],
    ['a duration', '{ alert: A, expr: up > 1, for: "{{ $.Values.for }}" }'],
    ['an annotation', '{ alert: A, expr: up > 1, annotations: { s: "on {{ .Release.Name }}" } }'],
  ])('so are those that are YAML as they are, with Helm in %s', (_, rule) => {
    const { read } = propose({ 'h.yaml': manifest('one', `- ${rule}`) });
    expect(read.refused).toEqual(['h.yaml']);
    expect(read.diagnostics.filter((d) => d.severity === 'error')).toEqual([
      expect.objectContaining({ code: 'not-our-format', help: expect.stringContaining('helm template') }),
    ]);
  });
});

describe('rule files of Mimir', () => {
  const namespace = (name: string, more = ''): string =>
    `namespace: ${name}\ngroups:\n  # theirs\n  - name: g\n${more}    rules:\n      - { alert: A${name}, expr: up > 1 }\n`;

  test('each namespace becomes a file of its name, the line stays behind', () => {
    const { read, texts } = propose({ 'm.yaml': `${namespace('team a')}---\n${namespace('b')}` });
    expect(Object.keys(texts)).toEqual(['rules/team-a.yml', 'rules/b.yml']);
    expect(texts['rules/b.yml']).toBe(namespace('b').replace('namespace: b\n', ''));
    expect(read.diagnostics.map((d) => [d.severity, d.message.slice(0, 30)])).toEqual([
      ['note', 'A namespace of Mimir, Cortex o'],
      ['note', 'A namespace of Mimir, Cortex o'],
    ]);
  });

  test('federated rule groups are refused by name', () => {
    const { read } = propose({ 'm.yaml': namespace('a', '    source_tenants: [x, y]\n') });
    expect(read.refused).toEqual(['m.yaml']);
    const [error] = read.diagnostics.filter((d) => d.severity === 'error');
    expect(error?.message).toContain('federated rule group of Mimir');
  });
});

test('what a server has loaded', () => {
  const rules = [
    {
      type: 'alerting',
      name: 'A',
      query: 'up > 1',
      duration: 90,
      keepFiringFor: 0,
      labels: { a: 'b' },
      annotations: { s: 't' },
    },
    { type: 'recording', name: 'r', query: 'sum(up)', labels: {} },
  ];
  const found = liveRules(
    { groups: [{ name: 'g', file: '/etc/x/n.rules.yml', interval: 30, limit: 0, rules }] },
    'http://p',
  );
  expect(found?.map((f) => f.name)).toEqual(['n.rules']);
  expect(plainText(found?.[0]?.groups ?? [])).toContain('for: 1m30s');
  expect(liveRules({ groups: 1 }, 'http://p')).toBeUndefined();
});
