import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  compareLoaded,
  type Difference,
  type ReadBackGroup,
  type ReadBackRule,
  releasedGroups,
  type ToldGroup,
  type ToldRule,
} from '../../src/core/deploy/read-back.ts';
import { serverVersion } from '../../src/core/gates/version-gates.ts';
import { isServerProblem, openServer } from '../../src/io/server/http.ts';
import { loadedRules } from '../../src/io/server/rules.ts';
import { lossesOf, NO_LOSSES } from '../../src/promql/losses.ts';
import { projectRoot, temporaryFolder } from '../support/paths.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { type Age, describeEach, tools } from '../support/tools.ts';
import { versionOf } from '../tools/places.mjs';

const TEXT = `groups:
  - name: default/node
    interval: 30s
    limit: 5
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up{env!="prod"} == 0
        for: 5m
        keep_firing_for: 90s
        labels: { severity: warning, empty: "" }
        annotations: { summary: "{{ $labels.instance }} is down" }
      - alert: Down
        expr: up{env!="prod"} < 1
        labels: { severity: critical }
`;

const released = releasedGroups([
  { fileName: 'group-default.yml', text: TEXT },
  { fileName: 'group-gone.yml', text: '# Compiled by rulewright\ngroups: []\n' },
]).groups;

/** What a server would say that has loaded exactly this. */
function told(groups: readonly ReadBackGroup[], folder = '/rules'): ToldGroup[] {
  return groups.map(({ fileName, name, intervalMs, limit, rules }) => ({
    file: `${folder}/${fileName}`,
    name,
    interval: (intervalMs ?? 60_000) / 1000,
    limit: limit ?? 0,
    rules: rules.map((rule) => ({
      kind: rule.kind,
      name: rule.name,
      query: rule.expr,
      for: rule.forMs / 1000,
      keepFiringFor: rule.keepFiringForMs / 1000,
      labels: Object.fromEntries(rule.labels),
      annotations: Object.fromEntries(rule.annotations),
    })),
  }));
}

const isOurs = (file: string): boolean => dirname(file) === '/rules';
const differences = (loaded: readonly ToldGroup[]): Difference[] =>
  compareLoaded(released, loaded, { isOurs, losses: NO_LOSSES, evaluationInterval: 60 });
const short = (found: readonly Difference[]): string[] =>
  found.map((d) => [d.what, d.rule, d.field].filter(Boolean).join(' '));

describe('a release and what a server tells', () => {
  const [group] = told(released) as [ToldGroup];
  const with1 = (change: (rule: ToldRule) => Partial<ToldRule>): ToldGroup[] => [
    { ...group, rules: group.rules.map((rule, index) => (index === 1 ? { ...rule, ...change(rule) } : rule)) },
  ];

  test('are equal, however it is formatted', () => {
    expect(differences([group])).toEqual([]);
    expect(differences(with1(() => ({ query: '  up{ env != "prod", } ==  0 # why' })))).toEqual([]);
  });

  test.each<[string, ToldGroup[], string[]]>([
    ['nothing is loaded', [], ['group-missing']],
    ['it is loaded from elsewhere', told(released, '/other'), ['group-missing']],
    ['a file is left over', [group, { ...group, file: '/rules/group-old.yml' }], ['group-left-over']],
    ['a rule group is left over', [group, { ...group, name: 'default/old' }], ['group-left-over']],
    ['an empty rule group', [group, { ...group, name: 'default/old', rules: [] }], []],
    ['a foreign file', [group, { ...group, file: '/rules.d/group-old.yml' }], []],
    ['the interval', [{ ...group, interval: 31 }], ['group-changed interval']],
    ['the limit', [{ ...group, limit: 0 }], ['group-changed limit']],
    ['a rule less', [{ ...group, rules: group.rules.slice(0, 2) }], ['rule-missing Down']],
    [
      'a rule twice',
      [{ ...group, rules: [...group.rules, ...group.rules.slice(0, 1)] }],
      ['rule-left-over job:up:sum'],
    ],
    ['another order', [{ ...group, rules: [...group.rules].reverse() }], ['order']],
    ['the expression', with1(() => ({ query: 'up{env!="prod"} == 1' })), ['rule-changed Down expr']],
    ['for', with1(() => ({ for: 301 })), ['rule-changed Down for']],
    ['keep_firing_for', with1(() => ({ keepFiringFor: 0 })), ['rule-changed Down keep_firing_for']],
    ['a label', with1(() => ({ labels: { severity: 'info' } })), ['rule-changed Down label severity']],
    ['a label more', with1((r) => ({ labels: { ...r.labels, team: 'a' } })), ['rule-changed Down label team']],
    ['no annotation', with1(() => ({ annotations: {} })), ['rule-changed Down annotation summary']],
    ['the name', with1(() => ({ name: 'Up' })), ['rule-missing Down', 'rule-left-over Up']],
    ['the kind', with1(() => ({ kind: 'record' })), ['rule-missing Down', 'rule-left-over Down']],
  ])('%s', (_, loaded, expected) => {
    expect(short(differences(loaded))).toEqual(expected);
  });

  test('both values are told', () => {
    const [found] = differences(with1(() => ({ for: 60 })));
    expect(found).toMatchObject({ fileName: 'group-default.yml', group: 'default/node', wanted: '5m', found: '1m' });
  });

  test('a file that no server would load is named', () => {
    const read = releasedGroups([
      { fileName: 'a.yml', text: 'groups: [' },
      { fileName: 'b.yml', text: 'groups:\n  - nme: x' },
    ]);
    expect(read).toEqual({ groups: [], unreadable: ['a.yml', 'b.yml'] });
  });
});

/** Every compiled file of the example and of the golden cases that this promtool takes, in one folder. */
function everyFile(promtool: string): string {
  const folder = join(temporaryFolder(), 'rules');
  mkdirSync(folder);
  const sources = [['example', join(projectRoot, 'dist/rules')]];
  const cases = join(projectRoot, 'test/cases');
  for (const name of readdirSync(cases)) sources.push([name, join(cases, name, 'expected')]);
  for (const [name, source] of sources as [string, string][]) {
    let files: string[] = [];
    try {
      files = readdirSync(source).filter((file) => file.endsWith('.yml'));
    } catch {}
    for (const file of files) copyFileSync(join(source, file), join(folder, `${name}--${file}`));
  }
  const names = readdirSync(folder);
  let said: string;
  try {
    said = execFileSync(promtool, ['check', 'rules', '--lint=none', ...names], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  const taken = new Set([...said.matchAll(/^Checking (\S+)\n {2}SUCCESS/gm)].map((match) => match[1]));
  const good = join(dirname(folder), 'good');
  mkdirSync(good);
  for (const name of names) if (taken.has(name)) copyFileSync(join(folder, name), join(good, name));
  return good;
}

/** One change to a rule of the release that the server's answer must give away. */
const MUTATIONS: readonly (readonly [field: RegExp, (rule: ReadBackRule) => ReadBackRule | undefined])[] = [
  [
    /^expr$/,
    (rule) =>
      edited(
        rule,
        rule.expr.replace(/\d+(?!.*\d)/s, (n) => `${Number(n) + 1}`),
      ),
  ],
  [
    /^expr$/,
    (rule) =>
      edited(
        rule,
        rule.expr.replace(/[<>](?==?[^=~])/, (op) => (op === '<' ? '>' : '<')),
      ),
  ],
  [
    /^expr$/,
    (rule) =>
      edited(
        rule,
        rule.expr.replace(/(!?=~?)"/, (_, op: string) => `${op === '=' ? '!=' : '='}"`),
      ),
  ],
  [/^expr$/, (rule) => edited(rule, rule.expr.replace(/\bby\b/, 'without'))],
  [/^for$/, (rule) => ({ ...rule, forMs: rule.forMs + 1000 })],
  [/^keep_firing_for$/, (rule) => ({ ...rule, keepFiringForMs: rule.keepFiringForMs + 1000 })],
  [/^label x$/, (rule) => ({ ...rule, labels: new Map([...rule.labels, ['x', '1']]) })],
  [/^annotation x$/, (rule) => ({ ...rule, annotations: new Map([...rule.annotations, ['x', '1']]) })],
];

/** What a comment says changes nothing; with one, none is made. */
const edited = (rule: ReadBackRule, expr: string): ReadBackRule | undefined =>
  expr === rule.expr || /#/.test(expr) ? undefined : { ...rule, expr };

describeEach('what a real server tells of every compiled file here', 'prometheus', (program, age: Age) => {
  test('is what was released, and each change is told apart', { timeout: 120_000 }, async (context) => {
    const promtool = tools.promtool[age];
    if (promtool === undefined) return context.skip('skipped: no promtool of that age');
    const folder = everyFile(promtool);
    const server = await startPrometheus({ program, ruleFiles: [join(folder, '*.yml')], interval: '57s' });
    try {
      const connection = openServer(server.url, { timeoutMs: 30_000 });
      const loaded = await loadedRules(connection);
      await connection.close();
      if (isServerProblem(loaded)) throw new Error(loaded.message);
      const texts = readdirSync(folder).map((fileName) => ({
        fileName,
        text: readFileSync(join(folder, fileName), 'utf8'),
      }));
      const { groups, unreadable } = releasedGroups(texts);
      expect(unreadable).toEqual([]);
      const options = {
        isOurs: () => true,
        losses: lossesOf(serverVersion(versionOf(program))),
        evaluationInterval: 57,
      };
      expect(compareLoaded(groups, loaded, options)).toEqual([]);
      const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
      expect(rules).toBeGreaterThan(200);

      let mutants = 0;
      for (const group of groups) {
        // One rule group at a time, so that each comparison is small.
        const own = loaded.filter(({ file, name }) => file.endsWith(`/${group.fileName}`) && name === group.name);
        for (const [index, rule] of group.rules.entries()) {
          for (const [field, mutate] of MUTATIONS) {
            const mutant = mutate(rule);
            if (!mutant || (rule.kind === 'record' && mutant.expr === rule.expr && !/label/.test(field.source)))
              continue;
            mutants++;
            const changed = { ...group, rules: group.rules.map((one, at) => (at === index ? mutant : one)) };
            const found = compareLoaded([changed], own, options);
            if (!found.some((d) => d.what === 'rule-changed' && field.test(d.field ?? ''))) {
              expect.soft(found, `${group.fileName}: ${mutant.name}: ${mutant.expr}`).toMatchObject([{ field }]);
            }
          }
        }
      }
      expect(mutants).toBeGreaterThan(1000);
      console.info(`read back from ${age}: ${texts.length} files, ${rules} rules equal, ${mutants} mutants told apart`);
    } finally {
      await server.stop();
    }
  });
});
