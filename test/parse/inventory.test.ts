import { expect, test } from 'vitest';
import { parseInventory } from '../../src/core/parse/inventory.ts';
import { brief, source } from './helpers.ts';

const parse = (text: string, labels: Record<string, string> = {}) =>
  parseInventory({ file: source('groups/targets/a.json', text), labels });

const ENTRIES = [
  { targets: ['a:1', 'b:1'], labels: { env: 'prod', __metrics_path__: '/m', job: 'own' } },
  { targets: ['c:1'] },
];

test.each([
  ['JSON', JSON.stringify(ENTRIES, undefined, '\t')],
  ['YAML', '- targets: [a:1, b:1]\n  labels: { env: prod, __metrics_path__: /m, job: own }\n- targets:\n    - c:1\n'],
])('%s', (_, text) => {
  const { targets, diagnostics } = parse(text, { job: 'node', dc: 'x' });
  expect(diagnostics).toEqual([]);
  expect(targets.map((t) => [t.address, Object.fromEntries(t.labels)])).toEqual([
    ['a:1', { job: 'own', dc: 'x', env: 'prod' }],
    ['b:1', { job: 'own', dc: 'x', env: 'prod' }],
    ['c:1', { job: 'node', dc: 'x' }],
  ]);
  expect(targets.map((t) => text.slice(t.span.start, t.span.end).replaceAll('"', ''))).toEqual(['a:1', 'b:1', 'c:1']);
});

test.each<[string, string, string[]]>([
  ['nothing', '', ['1:1 warning empty-file']],
  ['an empty list', '[]', []],
  ['a mapping', '{"targets": []}', ['1:1 not-our-format {"targets": []}']],
  ['an entry that is no mapping', '["a:1"]', ['1:2 wrong-type "a:1"']],
  ['no targets', '[{"labels": {}}]', ['1:2 missing-key {"labels": {}}']],
  ['a target that is no text', '[{"targets": [{}]}]', ['1:15 wrong-type {}']],
  ['labels at the wrong place', '[{"targets": ["a"], "env": "x"}]', ['1:21 unknown-key "env"']],
  [
    'a label name that older servers refuse',
    '[{"targets": ["a"], "labels": {"a-b": "x"}}]',
    ['1:32 warning invalid-name "a-b"'],
  ],
  ['broken JSON', '[{"targets": ["a"}]', ['1:14 yaml-syntax [']],
  ['a duplicate key', '[{"targets": ["a"], "targets": []}]', ['1:21 yaml-duplicate-key "targets"']],
])('%s', (_, text, expected) => {
  expect(brief(parse(text).diagnostics).sort()).toEqual([...expected].sort());
});

test('100,000 targets are read in a moment', () => {
  const entries = Array.from({ length: 100_000 }, (_, i) => ({
    targets: [`host-${i}:9100`],
    labels: { env: 'prod', rack: `r${i % 100}` },
  }));
  expect(parse(JSON.stringify(entries)).targets.length).toBe(100_000);
}, 10_000);
