import { describe, expect, it } from 'vitest';
import { b, d, library, list, n, run, s, told } from './support.ts';

const PARAMS = {
  x: n(1),
  t: s('a'),
  w: d(60_000, '1m'),
  l: list('p'),
  r: { type: 'regex', value: 'a' } as const,
  flag: b(true),
};

/** Attacks on nunjucks that are known, and their kin: each is refused where it stands, before anything runs. */
const ATTACKS = [
  '<< range.constructor("return process")() >>',
  "<< range.constructor(\"return global.process.mainModule.require('child_process').execSync('id')\")() >>",
  "<< ''.constructor.constructor('return process')() >>",
  '<< "".__proto__ >>',
  '<< ""["__proto__"] >>',
  '<< []["constructor"]["constructor"]("return 1")() >>',
  '<< {}.constructor >>',
  '<< x.constructor >>',
  '<< x["constructor"] >>',
  '<< x.toString() >>',
  '<< l[0] >>',
  '<< l.length >>',
  '<< cycler("a", "b").next() >>',
  '<< cycler.constructor("return this")() >>',
  '<< joiner(",")() >>',
  '<< self >>',
  '<< self.x() >>',
  '<< super() >>',
  '<< caller() >>',
  '<< process >>',
  '<< globalThis.process >>',
  '<< require("fs") >>',
  '<< __proto__ >>',
  '<< constructor >>',
  '<< hasOwnProperty("x") >>',
  '<< ({}) >>',
  '<< r/(a+)+$/ >>',
  '<< x | safe >>',
  '<< x | dump >>',
  '<< x | constructor >>',
  '<< x | __proto__ >>',
  '<< x | toString >>',
  '<< x | hasOwnProperty("a") >>',
  '<< l | groupby("constructor") >>',
  '<< l | sort(false, false, "constructor") >>',
  '<< l | join(",", "constructor") >>',
  '<< x is callable >>',
  '<% include "/etc/passwd" %>',
  '<% include "../../x" %>',
  '<% extends "/etc/passwd" %>',
  '<% import "/etc/passwd" as p %>',
  '<% import "../../x.njk" as p %>',
  '<% import "./x.njk" as p %>',
  '<% import "..\\\\x.njk" as p %>',
  '<% import x as p %>',
  '<% from "../x.njk" import y %>',
  '<% block a %><% endblock %>',
  '<% call x() %>a<% endcall %>',
  '<% filter upper %>a<% endfilter %>',
  '<% switch x %><% case 1 %><% endswitch %>',
  '<% asyncEach i in l %><% endeach %>',
  '<% asyncAll i in l %><% endall %>',
  '<% ifAsync x %><% endif %>',
  '<% for a, b in l %><% endfor %>',
  '<% set x.y = 1 %>',
  '<% for i in l %><< loop.constructor >><% endfor %>',
  '<% for i in l %><< loop["__proto__"] >><% endfor %>',
  '<% for i in l %><< loop >><% endfor %>',
  '<% macro m() %>a<% endmacro %><< m.constructor >>',
  '<% macro m() %>a<% endmacro %><< m().constructor >>',
  '<% macro m() %>a<% endmacro %><< m()() >>',
  '<% macro m() %>a<% endmacro %><% set m = 1 %>',
  '<% if x %><% macro m() %><% endmacro %><% endif %>',
];

describe('a template is data', () => {
  it.each(ATTACKS)('%s', (text) => {
    const outcome = run(text, PARAMS);
    expect(outcome.text).toBeUndefined();
    expect(outcome.diagnostics.length).toBeGreaterThan(0);
    for (const { code, message, span } of outcome.diagnostics) {
      expect(['template-forbidden', 'template-undefined']).toContain(code);
      expect(message).not.toMatch(/undefined|\[object|Error|null/);
      expect(span.end).toBeGreaterThan(span.start);
    }
  });

  it('params called like properties of objects are params like others', () => {
    const params = { constructor: n(1), __proto__2: n(2), hasOwnProperty: n(3), toString: n(4) };
    expect(run('<< constructor >><< hasOwnProperty >><< toString >>', params).text).toBe('134');
  });
});

describe('syntax errors stand where they are', () => {
  it.each<[string, string, string]>([
    ['a << x', 'template-syntax', '<<'],
    ['a <% if x', 'template-syntax', '<%'],
    ['<< x %>', 'template-syntax', '%>'],
    ['<< >>', 'template-syntax', '<< >>'],
    ['<% %>', 'template-syntax', '<% %>'],
    ['<< "abc >>', 'template-syntax', '"'],
    ['<< x x >>', 'template-syntax', 'x'],
    ['<< (x >>', 'template-syntax', '('],
    ['<< (x] >>', 'template-syntax', ']'],
    ['<< x) >>', 'template-syntax', ')'],
    ['<< x + >>', 'template-syntax', '>>'],
    ['<< * x >>', 'template-syntax', '*'],
    ['<< x | >>', 'template-syntax', '>>'],
    ['<< 5m >>', 'template-syntax', '5m'],
    ['<< 1e3 >>', 'template-syntax', '1e3'],
    ['<< $labels.x >>', 'template-syntax', '$labels'],
    ['<< é >>', 'template-syntax', 'é'],
    ['<% if x %>a', 'template-syntax', 'if'],
    ['<% if x %>a<% endfor %>', 'template-syntax', 'endfor'],
    ['<% endif %>', 'template-syntax', 'endif'],
    ['<% else %>', 'template-syntax', 'else'],
    ['<% for i in range(2) %><% elif x %><% endfor %>', 'template-syntax', 'elif'],
    ['<% fi x %>', 'template-syntax', 'fi'],
    ['<% 5 %>', 'template-syntax', '5'],
    ['<% for i l %><% endfor %>', 'template-syntax', 'for'],
    ['<% set x %>', 'template-syntax', 'set'],
    ['<% set 5 = 3 %>', 'template-forbidden', '5'],
    ['<% raw %>a', 'template-syntax', '<% raw %>'],
    ['a <# b', 'template-syntax', '<#'],
    ['a #> b', 'template-syntax', '#>'],
    ['<< x | uper >>', 'template-forbidden', 'uper'],
    ['<< x | round(1, 2, 3) >>', 'template-forbidden', 'round'],
    ['<< x | round(precision=1) >>', 'template-forbidden', 'round'],
    ['<< uper(x) >>', 'template-forbidden', 'uper'],
    ['<< x === 1 >>', 'template-forbidden', '==='],
    ['<< 1 < x < 2 >>', 'template-forbidden', '<'],
    ['<< not x == 1 >>', 'template-forbidden', 'not'],
    ['<< "a" ~ 1 + 2 >>', 'template-forbidden', '1'],
    ['<< (1, 2) >>', 'template-forbidden', '('],
    ['<% macro m(a, a) %><% endmacro %>', 'template-syntax', 'a'],
    ['<% macro m() %><% endmacro %><% macro m() %><% endmacro %>', 'template-forbidden', 'm'],
    ['<< (', 'template-syntax', '<<'],
    ['<% from "x" %>', 'template-syntax', 'from'],
    ['<% import "x" %>', 'template-syntax', 'import'],
  ])('%s', (text, code, at) => {
    const outcome = run(text, PARAMS);
    expect(told(outcome)[0]).toEqual([code, at]);
    expect(outcome.diagnostics[0]?.message).toMatch(/^[^a-z].*[.:?]$/);
  });
});

describe('types', () => {
  it.each<[string, string, string]>([
    ['<< x + t >>', 'wrong-type', 'x + t'],
    ['<< w + x >>', 'wrong-type', 'w + x'],
    ['<< w > x >>', 'wrong-type', 'w > x'],
    ['<< t == x >>', 'wrong-type', 't == x'],
    ['<< -t >>', 'wrong-type', '-t'],
    ['<< w - w * 2 >>', 'invalid-value', 'w - w * 2'],
    ['<< x / 0 >>', 'invalid-value', 'x / 0'],
    ['<< (0 - x) ** 0.5 >>', 'invalid-value', '0 - x) ** 0.5'],
    ['<< t | abs >>', 'wrong-type', 't | abs'],
    ['<< x | upper >>', 'wrong-type', 'x | upper'],
    ['<< r | upper >>', 'wrong-type', 'r | upper'],
    ['<< r ~ t >>', 'wrong-type', 'r ~ t'],
    ['<< l ~ "a" >>', 'wrong-type', 'l ~ "a"'],
    ['<< x ~ none >>', 'wrong-type', 'x ~ none'],
    ['<< [1, 2] >>', 'wrong-type', '[1, 2'],
    ['<% for i in x %><% endfor %>', 'wrong-type', 'x'],
    ['<% for i in "abc" %><% endfor %>', 'wrong-type', '"abc"'],
    ['<< [] | first >>', 'invalid-value', '[] | first'],
    ['<< x in 5 >>', 'wrong-type', 'x in 5'],
    ['<< range("a") | length >>', 'wrong-type', 'range("a"'],
    ['<% macro m() %>a<% endmacro %><% if m() %><% endif %>', 'wrong-type', 'm('],
  ])('%s', (text, code, at) => {
    expect(told(run(text, PARAMS))).toEqual([[code, at]]);
  });
});

describe('limits', () => {
  const within = (text: string, macros = library({}).library): void => {
    const start = performance.now();
    const outcome = run(text, PARAMS, macros);
    expect(outcome.text).toBeUndefined();
    expect(told(outcome).map(([code]) => code)).toEqual(['template-limit']);
    expect(performance.now() - start).toBeLessThan(2000);
  };
  it.each<[string, string]>([
    ['a long loop', '<% for i in range(1000000000) %>a<% endfor %>'],
    ['loops in loops', '<% for i in range(5000) %><% for j in range(5000) %>a<% endfor %><% endfor %>'],
    ['empty loops in loops', '<% for i in range(9999) %><% for j in range(9999) %><% endfor %><% endfor %>'],
    ['steps that are no loop', `<% for i in range(9000) %>${'<% if x %><% endif %>'.repeat(10)}<% endfor %>`],
    ['output', `<% for i in range(9000) %>${'a'.repeat(100)}<% endfor %>`],
    ['a text that doubles', `<% set s = "aaaaaaaa" %>${'<% set s = s ~ s %>'.repeat(60)}<< s | length >>`],
    ['a text that multiplies', `<% set s = "aaaaaaaa" %>${'<% set s = s | replace("a", s) %>'.repeat(20)}x`],
    [
      'a separator that multiplies',
      `<% set s = "aaaaaaaa" %>${'<% set s = s ~ s %>'.repeat(12)}<< range(9999) | join(s) >>`,
    ],
    ['a capture that doubles', `<% set s = "aaaaaaaa" %>${'<% set s %><< s >><< s >><% endset %>'.repeat(60)}x`],
    ['a macro that calls itself', '<% macro m() %><< m() >><% endmacro %><< m() >>'],
    ['macros that call themselves twice', '<% macro m(n) %><< m(n) >><< m(n) >><% endmacro %><< m(1) >>'],
    ['parentheses', `<< ${'('.repeat(20_000)}x${')'.repeat(20_000)} >>`],
    ['a sum', `<< 1${' + 1'.repeat(20_000)} >>`],
    ['not not not', `<< ${'not '.repeat(15_000)}x >>`],
    ['minus minus', `<< ${'- '.repeat(20_000)}x >>`],
    ['filters', `<< x${' | abs'.repeat(8000)} >>`],
    ['blocks', `${'<% if x %>'.repeat(3000)}${'<% endif %>'.repeat(3000)}`],
    ['elif', `<% if x %>${'<% elif x %>'.repeat(3000)}<% endif %>`],
    ['a long text', `<< x >>${'a'.repeat(100_000)}`],
    ['lookups', `<< x${'.a'.repeat(20_000)} >>`],
  ])('%s', (_, text) => within(text));

  it('a long text without a template is no concern of this', () => {
    expect(run('a'.repeat(100_000)).text).toHaveLength(100_000);
  });

  it('999 words in a hole, 20 blocks and 40 parentheses are fine', () => {
    expect(run(`<< 1${' + 1'.repeat(499)} >>`).text).toBe('500');
    expect(run(`<< ${'not '.repeat(900)}true >>`).text).toBe('true');
    expect(run(`${'<% if x %>'.repeat(20)}a${'<% endif %>'.repeat(20)}`, PARAMS).text).toBe('a');
    expect(run(`<< ${'('.repeat(40)}x${')'.repeat(40)} >>`, PARAMS).text).toBe('1');
  });

  it('macro files that import one another in a long chain', () => {
    const files = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [
        `m${i}.njk`,
        i === 1999 ? '<% set k = 1 %>' : `<% import "m${i + 1}.njk" as m %>`,
      ]),
    );
    expect(() => library(files)).not.toThrow();
  });
});
