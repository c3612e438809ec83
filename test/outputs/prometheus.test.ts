import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderFile, renderParts } from '../../src/outputs/prometheus/prometheus.ts';
import { fileOf, groupOf, meaning, ruleFile, ruleOf, TRICKY } from './arbitraries.ts';

describe('renderFile', () => {
  test('a whole file', () => {
    const file = fileOf(
      [
        groupOf(
          [
            ruleOf({
              name: 'HighCPU',
              expr: '100 * avg by (instance) (a{mode="idle",env="prod"}) > 90',
              for: '5m',
              keepFiringFor: '10m',
              labels: new Map([
                ['severity', 'warning'],
                ['group_id', 'production'],
              ]),
              annotations: new Map([['summary', '{{ $labels.instance }}: CPU at {{ $value | humanize }}%']]),
              comment: ['rules/node.yaml; default, production'],
            }),
            ruleOf({ kind: 'record', name: 'job:a:sum', expr: 'sum by (job) (\n  a\n)' }),
          ],
          {
            name: 'production/node',
            interval: '30s',
            queryOffset: '1m',
            limit: 10,
            labels: new Map([['team', 'sre']]),
          },
        ),
        groupOf([], { name: 'production/empty' }),
      ],
      ['groups/production.yaml', 'rules/node.yaml'],
    );
    expect(renderFile(file)).toBe(`# Compiled by rulewright: do not edit, the next build would undo it.
# To change these rules, change their sources and run \`rulewright build\`:
#   groups/production.yaml
#   rules/node.yaml
groups:
  - name: production/node
    interval: 30s
    query_offset: 1m
    limit: 10
    labels:
      team: sre
    rules:
      # rules/node.yaml; default, production
      - alert: HighCPU
        expr: 100 * avg by (instance) (a{mode="idle",env="prod"}) > 90
        for: 5m
        keep_firing_for: 10m
        labels:
          severity: warning
          group_id: production
        annotations:
          summary: "{{ $labels.instance }}: CPU at {{ $value | humanize }}%"

      - record: job:a:sum
        expr: |-
          sum by (job) (
            a
          )

  - name: production/empty
    rules: []
`);
  });

  // Named .txt, so that no formatter of YAML touches it.
  test('tricky strings, as they look', async () => {
    const rules = TRICKY.map((text) =>
      ruleOf({ name: text, expr: text, labels: new Map([[text, text]]), comment: [text] }),
    );
    await expect(renderFile(fileOf([groupOf(rules)]))).toMatchFileSnapshot('golden/tricky.txt');
  });

  test('a file without rule groups', () => {
    expect(renderFile(fileOf([]))).toMatch(/^(#.*\n)+groups: \[\]\n$/);
  });

  test('the pieces are the whole, a rule group each', () => {
    const file = fileOf([groupOf([ruleOf({})]), groupOf([ruleOf({})], { name: 'b' })]);
    expect([...renderParts(file)]).toHaveLength(3);
    expect([...renderParts(file)].join('')).toBe(renderFile(file));
  });

  test('no text leaves its comment', () => {
    for (const text of TRICKY) {
      const evil = `${text}\nevil: 1\r- evil\u0085evil\u2028evil\u2029evil\v\f`;
      const file = fileOf([groupOf([ruleOf({ comment: [evil, text] })])], [evil]);
      const rendered = renderFile(file);
      expect(rendered).not.toMatch(/^\s*[^#\s].*evil/m);
      for (const version of ['1.1', '1.2'] as const) expect(parse(rendered, { version })).toEqual(meaning(file));
    }
  });

  test('a key of any length can be read back', () => {
    const labels = new Map([
      ['x'.repeat(5000), 'a\nb'],
      [`"${'y\n'.repeat(2000)}`, ' z '],
    ]);
    const file = fileOf([groupOf([ruleOf({ labels, annotations: labels })], { labels })]);
    expect(parse(renderFile(file))).toEqual(meaning(file));
  });

  test('whatever is in a file is read back as it was meant', () => {
    fc.assert(
      fc.property(ruleFile, (file) => {
        const rendered = renderFile(file);
        for (const version of ['1.1', '1.2'] as const) expect(parse(rendered, { version })).toEqual(meaning(file));
      }),
      { numRuns: 400 },
    );
  });
});
