import type { Alternative, Alternatives } from './values.ts';
import { alternatives, UNKNOWN, wider } from './values.ts';

/** What one call, lookup or conversion gives: a value, or why Go refuses it. */

export interface Trouble {
  /** A whole sentence. */
  readonly trouble: string;
  readonly help?: string;
  /** Which argument is to blame, where it is one. */
  readonly argument?: number;
  /** What came before may have decided, so that it is never met. */
  readonly perhaps?: true;
}

export type Outcome = Alternatives | Trouble;

export const trouble = (message: string, help?: string, argument?: number): Trouble => ({
  trouble: message,
  ...(help === undefined ? {} : { help }),
  ...(argument === undefined ? {} : { argument }),
});

export const isTrouble = (outcome: Outcome): outcome is Trouble => 'trouble' in outcome;

export interface Tried {
  readonly value: Alternatives;
  /** The first trouble met, and whether it is met with whatever comes. */
  readonly trouble?: Trouble;
  readonly certain: boolean;
}

export interface TryOptions {
  /** An example that fails proves little while another ordinary one works: texts that a query or a regex is made of. */
  readonly lenient?: boolean;
  /** The types alone decide whether it works, so that examples needn't be tried one with the other. */
  readonly typesDecide?: boolean;
}

const MAX_COMBINATIONS = 256;

/** Tries all combinations of what the arguments may be. */
export function tryAll(
  args: readonly Alternatives[],
  run: (args: readonly Alternative[]) => Outcome,
  options: TryOptions = {},
): Tried {
  if (args.every(({ length }) => length === 1)) {
    const outcome = run(args.map(([only]) => only));
    return isTrouble(outcome)
      ? { value: UNKNOWN, trouble: outcome, certain: !outcome.perhaps }
      : { value: args.some(([only]) => only.odd) ? odd(outcome) : outcome, certain: false };
  }
  const values: Alternative[] = [];
  let first: { trouble: Trouble; odd: boolean } | undefined;
  const count = { worked: 0, failed: 0, oddWorked: 0, perhaps: 0 };
  for (const combination of combinations(args, options.typesDecide ?? false)) {
    const outcome = run(combination);
    const seldom = combination.some((one) => one.odd);
    if (isTrouble(outcome)) {
      if (!seldom) count.failed++;
      if (outcome.perhaps) count.perhaps++;
      if (!first || (first.odd && !seldom)) first = { trouble: outcome, odd: seldom };
      continue;
    }
    if (seldom) count.oddWorked++;
    else count.worked++;
    values.push(...(seldom ? odd(outcome) : outcome));
  }
  if (!first) return { value: alternatives(values), certain: false };
  const certain = count.worked + count.oddWorked + count.perhaps === 0;
  const value = values.length === 0 ? UNKNOWN : alternatives(values);
  const worthSaying = certain || (options.lenient ? count.failed > 0 && count.worked === 0 : count.failed > 0);
  return worthSaying ? { value, trouble: first.trouble, certain } : { value, certain: false };
}

const odd = (outcome: Alternatives): Alternatives =>
  outcome.map((one) => ({ ...one, odd: true as const })) as unknown as Alternatives;

function combinations(args: readonly Alternatives[], typesDecide: boolean): readonly (readonly Alternative[])[] {
  const product = args.reduce((all, { length }) => all * length, 1);
  if (product <= (typesDecide ? 64 : MAX_COMBINATIONS)) return multiplied(args);
  if (typesDecide) return side(args);
  const few = args.map(wider);
  return few.reduce((all, { length }) => all * length, 1) <= MAX_COMBINATIONS
    ? multiplied(few)
    : [args.map(() => UNKNOWN[0])];
}

function multiplied(args: readonly Alternatives[]): readonly (readonly Alternative[])[] {
  return args.reduce<readonly (readonly Alternative[])[]>(
    (all, arg) => all.flatMap((before) => arg.map((one) => [...before, one])),
    [[]],
  );
}

/** The first of each together, the second of each, and so on. */
function side(args: readonly Alternatives[]): readonly (readonly Alternative[])[] {
  const longest = Math.max(...args.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => args.map((arg) => arg[i % arg.length] as Alternative));
}
