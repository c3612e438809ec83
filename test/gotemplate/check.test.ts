import { describe, expect, it } from 'vitest';
import { checkGoTemplate } from '../../src/core/gotemplate/check.ts';
import type { Version } from '../../src/promql/version.ts';

const check = (text: string, min: Version = [2, 42]) => checkGoTemplate(text, { min });

describe('templates that Prometheus takes', () => {
  it.each([
    '',
    'plain } text }} with {braces}',
    '{{ $value }}',
    '{{$labels.instance}}: {{ $value | humanize }}%',
    '{{ printf "%.2f" $value }} {{ printf `%q` .Labels.job }}',
    '{{ if gt $value 90.5 }}high{{ else if eq $labels.x "y" }}y{{ else }}low{{ end }}',
    '{{- /* a remark */ -}} x {{/**/}}',
    '{{ with query "up" }}{{ . | first | value }}{{ else }}none{{ end }}',
    '{{ range $i, $s := query (printf "up{job=%q}" $labels.job) }}{{ $i }}{{ label "job" $s }}{{ if $i }}{{ break }}{{ end }}{{ continue }}{{ end }}',
    '{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}: {{ .Value }}{{ end }}',
    '{{ $x := $value }}{{ $x = 3 }}{{ $x }}',
    '{{ define "t" }}{{ . }}{{ $.a.b }}{{ end }}{{ template "t" . }}{{ template "t" }}{{ block "u" $value }}x{{ end }}',
    "{{ print 1 -2 +3 0x1F 0b1 0o17 017 1e3 .5 1. 1_000 'a' '\\n' '\\'' 3i true false nil }}",
    '{{ (index $labels "a-b") }} {{ ($labels).x }} {{ (query "up" | first).Value }}',
    '{{ "}}" }} {{ "\\u00e9 \\x41 \\101 \\"" }}',
    '{{ and (ne $value 1.0) (not (eq $externalURL "")) | print }}',
    '{{ $externalLabels.cluster }} {{ len $labels }} {{ slice "abc" 1 2 }} {{ html "<" }} {{ urlquery "a b" }}',
    '{{ $labels.job\n}}',
    '{{ $value | humanize | }}',
    '{{ $ }} {{ . }} {{ $.Labels.job }}',
    '{{ if $labels.ünï }}x{{ end }}',
  ])('%s', (text) => expect(check(text).problems).toEqual([]));
});

describe('templates that it refuses', () => {
  it.each<[string, string, string]>([
    ['{{ $value', '{{', 'never closed'],
    ['{{ $value }', '}', 'after `$value`'],
    ['{{ $value | humanise }}', 'humanise', 'no function'],
    ['{{ $label.instance }}', '$label', 'not defined'],
    ['{{ labels.instance }}', 'labels', 'no function'],
    ['{{ threshold }}', 'threshold', 'no function'],
    ['{{ }}', '}}', 'empty'],
    ['{{ if $value }}x', 'if', 'never closed'],
    ['x {{ end }}', '{{ end }}', 'closes nothing'],
    ['x {{ else }}', '{{ else }}', 'closes nothing'],
    ['{{ if $value }}a{{ else }}b{{ else }}c{{ end }}', '{{', 'A second'],
    ['{{ if }}x{{ end }}', '}}', 'missing'],
    ['{{ "abc }}', '"', 'never closed'],
    ['{{ `abc }}', '`', 'never closed'],
    ["{{ 'ab' }}", "'ab'", 'single character'],
    ['{{ "\\d" }}', '"\\d"', 'escape'],
    ['{{ "\\\'" }}', '"\\\'"', 'escape'],
    ['{{ (print 1 }}', '(', 'parenthesis'],
    ['{{ print 1) }}', ')', 'closes nothing'],
    ['{{ $value > 5 }}', '>', 'after `$value`'],
    ['{{ $value * 100 }}', '*', 'after `$value`'],
    ['{{ $value-1 }}', '-', 'cannot follow'],
    ['{{ $labels.a-b }}', '-', 'cannot follow'],
    ['{{ $value | "x" }}', '"x"', 'only functions'],
    ['{{ $value || 1 }}', '|', 'cannot stand'],
    ['{{ 5m }}', '5m', 'not a number'],
    ['{{ 089 }}', '089', 'not a number'],
    ['{{ 99999999999999999999 }}', '99999999999999999999', 'not a number'],
    ['{{ 1.Value }}', '1.V', 'not a number'],
    ['{{ nil.x }}', '.x', 'no fields'],
    ['{{ break }}', 'break', 'no `{{ range }}`'],
    ['{{/* x }}', '{{/*', 'never closed'],
    ['{{/* x */ y }}', '*/', 'ends with'],
    ['{{ “x” }}', '“', 'U+201C'],
    ['{{ $x, $y := 1 }}', ',', 'two variables'],
    ['{{ define "a" }}{{ $labels.x }}{{ end }}', '$labels', 'not defined'],
    ['{{ define "a" }}x{{ end }}{{ define "a" }}y{{ end }}', 'define', 'twice'],
    ['{{ template x }}', 'x', 'after `template`'],
    ['{{ with $x := 1 }}{{ end }}{{ $x }}', '$x', 'not defined'],
    ['{{{ $value }}', '{', 'cannot stand'],
    ['{{ tmpl "x" . }}', 'tmpl', 'no function'],
    ['{{ print : 1 }}', ':', ':='],
    ['{{ if $value }}{{ end }', '}', 'after `end`'],
  ])('%s', (text, at, message) => {
    const [problem] = check(text).problems;
    expect(problem?.message).toContain(message);
    const shown = problem && text.slice(problem.from, problem.to);
    expect(at === '{{' ? shown?.startsWith('{{') : shown?.includes(at)).toBe(true);
  });

  it('says what was meant', () => {
    const help = (text: string): string => check(text).problems[0]?.help ?? '';
    expect(help('{{ $label.x }}')).toContain('`$labels`');
    expect(help('{{ $value | humanise }}')).toContain('`humanize`');
    expect(help('{{ $value > 5 }}')).toBe('Write `gt $value 5.0`.');
    expect(help('{{ if $labels.job == "x" }}{{ end }}')).toBe('Write `eq $labels.job "x"`.');
    expect(help('{{ if .Value >= 0.5 }}{{ end }}')).toBe('Write `ge .Value 0.5`.');
    expect(help('{{ $labels.a-b }}')).toContain('index $labels');
    expect(help('{{ $valeu }}')).toContain('`$value`');
    expect(help('{{ “x” }}')).toContain('straight quotes');
  });

  it('functions and syntax of later versions', () => {
    expect(check('{{ now }}').problems[0]?.message).toContain('3.6');
    expect(check('{{ now }}', [3, 6]).problems).toEqual([]);
    expect(check('{{ urlQueryEscape "a" }}', [3, 7]).problems).toHaveLength(1);
    const elseWith = '{{ with $labels.a }}{{ . }}{{ else with $labels.b }}{{ . }}{{ end }}';
    expect(check(elseWith).problems[0]?.message).toContain('3.0');
    expect(check(elseWith, [3, 0]).problems).toEqual([]);
  });

  it('nests without end, but not for ever', () => {
    for (const text of [
      '{{ if true }}'.repeat(5_000),
      `{{ ${'('.repeat(5_000)}`,
      `{{ if true }}${'{{ else if true }}'.repeat(5_000)}{{ end }}`,
      `{{ define "a" }}${'{{ block "b" . }}'.repeat(5_000)}`,
      `{{ $value ${'| humanize '.repeat(5_000)}}}`,
      `{{ $labels${'.a'.repeat(5_000)} }}`,
      '{{ '.repeat(5_000),
    ]) {
      expect(() => check(text)).not.toThrow();
    }
  });
});

describe('labels that are used', () => {
  it.each<[string, string[]]>([
    ['{{ $labels.a }} {{ .Labels.b }} {{ index $labels "c-d" }} {{ $.Labels.e }}', ['a', 'b', 'c-d', 'e']],
    ['{{ index .Labels `a` }} {{ (index $labels "b") }} {{ ($labels).c }}', ['a', 'b', 'c']],
    ['{{ with $labels }}{{ .a }}{{ end }}{{ $l := $labels }}{{ $l.b }}', ['a', 'b']],
    ['{{ with query "up" | first }}{{ .Labels.a }}{{ $labels.b }}{{ end }}', ['b']],
    ['{{ range query "up" }}{{ .Labels.a }}{{ end }}', []],
    ['{{ range $k, $v := $labels }}{{ $k }}{{ $v.x }}{{ end }}', []],
    ['{{ with $x := query "up" | first }}{{ $x.Labels.a }}{{ end }}', []],
    ['{{ define "t" }}{{ .Labels.a }}{{ end }}', []],
    ['{{ $externalLabels.a }}{{ .ExternalLabels.b }}', []],
    ['{{ "$labels.a" }}{{/* $labels.b */}} $labels.c', []],
    ['{{ query (printf "x{a=%q}" $labels.a) | first | value }}', ['a']],
  ])('%s', (text, names) => {
    const { problems, labelsUsed } = check(text);
    expect(problems).toEqual([]);
    expect(labelsUsed.map((use) => use.name)).toEqual(names);
    for (const use of labelsUsed) expect(text.slice(use.from, use.to)).toBe(use.name);
  });

  it('tells those that an `if` asks for', () => {
    const { labelsUsed } = check('{{ if $labels.a }}{{ $labels.a }}{{ $labels.b }}{{ end }}{{ $labels.a }}');
    expect(labelsUsed.map((use) => [use.name, use.guarded])).toEqual([
      ['a', true],
      ['a', true],
      ['b', false],
      ['a', false],
    ]);
  });

  it('tells whether the value is used', () => {
    expect(check('{{ $value }}').usesValue).toBe(true);
    expect(check('{{ .Value }}').usesValue).toBe(true);
    expect(check('{{ range query "up" }}{{ .Value }}{{ end }}').usesValue).toBe(false);
    expect(check('$value').usesValue).toBe(false);
  });
});
