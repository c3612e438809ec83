import fc from 'fast-check';
import type { CompiledRule, CompiledRuleGroup, RuleFile } from '../../src/core/model/ruleset.ts';

/** Strings that some reader of YAML is known to take for something else, or to stumble over. */
export const TRICKY: readonly string[] = [
  ...['', ' ', '  ', '\t', '\n', '\n\n', ' \n', '\n ', 'a\n', 'a\n\n', '\na', ' a', 'a ', '\ta', 'a\t', 'a\tb'],
  ...['y', 'N', 'yes', 'No', 'on', 'OFF', 'true', 'False', 'null', 'NULL', '~', 'nan', '.NaN', '.inf', '-.Inf', 'Inf'],
  ...[
    '0',
    '-1',
    '+1',
    '1_000',
    '1,000',
    '0777',
    '0o17',
    '0x1F',
    '-0x1f',
    '0b1_0',
    '1e3',
    '1E+3',
    '1.',
    '.5',
    '.',
    'e0',
    '+.e1',
    '1.5e-3',
  ],
  ...[
    '12:30:45',
    '190:20:30.15',
    '1:2',
    '2026-11-22',
    '2026-1-2',
    '2026-11-22T10:00:00Z',
    '2026-11-22 10:00:00.5 +01:00',
  ],
  ...[
    '=',
    '<<',
    '<',
    '=a',
    '~a',
    '-',
    '--',
    '---',
    '...',
    '--- a',
    '- a',
    '-a',
    '?',
    '? a',
    ':',
    ': a',
    ':a',
    'a:',
    'a: b',
  ],
  ...[
    '#',
    '#a',
    'a #b',
    'a#b',
    '&a',
    '*a',
    '!a',
    '!!str a',
    '|',
    '>',
    '|-\na',
    '%YAML 1.2',
    '@a',
    '`a`',
    '[a]',
    '{a: b}',
  ],
  ...[
    '"',
    '""',
    '"a" b',
    "'",
    "''",
    "it's",
    `"it's"`,
    '\\',
    '\\n',
    'C:\\dir',
    `\\"'`,
    'a, b',
    ',',
    ']',
    '}',
    '{{ $value }}',
  ],
  ...[
    'a\r',
    'a\r\nb',
    '\r',
    '\0',
    '\x07',
    '\x1b[31m',
    '\x7f',
    '\x85',
    'a\x85b',
    '\xa0',
    '\xa0a',
    'a\xa0',
    'a\xa0#b',
    'a:\xa0b',
  ],
  ...[
    '\u2028',
    'a\u2028b',
    '\u2029',
    '\ufeff',
    '\ufeffa',
    'a\ufeff',
    '\ufffe',
    '\uffff',
    '\u202eabc',
    '\u{1f525}',
    '\u{1fffe}',
    'é',
    '温度',
  ],
  ...[
    'a\n b',
    ' a\nb',
    '  a\n b\nc',
    'a\n\n\nb',
    'a\n  \nb',
    'a\n\t\nb',
    '\n\n a',
    '\ta\nb',
    'a\n\tb',
    'a \nb',
    'a\n#b',
    '#a\nb',
    'a\n---\nb',
  ],
  ...[
    'a\n...\nb',
    '- a\n- b',
    'a: 1\nb: 2',
    '"a\nb"',
    'a\nb\n',
    '\na\n',
    'a\n ',
    'a\nb  ',
    'a\r\nb\r\n',
    'x'.repeat(2000),
    'ab '.repeat(700),
  ],
  ...[
    'sum by (job) (rate(a{b="c"}[5m])) > 0.5',
    '{__name__=~"a:b.*"} # why',
    'a:b:c',
    '1',
    'NaN',
    '-a',
    '"x" == 1',
    'a{b="c: d"}',
  ],
];

/** Anything that can be a string, tricky ones and mixtures of them preferred; no lone surrogates, which no file can hold. */
export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.array(fc.constantFrom(...TRICKY), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...TRICKY), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('\n')),
  fc.string({ unit: fc.constantFrom(...' \t\n\r:#-?|>"\'\\{}[]&*!%@`~=<,.01eExy_a\x85\u2028\ufeff\0\xa0é') }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const file = { path: 'rules/a.yaml', text: '' };
const span = { file, start: 0, end: 0 };

const strings = fc.array(fc.tuple(nasty, nasty), { maxLength: 4 }).map((pairs) => new Map(pairs));

const rule: fc.Arbitrary<CompiledRule> = fc
  .record(
    {
      kind: fc.constantFrom('alert' as const, 'record' as const),
      name: nasty,
      expr: nasty,
      for: nasty,
      keepFiringFor: nasty,
      labels: strings,
      annotations: strings,
      comment: fc.array(nasty, { maxLength: 2 }),
    },
    { requiredKeys: ['kind', 'name', 'expr', 'labels', 'annotations', 'comment'] },
  )
  .map((fields) => ({ ...fields, span, origin: new Map() }));

const group: fc.Arbitrary<CompiledRuleGroup> = fc
  .record(
    {
      name: nasty,
      interval: nasty,
      queryOffset: nasty,
      limit: fc.nat(),
      labels: strings,
      rules: fc.array(rule, { maxLength: 3 }),
    },
    { requiredKeys: ['name', 'labels', 'rules'] },
  )
  .map((fields) => ({ ...fields, span }));

/** A compiled file of nasty texts everywhere. */
export const ruleFile: fc.Arbitrary<RuleFile> = fc
  .record({ groups: fc.array(group, { maxLength: 3 }), sources: fc.array(nasty, { maxLength: 2 }) })
  .map(({ groups, sources }) => fileOf(groups, sources));

/** A compiled file of these rule groups. */
export function fileOf(groups: readonly CompiledRuleGroup[], sources: readonly string[] = []): RuleFile {
  const ruleCount = groups.reduce((sum, g) => sum + g.rules.length, 0);
  return { fileName: 'group-default.yml', groupId: 'default', ruleCount, sources, ruleGroups: () => groups };
}

/** A rule with everything that the test does not say. */
export function ruleOf(fields: Partial<CompiledRule>): CompiledRule {
  return {
    kind: 'alert',
    name: 'A',
    expr: 'up == 0',
    labels: new Map(),
    annotations: new Map(),
    comment: [],
    span,
    origin: new Map(),
    ...fields,
  };
}

/** A rule group of these rules, with everything that the test does not say. */
export function groupOf(rules: readonly CompiledRule[], fields: Partial<CompiledRuleGroup> = {}): CompiledRuleGroup {
  return { name: 'default/a', labels: new Map(), rules, span, ...fields };
}

/** What a reader of the rendered file must find. */
export function meaning(compiled: RuleFile): unknown {
  const map = (entries: ReadonlyMap<string, string>): object | undefined =>
    entries.size === 0 ? undefined : Object.fromEntries(entries);
  const groups = [...compiled.ruleGroups()].map((g) =>
    defined({
      name: g.name,
      interval: g.interval,
      query_offset: g.queryOffset,
      limit: g.limit,
      labels: map(g.labels),
      rules: g.rules.map((r) =>
        defined({
          [r.kind]: r.name,
          expr: r.expr,
          for: r.for,
          keep_firing_for: r.keepFiringFor,
          labels: map(r.labels),
          annotations: map(r.annotations),
        }),
      ),
    }),
  );
  return { groups };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
