import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applySuppressions } from '../../src/core/checks/suppress.ts';
import type { Diagnostic } from '../../src/core/ground/diagnostic.ts';
import { parseConfig } from '../../src/core/parse/config.ts';
import { parseGroupFile } from '../../src/core/parse/groups.ts';
import { parseInventory } from '../../src/core/parse/inventory.ts';
import { parseRuleFile } from '../../src/core/parse/rules.ts';
import { parseTemplateFile } from '../../src/core/parse/templates.ts';
import { parseSelector } from '../../src/promql/selector-text.ts';
import { source, spansInside } from './helpers.ts';

/** Every reader on one text: none may throw, and each span must lie within the text. */
function readAll(text: string): Diagnostic[] {
  const file = source('rules/x.yaml', text);
  return [
    ...parseRuleFile(file).diagnostics,
    ...parseTemplateFile(file).diagnostics,
    ...parseGroupFile(file).diagnostics,
    ...parseConfig(file).diagnostics,
    ...parseInventory({ file, labels: {} }).diagnostics,
    ...applySuppressions([], [file], '2026-01-01'),
  ];
}

const WORDS = [
  'rules:',
  'groups:',
  '- ',
  'alert:',
  'record:',
  'expr:',
  'for:',
  'labels:',
  'annotations:',
  'params:',
  'threshold',
  'where:',
  'match:',
  'tiers:',
  'thresholds:',
  'overrides:',
  'disabled:',
  'id:',
  'version:',
  'prometheus:',
  'metrics:',
  'inventory:',
  'targets:',
  'name:',
  '&a ',
  '*a ',
  '<<: ',
  '!!str ',
  '!x ',
  '|',
  '>-',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  ': ',
  '\n',
  '\n  ',
  '\n    ',
  '\t',
  '#',
  '? ',
  '---\n',
  '...\n',
  '5',
  '1.5',
  'true',
  'null',
  '~',
  'x',
  '{a="b"}',
  '=~',
  '\0',
  '\r',
  '\u2028',
  '\ud800',
  '\\',
  '%YAML 1.1\n',
  '__proto__:',
  'constructor:',
];

const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(''));
const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => new TextDecoder().decode(b));
const shapes = fc.jsonValue({ depthSize: 'medium' }).map((v) => JSON.stringify(v));
const keyed = fc
  .dictionary(
    fc.constantFrom(
      'rules',
      'groups',
      'match',
      'thresholds',
      'overrides',
      'disabled',
      'labels',
      'version',
      'prometheus',
      'metrics',
      'inventory',
      'params',
      'tiers',
      'id',
    ),
    fc.jsonValue(),
  )
  .map((v) => JSON.stringify(v));

test.each([
  ['words of our formats', soup],
  ['bytes', bytes],
  ['JSON', shapes],
  ['our keys over any values', keyed],
])('no reader throws on %s', (_, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(spansInside(readAll(text))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('a selector of any text has its offsets within it', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    'a',
    '=',
    '=~',
    '!=',
    '"',
    "'",
    '`',
    '\\',
    '\\n',
    ',',
    ' ',
    '#',
    '\n',
    'é',
    '__name__',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (words) => {
      const text = words.join('');
      const { matchers, problems } = parseSelector(text);
      for (const { from, to } of [...matchers, ...problems]) {
        expect(from >= 0 && from <= to && to <= text.length).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
