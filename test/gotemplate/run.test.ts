import { describe, expect, it } from 'vitest';
import { checkGoTemplate } from '../../src/core/gotemplate/check.ts';

type Said = 'fine' | 'error' | 'warning' | 'misprint';

function said(text: string, min: readonly [number, number] = [2, 42]): Said {
  const { problems, failures } = checkGoTemplate(text, { min });
  expect(problems).toEqual([]);
  if (failures.some(({ certain }) => certain)) return 'error';
  if (failures.some(({ kind }) => kind === 'fails')) return 'warning';
  return failures.length > 0 ? 'misprint' : 'fine';
}

describe('what templates do when an alert fires', () => {
  it.each<[string, Said]>([
    ['{{ if gt $value 90 }}a{{ end }}', 'error'],
    ['{{ if gt $value 90.0 }}a{{ end }}', 'fine'],
    ['{{ if gt (len $labels) 3 }}a{{ end }}', 'fine'],
    ['{{ if eq $labels.code "500" }}a{{ end }}', 'fine'],
    ['{{ if eq $labels.code 500 }}a{{ end }}', 'error'],
    ['{{ if eq $value nil }}a{{ end }}', 'fine'],
    ['{{ $value.foo }}', 'error'],
    ['{{ $value.Count }}', 'warning'],
    ['{{ $labels.a.b }}', 'error'],
    ['{{ index $labels "a.b" }}', 'fine'],
    ['{{ .group }}', 'error'],
    ['{{ .Values.x }}', 'error'],
    ['{{ $.Labels.x }} {{ .ExternalLabels.x }} {{ .ExternalURL }} {{ .Value }}', 'fine'],
    ['{{ template "x" }}', 'error'],
    ['{{ define "x" }}{{ .a.b.c }}{{ end }}{{ template "x" }}', 'fine'],
    ['{{ define "x" }}{{ .a }}{{ end }}{{ template "x" . }}', 'error'],
    ['{{ define "x" }}{{ .a }}{{ end }}', 'fine'],
    [
      '{{ define "x" }}{{ template "y" . }}{{ end }}{{ define "y" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
      'error',
    ],
    ['{{ define "x" }}{{ if .Labels.a }}{{ template "x" . }}{{ end }}{{ end }}{{ template "x" . }}', 'warning'],
    ['{{ define "x" }}{{ if . }}a{{ template "x" (slice . 1) }}{{ end }}{{ end }}{{ template "x" "abc" }}', 'fine'],
    ['{{ define "x" }}{{ template "x" (printf "%s" .) }}{{ end }}{{ template "x" "a" }}', 'error'],
    ['{{ $labels.job | reReplaceAll "(" "x" }}', 'error'],
    ['{{ match "(" "x" }}', 'error'],
    ['{{ query "rate(x)" }}', 'error'],
    ['{{ query (printf "rate(x{job=%q}" $labels.job) }}', 'error'],
    ['{{ query (printf "x{job=%q}" $labels.job) }}', 'fine'],
    ['{{ query "up" | first | value }}', 'warning'],
    ['{{ query "vector(1)" | first | value | humanize }}', 'fine'],
    ['{{ with query "up" }}{{ . | first | value }}{{ end }}', 'fine'],
    ['{{ if query "up" }}{{ query "up" | first | value }}{{ end }}', 'fine'],
    ['{{ $q := query "up" }}{{ if and $labels.job (gt (len $q) 0) }}{{ (first $q).Value }}{{ end }}', 'fine'],
    ['{{ range query "up" }}{{ .Labels.job }} {{ .Value | humanize }}{{ else }}none{{ end }}', 'fine'],
    ['{{ range query "up" }}{{ .Foo }}{{ end }}', 'warning'],
    ['{{ range query "vector(1)" }}{{ .Foo }}{{ end }}', 'error'],
    ['{{ range query "vector(1)" }}{{ if $labels.a }}{{ break }}{{ end }}{{ .Foo }}{{ end }}', 'warning'],
    ['{{ range $value }}{{ end }}', 'error'],
    ['{{ $value | title }}', 'error'],
    ['{{ $value | humanize | title }}', 'fine'],
    ['{{ humanize }}', 'error'],
    ['{{ $labels.quantile | humanize }}', 'warning'],
    ['{{ $value | humanizePercentage | humanize }}', 'error'],
    ['{{ safeHtml "a" | title }}', 'error'],
    ['{{ if $labels.a }}{{ $value.a }}{{ end }}', 'warning'],
    ['{{ if $labels.a }}{{ $value.a }}{{ else }}{{ $value.b }}{{ end }}', 'error'],
    ['{{ if false }}{{ $value.a }}{{ end }}', 'fine'],
    ['{{ if true }}{{ $value.a }}{{ end }}', 'error'],
    ['{{ and $labels.a $value.b }}', 'warning'],
    ['{{ or $value.b $labels.a }}', 'error'],
    ['{{ or $labels.a "none" }}', 'fine'],
    ['{{ $x := 1 }}{{ range query "up" }}{{ $x = "a" }}{{ end }}{{ gt $x $value }}', 'error'],
    ['{{ $x := 1.0 }}{{ range query "up" }}{{ $x = .Value }}{{ end }}{{ gt $x $value }}', 'fine'],
    ['{{ $x := 1.0 }}{{ range query "up" }}{{ gt $x 5.0 }}{{ $x = "a" }}{{ end }}', 'warning'],
    ['{{ slice $labels.sha 0 100 }}', 'fine'],
    ['{{ index "abc" 5 }}', 'error'],
    ['{{ index (query "up") 0 }}', 'warning'],
    ['{{ ($value | toTime).Format "2006-01-02" }} {{ ($value | toTime).UTC.Unix }}', 'fine'],
    ['{{ ($value | toTime).Date }}', 'error'],
    ['{{ parseDuration "5x" }}', 'error'],
    ['{{ parseDuration "5m" | humanizeDuration }}', 'fine'],
    ['{{ call $value }}', 'error'],
    ['{{ (args 1 "a").arg1 | toUpper }} {{ (args 1).arg5 }}', 'fine'],
    ['{{ (args 1 "a").arg0 | toUpper }}', 'error'],
    ['{{ printf "%d" $value }}', 'misprint'],
    ['{{ printf "%.0f %s %v %q %%" $value $labels.a $value $labels.b }}', 'fine'],
    ['{{ printf "%5.1f%" $value }}', 'misprint'],
    ['{{ printf "%s" }}', 'misprint'],
    ['{{ printf "a" $value }}', 'misprint'],
    ['{{ printf "%d" (len $labels) }}', 'fine'],
    ['{{ sortByLabel "job" (query "up") | printf "%v" }}', 'fine'],
    ['{{ stripPort $labels.instance | toUpper }} {{ externalURL }} {{ pathPrefix }} {{ graphLink "up" }}', 'fine'],
    ['{{ reReplaceAll "(.*):.*" "$1" $labels.instance | toLower }}', 'fine'],
    ['{{ $labels | printf "%s" }} {{ len $externalLabels }} {{ . }}', 'fine'],
  ])('%s: %s', (text, expected) => expect(said(text)).toBe(expected));

  it('versions', () => {
    expect(said('{{ range 3 }}a{{ end }}', [3, 5])).toBe('fine');
    expect(said('{{ query "mad_over_time(x[5m])" }}', [2, 42])).toBe('error');
    expect(said('{{ now | toTime }} {{ $value | toDuration }}', [3, 6])).toBe('fine');
  });

  it('says how to mend it', () => {
    const help = (text: string): string => checkGoTemplate(text, { min: [2, 42] }).failures[0]?.help ?? '';
    expect(help('{{ gt $value 90 }}')).toBe('Write `gt $value 90.0`.');
    expect(help('{{ gt 90 $value }}')).toBe('Write `gt 90.0 $value`.');
    expect(help('{{ eq $labels.code 500 }}')).toBe('Write `eq $labels.code "500"`.');
    expect(help('{{ eq (len $labels) 5.0 }}')).toBe('Write `eq (len $labels) 5`.');
    expect(help('{{ $labels.a.b }}')).toContain('`index $labels "a.b"`');
    expect(help('{{ .value }}')).toBe('Write `.Value`.');
  });

  it('stays within bounds', { timeout: 60_000 }, () => {
    for (const text of [
      '{{ range $labels }}'.repeat(90) + '{{ $value.x }}' + '{{ end }}'.repeat(90),
      `{{ $x := 1 }}${'{{ range $labels }}{{ $x = "a" }}'.repeat(60)}${'{{ end }}'.repeat(60)}`,
      `{{ $x := $value }}${'{{ $x = printf "%s%v" $labels.a $x }}'.repeat(500)}`,
      `{{ define "a" }}${'{{ template "a" (slice . 1) }}'.repeat(50)}{{ end }}{{ template "a" "x" }}`,
      `{{ define "a" }}{{ if .a }}${'{{ template "a" (args . 1) }}'.repeat(5)}{{ end }}{{ end }}{{ template "a" . }}`,
      `{{ print ${'(args '.repeat(90)}1${')'.repeat(90)} }}`,
      `{{ and ${'(or $labels.a $value) '.repeat(200)} }}`,
      `{{ eq ${'$labels.a '.repeat(200)} }}`,
    ]) {
      const start = performance.now();
      expect(() => checkGoTemplate(text, { min: [2, 42] })).not.toThrow();
      expect(performance.now() - start).toBeLessThan(10_000);
    }
  });
});
