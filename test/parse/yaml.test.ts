import { describe, expect, test } from 'vitest';
import type { YamlNode } from '../../src/core/parse/nodes.ts';
import { toPlain } from '../../src/core/parse/nodes.ts';
import { parseYaml } from '../../src/core/parse/yaml/yaml.ts';
import { brief, source, spansInside } from './helpers.ts';

const parse = (text: string) => parseYaml(source('x.yaml', text));
const plain = (text: string) => parse(text).documents.map((d) => d.root && toPlain(d.root));

describe('what is read', () => {
  test('scalars keep their text and their exact place', () => {
    const text = 'a: 1.10\nb: "x\\ty"\nc: |\n  one\n  two\nd: yes\ne: 0x10\nf:\ng: ~\n';
    const [document] = parse(text).documents;
    const root = document?.root as YamlNode & { kind: 'map' };
    const read = [...root.entries.values()].map(({ key, value }) => {
      const { start, end } = value.span;
      return [key, value.kind === 'scalar' ? [value.value, value.text] : value.kind, text.slice(start, end)];
    });
    expect(read).toEqual([
      ['a', [1.1, '1.10'], '1.10'],
      ['b', ['x\ty', 'x\ty'], '"x\\ty"'],
      ['c', ['one\ntwo\n', 'one\ntwo\n'], '|\n  one\n  two\n'],
      ['d', ['yes', 'yes'], 'yes'],
      ['e', [16, '0x10'], '0x10'],
      ['f', [null, ''], ''],
      ['g', [null, '~'], '~'],
    ]);
  });

  test.each([
    ['CRLF', 'a: 1\r\nb:\r\n  - "x"\r\n', { a: 1, b: ['x'] }],
    ['a byte order mark', '\ufeffa: 1\n', { a: 1 }],
    ['aliases', 'a: &x { k: 1 }\nb: *x\n', { a: { k: 1 }, b: { k: 1 } }],
    [
      'merge keys: own keys win, then what stands first',
      'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}',
      {
        a: { x: 1, y: 1 },
        b: { y: 2, z: 2 },
        c: { x: 0, y: 1, z: 2 },
      },
    ],
    ['a quoted << is a key', '"<<": 1\n', { '<<': 1 }],
    ['a quoted text that goes on at the margin', 'a:\n  b: "one\n\n    two\nthree"\n', { a: { b: 'one\ntwo three' } }],
    ['tabs between JSON tokens', '{\n\t"a": 1\n}\n', { a: 1 }],
    ['__proto__ is a key like any other', '__proto__: 1\n', JSON.parse('{"__proto__": 1}')],
  ])('%s', (_, text, expected) => {
    expect(parse(text).diagnostics).toEqual([]);
    expect(JSON.parse(JSON.stringify(plain(text)[0]))).toEqual(expected);
  });

  test('several documents, of which the broken one is left out', () => {
    const text = 'a: 1\n---\nb: [\n---\nc: 1\n---\n';
    expect(plain(text).map((d) => (d === undefined ? null : { ...(d as object) }))).toEqual([
      { a: 1 },
      null,
      { c: 1 },
      null,
    ]);
    expect(brief(parse(text).diagnostics)).toEqual(['3:4 yaml-syntax [']);
  });
});

describe('what is refused', () => {
  test.each<[string, string, string[]]>([
    ['an empty file', '', ['1:1 warning empty-file']],
    ['comments only', '# nothing\n', ['1:1 warning empty-file']],
    ['document marks only', '---\n---\n', ['1:1 warning empty-file']],
    ['a tab as indentation', 'a:\n\tb: 1\n', ['2:1 yaml-syntax']],
    ['an unclosed quote', 'a: "x\nb: 1\n', ['1:4 yaml-syntax "']],
    ['a second colon', 'a: b: c\n', ['1:4 yaml-syntax b']],
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', ['3:1 yaml-duplicate-key a']],
    ['keys that differ in quotes only', 'a: {1: x, "1": y}\n', ['1:11 yaml-duplicate-key "1"']],
    ['a tag that could run something', 'a: !!js/function "x"\n', ['1:4 yaml-syntax !!js/function']],
    ['a tag of nobody', '!foo {a: 1}\n', ['1:1 yaml-syntax !foo']],
    ['an unknown alias', 'a: &base 1\nb: *bsae\n', ['2:4 yaml-syntax *bsae']],
    ['an alias inside what it names', 'a: &x [*x]\n', ['1:8 yaml-alias *x']],
    ['a NUL byte', 'a: x\0y\n', ['1:5 control-character \0']],
    ['a lone carriage return', 'a: 1\rb: 2\n', ['1:5 control-character', '1:4 yaml-syntax 1']],
    ['half a surrogate pair, escaped', 'a: "\\ud800"\n', ['1:4 control-character "\\ud800"']],
    ['a mapping as a key', 'a: {{ x }}\n', ['1:5 wrong-type { x }']],
    ['a merge of what is no mapping', '<<: 5\n', ['1:1 wrong-type <<']],
    ['two errors, one a line', 'a: @x\nb: %y\n', ['1:4 yaml-syntax @', '2:4 yaml-syntax %']],
  ])('%s', (_, text, expected) => {
    const { diagnostics } = parse(text);
    expect(brief(diagnostics)).toEqual(expected);
    expect(spansInside(diagnostics)).toBe(true);
  });

  test('a duplicate key points at the first one', () => {
    const [found] = parse('a: 1\na: 2\n').diagnostics;
    expect(found?.notes[0]?.span).toMatchObject({ start: 0, end: 1 });
  });

  test('an error that was met by a Helm template says so', () => {
    expect(parse('{{- if .Values.x }}\na: 1\n').diagnostics[0]?.help).toContain('helm template');
    expect(parse('a: {{ x }}: 1\n').diagnostics[0]?.help).toContain('quotes');
  });
});

describe('bounded', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [i, name] of [...'bcdefghij'].entries()) {
    const before = String.fromCharCode(97 + i);
    bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`);
  }

  test.each<[string, string, string]>([
    ['20,000 brackets', '['.repeat(20_000), 'yaml-too-deep'],
    ['20,000 braces with keys', '{a: '.repeat(20_000), 'yaml-too-deep'],
    ['20,000 dashes', '- '.repeat(20_000), 'yaml-too-deep'],
    [
      '5,000 levels of indentation',
      Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
      'yaml-too-deep',
    ],
    ['an alias bomb', bomb.join('\n'), 'yaml-alias'],
    ['a megabyte of closed brackets', '[a]'.repeat(350_000), 'yaml-syntax'],
    ['a megabyte of tags', '!a '.repeat(350_000), 'yaml-syntax'],
    ['a megabyte of quotes', '"'.repeat(1_000_000), 'yaml-syntax'],
    ['a megabyte of closing brackets', ']'.repeat(1_000_000), 'yaml-syntax'],
    ['a megabyte of NUL', '\0'.repeat(1_000_000), 'control-character'],
  ])('%s', { timeout: 30_000 }, (_, text, code) => {
    const { diagnostics } = parse(text);
    expect(diagnostics.map((d) => d.code)).toContain(code);
    expect(diagnostics.length).toBeLessThan(40);
    expect(spansInside(diagnostics)).toBe(true);
  });
});
