import { expect, test } from 'vitest';
import { checkLive } from '../../src/core/live/check.ts';
import { findingOf, lacksOf, metricsYaml, seriesText } from '../../src/core/live/metric-facts.ts';
import { lackOf, liveTargets, metricUses } from '../../src/core/live/uses.ts';
import type { LabelSet } from '../../src/promql/region.ts';
import { compileFolder } from '../support/compile.ts';
import { repository } from '../support/repository.ts';

const set = (labels: Record<string, string>): LabelSet => new Map(Object.entries(labels));
const A = set({ job: 'n', instance: 'a', env: 'prod', ns: 'own' });
const B = set({ job: 'n', instance: 'b' });
const of = (target: LabelSet, more: Record<string, string> = {}): LabelSet =>
  set({ job: target.get('job') ?? '', instance: target.get('instance') ?? '', ...more });
const orphan = set({ job: 'batch' });

test.each<[string, readonly LabelSet[], string | undefined]>([
  ['no series', [], undefined],
  ['every series has it', [of(A, { env: 'prod' })], undefined],
  ['with a value of its own', [of(A, { env: 'other' })], undefined],
  ['its target lacks it too', [of(B)], undefined],
  ['one lacks it, its target has it', [of(A, { env: 'prod' }), of(B), of(A)], 'prod'],
  ['from no target, and others have it', [orphan, of(A, { env: 'prod' })], undefined],
  ['from no target, and none has it', [of(B), orphan], 'nobody'],
])('a label: %s', (_, series, expected) => {
  const lack = lackOf('env', series, liveTargets([A, B]));
  expect(lack && (lack.value ?? 'nobody')).toBe(expected);
});

test('a label that no target has is lacked by all, unless a series has it', () => {
  const targets = liveTargets([A, B]);
  expect(lackOf('queue', [of(A), of(B)], targets)).toMatchObject({ label: 'queue' });
  expect(lackOf('queue', [of(A), of(B, { queue: 'bulk' })], targets)).toBeUndefined();
});

test('two targets of one job and instance: a series that one of them explains is right', () => {
  const twin = set({ job: 'n', instance: 'a' });
  expect(lackOf('env', [of(A)], liveTargets([A, twin]))).toBeUndefined();
});

test('the rows of `metrics:` are YAML that says what is meant, whatever the names', () => {
  const targets = liveTargets([A, B]);
  const series = [of(A, { ns: 'theirs' })];
  const lacks = lacksOf(['env', 'ns'], series, targets);
  const finding = findingOf('odd.name', lacks, series, targets, ['__name__', 'instance', 'job', 'ns', 'yes', 'a.b']);
  expect(finding).toMatchObject({ differs: ['ns'], labels: ['instance', 'job', 'ns', 'yes', 'a.b'] });
  expect(metricsYaml(finding ? [finding] : [])).toBe(
    'metrics:\n  # lacks env; its own values of ns\n  "odd\\\\.name": { labels: [instance, job, ns, "yes", "a.b"] }\n',
  );
  expect(metricsYaml([])).toBe('');
  expect(seriesText('odd.name', set({ b: '"', a: 'x' }))).toBe('{"odd.name",a="x",b="\\""}');
});

test('what rules read and ask for: injected labels alone, own recordings left out', async () => {
  const root = repository({
    'rules/r.yaml': `rules:
  - { record: own, expr: sum by (env) (raw) }
  - { alert: A, params: { threshold: 1 }, expr: 'own + on (env) {__name__=~"one|two",env="prod"} > << threshold >>' }
  - { alert: B, params: { threshold: 1 }, expr: 'sum by (instance) (rate(three[5m])) > << threshold >>' }
  - { alert: C, expr: three == 7 and four == 8 }
`,
    'groups/g.yaml': 'match: { env: prod, tier: gpu }\nthresholds: { B: 2 }\n',
  });
  const { program } = await compileFolder(root);
  const uses = metricUses(program);
  expect(uses.map((u) => [u.metric, [...u.demanded.keys()].sort(), u.rules.map((r) => r.id)])).toEqual([
    ['four', [], ['C']],
    ['one', [], ['A']],
    ['raw', [], ['own']],
    ['three', ['env', 'tier'], ['B', 'C']],
    ['two', [], ['A']],
  ]);
  const said = checkLive(
    uses.map((use) => ({ use, series: use.metric === 'three' ? [of(B)] : use.metric === 'four' ? [] : [of(A)] })),
    liveTargets([A, B]),
    'http://x',
    ['fourth', 'for'],
  );
  // No target has a tier; env is a label of targets, and the one whose series these are lacks it too.
  expect(said.map((d) => [d.code, d.message.match(/label "(\w+)"/)?.[1]])).toEqual([
    ['live-missing-metric', undefined],
    ['live-missing-label', 'tier'],
  ]);
  expect(said[1]?.notes.map((n) => n.message)).toEqual([
    'for instance three{instance="b",job="n"}',
    '"g" speaks of the rule here',
    'it is also read by "C"',
  ]);
  expect(said[0]?.help).toContain('Did you mean "for"?');
});
