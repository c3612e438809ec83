import type { BinaryOp } from './ast.ts';

/** Words and signs with a meaning of their own; words in lower case, as they are compared. */

/** How tight binary operators bind; `^` groups to the right, all others to the left. */
export const PRECEDENCE: Readonly<Record<BinaryOp, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};

export function isBinaryOp(text: string): text is BinaryOp {
  return Object.hasOwn(PRECEDENCE, text);
}

const COMPARISONS: ReadonlySet<BinaryOp> = new Set(['==', '!=', '<', '>', '<=', '>='] as const);
const SET_OPERATORS: ReadonlySet<BinaryOp> = new Set(['and', 'or', 'unless'] as const);

export const isComparison = (op: BinaryOp): boolean => COMPARISONS.has(op);
export const isSetOperator = (op: BinaryOp): boolean => SET_OPERATORS.has(op);

/** Words that can be no metric's name where an expression starts. */
export const NEVER_METRICS: ReadonlySet<string> = new Set([
  'atan2',
  'bool',
  'group_left',
  'group_right',
  'ignoring',
  'on',
]);

/** Words that can name a metric, but no function. */
export const NEVER_FUNCTIONS: ReadonlySet<string> = new Set(['and', 'by', 'offset', 'or', 'unless', 'without']);

/** Words that can be no label in `by (…)`, `on (…)` and their like. */
export const NEVER_LABELS: ReadonlySet<string> = new Set(['inf', 'nan', 'without']);

export const FILL_MODIFIERS: ReadonlySet<string> = new Set(['fill', 'fill_left', 'fill_right']);
