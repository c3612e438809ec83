import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByLibrary } from '../../src/core/parse/yaml/yaml.ts';
import { parsePlainYaml } from '../../src/core/parse/yaml/yaml-plain.ts';

/** What is read without the library is exactly what the library reads; gives whether it was read at all. */
function agree(text: string): boolean {
  const file = { path: 'groups/a.yaml', text };
  const plain = parsePlainYaml(file);
  if (!plain) return false;
  const { documents, diagnostics } = parseByLibrary(file);
  expect(diagnostics, text).toEqual([]);
  expect([plain], text).toEqual(documents);
  return true;
}

const RUNS = Number(process.env['YAML_RUNS'] ?? 3000);

const word = fc.constantFrom(
  ...[
    'a',
    'HighCPUUsage',
    'DiskFilling.critical',
    'job:x:rate5m',
    'b c',
    'é',
    '5',
    'true',
    'null',
    '"*"',
    "'q'",
    '"a b"',
  ],
  ...[
    'x-1',
    '<<',
    'no',
    '""',
    '"a: b"',
    'a#b',
    '"#"',
    '__proto__',
    'x y"z',
    'a\u00a0',
    '\u00a0b',
    'a{b="c"}',
    '?',
    '- ',
  ],
);
const scalar = fc.oneof(
  word,
  fc.constantFrom(
    ...[
      '90',
      '-5',
      '0',
      '-0',
      '1.50',
      '007',
      '5m',
      '30d',
      '1e3',
      '0x1F',
      '0o17',
      '12:30',
      '2027-03-01',
      '1_000',
      '.5',
      '5.',
    ],
    ...[
      '+5',
      '~',
      '~x',
      'Null',
      'yes',
      'TRUE',
      '10GiB',
      '9007199254740993',
      '1234567890123456',
      '.inf',
      '-.inf',
      '-x',
      '--',
    ],
    ...[
      'a: b',
      'a:b',
      'a #b',
      'a# b',
      '"x" # c',
      '"x"#c',
      "'it''s'",
      '"a\\n"',
      '[a, "b", 5m]',
      '{ a: 1, b: [x] }',
      '{}',
    ],
    ...[
      '[ ]',
      '[a,b]',
      '{a: 1,b: 2}',
      '{a:1}',
      '[a:9100, b]',
      '[a b , c ]',
      '{ env: prod } # c',
      '[a, ]',
      '[[x], {y: z}]',
    ],
    ...[
      '(1 - avg by (instance) (rate(x{mode="idle"}[5m]))) > 1',
      'up{a=~"x:.*"} == 0',
      '|',
      '>-',
      '&a b',
      '*a',
      '!x y',
    ],
    ...[
      '@x',
      '%x',
      'a, b',
      '$x',
      '/x',
      '<< x >>',
      'x  ',
      '"x',
      'a: ',
      'x:',
      '{ "a": 1 }',
      '{ a: }',
      '[a',
      '-1-2',
      '0x',
      '1e',
    ],
  ),
);
const noise = fc.constantFrom('', '', '', '', '\n', '# c\n', '  # c\n', '      # c\n', '   \n', '\n\n');
const line = fc.tuple(fc.constantFrom(0, 0, 2, 2, 4, 1, 3), fc.constantFrom('', '', '', '- ', '-   '), word, scalar);

/** Lines as people indent them, rightly or wrongly. */
const ragged = fc
  .array(fc.tuple(noise, line, fc.constantFrom('', '', ' ', ' # c', '#c')), { minLength: 1, maxLength: 8 })
  .map((lines) =>
    lines
      .map(([before, [indent, dash, key, value], after]) => {
        const pad = ' '.repeat(indent);
        return `${before}${pad}${dash}${key}:${value === '""' ? '' : ` ${value}`}${after}\n`;
      })
      .join(''),
  );

interface Tree {
  readonly value?: string;
  readonly entries?: readonly (readonly [string, string, Tree])[];
  readonly items?: readonly Tree[];
}
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar.map((value): Tree => ({ value })),
    fc
      .array(fc.tuple(word, noise, tie('tree')), { minLength: 1, maxLength: 4 })
      .map(
        (entries): Tree => ({ entries: entries.map(([k, n, t], i) => [`${k.startsWith('"') ? '' : i}${k}`, n, t]) }),
      ),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((items): Tree => ({ items })),
  ),
}));

function written(t: Tree, indent: number, behind: string): string {
  const pad = ' '.repeat(indent);
  if (t.value !== undefined) return `${behind === '' ? pad : behind}${t.value}\n`;
  if (t.items) {
    const items = t.items.map((item) => `${pad}- ${written(item, indent + 2, '').trimStart()}`).join('');
    return `${behind === '' ? '' : '\n'}${items}`;
  }
  const entries = (t.entries ?? []).map(
    ([key, before, value]) => `${before}${pad}${key}:${written(value, indent + 2, ' ')}`,
  );
  return `${behind === '' ? '' : '\n'}${entries.join('')}`;
}

/** Trees as people write them, with anything in their leaves. */
const regular = tree.filter((t) => t.entries !== undefined).map((t) => written(t, 0, ''));

describe('YAML that is read without the library', () => {
  it('is read alike where it is written regularly', () => {
    let read = 0;
    fc.assert(
      fc.property(regular, (text) => {
        if (agree(text)) read++;
      }),
      { numRuns: RUNS },
    );
    expect(read).toBeGreaterThan(RUNS / 20);
  });

  it('is read alike where it is written badly', () => {
    fc.assert(
      fc.property(ragged, (text) => {
        agree(text);
      }),
      { numRuns: RUNS },
    );
  });

  it('is read alike where a character is changed', () => {
    const groups = [
      '# c\nid: a\nmatch: { env: prod }\nthresholds:\n  A: 90\n  B.critical: -1.5 # why\n\n  C: { threshold: 5, for: 10m }\ndisabled: [x, "y"]\n',
      'name: n\nrules:\n  - alert: A\n    expr: up == 0\n    labels: { severity: x }\n  - record: "a:b"\n    expr: sum(x)\n# end',
    ];
    const char = fc.constantFrom(...' \n:#-"\'[]{},&*!|>%@`~\\\t\r\u0085\u2028\ufeff\u0000a1.?=<');
    fc.assert(
      fc.property(fc.constantFrom(...groups), fc.nat(), fc.nat(2), char, (text, at, cut, c) => {
        const from = at % text.length;
        agree(text.slice(0, from) + c + text.slice(from + cut));
      }),
      { numRuns: RUNS },
    );
  });

  it('is read alike in the repositories of the tests, and is what most of their files are', () => {
    const root = join(import.meta.dirname, '../..');
    const files = ['rules', 'groups', 'templates', 'test/cases'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.ya?ml$/.test(name) && !name.includes('expected'))
        .map((name) => join(root, folder, name)),
    );
    const read = files.filter((path) => agree(readFileSync(path, 'utf8').replace(/^\ufeff/, '')));
    expect(read.length / files.length).toBeGreaterThan(0.5);
  });
});
