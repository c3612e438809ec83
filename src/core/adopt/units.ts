import type { Expr } from '../../promql/ast.ts';

/** Functions and aggregations that give back the unit of what they take. */
const SAME_UNIT =
  /^(?:sum|avg|min|max|quantile|topk|bottomk|abs|ceil|floor|round|delta|increase|deriv|predict_linear|sort|sort_desc|last_over_time|(?:avg|max|min|quantile)_over_time)$/;

const SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/_bytes(?:_total)?$/, 'bytes'],
  [/_celsius$/, 'celsius'],
  [/_seconds(?:_total|_sum|_bucket)?$/, 'seconds'],
  [/_ratio$/, 'ratio'],
  [/_(?:percent|percentage|pct)$/, 'percent'],
];

/**
 * The unit of what an expression gives, guessed from the names of its metrics; undefined where they don't say.
 * A guess only: it stands in the sources for people to correct, and changes no expression.
 */
export function guessUnit(expr: Expr): string | undefined {
  switch (expr.kind) {
    case 'paren':
    case 'unary':
      return guessUnit(expr.expr);
    case 'subquery':
      return guessUnit(expr.expr);
    case 'matrix':
      return guessUnit(expr.vector);
    case 'selector': {
      const name = expr.name ?? '';
      return SUFFIXES.find(([suffix]) => suffix.test(name))?.[1];
    }
    case 'aggregate':
      return SAME_UNIT.test(expr.op) ? guessUnit(expr.expr) : undefined;
    case 'call':
      return unitOfCall(expr.func, expr.args);
    case 'binary':
      return unitOfBinary(expr.op, expr.lhs, expr.rhs);
    default:
      return undefined;
  }
}

function unitOfCall(func: string, args: readonly Expr[]): string | undefined {
  const last = args.at(-1);
  if (func === 'time' || func === 'timestamp') return 'seconds';
  if (func === 'histogram_quantile') return last && unitOfBuckets(last);
  if (func === 'predict_linear' || func === 'deriv' || func === 'round') return args[0] && guessUnit(args[0]);
  return SAME_UNIT.test(func) && last ? guessUnit(last) : undefined;
}

/** Below `histogram_quantile` rates and sums count the buckets, whose unit is their metric's. */
function unitOfBuckets(expr: Expr): string | undefined {
  if (expr.kind === 'call') return expr.args[0] && unitOfBuckets(expr.args[0]);
  if (expr.kind === 'aggregate' || expr.kind === 'paren') return unitOfBuckets(expr.expr);
  return guessUnit(expr.kind === 'selector' ? { ...expr, name: expr.name?.replace(/_bucket$/, '') ?? '' } : expr);
}

function unitOfBinary(op: string, lhs: Expr, rhs: Expr): string | undefined {
  if (op === '*') return isHundred(lhs) || isHundred(rhs) ? 'percent' : undefined;
  if (op === '/') {
    // A hundred times something, divided, is still a percentage: 100 * free / size.
    if (guessUnit(lhs) === 'percent') return 'percent';
    const [above, below] = [guessUnit(lhs), guessUnit(rhs)];
    return above !== undefined && above === below ? 'ratio' : undefined;
  }
  if (op !== '+' && op !== '-') return ['and', 'unless'].includes(op) ? guessUnit(lhs) : undefined;
  if (lhs.kind === 'number') return lhs.value === 100 && guessUnit(rhs) === 'percent' ? 'percent' : onlyRatio(rhs);
  const [left, right] = [guessUnit(lhs), rhs.kind === 'number' ? guessUnit(lhs) : guessUnit(rhs)];
  return left === right ? left : undefined;
}

/** `1 - free/size` is a ratio as well. */
const onlyRatio = (expr: Expr): string | undefined => (guessUnit(expr) === 'ratio' ? 'ratio' : undefined);

const isHundred = (expr: Expr): boolean =>
  expr.kind === 'paren' ? isHundred(expr.expr) : expr.kind === 'number' && expr.value === 100;
