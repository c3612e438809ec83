import type { Code } from '../ground/codes.ts';
import { formatDuration, parseDuration } from '../ground/duration.ts';
import { valueText } from '../model/value.ts';
import type { ArithmeticOp, CompareOp } from './ast.ts';
import type { Computed, Plain } from './runtime.ts';
import { num, plainText, str, textOf, typeName } from './runtime.ts';

/** What operators do with values. What JavaScript would convert silently is refused instead. */

/** What is wrong with an operation; the caller knows where it stands. */
export interface Refusal {
  readonly code: Code;
  readonly refused: string;
  readonly help?: string;
}

export function refusal(code: Code, refused: string, help?: string): Refusal {
  return help === undefined ? { code, refused } : { code, refused, help };
}

export function isRefusal<T extends object>(result: T | Refusal | boolean): result is Refusal {
  return typeof result === 'object' && 'refused' in result;
}

type Duration = Extract<Plain, { type: 'duration' }>;

/** Numbers by the rules of IEEE 754, durations as durations; a result that is no number is refused. */
export function arithmetic(op: ArithmeticOp, left: Plain, right: Plain): Plain | Refusal {
  const zero = (right.type === 'number' && right.value === 0) || (right.type === 'duration' && right.ms === 0);
  if (zero && (op === '/' || op === '//' || op === '%')) {
    return refusal('invalid-value', `\`${op}\` divides by zero.`);
  }
  if (left.type === 'number' && right.type === 'number') {
    const value = numbers(op, left.value, right.value);
    const finite = Number.isFinite(left.value) && Number.isFinite(right.value);
    if (finite && !Number.isFinite(value)) return refusal('invalid-value', `The result of \`${op}\` is not a number.`);
    return num(value);
  }
  if (left.type === 'duration' && right.type === 'duration') {
    if (op === '+') return duration(left.ms + right.ms);
    if (op === '-') return duration(left.ms - right.ms);
    if (op === '/') return num(left.ms / right.ms);
  }
  if (op === '*' && left.type === 'duration' && right.type === 'number') return duration(left.ms * right.value);
  if (op === '*' && left.type === 'number' && right.type === 'duration') return duration(left.value * right.ms);
  if (op === '/' && left.type === 'duration' && right.type === 'number') return duration(left.ms / right.value);
  return refusal(
    'wrong-type',
    `\`${op}\` cannot take ${typeName(left)} and ${typeName(right)}.`,
    arithmeticHelp(op, left, right),
  );
}

function arithmeticHelp(op: ArithmeticOp, left: Plain, right: Plain): string | undefined {
  if (op === '+' && (textOf(left) !== undefined || textOf(right) !== undefined)) return 'Texts are joined by `~`.';
  if (left.type === 'duration' || right.type === 'duration') {
    return '`| seconds` makes a number of a duration; durations are added, and multiplied by numbers.';
  }
  return undefined;
}

function numbers(op: ArithmeticOp, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '//':
      return Math.floor(a / b);
    case '**':
      return a ** b;
  }
}

/** A duration of so many milliseconds, rounded to whole ones. */
function duration(ms: number): Duration | Refusal {
  const whole = Math.round(ms);
  if (!(whole >= 0)) return refusal('invalid-value', 'A duration cannot be negative.');
  const text = formatDuration(whole);
  const { problem } = parseDuration(text);
  return problem === undefined ? { type: 'duration', ms: whole, text } : refusal('invalid-value', problem);
}

/** Both sides of one kind; `none` is equal to itself alone. */
export function compare(op: CompareOp, left: Plain, right: Plain): boolean | Refusal {
  if (op === '==' || op === '!=') {
    if (left.type === 'none' || right.type === 'none') return (left.type === right.type) === (op === '==');
    if (left.type === 'boolean' && right.type === 'boolean') return (left.value === right.value) === (op === '==');
  }
  const a = left.type === 'number' ? left.value : left.type === 'duration' ? left.ms : textOf(left);
  const b = right.type === 'number' ? right.value : right.type === 'duration' ? right.ms : textOf(right);
  const same = typeof a === typeof b && (left.type === 'duration') === (right.type === 'duration');
  if (a === undefined || b === undefined || !same) {
    const help =
      left.type === 'duration' || right.type === 'duration' ? '`| seconds` makes a number of a duration.' : undefined;
    return refusal('wrong-type', `\`${op}\` cannot compare ${typeName(left)} with ${typeName(right)}.`, help);
  }
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** Is the left side an item of the list, or a part of the string, on the right? */
export function contains(item: Plain, container: Plain, items: readonly Computed[] | undefined): boolean | Refusal {
  if (item.type !== 'markup' && items) {
    return items.some((candidate) => {
      const equal = compare('==', item, candidate.value);
      return equal === true;
    });
  }
  const text = item.type === 'markup' || container.type === 'markup' ? undefined : textOf(container);
  const part = textOf(item);
  if (text !== undefined && part !== undefined) return text.includes(part);
  return refusal('wrong-type', `\`in\` cannot look for ${typeName(item)} in ${typeName(container)}.`);
}

/** What `if` makes of a value: zero, an empty string and none are false, a list is always true. */
export function truth(value: Plain): boolean | Refusal {
  switch (value.type) {
    case 'none':
      return false;
    case 'boolean':
      return value.value;
    case 'number':
      return value.value !== 0 && !Number.isNaN(value.value);
    case 'duration':
      return value.ms !== 0;
    case 'markup':
      return refusal('wrong-type', 'The output of a macro is no condition.', 'Compare it with something.');
    case 'list':
    case 'sequence':
      return true;
    default:
      return value.value !== '';
  }
}

/** Texts joined. With a regex among them the result is one, in which nothing but the author's own text stands unescaped. */
export function concat(parts: readonly Computed[]): Plain | Refusal {
  const regex = parts.some((part) => part.value.type === 'regex');
  let text = '';
  for (const { value, deps } of parts) {
    const piece = value.type === 'none' ? undefined : plainText(value);
    if (piece === undefined) {
      const help = 'Say what stands between its items: `list | join(", ")`.';
      return refusal('wrong-type', `\`~\` cannot take ${typeName(value)}.`, value.type === 'none' ? undefined : help);
    }
    if (!regex || value.type === 'regex') text += piece;
    else if (deps.size === 0) text += piece;
    else if (value.type === 'number' || value.type === 'duration') text += escapeRegex(valueText(value));
    else {
      return refusal(
        'wrong-type',
        `A regex cannot be joined to ${typeName(value)} as it is.`,
        'Escape it: `| regex_escape`.',
      );
    }
  }
  return regex ? { type: 'regex', value: text } : str(text);
}

/** A text as an RE2 regex that matches just this text. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
