import type { Expr, MatrixSelector, Modifiers, Subquery, VectorSelector } from './ast.ts';
import {
  built,
  type Cursor,
  close,
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
import { type Duration, parseDuration, parseOffset, readNumeral } from './durations.ts';
import type { Token } from './lex.ts';

/**
 * What follows an expression and belongs to it alone: `[range]`, `[range:step]`, `offset` and `@`. They bind
 * tighter than any operator.
 */
export function parsePostfix(c: Cursor, start: Expr): Expr | undefined {
  let expr: Expr | undefined = start;
  while (expr) {
    const token = peek(c);
    const word = peekWord(c);
    if (isSign(token, '[')) expr = parseBrackets(c, expr, take(c));
    else if (isSign(token, '@')) expr = parseAt(c, expr, take(c));
    else if (word === 'offset') expr = parseOffsetModifier(c, expr, take(c));
    else if (word === 'anchored' || word === 'smoothed') expr = parseExtended(c, expr, take(c), word);
    else return expr;
  }
  return undefined;
}

function parseBrackets(c: Cursor, expr: Expr, open: Token): MatrixSelector | Subquery | undefined {
  const duration = parseDuration(c, 'a duration');
  if (!duration || !isPositive(c, duration, 'A range')) return undefined;
  if (takeSign(c, ':')) return parseSubquery(c, expr, open, duration);
  const end = close(c, open, ']', '`]` or `:`');
  if (!end) return undefined;
  const range = { from: open.to, to: end.from };
  const brackets = { from: open.from, to: end.to };
  if (expr.kind !== 'selector') {
    const help = `A range over an expression is a subquery and takes a colon: \`[${duration.text}:]\` or \`[${duration.text}:1m]\`.`;
    return fail(c, brackets, 'A range can follow a plain selector only.', help);
  }
  if (expr.modifiers.offset || expr.modifiers.offsetExpr !== undefined || typeof expr.modifiers.at === 'number') {
    return fail(
      c,
      brackets,
      'A range must stand before `offset` and `@`.',
      `Write \`metric[${duration.text}] offset …\`.`,
    );
  }
  if (expr.modifiers.at !== undefined) uses(c, 'time-before-range', brackets);
  const node: MatrixSelector = { kind: 'matrix', from: expr.from, to: end.to, vector: expr, range };
  return built(c, { ...node, ...rangeOf(duration) }, [expr]);
}

function parseSubquery(c: Cursor, expr: Expr, open: Token, range: Duration): Subquery | undefined {
  let step: Duration | undefined;
  if (!isSign(peek(c), ']')) {
    step = parseDuration(c, 'the step or `]`');
    if (!step || !isPositive(c, step, 'A step')) return undefined;
  }
  const end = close(c, open, ']', '`]`');
  if (!end) return undefined;
  const node: Subquery = {
    kind: 'subquery',
    from: expr.from,
    to: end.to,
    expr,
    range: { from: open.to, to: end.from },
    modifiers: {},
  };
  return built(c, { ...node, ...rangeOf(range), ...(step ? stepOf(step) : {}) }, [expr]);
}

function rangeOf({ ms, text }: Duration): Pick<Subquery, 'rangeMs' | 'rangeExpr'> {
  return ms === undefined ? { rangeExpr: text } : { rangeMs: ms };
}

function stepOf({ ms, text }: Duration): Pick<Subquery, 'stepMs' | 'stepExpr'> {
  return ms === undefined ? { stepExpr: text } : { stepMs: ms };
}

function offsetOf({ ms, text }: Duration): Modifiers {
  return ms === undefined ? { offsetExpr: text } : { offset: ms };
}

function isPositive(c: Cursor, duration: Duration, what: string): boolean {
  if (duration.ms === undefined || duration.ms > 0) return true;
  fail(c, duration, `${what} must be longer than 0.`, 'Write a duration such as `5m`.');
  return false;
}

function parseOffsetModifier(c: Cursor, expr: Expr, word: Token): Expr | undefined {
  const duration = parseOffset(c);
  if (!duration) return undefined;
  if (duration.ms === 0) uses(c, 'zero-offset', duration);
  const old = modifiersOf(c, expr, word);
  if (!old) return undefined;
  if (old.offset || old.offsetExpr !== undefined) {
    return fail(c, { from: word.from, to: duration.to }, 'The offset is set twice.', 'Keep one of them.');
  }
  return withModifiers(c, expr, { ...old, ...offsetOf(duration) }, duration.to);
}

function parseAt(c: Cursor, expr: Expr, sign: Token): Expr | undefined {
  const old = modifiersOf(c, expr, sign);
  if (!old) return undefined;
  if (old.at !== undefined) return fail(c, sign, 'The time (`@`) is set twice.', 'Keep one of them.');
  const word = peekWord(c);
  if (word === 'start' || word === 'end') {
    const name = take(c);
    const open = takeSign(c, '(');
    const end = open ? takeSign(c, ')') : undefined;
    if (!end) return fail(c, name, `\`${name.text}\` needs its parentheses here.`, `Write \`@ ${word}()\`.`);
    return withModifiers(c, expr, { ...old, at: word }, end.to);
  }
  const minus = takeSign(c, '-');
  if (!minus) takeSign(c, '+');
  const token = peek(c);
  if (token.kind !== 'duration' && token.kind !== 'number' && word !== 'inf' && word !== 'nan') {
    return unexpected(c, 'a time in seconds, `start()` or `end()`');
  }
  take(c);
  const seconds = readNumeral(c, token) * (minus ? -1 : 1);
  if (!(Math.abs(seconds) < 2 ** 63)) {
    report(c, token, `\`${token.text}\` is no time that Prometheus can hold.`, 'Write the time in seconds since 1970.');
  }
  return withModifiers(c, expr, { ...old, at: Math.round(seconds * 1000) }, token.to);
}

/** Reads `anchored` or `smoothed`, which belong to the selector, wherever they stand among its range, offset and time. */
function parseExtended(c: Cursor, expr: Expr, token: Token, word: 'anchored' | 'smoothed'): Expr | undefined {
  uses(c, 'extended-range', token);
  if (expr.kind === 'subquery') {
    return fail(
      c,
      token,
      `A subquery cannot be \`${word}\`.`,
      'Leave it out, or use a plain range such as `metric[5m]`.',
    );
  }
  const old = modifiersOf(c, expr, token);
  if (!old) return undefined;
  if (old.extended !== undefined && old.extended !== word) {
    return fail(c, token, '`anchored` and `smoothed` exclude each other.', 'Keep one of them.');
  }
  return withModifiers(c, expr, { ...old, extended: word }, token.to);
}

/** The modifiers that an expression has already; undefined, with a problem, where it can have none. */
function modifiersOf(c: Cursor, expr: Expr, word: Token): Modifiers | undefined {
  if (expr.kind === 'selector' || expr.kind === 'subquery') return expr.modifiers;
  if (expr.kind === 'matrix') return expr.vector.modifiers;
  const name = word.text.toLowerCase();
  return fail(
    c,
    word,
    `\`${name}\` can follow a selector, a range or a subquery only.`,
    `Put it behind each selector, or make a subquery: \`(…)[5m:] ${name} …\`.`,
  );
}

function withModifiers(c: Cursor, expr: Expr, modifiers: Modifiers, to: number): Expr | undefined {
  switch (expr.kind) {
    case 'selector':
      return built(c, { ...expr, modifiers, to }, []);
    case 'subquery':
      return built(c, { ...expr, modifiers, to }, [expr.expr]);
    case 'matrix': {
      const vector: VectorSelector = { ...expr.vector, modifiers };
      return built(c, { ...expr, vector, to }, [expr.vector]);
    }
    default:
      return expr;
  }
}
