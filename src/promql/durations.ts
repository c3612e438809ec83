import type { Range } from './ast.ts';
import {
  type Cursor,
  close,
  enter,
  fail,
  isSign,
  peek,
  peekWord,
  report,
  take,
  takeSign,
  unexpected,
  uses,
} from './cursor.ts';
import { isBinaryOp, PRECEDENCE } from './keywords.ts';
import type { Token } from './lex.ts';
import { durationText, readDuration, readNumber } from './literals.ts';

/** A duration as it stands in brackets or behind `offset`: a literal, or (3.14) an expression of them. */
export interface Duration extends Range {
  /** Milliseconds, signed; undefined where it is an expression. */
  readonly ms?: number;
  /** Normalised. */
  readonly text: string;
  /** Whether it stands in parentheses already: one pair is printed, however many were written. */
  readonly wrapped?: true;
}

const LONGEST = 2 ** 63 / 1e6;

/** The value of a number or duration token, durations in seconds; what is wrong with it is reported. */
export function readNumeral(c: Cursor, token: Token): number {
  if (token.kind === 'duration') {
    uses(c, 'duration-as-number', token);
    return readMs(c, token) / 1000;
  }
  if (token.text.includes('_')) uses(c, 'number-underscores', token);
  const read = readNumber(token.text);
  if ('value' in read) return read.value;
  report(c, token, read.problem, read.help);
  return 0;
}

function readMs(c: Cursor, token: Token): number {
  const read = readDuration(token.text);
  if ('value' in read) return read.value;
  report(c, token, read.problem, read.help);
  return 1;
}

function literal(c: Cursor, token: Token, sign: number): Duration {
  const range = { from: token.from, to: token.to };
  let ms: number;
  if (token.kind === 'duration') ms = readMs(c, token);
  else {
    uses(c, 'number-as-duration', token);
    ms = readNumeral(c, token) * 1000;
  }
  if (!(Math.abs(ms) <= LONGEST)) {
    report(
      c,
      token,
      `\`${token.text}\` is longer than Prometheus can hold.`,
      'The longest duration is about 292 years.',
    );
  }
  return { ...range, ms: ms * sign, text: millisText(ms * sign) };
}

function millisText(ms: number): string {
  const whole = Number.isInteger(ms) ? durationText(Math.abs(ms)) : `${Math.abs(ms) / 1000}`;
  return ms < 0 ? `-${whole}` : whole;
}

function isLiteral(token: Token): boolean {
  return token.kind === 'duration' || (token.kind === 'number' && !/^[A-Za-z]/.test(token.text));
}

/** Reads the duration behind `offset`: signed; an operator behind a literal belongs to the expression outside. */
export function parseOffset(c: Cursor): Duration | undefined {
  const sign = takeSign(c, '-') ?? takeSign(c, '+');
  if (sign?.text === '+') uses(c, 'signed-duration', sign);
  const token = peek(c);
  const minus = sign?.text === '-';
  if (isLiteral(token)) return { ...literal(c, take(c), minus ? -1 : 1), from: sign?.from ?? token.from };
  if (!['(', '-', '+'].some((s) => isSign(token, s)) && !functionName(c)) {
    return unexpected(c, 'a duration', 'An offset looks like `offset 5m` or `offset -5m`.');
  }
  const bare = !sign && isSign(token, '(');
  const inner = bare ? parseDuration(c, 'a duration') : parsePrimary(c, 'a duration');
  if (!inner || !sign) return inner;
  return negated(inner, sign);
}

/** Reads a duration, or an expression of durations. */
export function parseDuration(c: Cursor, expected: string, minPrecedence = 0): Duration | undefined {
  if (!enter(c)) return undefined;
  let left = parsePrimary(c, expected);
  while (left) {
    const op = peek(c);
    if (op.kind !== 'sign' || !'+-*/%^'.includes(op.text) || !isBinaryOp(op.text)) break;
    const precedence = PRECEDENCE[op.text];
    if (precedence < minPrecedence) break;
    take(c);
    uses(c, 'duration-expression', op);
    const right = parseDuration(c, 'a duration', op.text === '^' ? precedence : precedence + 1);
    if (!right) return undefined;
    if (right.ms === 0 && (op.text === '/' || op.text === '%')) {
      return fail(c, right, 'A duration cannot be divided by 0.', 'Divide by another number.');
    }
    left = { from: left.from, to: right.to, text: `${left.text} ${op.text} ${right.text}` };
  }
  c.depth--;
  return left;
}

function parsePrimary(c: Cursor, expected: string): Duration | undefined {
  const token = peek(c);
  if (isLiteral(token)) return literal(c, take(c), 1);
  if (isSign(token, '-') || isSign(token, '+')) {
    take(c);
    const inner = parseDuration(c, 'a duration', PRECEDENCE['^']);
    uses(c, inner?.ms === undefined ? 'duration-expression' : 'signed-duration', token);
    return inner && negated(inner, token);
  }
  const name = functionName(c);
  if (isSign(token, '(') || name) {
    if (name) take(c);
    const open = take(c);
    uses(c, 'duration-expression', token);
    const args: Duration[] = [];
    const count = !name ? 1 : name.endsWith('_of') ? 2 : 0;
    for (let i = 0; i < count; i++) {
      if (i > 0 && !takeSign(c, ',')) return unexpected(c, '`,`');
      const arg = parseDuration(c, 'a duration');
      if (!arg) return undefined;
      args.push(arg);
    }
    const end = close(c, open, ')', '`)`');
    if (!end) return undefined;
    const [only] = args;
    const range = { from: token.from, to: end.to };
    // A literal in parentheses stays a literal, as the server prints it.
    if (!name && (only?.ms !== undefined || only?.wrapped)) return { ...only, ...range };
    return {
      ...range,
      text: `${name ?? ''}(${args.map((arg) => arg.text).join(', ')})`,
      ...(!name && { wrapped: true }),
    };
  }
  return unexpected(c, expected, 'Durations are whole numbers with units: `90s`, `5m`, `1h30m`.');
}

function functionName(c: Cursor): string | undefined {
  const word = peekWord(c);
  return word !== undefined && /^(?:step|range|min_of|max_of)$/.test(word) && isSign(peek(c, 1), '(')
    ? word
    : undefined;
}

function negated(inner: Duration, sign: Token): Duration {
  const range = { from: sign.from, to: inner.to };
  if (sign.text === '+') return { ...inner, ...range };
  if (inner.ms !== undefined) return { ...range, ms: -inner.ms, text: millisText(-inner.ms) };
  return { ...range, text: `-${inner.text}` };
}
