import { describe, expect, it } from 'vitest';
import { check } from '../../src/promql/check.ts';
import { PROMQL_FLAGS } from '../../src/promql/features.ts';

const ANY = { min: [3, 14] } as const;

/** The problems of an expression, each as `kind piece: message`. */
function problems(text: string, options: Parameters<typeof check>[1] = ANY): string[] {
  return check(text, options).problems.map((p) => {
    expect(p.help, `${text}: ${p.message}`).toBeTruthy();
    expect(p.from).toBeGreaterThanOrEqual(0);
    expect(p.to).toBeLessThanOrEqual(text.length);
    return `${p.kind} ⟨${text.slice(p.from, p.to)}⟩ ${p.message}`;
  });
}

describe('syntax', () => {
  it.each([
    ['', '⟨⟩ The expression is empty.'],
    ['up ==', '⟨⟩ The expression ends where the right side of `==` should follow.'],
    ['up == )', '⟨)⟩ `)` cannot stand here: the right side of `==` should.'],
    ['(up', '⟨(⟩ This `(` is never closed.'],
    ['rate(up[5m]', '⟨(⟩ This `(` is never closed.'],
    ['up{a="b"', '⟨{⟩ This `{` is never closed.'],
    ['up[5m', '⟨[⟩ This `[` is never closed.'],
    ['up{a="b}', '⟨"b}⟩ This string is never closed.'],
    ['up)', '⟨)⟩ `)` cannot stand here: an operator or the end should.'],
    ['up constructor', '⟨constructor⟩ `constructor` cannot stand here: an operator or the end should.'],
    ['constructor(up) toString', '⟨toString⟩ `toString` cannot stand here: an operator or the end should.'],
    ['up down', '⟨down⟩ `down` cannot stand here: an operator or the end should.'],
    ['rate(up[5m],)', '⟨,⟩ A comma cannot follow the last argument.'],
    ['up{a=b}', '⟨b⟩ `b` cannot stand here: the value of `a`, in quotes, should.'],
    ['up{a}', '⟨}⟩ `}` cannot stand here: an operator after the label `a` (`=`, `!=`, `=~` or `!~`) should.'],
    ['up{,}', '⟨,⟩ `,` cannot stand here: a label’s name or `}` should.'],
    ['{{ threshold }}', '⟨{⟩ A second `{` cannot stand here.'],
    ['up = 1', '⟨=⟩ `=` cannot stand here: an operator or the end should.'],
    ['up > “1”', '⟨“⟩ A typographic quotation mark starts no string.'],
    ['up\u00a0> 1', '⟨\u00a0⟩ A non-breaking space (U+00A0) is no space to PromQL.'],
    ['up{é="a"}', '⟨é⟩ The character `é` (U+00E9) cannot stand here.'],
    ['sum by a (up)', '⟨a⟩ `a` cannot stand here: a list of labels in parentheses after `by` should.'],
    ['sum by (a b) (up)', '⟨b⟩ `b` cannot stand here: `,` or `)` should.'],
    ['sum by (a) up', '⟨up⟩ `up` cannot stand here: what `sum` aggregates, in parentheses, should.'],
    ['a * group_left b', '⟨group_left⟩ `group_left` stands without `on (…)` or `ignoring (…)`.'],
  ])('%s', (text, expected) => expect(problems(text)).toEqual([`syntax ${expected}`]));
});

describe('literals', () => {
  it.each([
    ['up[30m1h]', '⟨30m1h⟩ The units of the duration `30m1h` are not in order.'],
    ['up[5]5', '⟨5⟩ The number `5` cannot stand here: an operator or the end should.'],
    ['up[0s]', '⟨0s⟩ A range must be longer than 0.'],
    ['up[5m:0s]', '⟨0s⟩ A step must be longer than 0.'],
    ['up[-5m]', '⟨-5m⟩ A range must be longer than 0.'],
    ['up[5x]', '⟨5x⟩ `5x` is neither a number nor a duration.'],
    ['up[]', '⟨]⟩ `]` cannot stand here: a duration should.'],
    ['up[300y]', '⟨300y⟩ The duration `300y` is longer than Prometheus can hold.'],
    ['up > 1e400', '⟨1e400⟩ The number 1e400 is too large.'],
    ['up > 80%', '⟨%⟩ The expression ends after `%`.'],
    ['up{a="\\d"}', '⟨\\d⟩ `\\d` is not an escape that PromQL knows.'],
    ['up{a="\\400"}', '⟨\\4⟩ `\\4` is not an escape that PromQL knows.'],
    ['up{a="\\ud800"}', '⟨\\u⟩ `\\u` is not an escape that PromQL knows.'],
    ['up @ inf', '⟨inf⟩ `inf` is no time that Prometheus can hold.'],
    ['up{a=~"("}', '⟨"("⟩ This is no regular expression that Prometheus reads (RE2): missing closing ): `(`.'],
    [
      'up{a!~"x(?!y)"}',
      '⟨"x(?!y)"⟩ This is no regular expression that Prometheus reads (RE2): invalid or unsupported Perl syntax: `(?!`.',
    ],
    ['up{a=~"a)(b"}', '⟨"a)(b"⟩ This is no regular expression that Prometheus reads (RE2): unexpected ): `a)(b`.'],
  ])('%s', (text, expected) => expect(problems(text)).toEqual([`syntax ${expected}`]));
});

describe('modifiers', () => {
  it.each([
    ['1 offset 5m', '⟨offset⟩ `offset` can follow a selector, a range or a subquery only.'],
    ['sum(up) @ 5', '⟨@⟩ `@` can follow a selector, a range or a subquery only.'],
    ['up offset 5m offset 1m', '⟨offset 1m⟩ The offset is set twice.'],
    ['up @ 5 @ 6', '⟨@⟩ The time (`@`) is set twice.'],
    ['up offset', '⟨⟩ The expression ends where a duration should follow.'],
    ['up @ start', '⟨start⟩ `start` needs its parentheses here.'],
    ['sum(up)[5m]', '⟨[5m]⟩ A range can follow a plain selector only.'],
    ['up offset 5m[5m]', '⟨[5m]⟩ A range must stand before `offset` and `@`.'],
  ])('%s', (text, expected) => expect(problems(text)).toEqual([`syntax ${expected}`]));
});

describe('types', () => {
  it.each([
    ['rate(up)', '⟨up⟩ `rate` needs a range vector here, not an instant vector.'],
    ['abs(up[5m])', '⟨up[5m]⟩ `abs` needs an instant vector here, not a range vector.'],
    ['abs(1)', '⟨1⟩ `abs` needs an instant vector here, not a number (scalar).'],
    ['vector(up)', '⟨up⟩ `vector` needs a number (scalar) here, not an instant vector.'],
    ['label_join(up, "a", "b", 5)', '⟨5⟩ `label_join` needs a string here, not a number (scalar).'],
    ['sum(up[5m])', '⟨up[5m]⟩ `sum` needs an instant vector here, not a range vector.'],
    ['topk("3", up)', '⟨"3"⟩ `topk` needs a number (scalar) here, not a string.'],
    ['count_values(v, up)', '⟨v⟩ `count_values` needs a string here, not an instant vector.'],
    ['sum()', '⟨sum()⟩ `sum` takes one argument, not 0.'],
    ['topk(up)', '⟨topk(up)⟩ `topk` takes two arguments, not 1.'],
    ['time(1)', '⟨time(1)⟩ `time` takes 0 arguments, not 1.'],
    ['round(up, 1, 2)', '⟨round(up, 1, 2)⟩ `round` takes 1 to 2 arguments, not 3.'],
    ['label_join(up)', '⟨label_join(up)⟩ `label_join` takes at least 3 arguments, not 1.'],
    ['rat(up[5m])', '⟨rat⟩ There is no function `rat`.'],
    ['constructor(up)', '⟨constructor⟩ There is no function `constructor`.'],
    ['1[5m:]', '⟨1⟩ A subquery needs an instant vector, not a number (scalar).'],
    ['-"a"', '⟨-"a"⟩ `-` can stand before a number or an instant vector, not before a string.'],
    ['up + "a"', '⟨"a"⟩ `+` works on numbers and instant vectors, not on a string.'],
    ['up[5m] > 1', '⟨up[5m]⟩ `>` works on numbers and instant vectors, not on a range vector.'],
    ['1 > 2', '⟨>⟩ A comparison of two numbers must say `bool`.'],
    ['up + bool 1', '⟨+⟩ `bool` can follow a comparison only, not `+`.'],
    ['up and 1', '⟨and⟩ `and` combines instant vectors; a number cannot stand beside it.'],
    ['a and on (x) group_left b', '⟨and⟩ `group_left` cannot stand with `and`: it always matches many to many.'],
    ['a * on (x) group_left (x) b', '⟨*⟩ The label `x` stands in `on` and in `group_left`.'],
    ['a * on (x) 2', '⟨*⟩ `on` and `ignoring` can stand between two instant vectors only.'],
    ['up{__name__="down"}', '⟨__name__="down"⟩ The metric’s name is set twice: `up` and `down`.'],
    ['up{"down"}', '⟨"down"⟩ The metric’s name is set twice: `up` and `down`.'],
    ['{}', '⟨{}⟩ This selector has neither a name nor a matcher.'],
    [
      '{a=~".*", b!="c"}',
      '⟨{a=~".*", b!="c"}⟩ Every matcher of this selector also matches series without the label, so it would select all there are.',
    ],
  ])('%s', (text, expected) => expect(problems(text)).toEqual([`type ${expected}`]));

  it('reports all of them, in the order of the text', () => {
    expect(problems('rate(a) + 1 offset 5m')).toHaveLength(1);
    expect(problems('rate(a) + abs(b[5m]) * c{d=~"("}')).toHaveLength(3);
  });

  it.each([
    ['1 + 2', 'scalar'],
    ['scalar(up)', 'scalar'],
    ['1 > bool up', 'vector'],
    ['up[5m]', 'matrix'],
    ['up[5m:]', 'matrix'],
    ['"a"', 'string'],
    ['-(time())', 'scalar'],
    ['sum(up) > 1', 'vector'],
  ])('tells the type of %s', (text, type) => expect(check(text, ANY)).toMatchObject({ type, problems: [] }));

  it('suggests what was meant', () => {
    const help = (text: string) => check(text, ANY).problems[0]?.help;
    expect(help('rat(up[5m])')).toBe('Did you mean `rate`?');
    expect(help('RATE(up[5m])')).toBe('Did you mean `rate`?');
    expect(help('historgam_quantile(0.9, a)')).toBe('Did you mean `histogram_quantile`?');
    expect(help('xyzzy(a)')).not.toContain('Did you mean');
  });
});

describe('versions', () => {
  it.each([
    ['rate(a[300])', [2, 54]],
    ['a > 5m', [2, 54]],
    ['a offset 0s', [2, 54]],
    ['a > 1_000', [2, 54]],
    ['{"a.b"}', [3, 0]],
    ['a{"b.c"="d"}', [3, 0]],
    ['sum by ("b.c") (a)', [3, 0]],
    ['sum by (b:c) (a)', [3, 0]],
    ['histogram_avg(a)', [2, 51]],
    ['histogram_stddev(a)', [2, 47]],
    ['a{b=~"(?<n>c)"}', [2, 51]],
    ['a </ 5', [3, 11]],
    ['a[5m + 1m]', [3, 14]],
    ['a[+5m]', [3, 4]],
    ['a offset - -5m', [3, 4]],
    ['first_over_time(a[5m])', [3, 14]],
  ] as const)('%s needs %s', (text, since) => {
    expect(problems(text, { min: since })).toEqual([]);
    const before = problems(text, { min: [2, 42] });
    expect(before).toHaveLength(1);
    expect(before[0]).toMatch(/^version /);
    expect(check(text, { min: [2, 42] }).problems[0]?.help).toContain(`">=${since[0]}.${since[1]}"`);
  });

  it('refuses what is gone in some server of the range', () => {
    const text = 'holt_winters(a[5m], 0.5, 0.5)';
    expect(problems(text, { min: [2, 42], max: [2, 55] })).toEqual([]);
    expect(problems(text, { min: [2, 42], max: [3, 0] })).toHaveLength(1);
    expect(problems(text, { min: [2, 42] })).toEqual([
      'version ⟨holt_winters⟩ `holt_winters` is gone since Prometheus 3.0; there it is `double_exponential_smoothing`.',
    ]);
  });

  it('refuses what is experimental unless every server has it switched on', () => {
    for (const text of [
      'limitk(3, a)',
      'mad_over_time(a[5m])',
      'sort_by_label(a, "b")',
      'step()',
      'info(a, {b=~".*"})',
    ]) {
      expect(problems(text), text).toHaveLength(1);
      expect(problems(text, { ...ANY, features: new Set(PROMQL_FLAGS) }), text).toEqual([]);
    }
    for (const text of ['a + fill(0) b', 'a anchored', 'a[5m] smoothed']) {
      expect(problems(text), text).toHaveLength(1);
      const today = { min: [3, 16], features: new Set(['promql-binop-fill-modifiers']) } as const;
      expect(problems(text, today), text).toEqual([]);
    }
  });
});
