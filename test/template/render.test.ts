import { describe, expect, it } from 'vitest';
import { positionAt } from '../../src/core/ground/source.ts';
import type { Value } from '../../src/core/model/value.ts';
import { freeNames, NO_MACROS, parseTemplate, render } from '../../src/core/template/template.ts';
import { b, d, library, list, located, n, run, s, textOf, told } from './support.ts';

describe('what a template writes', () => {
  it.each<[string, string]>([
    ['up == 0', 'up == 0'],
    ['x > << threshold >>', 'x > 80'],
    ['<< threshold * 1.5 >>', '120'],
    ['<< threshold / 100 >>', '0.8'],
    ['rate(x[<< window >>])', 'rate(x[5m])'],
    ['<< window * 18 >>|<< 2 * window >>|<< window + window >>|<< window / 2 >>', '1h30m|10m|10m|2m30s'],
    ['<< window / window >>', '1'],
    ['<< window | seconds >>', '300'],
    ['<% if threshold > 50 %>high<% elif threshold > 10 %>low<% else %>none<% endif %>', 'high'],
    ['<< "on" if flag else "off" >>', 'on'],
    ['<% for d in disks %><< loop.index >>:<< d >><% if not loop.last %>,<% endif %><% endfor %>', '1:sda,2:sdb'],
    ['<% for i in range(3) %><< i >><% endfor %>', '012'],
    ['<% set t = threshold + 5 %><< t >>', '85'],
    ['<% set t %>a<< threshold >>b<% endset %><< t >><< t >>', 'a80ba80b'],
    [
      '<% macro m(a, b=2) %><< a >>/<< b >><% endmacro %><< m(1) >> << m(1, b=3) >> << m(b=4, a=threshold) >>',
      '1/2 1/3 80/4',
    ],
    ['<< disks | join("|") >>', 'sda|sdb'],
    ['<< [threshold, 3] | max >>', '80'],
    ['<< name | upper >>-<< name | length >>-<< name | replace("d", "x") >>', 'NODE-4-noxe'],
    ['<< "a.b" | regex_escape >>', 'a\\.b'],
    ['<< name ~ "_" ~ threshold >>', 'node_80'],
    ['<< "node" in name >> << "sda" in disks >> << "x" not in disks >>', 'true true true'],
    ['a <# a remark #>b', 'a b'],
    ['a <%- if flag -%> b <%- endif -%> c', 'abc'],
    ['a <<- threshold ->> b', 'a80b'],
    ['<% raw %><< x >> {% y %}<% endraw %>', '<< x >> {% y %}'],
    ['<% raw %>a<% raw %>b<% endraw %>c<% endraw %>d', 'a<% raw %>b<% endraw %>cd'],
    ['<< "<<" >> << ">>" >> << "<#" >> << "%>" >>', '<< >> <# %>'],
    [
      '{{ $labels.instance }} {{ $value | humanize }} {%x%} {#y#} }}',
      '{{ $labels.instance }} {{ $value | humanize }} {%x%} {#y#} }}',
    ],
    ['10 < 20 > 5 % 3 # 4', '10 < 20 > 5 % 3 # 4'],
    ['', ''],
    ['<< none >>', ''],
    ['<< range >>', 'r'],
  ])('%s', (template, expected) => {
    const params = {
      threshold: n(80),
      window: d(300_000, '5m'),
      flag: b(true),
      disks: list('sda', 'sdb'),
      name: s('node'),
      range: s('r'),
    };
    const outcome = run(template, params);
    expect(outcome.diagnostics).toEqual([]);
    expect(outcome.text).toBe(expected);
  });
});

describe('pieces', () => {
  it('holes that depend on params are values, the rest is text', () => {
    const { pieces } = run('a > << x >> and << 1 + 1 >> << y | upper >>', { x: n(1), y: s('q'), z: n(3) });
    expect(pieces.map((p) => [p.kind, p.kind === 'value' ? p.params : p.text, p.from, p.to])).toEqual([
      ['text', 'a > ', 0, 4],
      ['value', ['x'], 4, 11],
      ['text', ' and ', 11, 16],
      ['text', '2', 16, 27],
      ['text', ' ', 27, 28],
      ['value', ['y'], 28, 43],
    ]);
    expect(pieces.map((p) => p.kind === 'text' && p.exact)).toEqual([true, false, true, false, true, false]);
  });

  it('dependence goes through set, arithmetic, filters, loops and macros', () => {
    const text = '<% set q = [x, y] | max %><% macro m(a) %>[<< a * z >>]<% endmacro %><< m(q) >>';
    const { pieces, rendered } = run(text, { x: n(1), y: n(2), z: n(3) });
    expect(pieces.map((p) => p.kind === 'value' && p.params)).toEqual([false, ['x', 'y', 'z'], false]);
    expect([...(rendered?.structural ?? [])]).toEqual([]);
    expect(new Set(pieces.map((p) => text.slice(p.from, p.to)))).toEqual(new Set(['<< m(q) >>']));
  });

  it('what chooses a branch or drives a loop is structural', () => {
    const text =
      '<% if a > 1 %>x<% endif %><% for i in l %><< i >><% endfor %><< 1 if b else 2 >><< c or "-" >><< e == 1 >>';
    const { rendered } = run(text, { a: n(1), l: list('p', 'q'), b: b(true), c: s(''), e: n(1) });
    expect([...(rendered?.structural ?? [])].sort()).toEqual(['a', 'b', 'c', 'l']);
  });

  it('recompute gives what another run gives', () => {
    const text = '<< x >> << x * 2 >> <% macro m(a) %><< a + y >>;<< y >><% endmacro %><< m(x) >> << y | round(1) >>';
    const { template } = parseTemplate(located(text), NO_MACROS);
    if (!template) throw new Error('it parses');
    const first = new Map<string, Value>([
      ['x', n(1)],
      ['y', n(2.25)],
    ]);
    const second = new Map<string, Value>([
      ['x', n(10)],
      ['y', n(0.06)],
    ]);
    const pieces = render(template, first).rendered?.pieces ?? [];
    const again = pieces.map((p) => {
      if (p.kind === 'text') return p;
      const value = p.recompute(second);
      if ('code' in value) throw new Error(value.message);
      return { ...p, value };
    });
    expect(textOf(again)).toBe(textOf(render(template, second).rendered?.pieces ?? []));
    expect(textOf(again)).toBe('10 20 10.06;0.06 0.1');
  });

  it('recompute tells an error of the new values', () => {
    const { pieces } = run('<< 1 / x >>', { x: n(1) });
    const piece = pieces[0];
    const value = piece?.kind === 'value' ? piece.recompute(new Map([['x', n(0)]])) : undefined;
    expect(value).toMatchObject({ code: 'invalid-value' });
  });

  it('types survive: regexes stay regexes, durations durations', () => {
    const { pieces } = run('<< r >><< r ~ ".*" >><< w * 2 >><< s | regex_escape >><< l >>', {
      r: { type: 'regex', value: 'a|b' },
      w: d(60_000, '1m'),
      s: s('a.b'),
      l: list('a'),
    });
    expect(pieces.map((p) => p.kind === 'value' && p.value.type)).toEqual([
      'regex',
      'regex',
      'duration',
      'regex',
      'list',
    ]);
  });
});

describe('names', () => {
  it('tells all free names with their places, and no bound ones', () => {
    const text = '<% set a = x %><% for i in l %><< i + a + x >><% endfor %><% macro m(p) %><< p ~ y >><% endmacro %>';
    const { template } = parseTemplate(located(text), NO_MACROS);
    const names = template && freeNames(template);
    expect([...(names?.keys() ?? [])].sort()).toEqual(['l', 'x', 'y']);
    expect(names?.get('x')?.map((span) => span.start)).toEqual([11, 42]);
  });

  it('a misspelt name is told at its place, also in a branch that is not taken', () => {
    const outcome = run('a > << treshold >><% if false %><< nope >><% endif %>', { threshold: n(1) });
    expect(told(outcome)).toEqual([
      ['template-undefined', 'treshold'],
      ['template-undefined', 'nope'],
    ]);
    expect(outcome.diagnostics[0]?.help).toContain('Did you mean `threshold`?');
  });

  it('a name that was set in another branch only', () => {
    expect(told(run('<% if x %><% set a = 1 %><% endif %><< a >>', { x: b(false) }))).toEqual([
      ['template-undefined', 'a'],
    ]);
  });

  it('places are those in the file, through the YAML scalar', () => {
    const file = { path: 'rules/a.yaml', text: 'expr: |\n    up >\n      << x +\n      zz >>\n' };
    const text = { value: 'up >\n  << x +\n  zz >>\n', span: { file, start: 6, end: file.text.length } };
    const { template } = parseTemplate(text, NO_MACROS);
    const problems = template ? render(template, new Map([['x', n(1)]])).diagnostics : [];
    const span = problems[0]?.span;
    expect(span && positionAt(span.file, span.start)).toEqual({ line: 4, col: 7 });
    expect(span && file.text.slice(span.start, span.end)).toBe('zz');
  });
});

describe('macro files', () => {
  const files = {
    'units.njk':
      '<% from "base.njk" import round2 %>\nRemarks are free.\n<% set k = 1024 %>\n<% macro kib(x) %><< round2(x / k) >>KiB<% endmacro %>',
    'base.njk': '<% macro round2(x) %><< x | round(2) >><% endmacro %><% macro _own() %>x<% endmacro %>',
  };

  it('are imported whole or by name, and compute with params', () => {
    const { library: macros, diagnostics } = library(files);
    expect(diagnostics).toEqual([]);
    const text =
      '<% import "units.njk" as u %><% from "base.njk" import round2 as r %><< u.kib(x) >> << u.k >> << r(x) >>';
    const outcome = run(text, { x: n(1500) }, macros);
    expect(outcome.diagnostics).toEqual([]);
    expect(outcome.text).toBe('1.46KiB 1024 1500');
    const value = outcome.pieces.find((p) => p.kind === 'value');
    expect(value?.kind === 'value' && value.params).toEqual(['x']);
    expect(value?.macro?.file.path).toBe('templates/base.njk');
    expect(value?.kind === 'value' && value.recompute(new Map([['x', n(2048)]]))).toEqual(n(2));
  });

  it.each<[string, [string, string][]]>([
    ['<% import "nope.njk" as u %>', [['unknown-template', '"nope.njk"']]],
    ['<% import "unit.njk" as u %>', [['unknown-template', '"unit.njk"']]],
    ['<% import "units.njk" as u %><< u.kid(1) >>', [['template-undefined', 'kid']]],
    ['<% import "units.njk" as u %><< u.kib() >>', [['missing-value', 'u.kib(']]],
    ['<% import "units.njk" as u %><< u.kib(1, 2) >>', [['template-syntax', '2']]],
    ['<% import "units.njk" as u %><< u.kib(y=2) >>', [['template-undefined', '2']]],
    ['<% import "units.njk" as u %><< u.kib >>', [['template-forbidden', 'kib']]],
    ['<% import "units.njk" as u %><< u >>', [['template-forbidden', 'u']]],
    ['<% import "units.njk" as u %><< u.k() >>', [['template-forbidden', 'k']]],
    ['<% from "units.njk" import kb %><< kb(1) >>', [['template-undefined', 'kb']]],
    ['<% from "base.njk" import _own %>', [['template-syntax', '_own']]],
    ['<% import "units.njk" as u with context %>', [['template-forbidden', 'import']]],
    ['<% import "units.njk" as u %><% import "base.njk" as u %>', [['template-forbidden', 'u']]],
    ['<% if x %><% import "units.njk" as u %><% endif %>', [['template-forbidden', 'import']]],
  ])('%s', (text, expected) => {
    const { library: macros } = library(files);
    expect(told(run(text, { x: n(1) }, macros)).slice(0, expected.length)).toEqual(expected);
  });

  it('cycles, blind macros and stray output are told once, in their file', () => {
    const { diagnostics, library: macros } = library({
      'a.njk': '<% import "b.njk" as b %>',
      'b.njk': '<% import "a.njk" as a %>',
      'blind.njk': '<% macro m(x) %><< threshold >><% endmacro %>',
      'stray.njk': '<< 1 >>',
      'bad.njk': '<% macro m( %>',
      'user.njk': '<% import "bad.njk" as bad %><% macro m() %><< bad.m() >><% endmacro %>',
    });
    expect(diagnostics.map((x) => [x.code, x.span.file.path])).toEqual([
      ['cycle', 'templates/b.njk'],
      ['template-syntax', 'templates/bad.njk'],
      ['template-undefined', 'templates/blind.njk'],
      ['template-forbidden', 'templates/stray.njk'],
    ]);
    expect(run('<% import "user.njk" as u %><< u.m() >>', {}, macros)).toMatchObject({ diagnostics: [], pieces: [] });
  });

  it('an error inside of a macro says who called it', () => {
    const { library: macros } = library({ 'm.njk': '<% macro half(x) %><< x / 2 >><% endmacro %>' });
    const outcome = run('<% import "m.njk" as m %><< m.half("a") >>', {}, macros);
    expect(told(outcome)).toEqual([['wrong-type', 'x / 2']]);
    expect(outcome.diagnostics[0]?.notes[0]?.message).toContain('`half` is called here');
    expect(outcome.diagnostics[0]?.notes[0]?.span?.file.path).toBe('rules/a.yaml');
  });
});
