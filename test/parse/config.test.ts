import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/core/parse/config.ts';
import { brief, source, spansInside } from './helpers.ts';

const parse = (text: string, env: Record<string, string> = {}) => parseConfig(source('rulewright.yaml', text), env);

test('without a file everything has its default', () => {
  const { config, diagnostics } = parseConfig(undefined);
  expect(diagnostics).toEqual([]);
  expect(config).toMatchObject({
    prometheus: {
      version: { value: '>=2.42' },
      url: 'http://localhost:9090',
      rulePath: '/etc/prometheus/rules/generated',
      reloadEnabled: true,
      reloadTimeout: 30,
      validateRules: 'auto',
      promtoolPath: 'promtool',
      backupEnabled: true,
      layout: 'files',
    },
    groupLabel: 'group_id',
    inventory: [{ files: { value: 'groups/targets/**/*.{json,yml,yaml}' }, labels: {} }],
    metrics: [],
    maxCells: 1000,
  });
});

test('a full file', () => {
  const { config, diagnostics } = parse(`
version: 1
prometheus:
  version: "3.4"
  url: https://prom.example/base/
  rule_path: /r
  reload_enabled: false
  reload_timeout: 1m30s
  validate_rules: true
  promtool_path: /usr/bin/promtool
  backup_enabled: false
  layout: bundle
group_label: false
inventory:
  - { files: "targets/*.json", labels: { job: node, shard: 1 } }
metrics:
  "kube_.*": { labels: [cluster, pod] }
max_cells: 5
`);
  expect(diagnostics).toEqual([]);
  expect(config).toMatchObject({
    prometheus: {
      version: { value: '>=3.4' },
      url: 'https://prom.example/base',
      reloadEnabled: false,
      reloadTimeout: 90,
      validateRules: 'true',
      backupEnabled: false,
      layout: 'bundle',
    },
    groupLabel: false,
    inventory: [{ files: { value: 'targets/*.json' }, labels: { job: 'node', shard: '1' } }],
    metrics: [{ metric: { value: 'kube_.*' }, labels: ['cluster', 'pod'] }],
    maxCells: 5,
  });
});

describe('the environment', () => {
  test('wins over the file', () => {
    const env = {
      PROMETHEUS_URL: 'http://b:1',
      PROMETHEUS_RULE_PATH: '/b',
      PROMETHEUS_RELOAD_ENABLED: 'false',
      PROMETHEUS_RELOAD_TIMEOUT: '5s',
      PROMETHEUS_VALIDATE_RULES: 'TRUE',
      PROMETHEUS_BACKUP_ENABLED: '0',
      PROMTOOL_PATH: '',
    };
    const { config, diagnostics } = parse('version: 1\nprometheus: { url: "http://a:1", promtool_path: a }\n', env);
    expect(diagnostics).toEqual([]);
    expect(config.prometheus).toMatchObject({
      url: 'http://b:1',
      rulePath: '/b',
      reloadEnabled: false,
      reloadTimeout: 5,
      validateRules: 'true',
      backupEnabled: false,
      promtoolPath: 'a',
    });
  });

  test('what is wrong in it is named', () => {
    const { diagnostics } = parse('version: 1\n', { PROMETHEUS_RELOAD_ENABLED: 'maybe', PROMETHEUS_URL: 'ftp://x' });
    expect(diagnostics.map((d) => [d.span.file.path, d.code])).toEqual([
      ['$PROMETHEUS_RELOAD_ENABLED', 'invalid-value'],
      ['$PROMETHEUS_URL', 'invalid-value'],
    ]);
    expect(JSON.stringify(diagnostics.map((d) => d.message))).not.toContain('ftp');
  });
});

test.each<[string, string, string[]]>([
  ['no version of the format', 'group_label: a\n', ['1:1 missing-key group_label: a']],
  ['another version of the format', 'version: 2\n', ['1:10 invalid-value 2']],
  ['a version as a number', 'version: 1\nprometheus: { version: 3.10 }\n', ['2:24 wrong-type 3.10']],
  ['no range', 'version: 1\nprometheus: { version: new }\n', ['2:24 invalid-value new']],
  ['an empty range', 'version: 1\nprometheus: { version: ">3 <2" }\n', ['2:24 invalid-value ">3 <2"']],
  ['an unknown key', 'version: 1\nprometheus: { urll: x }\n', ['2:15 unknown-key urll']],
  ['an unknown layout', 'version: 1\nprometheus: { layout: file }\n', ['2:23 invalid-value file']],
  ['no URL', 'version: 1\nprometheus: { url: "localhost:9090" }\n', ['2:20 invalid-value "localhost:9090"']],
  ['a timeout without a unit', 'version: 1\nprometheus: { reload_timeout: 30 }\n', ['2:31 invalid-duration 30']],
  ['a bad regex', 'version: 1\nmetrics: { "a(": { labels: [x] } }\n', ['2:12 invalid-regex "a("']],
  ['a label that cannot be', 'version: 1\ngroup_label: a-b\n', ['2:14 invalid-name a-b']],
  ['a label that is taken', 'version: 1\ngroup_label: instance\n', ['2:14 invalid-name instance']],
  ['a list', '- 1\n', ['1:1 wrong-type - 1']],
  ['two documents', 'version: 1\n---\nversion: 1\n', ['3:1 yaml-many-documents version: 1']],
])('%s', (_, text, expected) => {
  const { config, diagnostics } = parse(text);
  expect(brief(diagnostics)).toEqual(expected);
  expect(spansInside(diagnostics)).toBe(true);
  expect(config.prometheus.layout).toBe('files');
});

test('the help for a version tells to quote it as it was written', () => {
  expect(parse('version: 1\nprometheus: { version: 3.10 }\n').diagnostics[0]?.help).toContain('version: "3.10"');
});
