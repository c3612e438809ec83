import { describe, expect, it } from 'vitest';
import { checkGoTemplate } from '../../src/core/gotemplate/check.ts';
import type { Said } from './verdicts.ts';
import { VERDICTS } from './verdicts.ts';

function said(text: string, min: readonly [number, number] = [2, 42]): Said {
  const { problems, failures } = checkGoTemplate(text, { min });
  expect(problems).toEqual([]);
  if (failures.some(({ certain }) => certain)) return 'error';
  if (failures.some(({ kind }) => kind === 'fails')) return 'warning';
  return failures.length > 0 ? 'misprint' : 'fine';
}

describe('what templates do when an alert fires', () => {
  it.each(VERDICTS.map(([text, said]) => [text, said] as [string, Said]))('%s: %s', (text, expected) =>
    expect(said(text)).toBe(expected),
  );

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
    for (const verb of ['t', 'q', 's']) expect(help(`{{ printf "%${verb}" $value }}`)).toContain('`%v`');
    for (const verb of ['t', 's', 'f']) expect(help(`{{ printf "%${verb}" 5 }}`)).toContain('`%v`');
    expect(help('{{ printf "%s" true }}')).toContain('`%t`');
    expect(help('{{ printf "%[3]v" "x" }}')).toContain('`%[1]v`');
    expect(help('{{ slice $labels.a 0 3 }}')).toContain('`printf "%.3s" …`');
  });

  it('says what there is, and shows no example as if it stood there', () => {
    const message = (text: string): string => checkGoTemplate(text, { min: [2, 42] }).failures[0]?.message ?? '';
    expect(message('{{ with query "up" }}{{ .Labels.x }}{{ end }}')).toContain('`.` is the whole result');
    for (const name of ['.Alerts', '.CommonLabels.x', '.GroupLabels.x', '$.CommonAnnotations', '.StartsAt'])
      expect(message(`{{ ${name} }}`)).toContain('is Alertmanager’s');
    expect(message('{{ printf "%d" (slice $labels.a 0 2) }}')).toContain('`%!d(string=…)`');
    expect(message('{{ printf "%d" $labels.a }}')).toContain('`%!d(string=…)`');
    expect(message('{{ slice $labels.a 0 3 }}')).toBe('The index 3 lies beyond the end of a text that is shorter.');
    expect(message('{{ query (printf "up{job=%s" $labels.job) }}')).toMatch(/^The query, such as /);
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
