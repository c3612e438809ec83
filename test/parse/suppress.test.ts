import { expect, test } from 'vitest';
import { applySuppressions } from '../../src/core/checks/suppress.ts';
import type { Code } from '../../src/core/ground/codes.ts';
import { diagnostic } from '../../src/core/ground/diagnostic.ts';
import { brief, source } from './helpers.ts';

const TODAY = '2026-06-01';

/** Diagnostics at each `^` of a text (which is taken out), judged with the comments of that text. */
function judge(text: string, code: Code, today = TODAY): string[] {
  const places: number[] = [];
  const clean = text.replace(/\^/g, (_, at: number) => {
    places.push(at - places.length);
    return '';
  });
  const file = source('rules/a.yaml', clean);
  const found = places.map((start) => diagnostic(code, { file, start, end: start + 1 }, 'x'));
  return brief(applySuppressions(found, [file], today));
}

test.each<[string, string, Code, string[]]>([
  ['on its own line', 'a: ^b # rulewright: ignore no-effect: on purpose\n', 'no-effect', []],
  ['on the line below', '# rulewright: ignore no-effect: on purpose\na: ^b\n', 'no-effect', []],
  ['several above one line', '# rulewright: ignore no-effect: x\n# why\na: ^b\n', 'no-effect', []],
  ['until a day to come', 'a: ^b # rulewright: ignore no-effect until 2027-01-01: x\n', 'no-effect', []],
  ['until today', 'a: ^b # rulewright: ignore no-effect until 2026-06-01: x\n', 'no-effect', []],
  ['a note as well', 'a: ^b # rulewright: ignore order-lost: x\n', 'order-lost', []],
  [
    'expired',
    'a: ^b # rulewright: ignore no-effect until 2026-05-31: x\n',
    'no-effect',
    ['1:4 warning no-effect b', '1:6 warning until-passed # rulewright: ignore no-effect until 202'],
  ],
  [
    'without a reason',
    'a: ^b # rulewright: ignore no-effect\n',
    'no-effect',
    ['1:4 warning no-effect b', '1:6 warning invalid-suppression # rulewright: ignore no-effect'],
  ],
  [
    'with an empty reason',
    'a: ^b # rulewright: ignore no-effect: \n',
    'no-effect',
    ['1:4 warning no-effect b', '1:6 warning invalid-suppression # rulewright: ignore no-effect:'],
  ],
  [
    'of a code that does not exist',
    'a: 1 # rulewright: ignore no-efect: x\n',
    'no-effect',
    ['1:6 warning invalid-suppression # rulewright: ignore no-efect: x'],
  ],
  [
    'until a day that does not exist',
    'a: 1 # rulewright: ignore no-effect until 2026-02-30: x\n',
    'no-effect',
    ['1:6 warning invalid-suppression # rulewright: ignore no-effect until 202'],
  ],
  [
    'of an error',
    'a: ^b # rulewright: ignore unknown-key: x\n',
    'unknown-key',
    ['1:4 unknown-key b', '1:6 warning invalid-suppression # rulewright: ignore unknown-key: x'],
  ],
  [
    'of nothing',
    'a: 1 # rulewright: ignore no-effect: x\n',
    'no-effect',
    ['1:6 warning unused-suppression # rulewright: ignore no-effect: x'],
  ],
  [
    'of another line',
    '# rulewright: ignore no-effect: x\na: 1\nb: ^c\n',
    'no-effect',
    ['3:4 warning no-effect c', '1:1 warning unused-suppression # rulewright: ignore no-effect: x'],
  ],
])('%s', (_, text, code, expected) => {
  expect(judge(text, code)).toEqual(expected);
});

test('where something is wrong, nothing is called unused', () => {
  expect(judge('a: 1 # rulewright: ignore no-effect: x\nb: ^c\n', 'unknown-key')).toEqual(['2:4 unknown-key c']);
});
