import { describe, expect, test } from 'vitest';
import { findTargets } from '../../src/core/inventory/find-targets.ts';
import type { Inventory } from '../../src/core/model/inventory.ts';
import { mayBeIn } from '../../src/core/model/inventory.ts';
import { hostOf } from '../../src/core/model/target.ts';
import { parseSources } from '../../src/core/parse/sources.ts';
import type { Box } from '../../src/promql/region.ts';
import { boxOf } from '../../src/promql/region.ts';
import { compileFolder } from '../support/compile.ts';
import { repository } from '../support/repository.ts';

interface Entry {
  readonly targets: readonly string[];
  readonly labels?: Readonly<Record<string, string | null>>;
}

/** An inventory of files, each with the labels that the settings add to it. */
function inventory(
  ...files: readonly (readonly [entries: readonly Entry[] | string, added?: Record<string, string>])[]
): Inventory {
  const sources = files.map(([entries, labels = {}], i) => ({
    file: {
      path: `groups/targets/${i}.json`,
      text: typeof entries === 'string' ? entries : JSON.stringify(entries),
    },
    labels,
  }));
  const written = parseSources({ rules: [], groups: [], templates: [], macros: [], problems: [], inventory: sources });
  expect(written.diagnostics).toEqual([]);
  return written.inventory;
}

const labelsOf = ({ targets }: Inventory): Record<string, string>[] => targets.map((t) => Object.fromEntries(t.labels));
const ids = ({ targets }: Inventory): string[] => targets.map((t) => t.id);
const box = (label: string, value: string): Box => boxOf([{ label, op: '=', value }]) as Box;

describe('what a target is known by', () => {
  test('its job and instance; without a job its instance; target_id where there is one', () => {
    const found = inventory([
      [
        { targets: ['a:1'], labels: { job: 'node' } },
        { targets: ['b:1'] },
        { targets: ['c:1'], labels: { job: 'node', target_id: 'rack-7' } },
        { targets: ['10.0.0.1:1'], labels: { job: 'node', instance: 'd' } },
      ],
    ]);
    expect(ids(found)).toEqual(['node/a:1', 'b:1', 'rack-7', 'node/d']);
    expect(found.targets.map((t) => t.hostname)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('one instance under several jobs is several targets, and the host stands for them all', () => {
    const found = inventory([
      [
        { targets: ['a:9100'], labels: { job: 'node' } },
        { targets: ['a:9400'], labels: { job: 'dcgm' } },
        { targets: ['a:9100'], labels: { job: 'probe' } },
        { targets: ['ab:9100'], labels: { job: 'node' } },
      ],
    ]);
    const named = (name: string): string[] => findTargets(found, name).targets.map((t) => t.id);
    expect(named('a')).toEqual(['dcgm/a:9400', 'node/a:9100', 'probe/a:9100']);
    expect(named('a:9100')).toEqual(['node/a:9100', 'probe/a:9100']);
    expect(named('probe/a:9100')).toEqual(['probe/a:9100']);
    // A host, with whatever port.
    expect(named('a:22')).toEqual(['dcgm/a:9400', 'node/a:9100', 'probe/a:9100']);
    expect(named('b')).toEqual([]);
  });

  test.each([
    ['db-1', 'db-1'],
    ['db-1:9100', 'db-1'],
    ['[::1]:9100', '::1'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[fe80::1%eth0]:9100', 'fe80::1%eth0'],
    ['https://shop.example.com/health?x=1', 'shop.example.com'],
    ['https://shop.example.com:8443/', 'shop.example.com'],
    ['http://[2001:db8::7]:80/x', '2001:db8::7'],
    ['tcp://u:p@db:5432', 'db'],
  ])('the host of %s is %s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });

  test('IPv6, by each of its names', () => {
    const found = inventory([[{ targets: ['[2001:db8::7]:9100'], labels: { job: 'node' } }]]);
    for (const name of [
      'node/[2001:db8::7]:9100',
      '[2001:db8::7]:9100',
      '[2001:db8::7]',
      '2001:db8::7',
      '[2001:db8::7]:22',
    ])
      expect(findTargets(found, name).targets, name).toHaveLength(1);
  });
});

describe('labels', () => {
  test('an entry’s own win over what the settings add; an empty one takes it away', () => {
    const found = inventory([
      [
        { targets: ['a:1'] },
        { targets: ['b:1'], labels: { job: 'own', dc: '' } },
        { targets: ['c:1'], labels: { dc: null } },
      ],
      { job: 'node', dc: 'oslo' },
    ]);
    expect(labelsOf(found)).toEqual([
      { job: 'node', dc: 'oslo', instance: 'a:1' },
      { job: 'own', instance: 'b:1' },
      { job: 'node', instance: 'c:1' },
    ]);
  });

  test('in YAML a null is no label either, however it is written', () => {
    const text = '- { targets: ["a:1"], labels: { x: null, y: ~, z: , env: "null" } }\n';
    expect(labelsOf(inventory([text]))).toEqual([{ env: 'null', instance: 'a:1' }]);
  });

  test('what Prometheus drops behind relabelling is dropped, in the settings too', () => {
    const meta = {
      __metrics_path__: '/probe',
      __param_module: 'icmp',
      __scheme__: 'https',
      __meta_x: 'y',
      env: 'prod',
    };
    const found = inventory([[{ targets: ['a:1'], labels: meta }], { __param_target: 'x' }]);
    expect(labelsOf(found)).toEqual([{ env: 'prod', instance: 'a:1' }]);
    expect([...found.known].sort()).toEqual(['env', 'instance']);
  });

  test('a target without labels is there, and lacks what others have', () => {
    const found = inventory([[{ targets: ['bare'] }, { targets: ['b:1'], labels: { env: 'prod' } }]]);
    const bare = found.targets[0];
    expect(bare).toMatchObject({ id: 'bare', hostname: 'bare' });
    const within = (label: string, value: string): boolean =>
      bare !== undefined && mayBeIn(bare, { base: box(label, value), minus: [] }, found.known);
    // A label that some entry has is known of all; one that no entry has may be anything.
    expect([within('env', 'prod'), within('site', 'oslo')]).toEqual([false, true]);
  });

  test('labels called like things of JavaScript', () => {
    const text = '[{"targets":["a:1"],"labels":{"constructor":"x","toString":"y"}}]';
    expect(labelsOf(inventory([text]))).toEqual([{ constructor: 'x', toString: 'y', instance: 'a:1' }]);
  });
});

describe('repetitions', () => {
  test('equal entries are one target, in one file or in several, in whatever order their labels stand', () => {
    const found = inventory(
      [
        [
          { targets: ['a:1', 'a:1'], labels: { env: 'prod', job: 'node' } },
          { targets: ['a:1'], labels: { job: 'node', env: 'prod', instance: 'a:1' } },
        ],
      ],
      [[{ targets: ['a:1'], labels: { env: 'prod' } }], { job: 'node' }],
    );
    expect(ids(found)).toEqual(['node/a:1']);
  });

  test('one file with the labels of two jobs lists each target twice', () => {
    const entries = [{ targets: ['a:1'] }];
    expect(ids(inventory([entries, { job: 'node' }], [entries, { job: 'dcgm' }]))).toEqual(['node/a:1', 'dcgm/a:1']);
  });
});

describe('in a repository', () => {
  test('globs, JSON beside YAML, folders below, and a file that several entries name', async () => {
    const root = repository({
      'rulewright.yaml': `version: 1
inventory:
  - { files: "groups/targets/**/node*.{json,yml}", labels: { job: node } }
  - { files: "inventory/[a-b].yaml", labels: { job: probe } }
  - { files: "groups/targets/x/node.yml", labels: { job: dcgm } }
`,
      'rules/r.yaml': 'rules: [{ alert: A, expr: up == 0 }]\n',
      'groups/targets/nodes.json': '[{"targets":["a:1"]}]',
      'groups/targets/x/node.yml': '- targets: [b:1]\n',
      'groups/targets/other.json': '[{"targets":["no:1"]}]',
      'inventory/a.yaml': '- targets: [c:1]\n',
      'inventory/c.yaml': '- targets: [no:1]\n',
    });
    const { program, diagnostics } = await compileFolder(root);
    expect(diagnostics).toEqual([]);
    expect(ids(program.inventory).sort()).toEqual(['dcgm/b:1', 'node/a:1', 'node/b:1', 'probe/c:1']);
  });
});
