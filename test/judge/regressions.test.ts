import { expect, it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { OPTIONS } from './judge.ts';
import { sourcesOf } from './write.ts';

/** What the judge found once, each as small as it can be. */

interface Found {
  readonly name: string;
  readonly expr: string;
  /** More lines of the rule X; its threshold is 6. */
  readonly rule?: string;
  /** Rules in front of it. */
  readonly before?: string;
  readonly groups: string;
  readonly config?: string;
  readonly inventory?: string;
  /** `owner: expr` of what X compiles to, or `error CODE` for each error. */
  readonly becomes: readonly string[];
}

const FOUND: readonly Found[] = [
  {
    name: 'two exclusions that leave a label no value leave no region, not a matcher =~""',
    expr: 'm > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }\n---\nid: b\nmatch: EXCEPT_DEV\nthresholds: { X: 2 }',
    becomes: ['a: m{env="dev"} > 1', 'b: m{env!="dev"} > 2'],
  },
  {
    name: 'a selector whose whole region is subtracted finds nothing',
    expr: 'm{env="prod",tier="gpu"} > << threshold >> or n > << threshold >>',
    groups: 'id: a\nmatch: { env: prod, tier: gpu }\nthresholds: { X: 1 }',
    becomes: [
      'a: m{env="prod",tier="gpu"} > 1 or n{env="prod",tier="gpu"} > 1',
      'default: (m{env="prod",tier="gpu"} unless m{env="prod",tier="gpu"}) > 6 or (n unless n{env="prod",tier="gpu"}) > 6',
    ],
  },
  {
    name: 'a rule from nothing that is off elsewhere is split, though it has one instance',
    expr: 'absent(m) > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\ndisabled: [X]',
    becomes: ['error split-from-nothing'],
  },
  {
    name: 'one instance without a target is left out all the same',
    expr: 'absent(m) > << threshold >>',
    rule: 'only: [a]',
    groups: 'id: a\nmatch: { env: dev }',
    inventory: '- targets: [t]\n  labels: { env: prod }',
    becomes: [],
  },
  {
    name: 'a rule from nothing that asks for one group itself stays whole',
    expr: 'absent(m{env="dev"}) > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }',
    becomes: ['a: absent(m{env="dev"}) > 1'],
  },
  {
    name: 'a rule cannot be off where its metric lacks the label',
    expr: 'm > << threshold >>',
    config: 'metrics: { m: { labels: [site] } }',
    groups: 'id: a\nmatch: { env: dev }\ndisabled: [X]',
    becomes: ['error not-disjoint'],
  },
  {
    name: 'a rule cannot be for a group alone where its metric lacks the label',
    expr: 'm > << threshold >>',
    rule: 'only: [a]',
    config: 'metrics: { m: { labels: [site] } }',
    groups: 'id: a\nmatch: { env: dev }',
    becomes: ['error not-disjoint'],
  },
  {
    name: 'cases of one id for different series cannot share a region',
    expr: 'm > << threshold >>',
    groups: `id: a
match: { env: prod }
thresholds: { X: { threshold: 1, where: [{ id: bulk, match: { queue: bulk }, threshold: 2 }] } }
---
id: b
parent: a
match: { tier: gpu }
thresholds: { X: { threshold: 3, where: [{ id: bulk, match: { queue: mail }, threshold: 4 }] } }`,
    becomes: ['error duplicate-id'],
  },
  {
    name: 'groups that agree once their cases are folded are not ambiguous',
    expr: 'm > << threshold >>',
    groups: `id: a
match: { env: prod }
thresholds: { X: { threshold: 1, where: [{ id: gpu, match: { tier: gpu }, threshold: 2 }] } }
---
id: b
match: { tier: gpu }
thresholds: { X: 2 }`,
    becomes: [
      'a--b: m{env="prod",tier="gpu"} > 2',
      'a: m{env="prod",tier!="gpu"} > 1',
      'b: m{env!="prod",tier="gpu"} > 2',
      'default: m{env!="prod",tier!="gpu"} > 6',
    ],
  },
  {
    name: 'what "*" says reaches the part of a fleet-wide rule that lies within its group',
    expr: 'sum(m) > << threshold >>',
    groups: `id: a
match: { env: prod }
overrides: { "*": { threshold: 4 } }
---
id: b
parent: a
match: { tier: gpu }
overrides: { X: { for: 5m } }`,
    becomes: ['b: sum(m{env="prod",tier="gpu"}) > 4', 'default: sum((m unless m{env="prod",tier="gpu"})) > 6'],
  },
  {
    name: 'group-wide labels that a part of a fleet-wide rule would get twice are ambiguous',
    expr: 'sum(m) > << threshold >>',
    groups: `id: a
match: { env: prod }
labels: { team: x }
---
id: b
match: { env: [prod, dev] }
labels: { team: y }
---
id: c
match: { env: prod, tier: gpu }
thresholds: { X: 1 }`,
    becomes: ['error ambiguous'],
  },
  {
    name: 'a pattern of names finds recorded series, which lack what their rule drops',
    before: '  - record: made:x\n    expr: avg by (instance) (m)\n',
    expr: '{__name__=~"made:.+"} > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }',
    becomes: ['error not-disjoint'],
  },
  {
    name: 'a join with what is no series of any target combines nothing',
    expr: 'm > << threshold >> and on () (hour() > 8)',
    groups: 'id: a\nmatch: { env: dev }\noverrides: { "*": { threshold: 1 } }',
    becomes: ['a: m{env="dev"} > 1 and on () (hour() > 8)', 'default: m{env!="dev"} > 6 and on () (hour() > 8)'],
  },
  {
    name: 'of two values the one that a pattern excludes is left out by a matcher, not subtracted',
    expr: 'm > << threshold >>',
    groups: `id: a
match: '{env!~"prod|dev"}'
disabled: [X]
---
id: d
match: '{env!~"p.*",env=~".+"}'
disabled: [X]`,
    becomes: ['default: m{env="prod"} > 6'],
  },
];

it.each(FOUND)('$name', ({ expr, rule, before = '', groups, config, inventory, becomes }) => {
  const files = new Map([
    [
      'rules/a.yaml',
      `name: a\nrules:\n${before}  - alert: X\n    params: { threshold: 6 }\n${rule ? `    ${rule}\n` : ''}    expr: '${expr}'\n`,
    ],
    ['groups/a.yaml', groups.replace('EXCEPT_DEV', `'{env!="dev"}'`)],
  ]);
  if (config) files.set('rulewright.yaml', `version: 1\n${config}\n`);
  if (inventory) files.set('groups/targets/a.yaml', inventory);
  const { diagnostics, ruleSet } = compile(sourcesOf(files), OPTIONS);
  const errors = diagnostics.filter((d) => d.severity === 'error').map((d) => `error ${d.code}`);
  const rules = (ruleSet?.files ?? []).flatMap((file) =>
    [...file.ruleGroups()].flatMap((group) =>
      group.rules.flatMap((r) => (r.kind === 'alert' ? [`${file.groupId}: ${r.expr}`] : [])),
    ),
  );
  expect([...errors, ...rules].sort()).toEqual([...becomes].sort());
});
