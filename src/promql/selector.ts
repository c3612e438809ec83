import type { Range, SelectorMatcher, VectorSelector } from './ast.ts';
import { built, type Cursor, close, fail, isSign, peek, report, take, takeSign, unexpected, uses } from './cursor.ts';
import type { Token } from './lex.ts';
import { readString } from './literals.ts';
import type { MatchOp } from './matcher.ts';

const MATCH_OPS: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** Reads the value of a string token; escapes that are wrong are reported and read as nothing. */
export function stringValue(c: Cursor, token: Token): string {
  const read = readString(token.text);
  if ('value' in read) return read.value;
  const from = token.from + read.at;
  report(c, { from, to: from + read.length }, read.problem, read.help);
  return '';
}

/** Reads a vector selector: a name, braces, or both. `name` is the token of the name, if that has been read. */
export function parseSelector(c: Cursor, name: Token | undefined): VectorSelector | undefined {
  const open = takeSign(c, '{');
  if (!open) {
    if (!name) return unexpected(c, 'a metric');
    const core = { from: name.from, to: name.to };
    return selector(c, core, { name: name.text, nameRange: core }, [], { at: name.to, wrap: 'braces' }, undefined);
  }
  const inside = parseBraces(c);
  if (!inside) return undefined;
  const end = close(c, open, '}', '`,` or `}`');
  if (!end) return undefined;
  const named = name ? { name: name.text, nameRange: { from: name.from, to: name.to } } : inside.quoted;
  if (name && inside.quoted) {
    const range = inside.quoted.nameRange;
    return fail(
      c,
      range,
      `The metric’s name is set twice: \`${name.text}\` and \`${inside.quoted.name}\`.`,
      'Remove one.',
      'type',
    );
  }
  const braces = { from: open.from, to: end.to };
  const core = { from: name?.from ?? open.from, to: end.to };
  const insert =
    inside.end === undefined
      ? ({ at: open.to, wrap: 'inside' } as const)
      : ({ at: inside.end, wrap: 'after' } as const);
  return selector(c, core, named, inside.matchers, insert, braces);
}

interface Name {
  readonly name: string;
  readonly nameRange: Range;
}

function selector(
  c: Cursor,
  core: Range,
  name: Name | undefined,
  matchers: readonly SelectorMatcher[],
  insert: VectorSelector['insert'],
  braces: Range | undefined,
): VectorSelector | undefined {
  const base = { kind: 'selector', ...core, ...name, matchers, core, insert, modifiers: {} } as const;
  return built(c, braces ? { ...base, braces } : base, []);
}

interface Braces {
  readonly matchers: readonly SelectorMatcher[];
  /** The first name in quotes without an operator: the metric's. */
  readonly quoted?: Name;
  /** Where the last matcher or quoted name ends. */
  readonly end?: number;
}

/** Reads what stands between braces, up to the closing one. */
function parseBraces(c: Cursor): Braces | undefined {
  const matchers: SelectorMatcher[] = [];
  let quoted: Name | undefined;
  let end: number | undefined;
  while (!isSign(peek(c), '}')) {
    const label = peek(c);
    if (isSign(label, '{')) return fail(c, label, ...secondBrace(peek(c, 1)));
    if (label.kind !== 'word' && label.kind !== 'string') return unexpected(c, 'a label’s name or `}`');
    take(c);
    const labelName = label.kind === 'string' ? stringValue(c, label) : label.text;
    if (label.kind === 'string') uses(c, 'quoted-name', label);
    if (label.kind === 'string' && (isSign(peek(c), ',') || isSign(peek(c), '}'))) {
      const range = { from: label.from, to: label.to };
      // A second name is a matcher like others: the series would have to carry both.
      if (quoted) matchers.push({ ...range, label: '__name__', op: '=', value: labelName, valueRange: range });
      else quoted = { name: labelName, nameRange: range };
      end = label.to;
    } else {
      const matcher = parseMatcher(c, label, labelName);
      if (!matcher) return undefined;
      matchers.push(matcher);
      end = matcher.to;
    }
    if (!takeSign(c, ',')) break;
  }
  return { matchers, ...(quoted ? { quoted } : {}), ...(end === undefined ? {} : { end }) };
}

function parseMatcher(c: Cursor, label: Token, name: string): SelectorMatcher | undefined {
  const op = peek(c);
  if (op.kind !== 'sign' || !MATCH_OPS.has(op.text)) {
    const help = isSign(op, '==') ? 'Write one `=`.' : undefined;
    return unexpected(c, `an operator after the label \`${label.text}\` (\`=\`, \`!=\`, \`=~\` or \`!~\`)`, help);
  }
  take(c);
  const value = peek(c);
  if (value.kind !== 'string') {
    return unexpected(
      c,
      `the value of \`${label.text}\`, in quotes,`,
      'Values of labels are always strings: `label="value"`.',
    );
  }
  take(c);
  return {
    label: name,
    op: op.text as MatchOp,
    value: stringValue(c, value),
    from: label.from,
    to: value.to,
    valueRange: { from: value.from, to: value.to },
  };
}

function secondBrace(next: Token): readonly [message: string, help: string] {
  const message = 'A second `{` cannot stand here.';
  const name = next.kind === 'word' ? next.text : 'name';
  return [message, `\`{{ … }}\` belongs to the templates of annotations. A param is written \`<< ${name} >>\`.`];
}
