import { describe, expect, it } from 'vitest';
import { readPlain } from '../../src/core/adopt/cut.ts';
import { resetAlerts as resetAlertsBy } from '../../src/core/deploy/alerts.ts';
import { coverage } from '../../src/core/deploy/coverage.ts';
import { healthReport } from '../../src/core/deploy/health.ts';
import { refusedBy, serverVersion } from '../../src/core/gates/version-gates.ts';
import { identity } from '../../src/outputs/prometheus/identity.ts';

type Args = Parameters<typeof resetAlertsBy>;

const resetAlerts = (loaded: Args[0], coming: Args[1], layoutChanged: boolean) =>
  resetAlertsBy(loaded, coming, layoutChanged, identity);

describe('which rule_files lead to the rule path', () => {
  const rules = ['group-default.yml', 'static-node.yml'];
  const others = ['.rulewright', '.rulewright/current/group-default.txt'];
  const ask = (globs: readonly string[], loaded: readonly string[] = [], rulePath = '/srv/prometheus/generated') =>
    coverage({ globs, rulePaths: [rulePath], rules, others, loaded });

  it('finds it where we see it', () => {
    expect(ask(['/etc/x.yml', '/srv/prometheus/generated/*.yml'])).toEqual({
      kind: 'covered',
      folder: '/srv/prometheus/generated',
      sure: true,
    });
  });

  it('finds it under another path, by what is loaded, by its last folders, by its only place', () => {
    expect(ask(['/a/*.yml', '/b/*.yml'], ['/b/group-default.yml'])).toMatchObject({ folder: '/b', sure: true });
    expect(ask(['/a/*.yml', '/etc/generated/*.yml'])).toMatchObject({ folder: '/etc/generated', sure: true });
    expect(ask(['/etc/*/*.yml'])).toMatchObject({ folder: '/etc/generated', sure: true });
    expect(ask(['/etc/rules/*.yml'])).toMatchObject({ folder: '/etc/rules', sure: false });
  });

  it('tells what is not covered, or too much', () => {
    expect(ask(['/etc/rules/*.rules'])).toEqual({ kind: 'uncovered', folder: undefined, missed: rules });
    expect(ask([])).toMatchObject({ kind: 'uncovered', missed: rules });
    expect(ask(['/srv/prometheus/generated/group-*.yml'])).toEqual({
      kind: 'uncovered',
      folder: '/srv/prometheus/generated',
      missed: ['static-node.yml'],
    });
    expect(ask(['/srv/prometheus/generated/*'])).toMatchObject({ kind: 'too-wide', loaded: ['.rulewright'] });
  });
});

describe('which alerts lose their state', () => {
  const active = [{ state: 'firing' as const, labels: { alertname: 'A', instance: 'x' }, activeAt: 't' }];
  const loaded = (labels: Record<string, string>, name = 'A') => [
    { fileName: 'f.yml', name: 'g', rules: [{ kind: 'alert' as const, name, labels, alerts: active }] },
  ];
  const coming = (fileName: string, name: string, labels: Record<string, string>, alert = 'A') => [
    { fileName, name, rules: [{ kind: 'alert' as const, name: alert, labels: new Map(Object.entries(labels)) }] },
  ];

  it('keeps those whose file, rule group, name and labels stay', () => {
    expect(resetAlerts(loaded({ a: '1', b: '' }), coming('f.yml', 'g', { a: '1' }), false)).toEqual([]);
  });

  it('tells those that move, and those whose rule goes', () => {
    const why = (...args: Parameters<typeof resetAlerts>) => resetAlerts(...args).map((reset) => reset.why);
    expect(why(loaded({ a: '1' }), coming('g.yml', 'g', { a: '1' }), false)).toEqual(['moved']);
    expect(why(loaded({ a: '1' }), coming('f.yml', 'h', { a: '1' }), false)).toEqual(['moved']);
    expect(why(loaded({ a: '1' }), coming('f.yml', 'g', { a: '2' }), false)).toEqual(['moved']);
    expect(why(loaded({}), coming('f.yml', 'g', {}, 'B'), false)).toEqual(['removed']);
    expect(why(loaded({}), coming('f.yml', 'g', {}), true)).toEqual(['layout']);
  });

  it('lets one rule take over the state of one rule', () => {
    const [group] = loaded({});
    const twice = group ? [{ ...group, rules: [...group.rules, ...group.rules] }] : [];
    expect(resetAlerts(twice, coming('f.yml', 'g', {}), false)).toHaveLength(1);
  });
});

describe('what a server of a version refuses', () => {
  const refused = (version: string, text: string): string[] => {
    const groups = readPlain(text);
    if (!groups) throw new Error('no rule file');
    return refusedBy(serverVersion(version) ?? [0, 0], [{ fileName: 'f.yml', groups }]).map(({ message }) => message);
  };
  const group = (fields: string, rule: string): string => `groups:\n- name: g\n${fields}  rules:\n  - ${rule}\n`;

  it.each([
    ['2.41.0', '', '{ alert: A, expr: up, keep_firing_for: 5m }', 'keep_firing_for', '2.42.0'],
    ['2.52.0', '  query_offset: 1m\n', '{ alert: A, expr: up }', 'query_offset', '2.53.0'],
    ['2.30.3', '  limit: 3\n', '{ alert: A, expr: up }', 'limit', '2.31.0'],
    ['2.55.1', '  labels: { a: b }\n', '{ alert: A, expr: up }', 'labels', 'v3.0.0-rc.0'],
    ['2.55.1', '', '{ alert: A, expr: up, labels: { "a.b": c } }', 'label or annotation name', '3.0.0'],
    ['2.55.1', '', '{ record: "a.b", expr: up }', 'metric name', '3.0.0'],
    ['2.42.0', '', '{ alert: A, expr: "histogram_stddev(x)" }', 'histogram_stddev', '2.47.0'],
    ['2.55.1', '', `{ alert: A, expr: '{"a.b"}' }`, 'in quotes', '3.0.0'],
  ])('%s: %s%s', (old, fields, rule, what, enough) => {
    const text = group(fields, rule);
    expect(refused(old, text)).toEqual([expect.stringContaining(what)]);
    expect(refused(enough, text)).toEqual([]);
  });

  it('reads versions as servers tell them', () => {
    expect([
      serverVersion('2.42.0+ds'),
      serverVersion('v3.5.0'),
      serverVersion('unknown'),
      serverVersion(undefined),
    ]).toEqual([[2, 42], [3, 5], undefined, undefined]);
  });
});

describe('the health of rules', () => {
  const group = (health: 'ok' | 'err' | 'unknown', name = 'A', interval = 60) => [
    { fileName: 'f.yml', name: 'g', interval, rules: [{ name, labels: { a: 'b' }, health, lastError: 'why' }] },
  ];

  it('fails for what failed not before', () => {
    const sick = { fileName: 'f.yml', group: 'g', rule: 'A', error: 'why' };
    expect(healthReport([], group('err'))).toMatchObject({ sick: [sick], stillSick: [] });
    expect(healthReport(group('ok'), group('err'))).toMatchObject({ sick: [sick], stillSick: [] });
    expect(healthReport(group('err'), group('err'))).toMatchObject({ sick: [], stillSick: [sick] });
    expect(healthReport(group('err', 'B'), group('err'))).toMatchObject({ sick: [sick] });
  });

  it('tells how long the first evaluation may take', () => {
    expect(
      healthReport([], [...group('unknown'), ...group('unknown', 'B', 300), ...group('ok', 'C', 900)]),
    ).toMatchObject({
      unknown: 2,
      longest: 300,
    });
  });
});
