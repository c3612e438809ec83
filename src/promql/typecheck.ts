import { aggregator } from './aggregators.ts';
import type { Aggregate, Binary, Call, Expr, PromqlProblem } from './ast.ts';
import { FUNCTION_NAMES, type FunctionSpec, functionSpec, type ValueType } from './functions.ts';
import { isComparison, isSetOperator } from './keywords.ts';
import type { Report } from './selector-check.ts';
import { checkSelector } from './selector-check.ts';
import { suggest } from './suggest.ts';
import { TYPE_NAMES } from './types.ts';

/** Checks the types of a tree as Prometheus does, every function's arguments among them. */
export function typecheck(expr: Expr): {
  readonly type: ValueType | undefined;
  readonly problems: readonly PromqlProblem[];
} {
  const problems: PromqlProblem[] = [];
  const type = check(expr, (range, message, help, kind = 'type') => {
    problems.push({ kind, message, from: range.from, to: range.to, help });
  });
  return { type, problems };
}

type Type = ValueType | undefined;

function check(expr: Expr, report: Report): Type {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      checkSelector(expr, report, false);
      return 'vector';
    case 'matrix':
      checkSelector(expr.vector, report, false);
      return 'matrix';
    case 'paren':
      return check(expr.expr, report);
    case 'subquery': {
      const type = check(expr.expr, report);
      if (type !== undefined && type !== 'vector') {
        report(expr.expr, `A subquery needs an instant vector, not ${TYPE_NAMES[type]}.`, subqueryHelp(type));
      }
      return 'matrix';
    }
    case 'unary': {
      const type = check(expr.expr, report);
      if (type === 'matrix' || type === 'string') {
        report(
          expr,
          `\`${expr.op}\` can stand before a number or an instant vector, not before ${TYPE_NAMES[type]}.`,
          'Remove the sign.',
        );
      }
      return type;
    }
    case 'aggregate':
      return checkAggregate(expr, report);
    case 'call':
      return checkCall(expr, report);
    case 'binary':
      return checkBinary(expr, report);
  }
}

function subqueryHelp(type: ValueType): string {
  return type === 'matrix'
    ? 'Remove the inner range.'
    : 'Put the brackets behind a metric or an expression over metrics.';
}

/** How to make one type from another. */
function conversion(got: ValueType, want: ValueType, otherwise: string): string {
  if (got === 'vector' && want === 'matrix')
    return 'Add a range, such as `[5m]`; over an expression make a subquery, such as `[5m:]`.';
  if (got === 'matrix' && want === 'vector')
    return 'Remove the range in brackets, or put a function such as `rate()` or `max_over_time()` around it.';
  if (got === 'scalar' && want === 'vector')
    return 'Use a metric or an expression over metrics; `vector(…)` makes a vector of a number.';
  if (got === 'vector' && want === 'scalar')
    return 'Write a number; `scalar(…)` makes a number of a vector of one element.';
  if (want === 'string') return 'Put the text in quotes.';
  return otherwise;
}

/** What wants the type, and how it is called. */
interface Wanting {
  readonly name: string;
  readonly usage: string;
}

function expectType(type: Type, want: ValueType, expr: Expr, by: Wanting, report: Report): void {
  if (type === undefined || type === want) return;
  const message = `\`${by.name}\` needs ${TYPE_NAMES[want]} here, not ${TYPE_NAMES[type]}.`;
  report(expr, message, conversion(type, want, by.usage));
}

function checkAggregate(expr: Aggregate, report: Report): Type {
  const param = aggregator(expr.op)?.param;
  const usage = `It is called as \`${expr.op}(${param === undefined ? '' : `${WORDS[param]}, `}vector)\`.`;
  const by = { name: expr.op, usage };
  expectType(check(expr.expr, report), 'vector', expr.expr, by, report);
  if (expr.param && param) expectType(check(expr.param, report), param, expr.param, by, report);
  return 'vector';
}

function checkCall(expr: Call, report: Report): Type {
  const name = { from: expr.from, to: expr.from + expr.func.length };
  const spec = functionSpec(expr.func);
  if (!spec) {
    for (const arg of expr.args) check(arg, report);
    const meant = suggest(expr.func, FUNCTION_NAMES);
    report(
      name,
      `There is no function \`${expr.func}\`.`,
      meant ? `Did you mean \`${meant}\`?` : 'Look for the name in the list of Prometheus’ functions.',
    );
    return undefined;
  }
  const by = {
    name: expr.func,
    usage: `It is called as \`${expr.func}(${spec.args.map((arg) => WORDS[arg]).join(', ')})\`.`,
  };
  checkCount(expr, spec, by, report);
  for (const [i, arg] of expr.args.entries()) {
    if (expr.func === 'info' && i === 1) {
      checkInfoSelector(arg, report);
      continue;
    }
    const type = check(arg, report);
    const want = spec.variadic === 0 ? spec.args[i] : spec.args[Math.min(i, spec.args.length - 1)];
    if (want) expectType(type, want, arg, by, report);
  }
  return spec.returns;
}

/** How arguments are called in a usage. */
const WORDS: Readonly<Record<ValueType, string>> = {
  scalar: 'number',
  vector: 'vector',
  matrix: 'range',
  string: '"text"',
};

function checkCount(expr: Call, { args, variadic }: FunctionSpec, by: Wanting, report: Report): void {
  const least = variadic === 0 ? args.length : args.length - 1;
  const most = variadic < 0 ? Number.POSITIVE_INFINITY : least + variadic;
  const count = expr.args.length;
  if (count >= least && count <= most) return;
  const atMost = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  const takes = most === least ? `${least}` : atMost;
  const message = `\`${expr.func}\` takes ${takes} ${takes === '1' ? 'argument' : 'arguments'}, not ${count}.`;
  report(expr, message, by.usage);
}

function checkInfoSelector(arg: Expr, report: Report): void {
  if (arg.kind !== 'selector' || arg.nameRange?.from === arg.from) {
    report(
      arg,
      'The second argument of `info` is a selector by labels, without a metric’s name.',
      'Write `{label="value"}`.',
    );
  } else checkSelector(arg, report, true);
}

function checkBinary(expr: Binary, report: Report): Type {
  const left = check(expr.lhs, report);
  const right = check(expr.rhs, report);
  const op = `\`${expr.op}\``;
  const { matching } = expr;
  for (const [type, side] of [
    [left, expr.lhs],
    [right, expr.rhs],
  ] as const) {
    if (type === 'matrix' || type === 'string') {
      report(
        side,
        `${op} works on numbers and instant vectors, not on ${TYPE_NAMES[type]}.`,
        type === 'matrix'
          ? conversion(type, 'vector', '')
          : 'Texts are compared by matchers only: `metric{label="value"}`.',
      );
    }
  }
  if (expr.bool && !isComparison(expr.op)) {
    report(expr.opRange, `\`bool\` can follow a comparison only, not ${op}.`, 'Remove `bool`.');
  }
  const scalars = left === 'scalar' && right === 'scalar';
  if (isComparison(expr.op) && !expr.bool && scalars) {
    report(
      expr.opRange,
      'A comparison of two numbers must say `bool`.',
      `Write \`${expr.op} bool\`, or compare a metric.`,
    );
  }
  for (const label of matching.on ? matching.labels : []) {
    if (!matching.include.includes(label)) continue;
    report(
      expr.opRange,
      `The label \`${label}\` stands in \`on\` and in \`group_${matching.many}\`.`,
      'Remove it from one of them: what is in `on` is in the result anyway.',
    );
  }
  const vectors = left !== 'scalar' && right !== 'scalar';
  if (!vectors && matching.labels.length > 0) {
    report(
      expr.opRange,
      '`on` and `ignoring` can stand between two instant vectors only.',
      'Remove it: a number has no labels.',
    );
  }
  if (matching.fill && (!vectors || isSetOperator(expr.op))) {
    report(
      expr.opRange,
      vectors ? `Nothing is filled in beside ${op}.` : '`fill` can stand between two instant vectors only.',
      'Remove it.',
    );
  }
  if (isSetOperator(expr.op)) {
    if (!vectors) {
      report(
        expr.opRange,
        `${op} combines instant vectors; a number cannot stand beside it.`,
        'Write `vector(…)` around the number, or compare it.',
      );
    } else if (matching.many) {
      report(
        expr.opRange,
        `\`group_${matching.many}\` cannot stand with ${op}: it always matches many to many.`,
        'Remove it.',
      );
    }
  }
  return scalars ? 'scalar' : 'vector';
}
