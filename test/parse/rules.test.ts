import { describe, expect, test } from 'vitest';
import { parseRuleFile } from '../../src/core/parse/rules.ts';
import { parseTemplateFile } from '../../src/core/parse/templates.ts';
import { brief, source, spansInside } from './helpers.ts';

const parse = (text: string) => parseRuleFile(source('rules/infra/node.yaml', text));
const rule = (lines: string) => parse(`rules:\n  - alert: A\n    expr: up == 0\n${lines.replace(/^(?=.)/gm, '    ')}`);
const only = (text: string) => parse(text).written?.rules[0];

describe('what is read', () => {
  test('a full file', () => {
    const text = `
name: node
interval: 30s
limit: 5
rules:
  - alert: HighCPU
    id: cpu
    template: base
    owner: infra
    params:
      threshold: { type: number, default: 80, unit: percent, min: 0, max: 100 }
      window: 5m
      devices: [eth0, 1]
      mode: { type: enum, values: [avg, max], default: avg, fixed: true }
    expr: x > << threshold >>
    for: << window >>
    labels: { severity: warning, on: yes, version: 1.10, none: null }
    only: production
    except: [a, b]
    tiers:
      critical: { threshold: 95, for: 2m, params: { window: 1m }, labels: { page: true } }
`;
    const { written, native, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(native).toBeUndefined();
    expect([written?.name.value, written?.interval?.value, written?.limit?.value]).toEqual(['node', '30s', 5]);
    const found = written?.rules[0];
    expect(found?.id?.value).toBe('cpu');
    expect([...(found?.labels ?? [])].map(([name, { value }]) => [name, value])).toEqual([
      ['severity', 'warning'],
      ['on', 'yes'],
      ['version', '1.10'],
      ['none', null],
    ]);
    expect(found?.params.get('threshold')).toMatchObject({
      type: { value: 'number' },
      default: { value: { value: 80, text: '80' } },
      unit: { value: 'percent' },
      min: { value: { value: 0 } },
      short: false,
    });
    expect(found?.params.get('window')).toMatchObject({ default: { value: { value: '5m' } }, short: true });
    expect(found?.params.get('devices')?.default?.value).toMatchObject([
      { value: { text: 'eth0' } },
      { value: { text: '1' } },
    ]);
    expect(found?.params.get('mode')).toMatchObject({
      values: [{ value: 'avg' }, { value: 'max' }],
      fixed: { value: true },
    });
    expect(found?.only?.map((o) => o.value)).toEqual(['production']);
    expect(found?.except?.map((o) => o.value)).toEqual(['a', 'b']);
    const tier = found?.tiers?.get('critical');
    expect([...(tier?.params ?? [])].map(([name, { value }]) => [name, value])).toEqual([
      ['threshold', { value: 95, text: '95' }],
      ['window', { value: '1m', text: '1m' }],
    ]);
    expect(tier?.labels.get('page')?.value).toBe('true');
  });

  test('the name of a file is its path below rules/ without the ending', () => {
    expect(parse('rules: []\n').written?.name.value).toBe('infra/node');
  });

  test('the span of a value covers it as written, quotes included', () => {
    const text = 'rules:\n  - alert: "A"\n    expr: >-\n      up\n      == 0\n';
    const found = only(text);
    const covered = (span?: { start: number; end: number }) => text.slice(span?.start, span?.end);
    expect(covered(found?.alert?.span)).toBe('"A"');
    expect(found?.expr?.value).toBe('up == 0');
    expect(covered(found?.expr?.span)).toBe('>-\n      up\n      == 0\n');
  });

  test('anchors and merge keys work in our own format', () => {
    const text = 'rules:\n  - &base { alert: A, expr: up, labels: { a: b } }\n  - { <<: *base, alert: B }\n';
    const { written, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(written?.rules.map((r) => [r.alert?.value, r.labels.get('a')?.value])).toEqual([
      ['A', 'b'],
      ['B', 'b'],
    ]);
  });

  test('a template is a body, named by its path', () => {
    const file = source('templates/fs/free.yaml', 'params: { threshold: 20 }\nexpr: x < << threshold >>\n');
    const { template, diagnostics } = parseTemplateFile(file);
    expect(diagnostics).toEqual([]);
    expect([template?.name, template?.body.expr?.value]).toEqual(['fs/free', 'x < << threshold >>']);
  });
});

describe('what is refused', () => {
  test.each<[string, string, string[]]>([
    ['an unknown key', 'thresold: 5\n', ['4:5 unknown-key thresold']],
    ['a wrong type', 'labels: [a]\n', ['4:13 wrong-type [a]']],
    ['a value that is not of an enum', 'params: { x: { type: nmber } }\n', ['4:26 invalid-value nmber']],
    ['yes for true', 'enabled: yes\n', ['4:14 wrong-type yes']],
    ['a label that is no name', 'labels: { a-b: c }\n', ['4:15 invalid-name a-b']],
    ['__name__ as a label', 'labels: { __name__: c }\n', ['4:15 invalid-name __name__']],
    ['a number without a unit', 'for: 5\n', ['4:10 invalid-duration 5']],
    ['a param that is called like a field', 'params: { for: 5m }\n', ['4:15 invalid-name for']],
    ['a param that no template could name', 'params: { a-b: 5m }\n', ['4:15 invalid-name a-b']],
    ['a word of the template language', 'params: { in: 5m }\n', ['4:15 invalid-name in']],
    ['a param given twice in a tier', 'tiers: { a: { x: 1, params: { x: 2 } } }\n', ['4:35 yaml-duplicate-key x']],
    ['cases in a tier', 'tiers: { a: { where: [] } }\n', ['4:19 unknown-key where']],
    ['a tier that no id could hold', 'tiers: { "a b": { threshold: 1 } }\n', ['4:14 invalid-id "a b"']],
    ['an id that is a path', 'id: ../x\n', ['4:9 invalid-id ../x']],
    ['the id of every rule', 'id: "*"\n', ['4:9 invalid-id "*"']],
  ])('%s', (_, lines, expected) => {
    const { diagnostics } = rule(lines);
    expect(brief(diagnostics)).toEqual(expected);
    expect(spansInside(diagnostics)).toBe(true);
  });

  test.each<[string, string, string[]]>([
    ['no rules', 'name: x\n', ['1:1 missing-key name: x']],
    ['a rule without a name', 'rules:\n  - expr: up\n', ['2:5 missing-key expr: up']],
    ['a rule without an expression', 'rules:\n  - alert: A\n', ['2:5 missing-key alert: A']],
    ['an empty expression', 'rules:\n  - alert: A\n    expr: ""\n', ['3:11 invalid-value ""']],
    ['an expression left out', 'rules:\n  - alert: A\n    expr:\n', ['3:5 wrong-type expr']],
    ['both names', 'rules:\n  - alert: A\n    record: b\n    expr: up\n', ['3:13 invalid-value b']],
    ['a name with a line break', 'rules:\n  - alert: "A\\nB"\n    expr: up\n', ['2:12 control-character "A\\nB"']],
    ['a template in a name', 'rules:\n  - alert: A<< x >>\n    expr: up\n', ['2:12 param-in-identity A<< x >>']],
    ['a record that is no metric', 'rules:\n  - record: a-b\n    expr: up\n', ['2:13 invalid-name a-b']],
    [
      'what a recording rule has not',
      'rules:\n  - record: a\n    expr: up\n    for: 5m\n    annotations: {}\n    tiers: {}\n',
      ['4:5 invalid-value for', '5:5 invalid-value annotations', '6:5 invalid-value tiers'],
    ],
    ['a bad interval', 'interval: 30\nrules: []\n', ['1:11 invalid-duration 30']],
    ['two documents', 'rules: []\n---\nrules: []\n', ['3:1 yaml-many-documents rules: []']],
    ['a text', 'hello\n', ['1:1 wrong-type hello']],
  ])('%s', (_, text, expected) => {
    expect(brief(parse(text).diagnostics)).toEqual(expected);
  });

  test('helps say what was meant', () => {
    const help = (lines: string) => rule(lines).diagnostics[0]?.help;
    expect(help('serverity: x\n')).toContain('labels: { severity: warning }');
    expect(help('anotations: {}\n')).toBe('Did you mean `annotations`?');
    expect(help('enabled: no\n')).toBe('Write `false`.');
    expect(help('for: 5\n')).toContain('`5m`');
    expect(help('params: { x: { type: strin } }\n')).toBe('Did you mean `string`?');
  });

  test('a misspelt key is one complaint, not two', () => {
    expect(brief(parse('rules:\n  - alrt: A\n    expr: up\n').diagnostics)).toEqual(['2:5 unknown-key alrt']);
  });
});

describe('files of other tools', () => {
  test.each([
    ['apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {}\n', 'rulewright adopt'],
    ['apiVersion: v1\nkind: ConfigMap\n', 'Move it out'],
    ['rule_files: [a.yml]\ntests: []\n', 'tests/'],
    ['namespace: x\ngroups: []\n', 'rulewright adopt FILE'],
    ['alert: A\nexpr: up\n', 'Write `rules:` above it'],
    ['- alert: A\n  expr: up\n', 'Write `rules:` above it'],
    ['- name: g\n  rules: []\n', 'Write `groups:` above it'],
    ['- targets: [a:1]\n', 'groups/targets/'],
    ['route: {}\nreceivers: []\n', 'Move it out'],
    ['match: { a: b }\nthresholds: { A: 1 }\n', 'Move it to `groups/`'],
  ])('%j', (text, remedy) => {
    const { written, native, diagnostics } = parse(text);
    expect([written, native]).toEqual([undefined, undefined]);
    expect(diagnostics.map((d) => d.code)).toEqual(['not-our-format']);
    expect(diagnostics[0]?.help).toContain(remedy);
  });

  const manifest = (name: string, expr: string): string =>
    `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: { name: ${name} }\nspec:\n  groups:\n  - name: g\n    rules:\n    - alert: A\n      expr: ${expr}\n`;

  test.each([
    ['statements', `{{- if .Values.on }}\n${manifest('x', 'up')}{{- end }}\n`],
    ['a block', manifest('x', 'up').replace('spec:\n', 'spec:\n  {{- with .Values.rules }}\n  {{- end }}\n')],
    ['a variable', `{{- $name := "x" }}\n${manifest('x', 'up')}`],
    ['a value that is no YAML', manifest('{{ .Values.name }}', 'up')],
    ['a value that is YAML', manifest('"{{ .Release.Name }}"', 'up > {{ .Values.limit }}')],
    ['our own format', 'rules:\n{{- if .Values.on }}\n- { alert: A, expr: up }\n{{- end }}\n'],
  ])('a template of Helm with %s is told as that, once', (_, text) => {
    const { diagnostics } = parse(text);
    expect(diagnostics.map((d) => [d.code, d.message.slice(0, 26), d.help?.slice(0, 9)])).toEqual([
      ['not-our-format', 'This is a template of Helm', 'Render it'],
    ]);
  });

  test('templates of Prometheus beside an error are no Helm', () => {
    const text = 'rules:\n- alert: A\n  expr: "up\n  annotations:\n    s: |\n      {{ if $value }}a{{ end }}\n';
    expect(parse(text).diagnostics.map((d) => d.code)).not.toContain('not-our-format');
  });

  test.each([
    ['evaluation_delay', 'query_offset'],
    ['eval_delay', 'query_offset'],
    ['concurrency', 'Remove it'],
  ])('the field %s of a rule group: %s', (field, remedy) => {
    const { diagnostics } = parse(`groups:\n- name: g\n  ${field}: 1m\n  rules: []\n`);
    expect(diagnostics.map((d) => d.code)).toEqual(['not-our-format']);
    expect(diagnostics[0]?.help).toContain(remedy);
  });
});
