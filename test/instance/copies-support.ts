import fc from 'fast-check';
import type { Compiled } from '../../src/core/compile.ts';
import { compile } from '../../src/core/compile.ts';
import type { Sources } from '../../src/core/ground/sources.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';

/** Random repositories whose thresholds are written as bare numbers, or as mappings that mean the same. */

const exprs = [
  'm > << threshold >>',
  '90 - m < << threshold >>',
  '<< threshold >> < m{cluster="b"}',
  'm{cluster=~"a|b"} > << threshold >> and on (instance) n{job="x"} > 1',
  'sum by (instance) (rate(m[<< window >>])) > << threshold * 2 >>',
  'm offset << window >> > << threshold >> ^ 2',
  'kube_pod > << threshold >>',
  'count(m > << threshold >>) > 1',
  'absent(m{job="x"})',
  'm{site="x"} or n > << threshold >>',
  'm{queue="<< threshold >>"} > 1',
  '<% if threshold > 50 %>m > << threshold >><% else %>n<% endif %>',
  'm{cluster!="a",cluster!~"b.*"}\n  > << threshold >>',
  'm:x > -<< threshold >>',
];
const annotations = [
  'over << threshold >>',
  '<< threshold >>',
  '<< threshold >>% of it',
  '5<< threshold >>',
  '{{ $value }} of {{ if gt $value << threshold >> }}much{{ end }}',
  '{{ printf "%.<< threshold >>f" $value }}',
  'a: b # << threshold >>',
  '<< threshold >>-<< threshold >>-01',
  '\'<< threshold >>" \\\\ of',
  'e<< threshold >>',
  'first\nover << threshold >>\n',
  '<% if threshold > 50 %>high<% endif %>',
  'none',
];
const numbers = [0, 1, 5, 50, 90, 99.5, 0.5, 1000, 1e6, 1e21, 1e-7, -5, 2 ** 40];
export const ids = ['a', 'b', 'on', '1e5', '2024-01-01', '0x1f', 'a-b', 'x.y', 'null', 'c', 'd', 'e'];
const matches = [
  '{ cluster: a }',
  '{ cluster: b }',
  '{ cluster: c }',
  '{ cluster: d }',
  '{ cluster: [a, b] }',
  '{ cluster: "e: #1" }',
  '{ site: x }',
  '{ site: y, cluster: a }',
  '\'{cluster=~"a.*"}\'',
  '\'{site!="x"}\'',
  '{ cluster: é }',
];

const rule = fc.record({
  expr: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...exprs.slice(0, 5)) }, fc.constantFrom(...exprs)),
  summary: fc.constantFrom(...annotations),
  wait: fc.constantFrom('', '', '5m', '5m', '<< window >>', '<< window >>', '<< threshold >>s'),
  kind: fc.constantFrom('alert', 'alert', 'alert', 'alert', 'alert', 'alert', 'record'),
  scope: fc.constantFrom('', '', '', 'only', 'except'),
  named: fc.integer({ min: 0, max: 5 }),
  tiers: fc.constantFrom(false, false, false, false, true),
  max: fc.constantFrom('', '', '', '', '', ', max: 99'),
});
const group = fc.record({
  match: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...matches.slice(0, 4)) }, fc.constantFrom(...matches)),
  parent: fc.option(fc.nat(3), { nil: undefined, freq: 1 }),
  priority: fc.constantFrom('', '1', '2', '3', '4', '5'),
  thresholds: fc.array(
    fc.option(fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 90, max: 93 }) }, fc.constantFrom(...numbers)), {
      nil: undefined,
      freq: 4,
    }),
    {
      minLength: 4,
      maxLength: 4,
    },
  ),
  extra: fc.constantFrom('', '', '', '', 'for', 'off', 'every', 'labels', 'case', 'null', 'also'),
});
export const repository = fc.record({
  rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
  groups: fc.uniqueArray(group, { minLength: 2, maxLength: 6, selector: (g) => g.match }),
  config: fc.constantFrom(
    '',
    '',
    'group_label: false',
    'group_label: severity',
    'metrics: { "kube_.*": { labels: [site] } }',
  ),
  inventory: fc.boolean(),
});
export type Repository = typeof repository extends fc.Arbitrary<infer T> ? T : never;

const nameOf = (r: Repository['rules'][number], i: number): string => (r.kind === 'record' ? `r:${i}` : `R${i}`);

function ruleText(r: Repository['rules'][number], i: number): string {
  const alert = r.kind === 'alert';
  const tiers = alert && r.tiers ? '    tiers: { warning: { threshold: 5 }, critical: { threshold: 90 } }\n' : '';
  return [
    `  - ${r.kind}: ${nameOf(r, i)}\n    params:\n      threshold: { default: 80${r.max} }\n      window: 5m\n`,
    `    expr: ${JSON.stringify(r.expr)}\n    labels: { severity: page }\n`,
    r.scope === '' ? '' : `    ${r.scope}: [${ids[r.named % 2]}]\n`,
    alert && r.wait !== '' ? `    for: ${JSON.stringify(r.wait)}\n` : '',
    alert ? `    annotations: { summary: ${JSON.stringify(r.summary)} }\n` : '',
    tiers,
  ].join('');
}

export function groupText(g: Repository['groups'][number], i: number, { rules }: Repository, bare: boolean): string {
  const said = rules.flatMap((r, n) => {
    const number = g.thresholds[n];
    if (number === undefined) return [];
    const written = bare ? String(number) : `{ threshold: ${number} }`;
    const name = nameOf(r, n);
    return [`  "${name}${r.kind === 'alert' && r.tiers ? '.critical' : ''}": ${written}\n`];
  });
  const first = rules[0] ? nameOf(rules[0], 0) : '';
  const extra = {
    '': '',
    for: `overrides: { ${first}: { for: 7m } }\n`,
    off: `disabled: [${first}]\n`,
    every: 'overrides: { "*": { annotations: { more: x } } }\n',
    labels: `labels: { team: t${i} }\n`,
    case: `overrides: { ${first}: { where: [{ id: q, match: { queue: q }, threshold: 7 }] } }\n`,
    null: `overrides: { ${first}: { threshold: null } }\n`,
    also: `overrides: { ${first}: { threshold: 77 } }\n`,
  }[g.extra];
  const parent = g.parent !== undefined && g.parent < i ? `parent: "${ids[g.parent]}"\n` : '';
  const priority = g.priority === '' ? '' : `priority: ${g.priority}\n`;
  return `id: "${ids[i]}"\n${parent}${priority}match: ${g.match}\n${said.length > 0 ? `thresholds:\n${said.join('')}` : ''}${extra}`;
}

export function sourcesOf(repository: Repository, bare: boolean): Sources {
  const file = (path: string, text: string) => ({ path, text });
  const targets = ['a', 'b', 'e: #1'].map((cluster, i) => ({
    targets: [`h${i}:1`],
    labels: { job: 'x', cluster, site: i === 0 ? 'x' : 'y' },
  }));
  const json = repository.inventory
    ? [{ file: file('groups/targets/t.json', JSON.stringify(targets)), labels: {} }]
    : [];
  return {
    config: file('rulewright.yaml', `version: 1\n${repository.config}\n`),
    rules: [file('rules/r.yaml', `name: r\nrules:\n${repository.rules.map(ruleText).join('')}`)],
    groups: repository.groups.map((g, i) => file(`groups/${i}.yaml`, groupText(g, i, repository, bare))),
    templates: [],
    macros: [],
    inventory: json,
    problems: [],
  };
}

export const compiled = (repository: Repository, bare: boolean): Compiled =>
  compile(sourcesOf(repository, bare), { today: '2026-01-01' });

export const texts = ({ ruleSet }: Compiled): [string, string][] =>
  ruleSet?.files.map((f) => [f.fileName, renderFile(f)]) ?? [];
