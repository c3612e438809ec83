import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { compile } from '../../src/core/compile.ts';
import type { SourceFile } from '../../src/core/ground/source.ts';
import { spanText } from '../../src/core/ground/source.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { TODAY } from '../support/compile.ts';

interface Out {
  /** `code place: message` of errors. */
  readonly errors: string[];
  readonly warnings: string[];
  readonly texts: ReadonlyMap<string, string>;
  /** Rules of a file: by rule group, in order. */
  rules(file: string): Record<string, Rule[]>;
}
type Rule = Record<string, unknown> & { expr: string };

function build(files: Readonly<Record<string, string>>): Out {
  const below = (folder: string): SourceFile[] =>
    Object.entries(files)
      .filter(([path]) => path.startsWith(folder))
      .map(([path, text]) => ({ path, text }));
  const inventory = below('targets/').map((file) => ({ file, labels: {} }));
  const config = below('rulewright.yaml')[0];
  const compiled = compile(
    {
      rules: below('rules/'),
      groups: below('groups/'),
      templates: [],
      macros: [],
      problems: [],
      inventory,
      ...(config && { config }),
    },
    { today: TODAY },
  );
  const told = (severity: string): string[] =>
    compiled.diagnostics
      .filter((d) => d.severity === severity)
      .map((d) => `${d.code} ${spanText(d.span)}: ${d.message}`);
  const texts = new Map((compiled.ruleSet?.files ?? []).map((f) => [f.fileName, renderFile(f)]));
  return {
    errors: told('error'),
    warnings: told('warning'),
    texts,
    rules: (file) => {
      const { groups } = parseYaml(texts.get(file) ?? 'groups: []') as { groups: { name: string; rules: Rule[] }[] };
      return Object.fromEntries(groups.map((g) => [g.name, g.rules]));
    },
  };
}

const VENDORED = `groups:
  - name: node.rules
    rules:
      - record: node:load
        expr: node_load1
  - name: node
    interval: 1m
    rules:
      # Kept by whoever ships it.
      - alert: HighLoad
        expr: 'node:load > 10 # ten'
        for: 10m
        labels: { severity: warning }
        annotations: { summary: "Load {{ $value }} << kept >> <% kept %>" }
      - alert: Disk
        expr: 100 * node_filesystem_avail_bytes / node_filesystem_size_bytes < 20
        labels: { severity: warning }
      - alert: Disk
        expr: 100 * node_filesystem_avail_bytes / node_filesystem_size_bytes < 5
        labels: { severity: critical }
`;
const PATH = 'rules/vendor/node.yml';
const STATIC = 'static-vendor--node.yml';
const PROD = 'id: production\nmatch: { env: prod }\n';

describe('the implicit threshold', () => {
  test.each([
    ['up > 5', 'up > 7'],
    ['5 < up', '7 < up'],
    ['up == -1', 'up == 7'],
    ['up > 0x10 # hex', 'up > 7 # hex'],
    ['(up > (5))', '(up > (7))'],
    ['up >5', 'up >7'],
    ['up-1 > bool 5', 'up-1 > bool 7'],
    ['up > ( 25 / 100 )', 'up > 7'],
    ['up>(14.4*0.001)and b', 'up>(7)and b'],
    ['up > bool(2*5)', 'up > bool(7)'],
    ['2*5<up', '7<up'],
    ['up > -(2 + 3) # five', 'up > 7 # five'],
    ['( up < 5*2 and b == 5*2 )', '( up < 7 and b == 5*2 )'],
    ['up > 5 unless on (job) b > 5', 'up > 7 unless on (job) b > 5'],
  ])('%s is changed where it stands', (expr, expected) => {
    const native = `groups:\n- name: g\n  rules:\n  - alert: A\n    expr: ${JSON.stringify(expr)}\n`;
    const out = build({ 'rules/n.yml': native, 'groups/default.yaml': 'id: default\nthresholds: { A: 7 }\n' });
    expect(out.errors).toEqual([]);
    expect(out.rules('static-n.yml')['g']?.[0]?.expr).toBe(expected);
  });

  test('a rule without one has no param of that name', () => {
    const native = 'groups:\n- name: g\n  rules:\n  - { alert: A, expr: absent(up) }\n';
    const out = build({ 'rules/n.yml': native, 'groups/default.yaml': 'id: default\nthresholds: { A: 7 }\n' });
    expect(out.errors).toEqual([
      expect.stringMatching(/^unknown-param groups\/default.yaml:2:\d+: Rule "A" has no param/),
    ]);
  });
});

describe('what is said of a file that can’t be read', () => {
  test('a tuned rule whose expression has an error is one error', () => {
    const native = 'groups:\n- name: g\n  rules:\n  - { alert: A, expr: x > 1e3 * 1Ki }\n';
    const out = build({ 'rules/n.yml': native, 'groups/default.yaml': 'id: default\nthresholds: { A: 7 }\n' });
    expect(out.errors).toEqual([expect.stringMatching(/^promql-syntax rules\/n.yml:4:/)]);
  });

  test('a tuned rule of a manifest is not missed beside it', () => {
    const manifest = 'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: { groups: [] }\n';
    const out = build({ 'rules/n.yml': manifest, 'groups/default.yaml': 'id: default\nthresholds: { A: 7 }\n' });
    expect(out.errors).toEqual([expect.stringMatching(/^not-our-format rules\/n.yml:1:1/)]);
  });
});

describe('addresses', () => {
  test.each([
    ['HighLoad', 10],
    ['vendor/node:HighLoad', 10],
    ['vendor/node.yml:HighLoad', 10],
    ['rules/vendor/node.yml:HighLoad', 10],
    ['vendor/node:Disk{severity="critical"}', 5],
    ['Disk{severity="critical"}', 5],
  ])('%s', (address) => {
    const out = build({ [PATH]: VENDORED, 'groups/default.yaml': `id: default\nthresholds: { '${address}': 4 }\n` });
    expect(out.errors).toEqual([]);
    expect(out.texts.get(STATIC)).toContain(`${address.includes('Disk') ? '<' : '>'} 4`);
  });

  test('a name that several rules have is refused, with what to say instead', () => {
    const out = build({ [PATH]: VENDORED, 'groups/production.yaml': `${PROD}thresholds: { Disk: 4 }\n` });
    expect(out.errors).toEqual([
      expect.stringMatching(/^unknown-rule groups\/production.yaml:3:\d+: "Disk" could be any of 2/),
    ]);
  });
});

test('nothing said, nothing changed: also what looks like our templates', () => {
  const out = build({ [PATH]: VENDORED, 'groups/production.yaml': PROD });
  expect(out.errors).toEqual([]);
  expect([...out.texts.keys()]).toEqual([STATIC]);
  const { groups } = parseYaml(VENDORED) as { groups: { name: string; rules: Rule[] }[] };
  expect(out.rules(STATIC)).toEqual(Object.fromEntries(groups.map((g) => [g.name, g.rules])));
});

test('what the root says is changed in place: rule group, name, order and labels stay, so alerts keep their state', () => {
  const say = `id: default
thresholds: { HighLoad: 12 }
overrides: { HighLoad: { for: 1h, annotations: { runbook_url: "https://example.com/<< threshold >>" } } }
disabled: ['Disk{severity="critical"}']
`;
  const out = build({ [PATH]: VENDORED, 'groups/default.yaml': say });
  expect(out.errors).toEqual([]);
  expect([...out.texts.keys()]).toEqual([STATIC]);
  const { node } = out.rules(STATIC);
  expect(node?.map((r) => [r['alert'], (r['labels'] as Record<string, string>)['severity']])).toEqual([
    ['HighLoad', 'warning'],
    ['Disk', 'warning'],
  ]);
  expect(node?.[0]).toEqual({
    alert: 'HighLoad',
    expr: 'node:load > 12 # ten',
    for: '1h',
    labels: { severity: 'warning' },
    annotations: { summary: 'Load {{ $value }} << kept >> <% kept %>', runbook_url: 'https://example.com/12' },
  });
});

test('another group owns its instance, and its region is left out of the shipped rule', () => {
  const out = build({ [PATH]: VENDORED, 'groups/production.yaml': `${PROD}thresholds: { HighLoad: 20 }\n` });
  expect(out.errors).toEqual([]);
  expect(out.rules(STATIC)['node']?.[0]?.expr).toBe('node:load{env!="prod"} > 10 # ten');
  expect(out.rules('group-production.yml')['production/vendor/node/node']).toEqual([
    {
      alert: 'HighLoad',
      expr: 'node:load{env="prod"} > 20 # ten',
      for: '10m',
      labels: { severity: 'warning', group_id: 'production' },
      annotations: { summary: 'Load {{ $value }} << kept >> <% kept %>' },
    },
  ]);
  expect(out.rules(STATIC)['node']?.slice(1)).toHaveLength(2);
});

test('switched off in one group, and everywhere', () => {
  const one = build({ [PATH]: VENDORED, 'groups/production.yaml': `${PROD}disabled: [HighLoad]\n` });
  expect([...one.texts.keys()]).toEqual([STATIC]);
  expect(one.rules(STATIC)['node']?.[0]?.expr).toBe('node:load{env!="prod"} > 10 # ten');
  const all = build({ [PATH]: VENDORED, 'groups/default.yaml': 'id: default\ndisabled: [HighLoad]\n' });
  expect(all.rules(STATIC)['node']?.map((r) => r['alert'])).toEqual(['Disk', 'Disk']);
});

test('off everywhere, and on again in one group', () => {
  const out = build({
    [PATH]: VENDORED,
    'groups/default.yaml': 'id: default\ndisabled: [HighLoad]\n',
    'groups/production.yaml': `${PROD}overrides: { HighLoad: { enabled: true } }\n`,
  });
  expect(out.errors).toEqual([]);
  expect(out.rules(STATIC)['node']?.map((r) => r['alert'])).toEqual(['Disk', 'Disk']);
  expect(out.rules('group-production.yml')['production/vendor/node/node']?.[0]?.expr).toBe(
    'node:load{env="prod"} > 10 # ten',
  );
});

test('for, labels, annotations and null of a group', () => {
  const say = `${PROD}overrides:
  HighLoad: { for: null, keep_firing_for: 5m, labels: { severity: page, tier: a }, annotations: { summary: null, seen: "{{ $value }} of << threshold >>" } }
`;
  const out = build({ [PATH]: VENDORED, 'groups/production.yaml': say });
  expect(out.errors).toEqual([]);
  expect(out.rules('group-production.yml')['production/vendor/node/node']?.[0]).toEqual({
    alert: 'HighLoad',
    expr: 'node:load{env="prod"} > 10 # ten',
    keep_firing_for: '5m',
    labels: { severity: 'page', tier: 'a', group_id: 'production' },
    annotations: { seen: '{{ $value }} of 10' },
  });
});

test('labels of a whole group and "*" reach native rules, recording rules keep theirs', () => {
  const out = build({
    [PATH]: VENDORED,
    'groups/production.yaml': `${PROD}labels: { team: sre, severity: other }\noverrides: { "*": { annotations: { dashboard: d } } }\n`,
  });
  expect(out.errors).toEqual([]);
  const own = out.rules('group-production.yml')['production/vendor/node/node'];
  expect(own?.map((r) => [r['labels'], (r['annotations'] as Record<string, string>)['dashboard']])).toEqual([
    [{ severity: 'warning', team: 'sre', group_id: 'production' }, 'd'],
    [{ severity: 'warning', team: 'sre', group_id: 'production' }, 'd'],
    [{ severity: 'critical', team: 'sre', group_id: 'production' }, 'd'],
  ]);
  expect(out.rules(STATIC)['node.rules']).toEqual([{ record: 'node:load', expr: 'node_load1' }]);
});

test('labels of the root are added in place', () => {
  const out = build({ [PATH]: VENDORED, 'groups/default.yaml': 'id: default\nlabels: { team: sre }\n' });
  expect(out.errors).toEqual([]);
  expect(out.rules(STATIC)['node']?.[0]?.['labels']).toEqual({ severity: 'warning', team: 'sre' });
});

describe('an update of the vendored file', () => {
  const tuned = { 'groups/production.yaml': `${PROD}thresholds:\n  HighLoad: 20\n` };
  test('that removes a tuned rule is an error where it is tuned', () => {
    const out = build({ [PATH]: VENDORED.replace('HighLoad', 'LoadIsHigh'), ...tuned });
    expect(out.errors).toEqual([
      expect.stringMatching(/^unknown-rule groups\/production.yaml:4:3: There is no rule "HighLoad"/),
    ]);
  });
  test('that takes its number away is one as well', () => {
    const out = build({ [PATH]: VENDORED.replace('node:load > 10', 'node:load > on () limit'), ...tuned });
    expect(out.errors).toEqual([expect.stringMatching(/^unknown-param groups\/production.yaml:4:3: Rule "HighLoad"/)]);
  });
  test('that adds a second rule of the name is one as well', () => {
    const second = VENDORED.replace(/alert: Disk/, 'alert: HighLoad');
    const out = build({ [PATH]: second, ...tuned });
    expect(out.errors).toEqual([
      expect.stringMatching(/^unknown-rule groups\/production.yaml:4:3: "HighLoad" could be any/),
    ]);
  });
});

test('labels of a rule group are lowered, or stay where every server knows them', () => {
  const native =
    'groups:\n- name: g\n  labels: { a: one, b: two }\n  rules:\n  - { alert: A, expr: up == 0, labels: { b: own } }\n';
  const old = build({ 'rules/n.yml': native });
  expect(old.rules('static-n.yml')['g']?.[0]?.['labels']).toEqual({ a: 'one', b: 'own' });
  const now = build({ 'rules/n.yml': native, 'rulewright.yaml': 'version: 1\nprometheus: { version: ">=3.0" }\n' });
  expect(parseYaml(now.texts.get('static-n.yml') ?? '').groups).toEqual(parseYaml(native).groups);
});
