import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/core/model/value.ts';
import { n, run, s, textOf } from './support.ts';

const RUNS = Number(process.env['TEMPLATE_RUNS'] ?? 400);
const PARAMS: Record<string, Value> = { a: n(3), b: n(-2.5), zero: n(0), s: s('xy '), e: s('') };

const pick = <T>(...items: T[]): fc.Arbitrary<T> => fc.constantFrom(...items);
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...parts).map((x) => x.join(''));

/** Templates whose types fit, so that most of them write something. */
const { body } = fc.letrec<{ number: string; text: string; condition: string; statement: string; body: string }>(
  (tie) => ({
    number: fc.oneof(
      { maxDepth: 2 },
      pick('a', 'b', 'zero', 'v', '2', '0.5', 'loop0'),
      joined(tie('number'), pick(' + ', ' - ', ' * '), tie('number')),
      joined(fc.constant('('), tie('number'), fc.constant(') | '), pick('abs', 'round', 'round(1)', 'int')),
      joined(
        fc.constant('['),
        tie('number'),
        fc.constant(', '),
        tie('number'),
        fc.constant('] | '),
        pick('min', 'max', 'first', 'last', 'length'),
      ),
      joined(
        fc.constant('('),
        tie('number'),
        fc.constant(' if '),
        tie('condition'),
        fc.constant(' else '),
        tie('number'),
        fc.constant(')'),
      ),
    ),
    text: fc.oneof(
      { maxDepth: 2 },
      pick('s', 'e', '"q"', 's | upper', 's | trim', 's | replace("x", "--")'),
      joined(tie('text'), fc.constant(' ~ ('), tie('number'), fc.constant(')')),
      joined(fc.constant('['), tie('text'), fc.constant(', '), tie('text'), fc.constant('] | join("/")')),
      joined(fc.constant('m('), tie('number'), fc.constant(')')),
    ),
    condition: fc.oneof(
      joined(tie('number'), pick(' > ', ' == ', ' <= '), tie('number')),
      joined(tie('text'), fc.constant(' in "xy q"')),
      pick('a', 's', 'e', 'zero', 'not e', 'a and b', 'e or s'),
    ),
    statement: fc.oneof(
      { maxDepth: 2 },
      pick('text ', '\n', '<# x #>'),
      joined(fc.constant('<< '), tie('number'), fc.constant(' >>')),
      joined(fc.constant('<< '), tie('text'), fc.constant(' >>')),
      joined(fc.constant('<< '), tie('condition'), fc.constant(' >>')),
      joined(fc.constant('<% set v = '), tie('number'), fc.constant(' %>')),
      joined(
        fc.constant('<% if '),
        tie('condition'),
        fc.constant(' %>'),
        tie('body'),
        fc.constant('<% else %>'),
        tie('body'),
        fc.constant('<% endif %>'),
      ),
      joined(
        fc.constant('<% for i in '),
        pick('range(2)', '[a, b]', 'range(zero + 2)'),
        fc.constant(' %><< i + v >>'),
        tie('body'),
        fc.constant('<% endfor %>'),
      ),
    ),
    body: fc.array(tie('statement'), { maxLength: 3 }).map((x) => x.join('')),
  }),
);

const template = body.map(
  (x) => `<% macro m(p) %>[<< p >>;<< b * p >>]<% endmacro %><% set v = a %>${x.replaceAll('loop0', 'v')}<< v >>`,
);

describe('values put into holes', () => {
  it('are those of another run, where nothing structural has changed', { timeout: 600_000 }, () => {
    const other: Record<string, Value> = { a: n(11), b: n(0.25), zero: n(5), s: s('Q'), e: s(' r') };
    let compared = 0;
    fc.assert(
      fc.property(template, (text) => {
        const first = run(text, PARAMS);
        const structural = first.rendered?.structural ?? new Set();
        const params = Object.fromEntries(
          Object.entries(PARAMS).map(([name, value]) => [name, structural.has(name) ? value : (other[name] ?? value)]),
        );
        const second = run(text, params);
        if (first.text === undefined || second.text === undefined) return;
        const values = new Map(Object.entries(params));
        const pieces = first.pieces.map((piece) => {
          const value = piece.kind === 'value' ? piece.recompute(values) : undefined;
          if (value === undefined || piece.kind === 'text') return piece;
          if ('code' in value) throw new Error(value.message);
          return { ...piece, value };
        });
        if (pieces.some((piece) => piece.kind === 'value')) compared++;
        expect(textOf(pieces)).toBe(second.text);
        for (const piece of first.pieces) {
          if (piece.kind === 'text' && piece.exact) expect(text.slice(piece.from, piece.to)).toBe(piece.text);
        }
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS / 4);
  });
});
