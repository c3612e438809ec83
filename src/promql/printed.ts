import type { Binary, Expr, Range } from './ast.ts';
import { canonical } from './canonical.ts';
import { isSetOperator } from './keywords.ts';
import { type Loss, type Losses, printedSeconds } from './losses.ts';
import { quote } from './matcher.ts';
import { parse } from './parse.ts';
import { typeOf } from './types.ts';
import { childrenOf } from './walk.ts';

/** Expressions as servers print them, with what is lost on the way. */

/** A place of an expression that a server prints as something else. */
export interface LostPlace extends Range {
  readonly loss: Loss;
  /** The clause or value as it was meant. */
  readonly text: string;
}

const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Printed strings are in double quotes; a list of names follows its word by one space. */
const LISTS = /"(?:[^"\\]|\\.)*"|(\b(?:on|ignoring|by|without|group_left|group_right) \()([^()"]+)(?=\))/g;

/** Reads an expression that a server told; names of labels that lost their quotes are read as what they are. */
export function parseTold(text: string): Expr | undefined {
  return parse(text).expr ?? parse(requoted(text)).expr;
}

/** What a server told, as a text that means what it printed; one that can't be read stays as it is. */
export function toldText(text: string): string {
  if (parse(text).expr) return text;
  const quoted = requoted(text);
  return parse(quoted).expr ? quoted : text;
}

/** Whether a server told what it can't read itself, and so can't evaluate: names of labels lost their quotes. */
export function lostItsQuotes(text: string): boolean {
  const quoted = requoted(text);
  return quoted !== text && !parse(text).expr && parse(quoted).expr !== undefined;
}

/** Operations of vectors that were told without a clause: a printer that loses groupings may have lost theirs. */
export function unclaused(expr: Expr): Binary[] {
  const inside = childrenOf(expr).flatMap(unclaused);
  if (expr.kind !== 'binary' || isSetOperator(expr.op) || !isMatched(expr)) return inside;
  const { on, labels, many } = expr.matching;
  return on || many || labels.length > 0 ? inside : [...inside, expr];
}

/** The text with its quotes again around names of labels that need them. */
export function requoted(text: string): string {
  return text.replace(LISTS, (piece, word?: string, names?: string) =>
    names === undefined
      ? piece
      : word +
        names
          .split(', ')
          .map((name) => (PLAIN_NAME.test(name) ? name : quote(name)))
          .join(', '),
  );
}

/**
 * Whether a server that holds `wanted` could tell `told`, being one that loses so much. What is left must be equal;
 * where the server tells nothing that can be read, because of names that lost their quotes, nobody can say that it
 * holds something else.
 */
export function couldTell(wanted: string, told: string, losses: Losses): boolean {
  if (losses.size === 0) return false;
  const { expr } = parse(wanted);
  if (!expr) return false;
  const other = parseTold(told);
  if (!other) return losses.has('quotes') && placesOf(expr, ['quotes']).length > 0;
  // What was printed has lost its milliseconds already.
  return canonical(expr, losses) === canonical(other, new Set([...losses].filter((loss) => loss !== 'milliseconds')));
}

/** The places where an expression loses something to a printer. */
export function placesOf(expr: Expr, losses: Iterable<Loss>): LostPlace[] {
  const wanted = [...losses];
  const visit = (node: Expr): LostPlace[] => [
    ...wanted.flatMap((loss) => PLACES[loss](node).map((place) => ({ ...place, loss }))),
    ...childrenOf(node).flatMap(visit),
  ];
  return visit(expr);
}

type Place = Omit<LostPlace, 'loss'>;

const PLACES: Readonly<Record<Loss, (node: Expr) => Place[]>> = {
  grouping(node: Expr): Place[] {
    if (node.kind !== 'binary' || !isMatched(node)) return [];
    const { on, labels, many } = node.matching;
    return many && !on && labels.length === 0 ? [clause(node)] : [];
  },
  quotes(node: Expr): Place[] {
    if (node.kind !== 'binary' || !isMatched(node)) return [];
    const { labels, include } = node.matching;
    return [...labels, ...include].every((name) => PLAIN_NAME.test(name)) ? [] : [clause(node)];
  },
  milliseconds(node: Expr): Place[] {
    if (node.kind !== 'number' || !node.duration || printedSeconds(node.value) === node.value) return [];
    return [{ from: node.from, to: node.to, text: String(node.value) }];
  },
  'empty-name'(node: Expr): Place[] {
    if (node.kind !== 'selector' || node.name !== undefined) return [];
    return node.matchers.flatMap((m) =>
      m.label === '__name__' && m.op === '=' && m.value === '' ? [{ from: m.from, to: m.to, text: '__name__=""' }] : [],
    );
  },
};

/** Beside a number Prometheus forgets how the sides match. */
const isMatched = ({ lhs, rhs }: Binary): boolean => typeOf(lhs) !== 'scalar' && typeOf(rhs) !== 'scalar';

function clause({ opRange, rhs, matching }: Binary): Place {
  const { on, labels, many, include } = matching;
  const list = (names: readonly string[]): string =>
    `(${names.map((name) => (PLAIN_NAME.test(name) ? name : quote(name))).join(', ')})`;
  const group = many ? ` group_${many} ${list(include)}` : '';
  return { from: opRange.from, to: rhs.from, text: `${on ? 'on' : 'ignoring'} ${list(labels)}${group}` };
}
