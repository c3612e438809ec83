import { parse } from '../../src/promql/parse.ts';

/** Small changes of an expression that each mean something else; those that don't parse are left out. */
export function exprMutants(expr: string): string[] {
  const found = EDITS.flatMap((edit) => {
    const out = edit(expr);
    return out === expr ? [] : [out];
  });
  return [...new Set(found)].filter((mutant) => parse(mutant).expr !== undefined);
}

const EDITS: readonly ((expr: string) => string)[] = [
  // The last number, duration or time.
  (expr) => expr.replace(/(?<![\w"'.])(\d+)(?=(?:ms|[smhdwy])?\b(?!.*(?<![\w"'.])\d))/s, (n) => `${Number(n) + 1}`),
  (expr) => expr.replace(/[<>](?==?[^=~/])/, (op) => (op === '<' ? '>' : '<')),
  (expr) => expr.replace(/ - /, ' + '),
  (expr) => expr.replace(/ \/ /, ' * '),
  (expr) => expr.replace(/(!?=~?)(?=\s*")/, (op) => (op.startsWith('!') ? '=' : '!=')),
  (expr) => expr.replace(/="([^"]*)"/, '="$1x"'),
  (expr) => expr.replace(/\bby\b/, 'without'),
  (expr) => expr.replace(/\bon\b/, 'ignoring'),
  (expr) => expr.replace(/\bgroup_left\b/, 'group_right'),
  (expr) => expr.replace(/\b(by|without|on|ignoring|group_left|group_right)(\s*\(\s*)(?=[a-z"])/, '$1$2added, '),
  (expr) => expr.replace(/(\b(?:on|by|ignoring) \("[^"]*)"/, '$1x"'),
  (expr) => expr.replace(/\bsum\b/, 'max'),
  (expr) => expr.replace(/\brate\b/, 'increase'),
  (expr) => expr.replace(/\banchored\b/, 'smoothed'),
  (expr) => expr.replace(/\bbool\b/, ''),
  (expr) => expr.replace(/\boffset\b/, 'offset -'),
  (expr) => `${expr} + 1`,
];
