import { expect, it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { OPTIONS } from './judge.ts';
import { sourcesOf } from './write.ts';

/** What the judge found once, each as small as it can be. */

interface Found {
  readonly name: string;
  readonly expr: string;
  /** The params of the rule X, where they are more than a threshold of 6. */
  readonly params?: string;
  /** More lines of the rule X. */
  readonly rule?: string;
  /** Rules in front of it. */
  readonly before?: string;
  readonly groups: string;
  readonly config?: string;
  readonly inventory?: string;
  /** `owner: expr` of what X compiles to, or `error CODE` for each error. */
  readonly becomes: readonly string[];
}

const MADE = '  - record: r\n    params: { k: 1 }\n    expr: rate(m[5m]) * << k >>\n';
const SPEAKS_OF_R = 'id: a\nmatch: { env: dev }\noverrides: { r: { params: { k: 1 } } }';
/** Two recording rules of one name, told apart by a static label. */
const BY = (first: string, second: string): string =>
  `  - record: w:p95\n    expr: sum by (instance) (m)\n    labels: { by: ${first} }\n  - record: w:p95\n    id: w2\n    expr: sum by (env) (m)\n    labels: { by: ${second} }\n`;

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
    name: 'a join with series that no region touches combines nothing',
    expr: 'm > << threshold >> unless on () (max(flag) == 1)',
    config: 'metrics: { flag: { labels: [] } }',
    groups: 'id: a\nmatch: { env: dev }\noverrides: { "*": { threshold: 1 } }',
    becomes: [
      'a: m{env="dev"} > 1 unless on () (max(flag) == 1)',
      'default: m{env!="dev"} > 6 unless on () (max(flag) == 1)',
    ],
  },
  {
    name: 'nor does a number of such series, or one that they are multiplied with',
    expr: 'flag * on () group_right () m > scalar(flag) + << threshold >>',
    config: 'metrics: { flag: { labels: [site] } }',
    groups: 'id: a\nmatch: { env: dev }\noverrides: { "*": { threshold: 1 } }',
    becomes: [
      'a: flag * on () group_right () m{env="dev"} > scalar(flag) + 1',
      'default: flag * on () group_right () m{env!="dev"} > scalar(flag) + 6',
    ],
  },
  {
    name: 'where a region touches them they are of that region alone',
    expr: 'm > << threshold >> and on () (max(flag) == 1)',
    config: 'metrics: { flag: { labels: [env] } }',
    groups: 'id: a\nmatch: { env: dev }\noverrides: { "*": { threshold: 1 } }',
    becomes: ['default: m > 6 and on () (max(flag) == 1)'],
  },
  {
    name: 'what no region touches stays as whole as it was',
    expr: 'sum(flag) > << threshold >>',
    config: 'metrics: { flag: { labels: [] } }',
    groups: 'id: a\nmatch: { env: dev }\noverrides: { "*": { threshold: 1 } }',
    becomes: ['default: sum(flag) > 6'],
  },
  {
    name: 'of recording rules of one name those are read whose static label is asked for',
    before: BY('instance', 'env'),
    expr: 'w:p95{by="env"} > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }',
    becomes: ['a: w:p95{by="env",env="dev"} > 1', 'default: w:p95{by="env",env!="dev"} > 6'],
  },
  {
    name: 'all of them where none is asked for',
    before: BY('instance', 'env'),
    expr: 'w:p95 > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }',
    becomes: ['error not-disjoint'],
  },
  {
    name: 'also where a param says which, for it may be any',
    params: 'threshold: 6, by: { type: string, default: env }',
    before: BY('x', 'env'),
    expr: 'w:p95{by!="<< by >>"} > << threshold >>',
    groups: 'id: a\nmatch: { env: dev }\nthresholds: { X: 1 }',
    becomes: ['error not-disjoint'],
  },
  {
    name: 'a split record does not keep apart what its readers combine',
    before: MADE,
    expr: 'sum without (instance, env) (r) > << threshold >>',
    groups: SPEAKS_OF_R,
    becomes: ['default: sum without (instance, env, group_id) (r) > 6'],
  },
  {
    name: 'whatever the label is called',
    before: MADE,
    config: 'group_label: owner_id',
    expr: 'sum without (job) (r) > << threshold >> and on () sum without (instance, env) (r) > 0',
    groups: SPEAKS_OF_R,
    becomes: ['default: sum without (job) (r) > 6 and on () sum without (instance, env, owner_id) (r) > 0'],
  },
  {
    name: 'nor does the label of a case',
    before: MADE,
    config: 'group_label: false',
    expr: 'sum without (instance, queue) (r) > << threshold >>',
    groups: 'id: default\noverrides: { r: { where: [{ id: bulk, match: { queue: bulk }, params: { k: 2 } }] } }',
    becomes: ['default: sum without (instance, queue, rule_case) (r) > 6'],
  },
  {
    name: 'a reader that is split as the record is has nothing to leave out',
    before: MADE,
    expr: 'sum without (instance, env) (r) > << threshold >>',
    groups: `${SPEAKS_OF_R}\nthresholds: { X: 1 }`,
    becomes: [
      'a: sum without (instance, env) (r{env="dev"}) > 1',
      'default: sum without (instance, env) (r{env!="dev"}) > 6',
    ],
  },
  {
    name: 'a join finds its partner through two recording rules, or is refused',
    before: `${MADE}  - record: q\n    expr: r * 2\n`,
    expr: 'q - n > << threshold >>',
    groups: SPEAKS_OF_R,
    becomes: ['error group-label-join'],
  },
  {
    name: 'of a region that the split leaves alone nothing is refused',
    before: MADE,
    expr: 'r{env="prod"} - n > << threshold >>',
    groups: SPEAKS_OF_R,
    becomes: ['default: r{env="prod"} - n > 6'],
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

it.each(FOUND)('$name', ({ expr, params = 'threshold: 6', rule, before = '', groups, config, inventory, becomes }) => {
  const files = new Map([
    [
      'rules/a.yaml',
      `name: a\nrules:\n${before}  - alert: X\n    params: { ${params} }\n${rule ? `    ${rule}\n` : ''}    expr: '${expr}'\n`,
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
