import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkGoTemplate } from '../../src/core/gotemplate/check.ts';
import type { Version } from '../../src/promql/version.ts';
import { describeEach } from '../support/tools.ts';
import { corpusTexts, hasCorpus, mutate, random } from './texts.ts';

/** The verdict of promtool on each template: its first complaint, by the number of the alert that holds it. */
function verdicts(promtool: string, texts: readonly string[]): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'gotemplate-'));
  const rules = texts.map(
    (text, i) => `  - {alert: A${i}, expr: vector(1), annotations: {t: ${JSON.stringify(text)}}}`,
  );
  const file = join(folder, 'rules.yml');
  writeFileSync(file, `groups:\n- name: g\n  rules:\n${rules.join('\n')}\n`);
  const run = spawnSync(promtool, ['check', 'rules', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  rmSync(folder, { recursive: true });
  const output = run.stdout + run.stderr;
  const found = new Map<number, string>();
  for (const match of output.matchAll(/"A(\d+)": annotation "t": (.*)/g)) {
    const [, number, message] = match;
    if (!found.has(Number(number))) found.set(Number(number), message as string);
  }
  if (found.size === 0 && !/SUCCESS/.test(output)) throw new Error(output.slice(0, 500));
  return found;
}

const HARD = [
  '{{ a | }}',
  '{{ $x = 1 }}',
  '{{ $value | | humanize }}',
  '{{ with $labels.a }}{{ else if $labels.b }}{{ end }}',
  '{{if true}}{{$a := 1}}{{else}}{{$a}}{{end}}',
  '{{ print "a""b" }}',
  '{{ print`a` }}',
  '{{ $value.x.y }}',
  '{{ .a.b.c }}',
  '{{ print.x }}',
  '{{ true.x }}',
  '{{ "a".b }}',
  '{{ (1).x }}',
  '{{ $labels.a.b }}',
  '{{ 1. }}',
  '{{ . }}',
  '{{ .5 }}',
  '{{.}}',
  '{{ -}}',
  '{{- }}',
  '{{ - }}',
  '{{-1}}',
  '{{- 1 -}}',
  '{{ +1 }}',
  '{{ 1+2i }}',
  '{{ 1+2 }}',
  '{{ 0x }}',
  '{{ 0x1p3 }}',
  '{{ 1__0 }}',
  '{{ 0b12 }}',
  '{{ 1e }}',
  '{{ 1e999 }}',
  '{{ 18446744073709551615 }}',
  '{{ 18446744073709551616 }}',
  '{{ -9223372036854775808 }}',
  '{{ -9223372036854775809 }}',
  "{{ '\\x41' }}",
  "{{ '' }}",
  "{{ ''' }}",
  "{{ '\\\"' }}",
  '{{ "\\400" }}',
  '{{ "\\377" }}',
  '{{ "\\ud800" }}',
  '{{ "\\U00110000" }}',
  '{{ define "x" }}a{{ end }}{{ define "x" }} {{ end }}',
  '{{ define "x" }} {{ end }}{{ define "x" }}a{{ end }}',
  '{{ block "x" . }}a{{ end }}{{ block "x" . }}b{{ end }}',
  '{{ define x }}{{ end }}',
  '{{ define "x" y }}{{ end }}',
  '{{ if true }}{{ define "x" }}{{ end }}{{ end }}',
  '{{ template "x" 1 2 }}',
  '{{ template "x" | print }}',
  '{{ template }}',
  '{{ range }}{{ end }}',
  '{{ range $x }}{{ end }}',
  '{{ range $x := $labels }}{{ end }}',
  '{{ range $x, := $labels }}{{ end }}',
  '{{ range $x, $y, $z := $labels }}{{ end }}',
  '{{ range $x, 1 := $labels }}{{ end }}',
  '{{ range $x, $y = $labels }}{{ end }}',
  '{{ if $x := 1 }}{{ $x }}{{ else }}{{ $x }}{{ end }}',
  '{{ if true }}{{ break }}{{ end }}',
  '{{ range $labels }}{{ break 1 }}{{ end }}',
  '{{ range $labels }}{{ define "z" }}{{ end }}',
  '{{ range $labels }}{{ block "z" . }}{{ break }}{{ end }}{{ end }}',
  '{{ end }}',
  '{{ else if true }}',
  '{{ range $labels }}{{ else if true }}{{ end }}{{ end }}',
  '{{ $labels.é }}',
  '{{ é }}',
  '{{ $é }}',
  '{{ $ }}',
  '{{ $ .x }}',
  '{{ $. }}',
  '{{ $.x }}',
  '{{ .x.}}',
  '{{ ..x }}',
  '{{ $labels .x }}',
  '{{ ( ) }}',
  '{{ (print) }}',
  '{{ ((1)) }}',
  '{{ print (1)(2) }}',
  '{{ print(1) }}',
  '{{ print (1).x }}',
  '{{ (print 1) | print }}',
  '{{ 1 | print }}',
  '{{ print | 1 }}',
  '{{ print | nil }}',
  '{{ nil }}',
  '{{ print | . }}',
  '{{ print | .x }}',
  '{{ print | $value }}',
  '{{ print | (print) }}',
  '{{ print | true }}',
  '{{/* a */}}',
  '{{ /* a */ }}',
  '{{- /* a */ -}}',
  '{{-/* a */}}',
  '{{/* a */-}}',
  '{{/* }} */}}',
  '{{ "a\\\nb" }}',
  '{{ "a\nb" }}',
  '{{ `a\nb` }}',
  '{{ print\n1 }}',
  '{{ print\t1\r\n2 }}',
  '{{ a,b }}',
  '{{ print 1,2 }}',
  '{{ ! }}',
  '{{ @ }}',
  '{{ # }}',
  '{{ % }}',
  '{{ & }}',
  '{{ ; }}',
  '{{ \\ }}',
  '{{ ~ }}',
  '{{ ] }}',
  '{{ [0] }}',
  '{{ $labels["a"] }}',
  '{{ {1} }}',
  '{{{1}}}',
  '}}',
  '{{',
  '{{}}',
  '{{ }}{{ }}',
  '{ {1} }',
  '{{\u00a0}}',
  '{{ \u2028 }}',
  '{{ 😀 }}',
  '{{ "😀" }}',
  "{{ '😀' }}",
  '{{ if true }}a{{ else }}b{{ end }}{{ end }}',
  '{{ with true }}a{{ else }}b{{ else }}{{ end }}',
  '{{ 1 := 2 }}',
  '{{ $x := }}',
  '{{ := 1 }}',
  '{{ = }}',
  '{{ $x == 1 }}',
  '{{ $x := 1 := 2 }}',
  '{{ ($x := 1) }}{{ $x }}',
  '{{ print ($x := 1) $x }}',
  '{{ $x := $x }}',
  '{{ and }}',
  '{{ call }}',
  '{{ query }}',
  '{{ break }}',
  '{{ define }}',
  '{{ block }}',
  '{{ block "x" }}{{ end }}',
  '{{ break.x }}',
  '{{ print if }}',
  '{{ print end }}',
  '{{ print nil.x }}',
  '{{ print true }}',
  '{{ if.x }}{{ end }}',
];

/** How many mutants are tried; with a number given, the whole corpus is read, else a part of it. */
const MUTANTS = Number(process.env['TEMPLATE_MUTANTS'] ?? 2000);
const EVERY = process.env['TEMPLATE_MUTANTS'] ? 1 : 8;

function disagreements(promtool: string, texts: readonly string[], min: Version): string[] {
  const theirs = verdicts(promtool, texts);
  return texts.flatMap((text, i) => {
    const ours = checkGoTemplate(text, { min }).problems[0];
    if ((ours === undefined) === (theirs.get(i) === undefined)) return [];
    return [`${JSON.stringify(text)}\n  ours: ${ours?.message ?? 'fine'}\n  promtool: ${theirs.get(i) ?? 'fine'}`];
  });
}

describeEach('templates that promtool refuses are those that we refuse', 'promtool', (promtool, age) => {
  const min: Version = age === 'old' ? [2, 42] : [3, 5];

  it('a list of hard ones', () => {
    expect(disagreements(promtool, HARD, min)).toEqual([]);
  });

  it.skipIf(!hasCorpus)('the corpus, and mutations of it', { timeout: 120_000 }, () => {
    const texts = corpusTexts(EVERY);
    expect(texts.length).toBeGreaterThan(200);
    if (EVERY === 1) process.stdout.write(`${texts.length} templates and ${MUTANTS} mutants\n`);
    const below = random(Number(process.env['SEED'] ?? 7));
    const mutants = Array.from({ length: MUTANTS }, () => {
      let text = texts[below(texts.length)] as string;
      for (let times = 1 + below(2); times > 0; times--) text = mutate(text, below);
      return text;
    });
    expect(disagreements(promtool, texts, min)).toEqual([]);
    expect(disagreements(promtool, mutants, min)).toEqual([]);
  });
});
