import { describe, expect, it } from 'vitest';
import type { Expr, VectorSelector } from '../../src/promql/ast.ts';
import { MAX_EXPRESSION_LENGTH, parse } from '../../src/promql/parse.ts';
import { childrenOf } from '../../src/promql/walk.ts';

function tree(text: string): Expr {
  const { expr, problems } = parse(text);
  expect(problems).toEqual([]);
  return expr as Expr;
}

/** The tree's shape: every operation in parentheses. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return String(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'selector': {
      const { at, offset } = expr.modifiers;
      return `${expr.name ?? '{}'}${at === undefined ? '' : `@${at}`}${offset === undefined ? '' : `~${offset}`}`;
    }
    case 'matrix':
      return `${shape(expr.vector)}[${expr.rangeMs}]`;
    case 'subquery':
      return `${shape(expr.expr)}[${expr.rangeMs}:${expr.stepMs ?? ''}]${expr.modifiers.offset ?? ''}`;
    case 'binary':
      return `(${shape(expr.lhs)} ${expr.op} ${shape(expr.rhs)})`;
    case 'unary':
      return `(${expr.op}${shape(expr.expr)})`;
    case 'paren':
      return `<${shape(expr.expr)}>`;
    case 'call':
      return `${expr.func}(${expr.args.map(shape).join(',')})`;
    case 'aggregate': {
      const by = expr.grouping ? `${expr.grouping.by ? '+' : '-'}${expr.grouping.labels.join('+')}` : '';
      return `${expr.op}${by}(${childrenOf(expr).map(shape).join(',')})`;
    }
  }
}

function selectors(expr: Expr): VectorSelector[] {
  return expr.kind === 'selector' ? [expr] : childrenOf(expr).flatMap(selectors);
}

describe('precedence', () => {
  it.each([
    ['a or b offset 5m > 3', '(a or (b~300000 > 3))'],
    ['a - b offset 5m', '(a - b~300000)'],
    ['a - b[5m:1m]', '(a - b[300000:60000])'],
    ['a / rate(b[5m] offset 1h) * 2', '((a / rate(b~3600000[300000])) * 2)'],
    ['a + b @ 5', '(a + b@5000)'],
    ['-1 ^ 2', '(-(1 ^ 2))'],
    ['-1 * 2', '(-1 * 2)'],
    ['2 ^ -1 ^ 3', '(2 ^ (-(1 ^ 3)))'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-a offset 5m', '(-a~300000)'],
    ['a and b or c unless d', '((a and b) or (c unless d))'],
    ['a == b + c * d ^ e', '(a == (b + (c * (d ^ e))))'],
    ['a > b > c', '((a > b) > c)'],
    ['a atan2 b % c', '((a atan2 b) % c)'],
    ['- - 1', '1'],
    ['a - -1', '(a - -1)'],
  ])('%s', (text, expected) => expect(shape(tree(text))).toBe(expected));
});

describe('names that are keywords elsewhere', () => {
  it.each([
    ['offset', 'offset'],
    ['offset offset 5m', 'offset~300000'],
    ['and and and', '(and and and)'],
    ['sum + by', '(sum + by)'],
    ['start + end', '(start + end)'],
    ['limitk / step', '(limitk / step)'],
    ['foo:bar:rate5m', 'foo:bar:rate5m'],
    ['count{a="b"}', 'count'],
  ])('%s', (text, expected) => expect(shape(tree(text))).toBe(expected));

  it.each(['on', 'bool + 1', 'group_left', 'ignoring(a)', 'a:b(c)', 'offset(a)'])('%s is none', (text) => {
    expect(parse(text).problems).toHaveLength(1);
  });
});

describe('aggregations, calls and literals', () => {
  it.each([
    ['sum(a)', 'sum(a)'],
    ['SUM BY (x, y,) (a)', 'sum+x+y(a)'],
    ['sum(a) without ()', 'sum-(a)'],
    ['topk by (le) (3, a)', 'topk+le(3,a)'],
    ['count_values("v", a)', 'count_values("v",a)'],
    ['time()', 'time()'],
    ['(a)', '<a>'],
    ['0x1F + 017 + 08 + 1_000 + .5 + 1e3 + 1.', '((((((31 + 15) + 8) + 1000) + 0.5) + 1000) + 1)'],
    ['Inf - nan', '(Infinity - NaN)'],
    ['5m', '300'],
    ['a[1h30m:]', 'a[5400000:]'],
    ['a[90] offset -1.5', 'a~-1500[90000]'],
    ['(a)[5m:30s] offset 1h', '<a>[300000:30000]3600000'],
    ['a @ start() offset 5m', 'a@start~300000'],
    [`'it\\'s' `, '"it\'s"'],
    ['"\\x41\\101\\u00e9\\U0001F600\\n"', '"AAé😀\\n"'],
    ['`a\\nb`', '"a\\\\nb"'],
    ['# before\nup # after', 'up'],
  ])('%s', (text, expected) => expect(shape(tree(text))).toBe(expected));

  it('reads bytes that make UTF-8 together as a character, and others apart', () => {
    expect(tree('"\\xc3\\xa9"')).toMatchObject({ value: 'é' });
    expect(tree('"\\xff"')).toMatchObject({ value: '\udcff' });
  });

  it('reads what may follow an operator', () => {
    expect(tree('a == bool on (x, y) group_left (z) b')).toMatchObject({
      bool: true,
      opRange: { from: 2, to: 4 },
      matching: { on: true, labels: ['x', 'y'], many: 'left', include: ['z'] },
    });
    const bare = tree('a * ignoring (x) group_right b');
    expect(bare).toMatchObject({
      matching: { on: false, labels: ['x'], many: 'right', include: [], bareGroupEnd: 28 },
    });
  });

  it('reads computed durations', () => {
    expect(tree('a[5m * (1 + 2)] offset -step()')).toMatchObject({
      rangeExpr: '5m * (1s + 2s)',
      vector: { modifiers: { offsetExpr: '-step()' } },
    });
  });
});

describe('selectors', () => {
  it('knows the parts of a selector', () => {
    const text = 'sum(rate(foo{a="b", c=~"d|e",}[5m] offset 1h))';
    const [found] = selectors(tree(text)) as [VectorSelector];
    const at = (range: { from: number; to: number } | undefined) => range && text.slice(range.from, range.to);
    expect(at(found.core)).toBe('foo{a="b", c=~"d|e",}');
    expect(at(found.nameRange)).toBe('foo');
    expect(at(found.braces)).toBe('{a="b", c=~"d|e",}');
    expect(found.matchers.map(at)).toEqual(['a="b"', 'c=~"d|e"']);
    expect(found.matchers.map((m) => at(m.valueRange))).toEqual(['"b"', '"d|e"']);
    expect(found.matchers[1]).toMatchObject({ label: 'c', op: '=~', value: 'd|e' });
    expect(found.modifiers).toEqual({ offset: 3_600_000 });
  });

  it('knows names in quotes', () => {
    expect(tree('{"foo.bar", "my label"=\'x\'}')).toMatchObject({
      name: 'foo.bar',
      nameRange: { from: 1, to: 10 },
      matchers: [{ label: 'my label', op: '=', value: 'x' }],
    });
    expect(tree('{"a", "b"}')).toMatchObject({ name: 'a', matchers: [{ label: '__name__', value: 'b' }] });
    const byMatcher = tree('{__name__="foo"}');
    expect(byMatcher).toMatchObject({ matchers: [{ label: '__name__', value: 'foo' }] });
    expect(byMatcher).not.toHaveProperty('name');
  });

  it.each([
    ['foo', 'foo{x="y"}'],
    ['foo{}', 'foo{x="y"}'],
    ['foo{ }[5m]', 'foo{x="y" }[5m]'],
    ['foo{ # none\n}', 'foo{x="y" # none\n}'],
    ['foo{a="b"}', 'foo{a="b", x="y"}'],
    ['foo{a="}", } offset 5m', 'foo{a="}", x="y", } offset 5m'],
    ['foo{a="b" # c\n}', 'foo{a="b", x="y" # c\n}'],
    ['{"a.b"}', '{"a.b", x="y"}'],
    ['{a="b", "a.b"}', '{a="b", "a.b", x="y"}'],
    ['foo @ 5 offset 5m', 'foo{x="y"} @ 5 offset 5m'],
    ['sum by (a) (foo)', 'sum by (a) (foo{x="y"})'],
  ])('tells where a matcher can be inserted: %s', (text, expected) => {
    const [{ insert }] = selectors(tree(text)) as [VectorSelector];
    const added = { after: ', x="y"', inside: 'x="y"', braces: '{x="y"}' }[insert.wrap];
    const result = text.slice(0, insert.at) + added + text.slice(insert.at);
    expect(result).toBe(expected);
    expect(selectors(tree(result))[0]?.matchers.map((m) => m.label)).toContain('x');
  });
});

describe('bad input is a problem, never a throw', () => {
  it.each([
    ['parentheses', '('.repeat(20_000)],
    ['closed parentheses', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['signs', `${'-'.repeat(20_000)}1`],
    ['powers', Array(20_000).fill('2').join('^')],
    ['a chain', Array(20_000).fill('a').join('+')],
    ['calls', `${'abs('.repeat(20_000)}a`],
    ['subqueries', `a${'[5m:]'.repeat(15_000)}`],
    ['durations', `a[${'('.repeat(20_000)}`],
    ['labels', `sum by (${'a,'.repeat(20_000)}`],
    ['megabytes', 'a'.repeat(5_000_000)],
    ['a long string', `"${'\\'.repeat(MAX_EXPRESSION_LENGTH - 2)}`],
    ['NUL', 'a\0b'],
    ['a lone surrogate', 'a{b="\ud800"}'],
    ['nothing', ''],
    ['a comment', '# a'],
  ])('%s', (_, text) => {
    const before = performance.now();
    const { expr, problems } = parse(text);
    expect(expr).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('takes chains that people write', () => {
    expect(parse(Array(900).fill('a').join(' or ')).problems).toEqual([]);
    expect(parse(`${'('.repeat(150)}a${')'.repeat(150)}`).problems).toEqual([]);
  });
});
