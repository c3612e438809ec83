import { describe, expect, test } from 'vitest';
import type { Compiled } from '../../src/core/compile.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { compiled, HL, type NativeRule, native } from './addresses-support.ts';

const idsOf = (rules: Readonly<Record<string, string>>): string[] =>
  compiled(rules).program.rules.map(({ rule }) => rule.id);

describe('what a rule is called: the shortest that goes on fitting it alone', () => {
  test.each<[string, readonly NativeRule[], readonly string[]]>([
    ['its name', [HL('a > 1')], ['HL']],
    [
      'severity',
      [HL('a > 1', { severity: 'x' }), HL('a > 2', { severity: 'y' })],
      ['v:HL{severity="x"}', 'v:HL{severity="y"}'],
    ],
    ['a label that one lacks', [HL('a > 1', { team: 'x' }), HL('a > 2')], ['v:HL{team="x"}', 'v:HL{team=""}']],
    ['its metric', [HL('rate(a[5m]) > 1'), HL('rate(b[5m]) > 1')], ['v:HL(a)', 'v:HL(b)']],
    ['a value of a label', [HL('a{env="prod"} > 1'), HL('a{env="dev"} > 1')], ['v:HL(prod)', 'v:HL(dev)']],
    ['a longer window', [HL('rate(a[5m]) > 1'), HL('rate(a[10m]) > 1')], ['v:HL([5m])', 'v:HL([10m])']],
    ['its number', [HL('a > 1'), HL('a > 2')], ['v:HL(> 1)', 'v:HL(> 2)']],
    ['an operator', [HL('a < 1'), HL('a > 1')], ['v:HL(a <)', 'v:HL(a >)']],
    ['the whole of it', [HL('a > 1'), HL('a > 1 and b')], ['v:HL(^a > 1$)', 'v:HL(b)']],
    [
      'two labels',
      [
        HL('a > 1', { x: '1', y: '1' }),
        HL('a > 1', { x: '1', y: '2' }),
        HL('a > 1', { x: '2', y: '1' }),
        HL('a > 1', { x: '2', y: '2' }),
      ],
      ['v:HL{x="1",y="1"}', 'v:HL{x="1",y="2"}', 'v:HL{x="2",y="1"}', 'v:HL{x="2",y="2"}'],
    ],
    [
      'a label and its metric',
      ['x', 'y'].flatMap((severity) => [HL('a > 1', { severity }), HL('b > 1', { severity })]),
      ['v:HL{severity="x"}(a)', 'v:HL{severity="x"}(b)', 'v:HL{severity="y"}(a)', 'v:HL{severity="y"}(b)'],
    ],
    [
      'nothing',
      [
        { ...HL('a > 1'), for: '5m' },
        { ...HL('a{} > 1.0'), for: '1m' },
      ],
      ['v:HL (2 of 2)', 'v:HL (1 of 2)'],
    ],
  ])('%s', (_, rules, ids) => {
    expect(idsOf({ 'rules/v.yml': native(...rules) })).toEqual(ids);
    // And whatever their order is.
    expect(idsOf({ 'rules/v.yml': native(...[...rules].reverse()) })).toEqual([...ids].reverse());
  });

  test('its rule group, where all else is alike', () => {
    const groups = ['g', 'h'].map((name) => ({ name, rules: [HL('a > 1')] }));
    expect(idsOf({ 'rules/v.yml': JSON.stringify({ groups }) })).toEqual(['v/g:HL', 'v/h:HL']);
  });

  test('its file', () => {
    expect(idsOf({ 'rules/v.yml': native(HL('a > 1')), 'rules/w.yml': native(HL('b > 1')) })).toEqual(['v:HL', 'w:HL']);
  });

  test('never what a rule of ours is called, with tiers or without', () => {
    const own =
      'rules:\n- { alert: HL, expr: x > 1 }\n- { alert: T, expr: x > << n >>, tiers: { a: { n: 1 } }, params: { n: 0 } }\n';
    const ids = idsOf({ 'rules/own.yaml': own, 'rules/v.yml': native(HL('a > 1'), { alert: 'T', expr: 'a > 1' }) });
    expect(ids).toEqual(['HL', 'T.a', 'v:HL', 'v:T']);
  });

  test('a thousand rules of one name are no matter of minutes', () => {
    const rules = Array.from({ length: 1000 }, (_, i) =>
      HL(`sum by (job) (rate(m${i}{env="prod",code=~"5.."}[5m])) > ${i}`),
    );
    const start = performance.now();
    expect(idsOf({ 'rules/v.yml': native(...rules) })[7]).toBe('v:HL(m7)');
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe('an address', () => {
  const VENDORED = native(
    HL('read_lat > 1', { severity: 'info', team: 'db' }),
    HL('write_lat{env="prod"} > 2', { severity: 'info' }),
    HL('queue_len > 3', { severity: 'page' }),
    { alert: 'Odd (name) {x="y"}', expr: 'odd > 4' },
  );
  const say = (address: string): Compiled =>
    compiled({ 'rules/v/w.yml': VENDORED }, JSON.stringify({ thresholds: { [address]: 77 } }));
  const tuned = ({ ruleSet }: Compiled): string[] =>
    (ruleSet?.files ?? []).flatMap((file) => renderFile(file).match(/\w+(?:\{.*\})? > 77/g) ?? []);

  test.each([
    ['v/w:HL(write_lat)', 'write_lat{env="prod"} > 77'],
    ['HL(write_lat)', 'write_lat{env="prod"} > 77'],
    ['rules/v/w.yml:HL( write_lat )', 'write_lat{env="prod"} > 77'],
    ['v/w/g:HL(write_lat)', 'write_lat{env="prod"} > 77'],
    ['v/w:HL{severity="info"}(prod)', 'write_lat{env="prod"} > 77'],
    ['v/w:HL{ team="", severity="info" }', 'write_lat{env="prod"} > 77'],
    ["v/w.yml:HL{severity='page'}", 'queue_len > 77'],
    ['HL{team="db"}', 'read_lat > 77'],
    ['Odd (name) {x="y"}', 'odd > 77'],
    ['Odd (name) {x="y"}(odd)', 'odd > 77'],
  ])('%s', (address, expected) => {
    const out = say(address);
    expect(out.diagnostics.map((d) => d.message)).toEqual([]);
    expect(tuned(out)).toEqual([expected]);
  });

  test.each([
    ['HL', /could be any of 3 rules/, /v\/w:HL\{team="db"\}', v\/w:HL\(write_lat\)/],
    ['HL{severity="info"}', /could be any of 2 rules/, /write_lat/],
    ['HL(lat)', /does not fit any of the 3 rules "HL"/, /piece of the expression in parentheses; say which/],
    ['HL{severity="info"}(queue_len)', /does not fit any of the 3/, /queue_len|severity="page"/],
    ['HL{severity=~"i.*"}', /does not fit/, /say which/],
    ['HL()', /does not fit/, /say which/],
    ['v/w:HL{severity="info"}#3', /is a rule by its position/, /Write v\/w:HL\(write_lat\), if it is this rule/],
    ['v/w:HL#4', /is a rule by its position/, /Write '?v\/w:HL\{severity="page"\}/],
    ['HLL', /There is no rule "HLL"/, /Did you mean '?v\/w:HL/],
  ])('%s is refused, with what to write', (address, message, help) => {
    const [problem] = say(address).diagnostics.filter((d) => d.severity === 'error');
    expect(problem?.message).toMatch(message);
    expect(problem?.help).toMatch(help);
  });

  test('every address that a refusal proposes works when it is typed', () => {
    for (const address of ['HL', 'HL(lat)', 'v/w:HL#2']) {
      const help = say(address).diagnostics[0]?.help ?? '';
      const proposed = [
        ...help.matchAll(/(?:Write|is|are|which:|,) ((?:'[^']*'|[^\s,']+:[^\s,']+?)(?:, (?=')|[.,]|$))/g),
      ];
      expect(proposed.length, help).toBeGreaterThan(0);
      for (const [, key = ''] of proposed) {
        const written = `thresholds:\n  ${key.replace(/[.,]\s*$/, '')}: 77\n`;
        expect(
          compiled({ 'rules/v/w.yml': VENDORED }, written).diagnostics.map((d) => `${written}${d.message}`),
        ).toEqual([]);
      }
    }
  });

  test('rules that nothing tells apart are said to be so, with both lines', () => {
    const twice = native(HL('a > 1'), HL('a > 1.0 # again'));
    const out = compiled({ 'rules/v.yml': twice }, 'thresholds: { HL(a): 77 }');
    expect(out.diagnostics.map((d) => [d.message, d.help, d.notes.length])).toEqual([
      [
        '"HL(a)" could be any of 2 rules.',
        expect.stringMatching(/^Nothing tells them apart: they have the same name/),
        2,
      ],
    ]);
    expect(compiled({ 'rules/v.yml': twice }).diagnostics).toEqual([]);
  });

  test('rules that the next version of a file makes alike are an error with both lines, in cases too', () => {
    const group = `
thresholds:
  v:HL(write_lat): { threshold: 77, where: [{ id: bulk, match: { queue: bulk }, threshold: 99 }] }
`;
    expect(compiled({ 'rules/v.yml': native(HL('read_lat > 1'), HL('write_lat > 2')) }, group).diagnostics).toEqual([]);
    const [problem, ...others] = compiled(
      { 'rules/v.yml': native(HL('write_lat > 1'), HL('write_lat > 2')) },
      group,
    ).diagnostics;
    expect(others).toEqual([]);
    expect(problem?.code).toBe('unknown-rule');
    expect(problem?.notes.map((n) => n.message)).toEqual([
      '"v:HL(> 1)", which reads write_lat',
      '"v:HL(> 2)", which reads write_lat',
    ]);
  });
});

test('a part of names that are longer is answered with these names', () => {
  const rules = native({ ...HL('a > 1'), alert: 'Lag(percona)' }, { ...HL('b > 1'), alert: 'Lag(dcu)' }, HL('c > 1'));
  const said = compiled({ 'rules/v.yml': rules }, 'thresholds: { Lag: 2 }\n').diagnostics;
  expect(said.map(({ code, help }) => [code, help])).toEqual([
    ['unknown-rule', 'Did you mean "Lag(dcu)" or "Lag(percona)"?'],
  ]);
});
