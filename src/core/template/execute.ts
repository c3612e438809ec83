import { suggest } from '../ground/suggest.ts';
import type { Value } from '../model/value.ts';
import { valueText } from '../model/value.ts';
import type { Expr, MacroParam, Place, Statement } from './ast.ts';
import { decide, depsOf, evaluate } from './evaluate.ts';
import type { Run, Scope } from './machine.ts';
import { assign, fail, LIMITS, lookup, spend, spendIterations, spendOutput, stop } from './machine.ts';
import type { Computed, MacroPlace, Part } from './runtime.ts';
import { itemsOf, plainText } from './runtime.ts';

/** Runs statements and puts what they write to `out`. */
export function execute(body: readonly Statement[], scope: Scope, run: Run, out: Part[]): void {
  for (const statement of body) {
    if (run.stopped || !spend(run, scope, statement, 1)) return;
    executeOne(statement, scope, run, out);
  }
}

function executeOne(statement: Statement, scope: Scope, run: Run, out: Part[]): void {
  switch (statement.kind) {
    case 'text':
      emitText(statement.text, statement, true, scope, run, out);
      return;
    case 'output':
      output(statement, scope, run, out);
      return;
    case 'if': {
      const cond = evaluate(statement.cond, scope, run);
      const holds = cond && decide(statement.cond, cond, scope, run);
      if (holds !== undefined) execute(holds ? statement.body : statement.otherwise, scope, run, out);
      return;
    }
    case 'for':
      loop(statement, scope, run, out);
      return;
    case 'set': {
      const { value: written, names } = statement;
      const value = 'kind' in written ? evaluate(written, scope, run) : capture(written, scope, run);
      for (const name of names) assign(run, scope, name, value ?? null);
    }
  }
}

function loop(statement: Statement & { kind: 'for' }, scope: Scope, run: Run, out: Part[]): void {
  const list = evaluate(statement.list, scope, run);
  if (!list) return;
  for (const name of list.deps) run.structural.add(name);
  const items = list.value.type === 'none' ? [] : itemsOf(list);
  if (!items) {
    fail(run, scope, statement.list, 'wrong-type', 'A `for` goes through a list.', 'Write a list, or `range(3)`.');
    return;
  }
  if (!spend(run, scope, statement.list, items.length) || !spendIterations(run, scope, statement.list, items.length))
    return;
  const frame = { variables: new Map<string, Computed | null>(), parent: scope.frame };
  for (const [index, item] of items.entries()) {
    frame.variables.set(statement.name, item);
    execute(statement.body, { ...scope, frame, top: false, loop: { index, length: items.length } }, run, out);
    if (run.stopped) return;
  }
  if (items.length === 0) execute(statement.otherwise, { ...scope, frame, top: false }, run, out);
}

function capture(body: readonly Statement[], scope: Scope, run: Run): Computed {
  const parts: Part[] = [];
  execute(body, scope, run, parts);
  return { value: { type: 'markup', parts }, deps: depsOfParts(parts) };
}

function depsOfParts(parts: readonly Part[]): Computed['deps'] {
  return depsOf(parts.filter((part) => part.kind === 'value'));
}

function output(statement: Statement & { kind: 'output' }, scope: Scope, run: Run, out: Part[]): void {
  const computed = evaluate(statement.expr, scope, run);
  if (!computed) return;
  const { value, deps } = computed;
  if (value.type === 'markup') {
    // What a macro wrote stands, for the template, where it was called.
    if (!spend(run, scope, statement, value.parts.length)) return;
    const inside = macroPlace(statement, scope);
    for (const part of value.parts) {
      const length = part.kind === 'text' ? part.text.length : valueText(part.value).length;
      if (!spendOutput(run, scope, statement, length)) return;
      const placed = {
        ...part,
        from: statement.from,
        to: statement.to,
        ...(part.macro || !inside ? {} : { macro: inside }),
      };
      out.push(placed.kind === 'text' ? { ...placed, exact: false } : placed);
    }
  } else if (value.type === 'sequence' || (deps.size === 0 && value.type === 'list')) {
    const help = 'Say what stands between its items: `list | join(", ")`.';
    fail(run, scope, statement.expr, 'wrong-type', 'A list cannot be written as it is.', help);
  } else if (deps.size === 0 || value.type === 'none') {
    emitText(plainText(value) ?? '', statement, false, scope, run, out);
  } else if (spendOutput(run, scope, statement, valueText(value).length)) {
    out.push(valuePart(statement, value, deps, scope, run));
  }
}

function valuePart(
  statement: Statement & { kind: 'output' },
  value: Value,
  deps: Computed['deps'],
  scope: Scope,
  run: Run,
): Part {
  const { expr, from, to } = statement;
  const inside = macroPlace(statement, scope);
  const part = { kind: 'value', value, deps, from, to, ...(inside ? { macro: inside } : {}) } as const;
  // The commonest hole of all, `<< threshold >>`, can be filled again without another run.
  const name = expr.kind === 'name' ? expr.name : undefined;
  const bare =
    name !== undefined && deps.size === 1 && deps.has(name) && lookup(run, scope, name) === run.context.get(name);
  return bare && run.context.get(name)?.value === value ? { ...part, bare: name } : part;
}

function emitText(text: string, place: Place, exact: boolean, scope: Scope, run: Run, out: Part[]): void {
  if (text === '' || !spendOutput(run, scope, place, text.length)) return;
  const inside = macroPlace(place, scope);
  const { from, to } = place;
  out.push({ kind: 'text', text, from, to, exact: exact && !inside, ...(inside ? { macro: inside } : {}) });
}

function macroPlace(place: Place, scope: Scope): MacroPlace | undefined {
  return scope.depth === 0 ? undefined : { source: scope.unit.source, from: place.from, to: place.to };
}

/** What a macro writes, with its arguments by position or by name. */
export function callMacro(expr: Expr & { kind: 'call' }, scope: Scope, run: Run): Computed | undefined {
  const { macro } = expr;
  if (scope.depth >= LIMITS.depth) {
    stop(run, scope, expr, `Macros call one another deeper than ${LIMITS.depth}.`);
    return undefined;
  }
  const variables = new Map<string, Computed | null>();
  const calls = [{ macro: macro.name, unit: scope.unit, place: expr }, ...scope.calls];
  const inside: Scope = { unit: macro.unit, frame: { variables }, top: false, depth: scope.depth + 1, calls };
  const before = run.diagnostics.length;
  let complete = bindArguments(expr, scope, run, variables);
  for (const param of macro.params) {
    if (complete && !variables.has(param.name)) complete = bindFallback(param, expr, scope, inside, run, variables);
  }
  if (!complete || run.stopped) return undefined;
  const parts: Part[] = [];
  execute(macro.body, inside, run, parts);
  if (run.stopped || run.diagnostics.length > before) return undefined;
  return { value: { type: 'markup', parts }, deps: depsOfParts(parts) };
}

function bindArguments(
  expr: Expr & { kind: 'call' },
  scope: Scope,
  run: Run,
  variables: Map<string, Computed | null>,
): boolean {
  const { macro, args } = expr;
  const known = macro.params.map((param) => param.name);
  const usage = `It is \`${macro.name}(${known.join(', ')})\`.`;
  let complete = true;
  for (const [i, arg] of args.entries()) {
    const name = arg.name ?? known[i];
    const value = evaluate(arg.value, scope, run);
    if (name === undefined) {
      fail(run, scope, arg.value, 'template-syntax', `The macro \`${macro.name}\` takes fewer arguments.`, usage);
    } else if (!known.includes(name)) {
      const near = suggest(name, known);
      const help = near ? `Did you mean \`${near}\`? ${usage}` : usage;
      fail(
        run,
        scope,
        arg.value,
        'template-undefined',
        `The macro \`${macro.name}\` has no argument \`${name}\`.`,
        help,
      );
    } else if (variables.has(name)) {
      fail(run, scope, arg.value, 'template-syntax', `The argument \`${name}\` is given twice.`, usage);
    } else if (value) {
      variables.set(name, value);
      continue;
    }
    complete = false;
  }
  return complete;
}

function bindFallback(
  param: MacroParam,
  expr: Expr & { kind: 'call' },
  scope: Scope,
  inside: Scope,
  run: Run,
  variables: Map<string, Computed | null>,
): boolean {
  if (!param.fallback) {
    const { macro } = expr;
    const usage = `It is \`${macro.name}(${macro.params.map((p) => p.name).join(', ')})\`.`;
    fail(run, scope, expr, 'missing-value', `The macro \`${macro.name}\` lacks its argument \`${param.name}\`.`, usage);
    return false;
  }
  const value = evaluate(param.fallback, inside, run);
  if (value) variables.set(param.name, value);
  return value !== undefined;
}
