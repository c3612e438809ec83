import { expect, test } from 'vitest';
import { type Compiled, compile, compileAll } from '../../src/core/compile.ts';
import { decided } from '../../src/core/lookup/servers.ts';
import { boxOf } from '../../src/promql/region.ts';

const options = { today: '2026-11-22' };

function sources(
  servers: string,
  groups: string,
  rules = 'rules:\n  - alert: A\n    params: { threshold: 1 }\n    expr: m > << threshold >>\n',
) {
  const file = (path: string, text: string) => ({ path, text });
  return {
    config: file('rulewright.yaml', `version: 1\nprometheus: { servers: ${servers} }\n`),
    rules: [file('rules/a.yaml', rules)],
    groups: [file('groups/g.yaml', groups)],
    templates: [],
    macros: [],
    inventory: [],
    problems: [],
  };
}

const codes = ({ diagnostics }: Compiled): string[] => diagnostics.map(({ code }) => code);

test('servers that differ only in what nobody asks for are compiled once, in the settings’ order', () => {
  const servers =
    '[{ name: b, labels: { site: x, replica: b } }, { name: other, labels: { site: y } }, { name: a, labels: { site: x, replica: a } }]';
  const all = compileAll(sources(servers, 'id: g\nmatch: { site: x }\nthresholds: { A: 2 }\n'), options);
  expect(all.map(({ server }) => server.name)).toEqual(['b', 'other', 'a']);
  expect(all[0].program).toBe(all[2]?.program);
  expect(all[0].ruleSet).toBe(all[2]?.ruleSet);
  expect(all[1]?.program).not.toBe(all[0].program);
  expect(all[0].ruleSet?.files.map((f) => f.fileName)).toEqual(['group-g.yml']);
  expect(all[1]?.ruleSet?.files.map((f) => f.fileName)).toEqual(['group-default.yml']);
  // Before any server decides its own labels, they are labels like any other.
  const whole = compile(sources(servers, 'id: g\nmatch: { site: x }\nthresholds: { A: 2 }\n'), options);
  expect(whole.ruleSet?.files.map((f) => f.fileName)).toEqual(['group-default.yml', 'group-g.yml']);
});

test('what is good for nothing on one server only is not complained of', () => {
  const groups =
    'id: prod\nmatch: { env: prod }\nthresholds: { A: 2 }\n---\nid: x\npriority: 1\nmatch: { site: x }\nthresholds: { A: 3 }\n';
  const two = compileAll(
    sources('[{ name: x, labels: { site: x } }, { name: y, labels: { site: y } }]', groups),
    options,
  );
  expect(codes(two[0])).toEqual([]);
  const one = compileAll(sources('[{ name: x, labels: { site: x } }]', groups), options);
  expect(codes(one[0])).toEqual(['no-effect']);
});

test('an error of one server keeps all from being written, and says whose it is', () => {
  const groups =
    'id: p\nmatch: { env: prod, site: x }\nthresholds: { A: 2 }\n---\nid: q\nmatch: { tier: web }\nthresholds: { A: 3 }\n';
  const all = compileAll(
    sources('[{ name: x, labels: { site: x } }, { name: y, labels: { site: y } }]', groups),
    options,
  );
  expect(codes(all[0])).toEqual(['ambiguous']);
  expect(all[0].diagnostics[0]?.notes.at(-1)).toEqual({ message: 'only on server x' });
  expect(all.map(({ ruleSet }) => ruleSet)).toEqual([undefined, undefined]);
  expect(all[1]?.diagnostics).toBe(all[0].diagnostics);
});

test('a label that a server decides falls away or contradicts', () => {
  const external = new Map([['site', 'seoul']]);
  const box = (op: '=' | '!=' | '=~' | '!~', value: string) =>
    boxOf([
      { label: 'site', op, value },
      { label: 'env', op: '=', value: 'prod' },
    ]);
  for (const [op, value, holds] of [
    ['=', 'seoul', true],
    ['=', 'busan', false],
    ['!=', 'busan', true],
    ['!~', 'se.*', false],
    ['=~', 'seoul|jeju', true],
    ['=', '', false],
  ] as const) {
    const rest = decided(box(op, value) as NonNullable<ReturnType<typeof box>>, external);
    expect(rest && [...rest.keys()], `${op}${value}`).toEqual(holds ? ['env'] : undefined);
  }
  const same = boxOf([{ label: 'env', op: '=', value: 'prod' }]) as NonNullable<ReturnType<typeof box>>;
  expect(decided(same, external)).toBe(same);
});
