import { parser as lezer } from '@prometheus-io/lezer-promql';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import type { Expr, VectorSelector } from '../../src/promql/ast.ts';
import { canonical } from '../../src/promql/canonical.ts';
import { check } from '../../src/promql/check.ts';
import { parse } from '../../src/promql/parse.ts';
import { childrenOf } from '../../src/promql/walk.ts';
import { corpusOrSkip } from '../support/paths.ts';
import { type CorpusExpression, corpusExpressions } from './corpus.ts';

let read: readonly CorpusExpression[] | undefined;

function corpus(context: TestContext): readonly CorpusExpression[] {
  const folder = corpusOrSkip(context);
  read ??= corpusExpressions(folder, ['rules', 'crd']);
  return read;
}

function selectorsOf(expr: Expr): VectorSelector[] {
  return expr.kind === 'selector' ? [expr] : childrenOf(expr).flatMap(selectorsOf);
}

function parsed(expr: string): Expr {
  const found = parse(expr).expr;
  if (!found) throw new Error(`This should parse: ${expr}`);
  return found;
}

it('accepts what real repositories evaluate', (context) => {
  const all = corpus(context);
  expect(all.length).toBeGreaterThan(1_000);
  const refused = all.flatMap(({ file, expr }) => {
    const { problems, type } = check(expr, { min: [2, 42], max: [2, 42] });
    if (problems.length === 0 && (type === 'vector' || type === 'scalar')) return [];
    return [`${file}: ${expr}: ${problems[0]?.message ?? type}`];
  });
  expect(refused).toEqual([]);
});

it('finds the selectors that Prometheus’ own editor grammar finds', (context) => {
  for (const { expr } of corpus(context)) {
    const theirs: string[] = [];
    lezer.parse(expr).iterate({
      enter: (node) => {
        if (node.name === 'VectorSelector') theirs.push(`${node.from}–${node.to}`);
      },
    });
    const ours = selectorsOf(parsed(expr)).map(({ core }) => `${core.from}–${core.to}`);
    expect(ours, expr).toEqual(theirs);
  }
});

it('inserts a matcher into every selector, and nothing else changes', (context) => {
  for (const { expr } of corpus(context)) {
    const before = parsed(expr);
    let text = expr;
    for (const { insert } of selectorsOf(before).reverse()) {
      const added = { after: ', zz_x="y"', inside: 'zz_x="y"', braces: '{zz_x="y"}' }[insert.wrap];
      text = text.slice(0, insert.at) + added + text.slice(insert.at);
    }
    const after = parsed(text);
    expect(selectorsOf(after).every((s) => s.matchers.some((m) => m.label === 'zz_x' && m.value === 'y'))).toBe(true);
    expect(canonical(after).replaceAll(/,?zz_x="y"/g, ''), expr).toBe(canonical(before));
  }
});

it('prints canonically what reads as the same again', (context) => {
  for (const { expr } of corpus(context)) {
    const print = canonical(parsed(expr));
    expect(canonical(parsed(print)), expr).toBe(print);
  }
});
