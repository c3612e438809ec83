import { describe, expect, test } from 'vitest';
import { parseGroupFile } from '../../src/core/parse/groups.ts';
import { brief, source, spansInside } from './helpers.ts';

const parse = (text: string) => parseGroupFile(source('groups/sites/production.yaml', text));
const matchers = (text: string) =>
  parse(text).groups[0]?.match.map((m) => `${m.matcher.label}${m.matcher.op}${m.matcher.value}`);

describe('what is read', () => {
  test('settings: short forms, fields, params by bare name, cases', () => {
    const { groups, diagnostics } = parse(`
match: { env: prod }
parent: default
priority: 10
thresholds:
  A: 90
  B: { threshold: 5, window: 10m, for: 0 }
  C: [a, b]
  D: null
  Q:
    threshold: 1000
    where:
      - { id: bulk, match: { queue: [bulk, "slow.x"] }, threshold: 50000 }
overrides:
  "*": { labels: { team: sre }, enabled: true }
  A: { params: { window: 10m }, keep_firing_for: null, annotations: { summary: x } }
disabled: [X, { rule: Y, reason: GPS, until: 2028-02-29 }]
labels: { team: sre, none: null }
`);
    expect(diagnostics).toEqual([]);
    const [group] = groups;
    expect([group?.id.value, group?.parent?.value, group?.priority?.value]).toEqual(['production', 'default', 10]);
    const params = [...(group?.thresholds ?? [])].map((t) => [
      t.rule.value,
      [...t.params].map(([name, v]) => [name, v.value]),
    ]);
    expect(params).toMatchObject([
      ['A', [['threshold', { value: 90 }]]],
      [
        'B',
        [
          ['threshold', { value: 5 }],
          ['window', { text: '10m' }],
        ],
      ],
      ['C', [['threshold', [{ value: { text: 'a' } }, { value: { text: 'b' } }]]]],
      ['D', [['threshold', { value: null }]]],
      ['Q', [['threshold', { value: 1000 }]]],
    ]);
    expect(group?.thresholds.at(4).where).toMatchObject([
      { id: { value: 'bulk' }, match: [{ matcher: { label: 'queue', op: '=~', value: 'bulk|slow\\.x' } }] },
    ]);
    expect(group?.overrides.map((o) => [o.rule.value, o.enabled?.value, o.keepFiringFor?.value])).toEqual([
      ['*', true, undefined],
      ['A', undefined, null],
    ]);
    expect(group?.disabled).toMatchObject([
      { rule: { value: 'X' } },
      { rule: { value: 'Y' }, reason: 'GPS', until: { value: '2028-02-29' } },
    ]);
    expect(group?.labels.get('none')?.value).toBeNull();
  });

  test('several documents, each with an id', () => {
    const { groups, diagnostics } = parse('id: a\n---\nid: b\nmatch: {x: y}\n---\n# nothing\n');
    expect(diagnostics).toEqual([]);
    expect(groups.map((g) => g.id.value)).toEqual(['a', 'b']);
  });

  test.each<[string, string[]]>([
    ['match: { env: prod, tier: 1 }', ['env=prod', 'tier=1']],
    ['match: { env: [prod] }', ['env=prod']],
    ['match: { env: [prod, prod, live] }', ['env=~prod|live']],
    ['match: { site: "" }', ['site=']],
    ['match: \'{env=~"prod|live",site!="x",}\'', ['env=~prod|live', 'site!=x']],
    ["match: '{}'", []],
    ["match: \"{ a = 'it\\\\'s' , b !~ `x\\\\d` }\"", ["a=it's", 'b!~x\\d']],
  ])('%s', (text, expected) => {
    expect(brief(parse(text).diagnostics)).toEqual([]);
    expect(matchers(text)).toEqual(expected);
  });

  test('matchers of a selector have places of their own', () => {
    const text = 'match: \'{env=~"prod|live",site!="x"}\'';
    const [group] = parse(text).groups;
    expect(group?.match.map(({ span }) => text.slice(span.start, span.end))).toEqual(['env=~"prod|live"', 'site!="x"']);
  });
});

describe('what is refused', () => {
  test.each<[string, string, string[]]>([
    ['an unknown key', 'mtch: {a: b}\n', ['1:1 unknown-key mtch']],
    ['an id that is a path', 'id: ../../x\n', ['1:5 invalid-id ../../x']],
    ['capitals in an id', 'id: Prod\n', ['1:5 invalid-id Prod']],
    ['two dashes in an id', 'id: a--b\n', ['1:5 invalid-id a--b']],
    ['an id of 101 characters', `id: ${'a'.repeat(101)}\n`, [`1:5 invalid-id ${'a'.repeat(40)}`]],
    ['a priority that is no whole number', 'priority: 1.5\n', ['1:11 wrong-type 1.5']],
    ['an empty match', 'match:\n', ['1:1 wrong-type match']],
    ['a list as match', 'match: [a]\n', ['1:8 wrong-type [a]']],
    ['a label without a value', 'match: { a: }\n', ['1:10 wrong-type a']],
    ['no value at all', 'match: { a: [] }\n', ['1:13 invalid-matcher []']],
    ['an operator in a value', 'match: { a: "!=x" }\n', ['1:13 invalid-matcher "!=x"']],
    ['the name of a metric', 'match: { __name__: up }\n', ['1:10 invalid-matcher __name__']],
    ['a label that Prometheus drops', 'match: { __meta_x: up }\n', ['1:10 invalid-matcher __meta_x']],
    ['a label that is no name', 'match: { a-b: up }\n', ['1:10 invalid-name a-b']],
    ['a regex of JavaScript', 'match: \'{a=~"(?=x)"}\'\n', ['1:13 invalid-regex "(?=x)"']],
    ['a metric before the braces', 'match: \'up{a="b"}\'\n', ['1:9 invalid-matcher up']],
    ['a selector without braces', 'match: \'a="b"\'\n', ['1:9 invalid-matcher a="b"']],
    ['a value without quotes', "match: '{a=b}'\n", ['1:12 invalid-matcher b']],
    ['a brace that is not closed', 'match: \'{a="b"\'\n', ['1:9 invalid-matcher {']],
    ['a rule without a value', 'thresholds: { A: }\n', ['1:15 wrong-type A']],
    ['a mapping for a param', 'thresholds: { A: { threshold: { default: 1 } } }\n', ['1:31 wrong-type { default: 1 }']],
    ['thresholds as a list', 'thresholds: [A]\n', ['1:13 wrong-type [A]']],
    [
      'a wrong type in an override',
      'overrides: { A: { enabled: yes, labels: [a], for: {} } }\n',
      ['1:28 wrong-type yes', '1:41 wrong-type [a]', '1:51 wrong-type {}'],
    ],
    [
      'a case without an id',
      'thresholds: { A: { where: [{ match: { q: b } }] } }\n',
      ['1:28 missing-key { match: { q: b } }'],
    ],
    [
      'two cases of one id',
      'thresholds: { A: { where: [{id: x, match: {q: b}}, {id: x, match: {q: c}}] } }\n',
      ['1:57 duplicate-id x'],
    ],
    [
      'cases within a case',
      'thresholds: { A: { where: [{id: x, match: {q: b}, where: []}] } }\n',
      ['1:51 unknown-key where'],
    ],
    ['a day that does not exist', 'disabled: [{ rule: A, until: 2027-02-29 }]\n', ['1:30 invalid-value 2027-02-29']],
    ['a rule that is disabled twice', 'disabled: [A, A]\n', ['1:15 yaml-duplicate-key A']],
    ['a disabled rule without its id', 'disabled: [{ reason: x }]\n', ['1:12 missing-key { reason: x }']],
    ['documents without an id', 'name: a\n---\nid: b\n', ['1:1 missing-key name: a']],
    ['a rule file', 'groups: []\n', ['1:1 not-our-format groups: []']],
    ['targets', '- targets: [a:1]\n', ['1:1 not-our-format - targets: [a:1]']],
  ])('%s', (_, text, expected) => {
    const { diagnostics } = parse(text);
    expect(brief(diagnostics)).toEqual(expected);
    expect(spansInside(diagnostics)).toBe(true);
  });

  test('a file whose name can be no id says which id could', () => {
    const { diagnostics } = parseGroupFile(source('groups/My Site.yaml', 'match: {a: b}\n'));
    expect(diagnostics[0]).toMatchObject({ code: 'invalid-id' });
    expect(diagnostics[0]?.help).toContain('id: my-site');
  });
});

test('a thousand thresholds are read in a moment', () => {
  const text = `thresholds:\n${Array.from({ length: 1000 }, (_, i) => `  Rule${i}: ${i}\n`).join('')}`;
  expect(parse(text).groups[0]?.thresholds.length).toBe(1000);
});
