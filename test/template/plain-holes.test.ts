import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Unit } from '../../src/core/template/ast.ts';
import { convertParsed } from '../../src/core/template/convert.ts';
import { plainHoles } from '../../src/core/template/plain-holes.ts';

/** What nunjucks' lexer and parser make of a text is the reference. */
function parsed(text: string) {
  const file = { path: 'rules/a.yaml', text };
  const unit: Unit = { source: { text, span: (start, end) => ({ file, start, end }) } };
  return convertParsed(unit, { names: [], load: () => 'unknown' }, false);
}

const words = [
  'a',
  'threshold',
  'true',
  'none',
  'not',
  'in',
  'loop',
  'range',
  'self',
  '__proto__',
  'x1',
  '5',
  '-',
  '"',
];
const marks = [
  '<<',
  '>>',
  '<',
  '>',
  '%',
  '#',
  '<%',
  '%>',
  '<#',
  '#>',
  '{{',
  '}}',
  ' ',
  '\n',
  '\t',
  '|',
  '(',
  ')',
  '\u00e9',
];
const holes = words.flatMap((word) => [`<< ${word} >>`, `<<${word}>>`]);

test('a text with plain holes is read as the parser reads it', () => {
  let plain = 0;
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...holes) },
    { weight: 3, arbitrary: fc.constantFrom('rate(m[5m]) ', ' > ', '{job="x"}', 'over ') },
    { weight: 1, arbitrary: fc.constantFrom(...words, ...marks) },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      const body = plainHoles(text);
      if (!body) return;
      plain++;
      const { body: expected, problems, macros } = parsed(text);
      expect(problems).toEqual([]);
      expect(macros.size).toBe(0);
      expect(body).toEqual(expected);
    }),
    { numRuns: 4000 },
  );
  expect(plain).toBeGreaterThan(100);
});

test.each(['<< true >>', '<< a | upper >>', '<< a >> <# b #>', '<< a', 'a >>', '<<- a >>', '<< a.b >>', '<< a >>>'])(
  'what is more than that is left to the parser: %s',
  (text) => {
    expect(plainHoles(text)).toBeUndefined();
  },
);
