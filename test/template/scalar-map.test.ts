import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import { sourceOffset, subSpan } from '../../src/core/ground/scalar-map.ts';
import type { Located } from '../../src/core/ground/source.ts';

function located(text: string): Located<string> {
  const doc = parseDocument(text);
  const map = doc.contents;
  if (!isMap(map)) throw new Error('a map is expected');
  const node = map.items[0]?.value;
  if (!isScalar(node) || !node.range) throw new Error('a scalar is expected');
  return {
    value: String(node.value),
    span: { file: { path: 'a.yaml', text }, start: node.range[0], end: node.range[1] },
  };
}

/** What the source has at the place of each word of the value. */
function words(text: string): [string, string][] {
  const value = located(text);
  return [...value.value.matchAll(/\w+/g)].map((m) => {
    const span = subSpan(value, m.index, m.index + m[0].length);
    return [m[0], text.slice(span.start, span.end)];
  });
}

const STYLES: Record<string, string> = {
  plain: 'a: one two three\n',
  'plain over lines': 'a: one two\n  three\n\n  four\n',
  'single quotes': "a: 'one ''two'' three'\n",
  'single quotes over lines': "a: 'one ''two''\n\n   three\n   four'\n",
  'double quotes': 'a: "one \\"two\\" \\n three \\u0041 \\x41 \\U0001F600 four"\n',
  'double quotes over lines': 'a: "one\n   two \\\n   three\n\n   four"\n',
  literal: 'a: |\n  one\n    two\n\n  three\n\n',
  'literal with a blank line first': 'a: |\n\n  one\n  two\n',
  'literal with an indentation': 'a: |2\n    one\n  two\n',
  'literal, stripped': 'a: |-\n  one\n  two',
  folded: 'a: >\n  one\n  two\n\n  three\n    four\n    five\n\n  six\n',
  'folded, kept': 'a: >+ # why\n  one\n  two\n\n\n',
};

describe('positions in YAML scalars', () => {
  for (const [name, text] of Object.entries(STYLES)) {
    for (const [breaks, written] of [
      ['LF', text],
      ['CRLF', text.replaceAll('\n', '\r\n')],
    ] as const) {
      it(`${name}, ${breaks}`, () => {
        const found = words(written).filter(([word]) => word !== 'A');
        expect(found.length).toBeGreaterThan(1);
        for (const [word, source] of found) expect(source).toBe(word.startsWith('A') ? source : word);
      });
    }
  }

  it('an anchor and a tag stand before the content', () => {
    expect(words('a: &x !!str "one two"\n')).toEqual([
      ['one', 'one'],
      ['two', 'two'],
    ]);
  });

  it('offsets outside of the value stay within the scalar', () => {
    const value = located('a: "x"\n');
    expect(sourceOffset(value.span, 'x', 0)).toBe(4);
    expect(sourceOffset(value.span, 'x', 1)).toBe(5);
    expect(sourceOffset(value.span, 'x', 99)).toBe(5);
    expect(sourceOffset(located('a: ""\n').span, '', 0)).toBe(4);
  });

  it('finds each visible character of generated texts in every style', () => {
    const char = fc.constantFrom('a', 'b', 'Z', '0', ' ', ' ', '\n', "'", '"', '\\', ':', '#', '<', '%', 'ä', '😀');
    const text = fc.array(char, { maxLength: 120 }).map((c) => c.join(''));
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    fc.assert(
      fc.property(text, style, fc.boolean(), (value, defaultStringType, crlf) => {
        const lf = stringify({ a: value }, { defaultStringType: defaultStringType as 'PLAIN', lineWidth: 30 });
        const written = crlf ? lf.replaceAll('\n', '\r\n') : lf;
        const at = located(written);
        for (const [i, c] of [...at.value].entries()) {
          if (!/[a-zA-Z0-9<%ä#:]/.test(c)) continue;
          const offset = [...at.value].slice(0, i).join('').length;
          expect(written[sourceOffset(at.span, at.value, offset)]).toBe(c);
        }
        const offsets = Array.from({ length: at.value.length + 1 }, (_, i) => sourceOffset(at.span, at.value, i));
        for (const [i, o] of offsets.entries()) {
          expect(o).toBeGreaterThanOrEqual(i === 0 ? at.span.start : (offsets[i - 1] as number));
          expect(o).toBeLessThanOrEqual(at.span.end);
        }
      }),
      { numRuns: 500 },
    );
  });
});
