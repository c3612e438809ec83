import { suggest } from '../ground/suggest.ts';
import type { Expr, LoopField, Place } from './ast.ts';
import { FILTERS } from './filters.ts';
import type { Run, Scope } from './machine.ts';
import { contextOf, fail, LIMITS, lookup, spend, spendIterations, stop } from './machine.ts';
import type { Refusal } from './operations.ts';
import { arithmetic, compare, concat, contains, isRefusal, truth } from './operations.ts';
import type { Computed, Deps, Plain } from './runtime.ts';
import { bool, constant, itemsOf, NO_DEPS, num, str, union } from './runtime.ts';

/** The value of an expression, and the params it depends on; undefined where there is none, which has been told. */
export function evaluate(expr: Expr, scope: Scope, run: Run): Computed | undefined {
  if (run.stopped || !spend(run, scope, expr, 1)) return undefined;
  switch (expr.kind) {
    case 'literal':
      return constant(expr.value);
    case 'constant':
      return expr.value;
    case 'name':
      return evaluateName(expr, expr.name, scope, run);
    case 'loop':
      return constant(loopField(expr.field, scope.loop ?? { index: 0, length: 0 }));
    case 'list': {
      const items = evaluateAll(expr.items, scope, run);
      return items && { value: { type: 'sequence', items }, deps: depsOf(items) };
    }
    case 'range':
      return evaluateRange(expr, scope, run);
    case 'negate': {
      const operand = evaluate(expr.operand, scope, run);
      if (!operand) return undefined;
      return settle(expr, arithmetic('*', num(-1), operand.value), operand.deps, scope, run);
    }
    case 'arithmetic':
      return both(expr, scope, run, (left, right) => arithmetic(expr.op, left.value, right.value));
    case 'compare':
      return both(expr, scope, run, (left, right) => answer(compare(expr.op, left.value, right.value)));
    case 'in':
      return both(expr, scope, run, (left, right) => {
        const items = itemsOf(right);
        run.steps += items?.length ?? 0;
        return answer(contains(left.value, right.value, items));
      });
    case 'concat': {
      const parts = evaluateAll(expr.parts, scope, run);
      return parts && settle(expr, concat(parts), depsOf(parts), scope, run);
    }
    case 'not': {
      const operand = evaluate(expr.operand, scope, run);
      const holds = operand && truth(operand.value);
      if (!operand || holds === undefined) return undefined;
      return settle(expr, isRefusal(holds) ? holds : bool(!holds), operand.deps, scope, run);
    }
    case 'and':
    case 'or': {
      const left = evaluate(expr.left, scope, run);
      const holds = left && decide(expr.left, left, scope, run);
      if (!left || holds === undefined) return undefined;
      return holds === (expr.kind === 'or') ? left : evaluate(expr.right, scope, run);
    }
    case 'choose': {
      const cond = evaluate(expr.cond, scope, run);
      const holds = cond && decide(expr.cond, cond, scope, run);
      if (holds === undefined) return undefined;
      if (holds) return evaluate(expr.chosen, scope, run);
      return expr.otherwise ? evaluate(expr.otherwise, scope, run) : constant(str(''));
    }
    case 'filter':
      return evaluateFilter(expr, scope, run);
    case 'call':
      return run.callMacro(expr, scope, run);
  }
}

/** Whether a condition holds. The params it depends on have chosen a branch, so they are structural. */
export function decide(place: Place, cond: Computed, scope: Scope, run: Run): boolean | undefined {
  for (const name of cond.deps) run.structural.add(name);
  const holds = truth(cond.value);
  return isRefusal(holds) ? fail(run, scope, place, holds.code, holds.refused, holds.help) : holds;
}

export function depsOf(parts: readonly { readonly deps: Deps }[]): Deps {
  return parts.reduce<Deps>((all, part) => union(all, part.deps), NO_DEPS);
}

function evaluateAll(exprs: readonly Expr[], scope: Scope, run: Run): Computed[] | undefined {
  const values = exprs.map((expr) => evaluate(expr, scope, run));
  return values.includes(undefined) ? undefined : (values as Computed[]);
}

function both(
  expr: Place & { readonly left: Expr; readonly right: Expr },
  scope: Scope,
  run: Run,
  apply: (left: Computed, right: Computed) => Plain | Refusal,
): Computed | undefined {
  const left = evaluate(expr.left, scope, run);
  const right = evaluate(expr.right, scope, run);
  return left && right && settle(expr, apply(left, right), union(left.deps, right.deps), scope, run);
}

function answer(result: boolean | Refusal): Plain | Refusal {
  return isRefusal(result) ? result : bool(result);
}

/** A result with what it depends on; a refusal is told at its place, and a text that grew costs what it is long. */
function settle(place: Place, result: Plain | Refusal, deps: Deps, scope: Scope, run: Run): Computed | undefined {
  if (isRefusal(result)) return fail(run, scope, place, result.code, result.refused, result.help);
  if ('value' in result && typeof result.value === 'string') {
    if (result.value.length > LIMITS.output) {
      stop(run, scope, place, `The template makes a text longer than ${LIMITS.output} characters.`);
      return undefined;
    }
    if (!spend(run, scope, place, result.value.length >> 6)) return undefined;
  }
  return { value: result, deps };
}

function evaluateName(place: Place, name: string, scope: Scope, run: Run): Computed | undefined {
  const found = lookup(run, scope, name);
  if (found === undefined) return undefinedName(place, name, scope, run);
  return found ?? undefined;
}

function undefinedName(place: Place, name: string, scope: Scope, run: Run): undefined {
  const known = [...contextOf(run, scope.unit).keys()].sort();
  const near = suggest(name, known);
  const list = known.length === 0 ? 'There are no names here.' : `Known here: ${known.join(', ')}.`;
  return fail(
    run,
    scope,
    place,
    'template-undefined',
    `\`${name}\` has no value here.`,
    near ? `Did you mean \`${near}\`? ${list}` : list,
  );
}

function loopField(field: LoopField, { index, length }: { index: number; length: number }): Plain {
  switch (field) {
    case 'index':
      return num(index + 1);
    case 'index0':
      return num(index);
    case 'revindex':
      return num(length - index);
    case 'revindex0':
      return num(length - index - 1);
    case 'first':
      return bool(index === 0);
    case 'last':
      return bool(index === length - 1);
    case 'length':
      return num(length);
  }
}

function evaluateRange(expr: Expr & { kind: 'range' }, scope: Scope, run: Run): Computed | undefined {
  const args = evaluateAll(expr.args, scope, run);
  if (!args) return undefined;
  const numbers = args.map((arg) => (arg.value.type === 'number' ? arg.value.value : Number.NaN));
  if (!numbers.every(Number.isFinite)) return fail(run, scope, expr, 'wrong-type', '`range` takes numbers.');
  const [start, stopAt] = numbers.length === 1 ? [0, numbers[0] as number] : (numbers as [number, number]);
  const step = numbers[2] || 1;
  const count = Math.max(0, Math.ceil((stopAt - start) / step));
  if (!spendIterations(run, scope, expr, count > LIMITS.iterations ? count : 0)) return undefined;
  if (!spend(run, scope, expr, count)) return undefined;
  const deps = depsOf(args);
  const items: Computed[] = [];
  // Added up step by step, as nunjucks does: with fractions that differs from a multiplication.
  for (let n = start; step > 0 ? n < stopAt : n > stopAt; n += step) {
    items.push({ value: num(n), deps });
    if (items.length > count + 1) break;
  }
  return { value: { type: 'sequence', items }, deps };
}

function evaluateFilter(expr: Expr & { kind: 'filter' }, scope: Scope, run: Run): Computed | undefined {
  const filter = FILTERS[expr.name];
  const target = evaluate(expr.target, scope, run);
  const args = evaluateAll(expr.args, scope, run);
  if (!filter || !target || !args) return undefined;
  const items = itemsOf(target);
  run.steps += items?.length ?? 0;
  const values = args.map((arg) => arg.value);
  const length = 'value' in target.value && typeof target.value.value === 'string' ? target.value.value.length : 0;
  // What these make is measured before it is made: its length is a product.
  const longest = Math.max(0, ...values.map((v) => ('value' in v && typeof v.value === 'string' ? v.value.length : 0)));
  const times = expr.name === 'replace' ? length + 2 : expr.name === 'join' ? (items?.length ?? 0) : 0;
  if (times * longest > 16 * LIMITS.output) {
    stop(run, scope, expr, `The template makes a text longer than ${LIMITS.output} characters.`);
    return undefined;
  }
  return settle(expr, filter.apply(target.value, values, items), union(target.deps, depsOf(args)), scope, run);
}
