import fc from 'fast-check';
import nunjucks from 'nunjucks';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/core/model/value.ts';
import { n, run, s } from './support.ts';

/** nunjucks itself, with our delimiters: what both can write must be the same, byte for byte. */
const tags = {
  blockStart: '<%',
  blockEnd: '%>',
  variableStart: '<<',
  variableEnd: '>>',
  commentStart: '<#',
  commentEnd: '#>',
};
const environment = new nunjucks.Environment([], { autoescape: false, throwOnUndefined: false, tags });

const PARAMS: Record<string, Value> = { a: n(3), b: n(-2.5), zero: n(0), s: s('xy '), e: s('') };
const PLAIN = Object.fromEntries(Object.entries(PARAMS).map(([k, v]) => [k, 'value' in v ? v.value : undefined]));

const RUNS = Number(process.env['TEMPLATE_RUNS'] ?? 800);

type Made = { text: string };
const pick = <T>(...items: T[]): fc.Arbitrary<T> => fc.constantFrom(...items);

const { expr } = fc.letrec<{ atom: string; expr: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 2 },
    pick(
      'a',
      'b',
      'zero',
      's',
      'e',
      '1',
      '2',
      '0.5',
      '10',
      '"q"',
      "'xyz'",
      'true',
      'false',
      'none',
      'i',
      'v',
      '[1, 2, 3]',
      '["x", s]',
    ),
    tie('expr').map((x) => `(${x})`),
    fc
      .tuple(
        tie('atom'),
        pick(
          'abs',
          'round',
          'round(1)',
          'upper',
          'lower',
          'trim',
          'length',
          'first',
          'last',
          'join("-")',
          'replace("x", "yy")',
          'replace("", "-")',
          'int',
        ),
      )
      .map(([x, f]) => `${x} | ${f}`),
    fc.tuple(pick('m', 'k'), tie('expr')).map(([m, x]) => `${m}(${x})`),
  ),
  expr: fc.oneof(
    { maxDepth: 3 },
    tie('atom'),
    fc
      .array(fc.tuple(tie('atom'), pick(' + ', ' - ', ' * ', ' / ', ' % ', ' // ', ' ** ')), {
        minLength: 1,
        maxLength: 4,
      })
      .chain((parts) => tie('atom').map((last) => parts.map(([x, op]) => x + op).join('') + last)),
    fc
      .tuple(tie('atom'), pick(' ~ ', ' == ', ' != ', ' < ', ' >= ', ' and ', ' or ', ' in ', ' not in '), tie('atom'))
      .map((x) => x.join('')),
    tie('expr').map((x) => `not ${x}`),
    tie('atom').map((x) => `-${x}`),
    fc.tuple(tie('expr'), tie('atom'), tie('atom')).map(([c, x, y]) => `${x} if ${c} else ${y}`),
  ),
}));

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => {
  const open = pick('<%', '<%-');
  const close = pick('%>', '-%>');
  const tag = (inside: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(open, inside, close).map(([o, x, c]) => `${o} ${x} ${c}`);
  return {
    statement: fc.oneof(
      { maxDepth: 3 },
      pick(' ', '\n', 'text', ' t {{ x }} ', '{% x %}', '  \n\t', '\r\n', '<', '> %', '"'),
      fc.tuple(pick('<<', '<<-'), expr, pick('>>', '->>')).map(([o, x, c]) => `${o} ${x} ${c}`),
      pick('<# remark #>', '<#- remark -#>', '<# << x >> #>'),
      fc
        .tuple(
          tag(expr.map((x) => `if ${x}`)),
          tie('body'),
          tag(fc.constant('else')),
          tie('body'),
          tag(fc.constant('endif')),
        )
        .map((x) => x.join('')),
      fc
        .tuple(
          tag(
            fc
              .tuple(pick('i', 'v'), pick('range(3)', 'range(1, 8, 3)', 'range(3, 0, -1)', '[1, "x"]', '[]'))
              .map(([v, l]) => `for ${v} in ${l}`),
          ),
          tie('body'),
          pick('', '<< loop.index >>', '<< loop.last >>'),
          tag(fc.constant('endfor')),
        )
        .map((x) => x.join('')),
      fc.tuple(tag(fc.tuple(pick('i', 'v'), expr).map(([v, x]) => `set ${v} = ${x}`))).map((x) => x.join('')),
      fc.tuple(tag(pick('set i', 'set v')), tie('body'), tag(fc.constant('endset'))).map((x) => x.join('')),
    ),
    body: fc.array(tie('statement'), { maxLength: 4 }).map((x) => x.join('')),
  };
});

const macros =
  '<% macro m(p) %>[<< p >>]<% endmacro %><% macro k(p, q=2) %> <%- if p %><< p ~ q >><% endif %><% endmacro %>';
const template: fc.Arbitrary<Made> = fc
  .tuple(pick('', '<% set v = 7 %>'), body)
  .map(([set, x]) => ({ text: `${macros}${set}${x}` }));

function real(text: string): string | undefined {
  try {
    return environment.renderString(text, PLAIN);
  } catch {
    return undefined;
  }
}

describe('the same bytes as nunjucks', () => {
  it('for random templates, wherever both write something', { timeout: 600_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(template, ({ text }) => {
        const ours = run(text, PARAMS);
        if (ours.text === undefined) return;
        const theirs = real(text);
        if (theirs === undefined) return;
        compared++;
        expect(ours.text).toBe(theirs);
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS / 5);
    if (RUNS > 800) process.stdout.write(`${compared} of ${RUNS} compared\n`);
  });

  it.each([
    '<< 3 * 10 / 100 >>',
    '<< a + 0.2 - 0.3 >>',
    '<< 2 ** 3 ** 2 >>',
    '<< 7 // 2 * 3 >>',
    '<< 10 % 4 * 3 >>',
    '<< 1 - 2 - 3 + 4 - 5 >>',
    '<< a ~ b ~ s >>',
    '<< a and s or e >>',
    '<< e or s >>',
    '<< -a ** 2 >>',
    '<< - a | abs >>',
    '<< 1 if e >>',
    '<< "\\n\\"" >>',
    '<% set v = 1 %><% for i in range(3) %><% set v = v + i %><% set w = i %><% endfor %><< v >>',
    '<% for i in [] %>x<% else %>none<% endfor %>',
    '<% for i in range(2) %><% for i in range(2) %><< i >><< loop.index >><% endfor %><< i >><% endfor %>',
    '<% set i, v = 5 %><< i >><< v >>',
    '<% macro f() %><% set q = 1 %><< q >><% endmacro %><< f() >>',
    '<% set q = 1 %><% macro f() %><< q >><% endmacro %><% for i in range(1) %><% set q = 2 %><% endfor %><< f() >><< q >>',
    'a  <%- set v = 1 -%>  b <# x -#>  c',
    '<< 5 / 2 | round >> << (5 / 2) | round(0, "floor") >>',
    '<< 1.0 >> << 1.50 >> << 0.1 + 0.2 >>',
  ])('%s', (text) => {
    expect(run(text, PARAMS).text).toBe(real(text));
    expect(real(text)).toBeDefined();
  });
});
