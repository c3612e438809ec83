import type { Range, VectorMatching } from './ast.ts';
import { type Cursor, close, fail, isSign, peek, peekWord, take, takeSign, unexpected, uses } from './cursor.ts';
import { readNumeral } from './durations.ts';
import { FILL_MODIFIERS, NEVER_LABELS } from './keywords.ts';
import type { Token } from './lex.ts';
import { stringValue } from './selector.ts';

export interface LabelList extends Range {
  readonly labels: readonly string[];
  /** Where another label can be put in: behind the last one, or behind the parenthesis. */
  readonly insertAt: number;
}

/** Reads a list of labels in parentheses, as it follows `by`, `on` and their like; a trailing comma may stand. */
export function parseLabelList(c: Cursor, after: string): LabelList | undefined {
  const open = takeSign(c, '(');
  if (!open)
    return unexpected(c, `a list of labels in parentheses after \`${after}\``, `Write \`${after} (label, …)\`.`);
  const labels: string[] = [];
  let insertAt = open.to;
  while (!isSign(peek(c), ')')) {
    const token = peek(c);
    if (token.kind === 'string') {
      take(c);
      const label = stringValue(c, token);
      if (label === '')
        return fail(c, token, 'A label’s name cannot be empty.', 'Remove it, or write the name of a label.');
      uses(c, 'quoted-grouping', token);
      labels.push(label);
    } else if (token.kind === 'word' && !NEVER_LABELS.has(token.text.toLowerCase())) {
      take(c);
      if (token.text.includes(':')) uses(c, 'quoted-grouping', token);
      labels.push(token.text);
    } else return unexpected(c, 'a label’s name');
    insertAt = token.to;
    if (!takeSign(c, ',')) break;
  }
  const end = close(c, open, ')', '`,` or `)`');
  return end && { labels, insertAt, from: open.from, to: end.to };
}

export interface OperatorModifiers {
  readonly bool: boolean;
  readonly matching: VectorMatching;
}

/** Reads what may stand between an operator and its right side: `bool`, `on (…)` or `ignoring (…)`, `group_left (…)` or `group_right (…)`. */
export function parseOperatorModifiers(c: Cursor): OperatorModifiers | undefined {
  const bool = peekWord(c) === 'bool';
  if (bool) take(c);
  const word = peekWord(c);
  if (word !== 'on' && word !== 'ignoring') {
    if (word === 'group_left' || word === 'group_right') {
      const message = `\`${word}\` stands without \`on (…)\` or \`ignoring (…)\`.`;
      return fail(c, peek(c), message, `Say by which labels the two sides match: \`on (label) ${word}\`.`);
    }
    return withFill(c, { bool, matching: { on: false, labels: [], include: [] } });
  }
  take(c);
  const list = parseLabelList(c, word);
  if (!list) return undefined;
  const group = peekWord(c);
  const base = { on: word === 'on', labels: list.labels };
  if (group !== 'group_left' && group !== 'group_right')
    return withFill(c, { bool, matching: { ...base, include: [] } });
  const token = take(c);
  const many = group === 'group_left' ? 'left' : 'right';
  if (!isSign(peek(c), '(')) {
    return withFill(c, { bool, matching: { ...base, many, include: [], bareGroupEnd: token.to } });
  }
  const include = parseLabelList(c, group);
  return include && withFill(c, { bool, matching: { ...base, many, include: include.labels } });
}

/** Reads `fill (0)`, or `fill_left (0)` and `fill_right (1)` in either order, behind all else that says how sides match. */
function withFill(c: Cursor, modifiers: OperatorModifiers): OperatorModifiers | undefined {
  const fill: { left?: number; right?: number } = {};
  for (let count = 0; count < 2; count++) {
    const word = peekWord(c);
    if (word === undefined || !FILL_MODIFIERS.has(word) || !isSign(peek(c, 1), '(')) break;
    if (count > 0 && (word === 'fill' || (word === 'fill_left' ? fill.left : fill.right) !== undefined)) break;
    const token = take(c);
    uses(c, 'fill-modifier', token);
    const value = fillValue(c, take(c));
    if (value === undefined) return undefined;
    if (word !== 'fill_right') fill.left = value;
    if (word !== 'fill_left') fill.right = value;
    if (word === 'fill') break;
  }
  const filled = fill.left !== undefined || fill.right !== undefined;
  return filled ? { ...modifiers, matching: { ...modifiers.matching, fill } } : modifiers;
}

function fillValue(c: Cursor, open: Token): number | undefined {
  const sign = takeSign(c, '-') ?? takeSign(c, '+');
  const token = peek(c);
  const word = peekWord(c);
  if (token.kind !== 'number' && token.kind !== 'duration' && word !== 'inf' && word !== 'nan') {
    return unexpected(c, 'a number', 'What stands for missing series is one number: `fill (0)`.');
  }
  const value = readNumeral(c, take(c));
  if (!close(c, open, ')', '`)`')) return undefined;
  return sign?.text === '-' ? -value : value;
}
