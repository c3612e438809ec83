import type { State } from './arguments.ts';
import { accepted, counted, refuse, settle, takes, verbHelp, written } from './arguments.ts';
import { goNumber } from './constants.ts';
import type { Method, ParamType } from './fields.ts';
import { fieldOf, methodOf } from './fields.ts';
import type { Frame, Run, Scope } from './frame.ts';
import { plainly } from './frame.ts';
import type { Signature } from './signatures.ts';
import { SIGNATURES } from './signatures.ts';
import type { Command, FieldName, Operand, Pipeline, Place, Term } from './tree.ts';
import type { Outcome, Tried, TryOptions } from './trouble.ts';
import { isTrouble, trouble, tryAll } from './trouble.ts';
import type { Alternative, Alternatives } from './values.ts';
import { alternatives, any, exactly, truths, UNKNOWN } from './values.ts';

/** What pipelines of Go templates give, as its `exec.go` evaluates them. */

/** What came through the `|` before a command. */
type Piped = Alternatives | undefined;

/** The value of a pipeline; its variables are the caller's to set. */
export function evaluate(run: Run, frame: Frame, scope: Scope, pipeline: Pipeline): Alternatives {
  const state = { run, frame, scope };
  let value: Piped;
  for (const command of pipeline.commands) {
    run.steps++;
    value = evaluateCommand(state, command, value);
    if (scope.given.has(plainly(run.text.slice(pipeline.from, command.to)))) value = there(value);
    // Go looks into an empty interface here, and finds nothing.
    if (value.some(({ type }) => type === 'nil interface'))
      value = alternatives(value.map((one) => (one.type === 'nil interface' ? { ...one, type: 'nil' } : one)));
  }
  return value ?? UNKNOWN;
}

function there(value: Alternatives): Alternatives {
  const some = value.filter((one) => truths(one).yes);
  return some.length > 0 ? alternatives(some) : value;
}

function evaluateCommand(state: State, { first, args, from, to }: Command, piped: Piped): Alternatives {
  const place = { from, to };
  const { term, fields } = first;
  if (fields.length > 0) {
    const base =
      term.kind === 'function' ? callFunction(state, term.name, [], undefined, first) : termValue(state, term, first);
    return chain(state, base, first, args, piped, place);
  }
  if (term.kind === 'function') return callFunction(state, term.name, args, piped, place);
  if (args.length > 0 || piped) {
    const message = `${written(state, first)} is no function, so that it can be given nothing.`;
    return refuse(state, place, message, 'A function stands first: `printf "%s" $labels.job`.');
  }
  if (term.kind === 'nil') return refuse(state, first, '`nil` alone is no value that a template can use.');
  return termValue(state, term, first);
}

function termValue(state: State, term: Term, place: Place): Alternatives {
  switch (term.kind) {
    case 'string':
      return exactly('string', term.text);
    case 'number': {
      const number = goNumber(term.text);
      if (!number) return refuse(state, place, `\`${term.text}\` is too large for an integer.`);
      return exactly(number.type, number.value);
    }
    case 'boolean':
      return exactly('bool', term.value);
    case 'nil':
      return any('nil');
    case 'dot':
      return state.scope.dot;
    case 'variable': {
      const value = state.scope.variables.findLast((variable) => variable.name === term.name)?.value ?? UNKNOWN;
      return state.scope.given.has(term.name) ? there(value) : value;
    }
    case 'function':
      return callFunction(state, term.name, [], undefined, place);
    case 'parentheses': {
      const { run, frame, scope } = state;
      const value = evaluate(run, frame, scope, term.pipeline);
      for (const name of term.pipeline.variables) scope.variables.push({ name, value });
      return value;
    }
  }
}

/** `.a.b.c`: the last of them may be a method, which gets the arguments. */
function chain(
  state: State,
  base: Alternatives,
  operand: Operand,
  args: readonly Operand[],
  piped: Piped,
  place: Place,
): Alternatives {
  let value = base;
  for (const [i, field] of operand.fields.entries()) {
    const last = i === operand.fields.length - 1;
    const before = state.run.text.slice(operand.from, operand.fields[i - 1]?.to ?? field.from);
    value = follow(state, value, field, before, last ? args : [], last ? piped : undefined, {
      from: operand.from,
      to: last ? place.to : field.to,
    });
  }
  return value;
}

function follow(
  state: State,
  receivers: Alternatives,
  field: FieldName,
  before: string,
  args: readonly Operand[],
  piped: Piped,
  place: Place,
): Alternatives {
  const tried = tryAll([receivers], ([receiver]) => {
    const one = receiver as Alternative;
    const method = methodOf(one, field.name);
    if (method === undefined) {
      const found = fieldOf(one, field.name, before, state.run.value);
      if (isTrouble(found) || one.type === 'nil' || (args.length === 0 && !piped)) return found;
      return trouble(`\`${field.name}\` is no function, so that it can be given nothing.`);
    }
    if (!('params' in method)) return method;
    return callMethod(state, method, field.name, args, piped, place);
  });
  return settle(state, field.from === place.from ? place : { from: place.from, to: field.to }, tried);
}

function callMethod(
  state: State,
  { params, result }: Method,
  name: string,
  args: readonly Operand[],
  piped: Piped,
  place: Place,
): Outcome {
  const count = args.length + (piped ? 1 : 0);
  if (count !== params.length) return trouble(`\`${name}\` takes ${counted(params.length)}, and was given ${count}.`);
  for (const [i, param] of params.entries()) {
    const arg = args[i];
    if (arg) argument(state, name, arg, param);
    else if (piped) accepted(state, name, piped, param, place);
  }
  return result;
}

function callFunction(state: State, name: string, args: readonly Operand[], piped: Piped, place: Place): Alternatives {
  if (name === 'and' || name === 'or') return decide(state, name, args, piped, place);
  if (name === 'call') return callNothing(state, args, piped, place);
  const signature = SIGNATURES.get(name);
  if (!signature) return UNKNOWN;
  const count = args.length + (piped ? 1 : 0);
  const { params, rest } = signature;
  if (count < params.length || (count > params.length && rest === undefined)) {
    const message = `\`${name}\` takes ${counted(params.length, rest !== undefined)}, and was given ${count}.`;
    return refuse(state, place, message, missing(name, count));
  }
  const given = args.map((arg, i) => argument(state, name, arg, params[i] ?? rest ?? 'any'));
  if (piped) given.push(accepted(state, name, piped, params[args.length] ?? rest ?? 'any', place));
  const texts = [...args.map((arg) => state.run.text.slice(arg.from, arg.to)), ...(piped ? [''] : [])];
  return settle(state, place, apply(state, name, signature, given, texts, place), args);
}

const missing = (name: string, count: number): string | undefined =>
  name.startsWith('humanize') && count === 0 ? `Write \`$value | ${name}\`.` : undefined;

function apply(
  state: State,
  name: string,
  signature: Signature,
  given: readonly Alternatives[],
  texts: readonly string[],
  place: Place,
): Tried {
  const { run, frame } = state;
  let misprint: string | undefined;
  const call = { name, versions: run.versions, written: texts, misprint: (wrong: string) => (misprint ??= wrong) };
  const tried = tryAll(given, (args) => signature.run(args, call), signature as TryOptions);
  if (misprint !== undefined) {
    const message = `\`printf\` writes \`${misprint}\` here: a verb and its argument don’t fit.`;
    frame.failures.push({
      message,
      from: place.from,
      to: place.to,
      kind: 'misprint',
      certain: false,
      ...verbHelp(misprint),
    });
  }
  return tried;
}

/** An argument as written, for a parameter: a constant takes the parameter's type, where it can. */
function argument(state: State, name: string, arg: Operand, param: ParamType): Alternatives {
  const { term, fields } = arg;
  if (fields.length === 0) {
    if (term.kind === 'nil') {
      if (param === 'any' || param === 'vector' || param === 'sample') return any('nil');
      return refuse(state, arg, `\`${name}\` takes ${takes(param)} here, not \`nil\`.`);
    }
    if (term.kind === 'number' && /^(int|time\.Duration)$/.test(param)) {
      return goNumber(term.text)?.type === 'int'
        ? any(param as 'int')
        : refuse(state, arg, `\`${name}\` takes a whole number here.`);
    }
    if (term.kind === 'number' || term.kind === 'string' || term.kind === 'boolean') {
      if (param === 'any' || (param === 'string' && term.kind === 'string')) return termValue(state, term, arg);
      const help = param === 'string' && term.kind === 'number' ? `Write "${term.text}".` : undefined;
      return refuse(state, arg, `\`${name}\` takes ${takes(param)} here, not ${written(state, arg)}.`, help);
    }
  }
  const value =
    fields.length > 0
      ? evaluateCommand(state, { first: arg, args: [], from: arg.from, to: arg.to }, undefined)
      : termValue(state, term, arg);
  return accepted(state, name, value, param, arg);
}

/** `and` and `or` give the first argument that decides, and don't look at those behind it. */
function decide(state: State, name: string, args: readonly Operand[], piped: Piped, place: Place): Alternatives {
  if (args.length === 0 && !piped)
    return refuse(state, place, `\`${name}\` takes at least one argument, and was given none.`);
  const results: Alternative[] = [];
  const given: (() => Alternatives)[] = args.map((arg) => () => argument(state, name, arg, 'any'));
  if (piped) given.push(() => piped);
  for (const [i, value] of given.entries()) {
    const { failures, fails } = state.frame;
    const count = failures.length;
    const found = value();
    // Behind an argument that may have decided, nothing is certain.
    if (results.length > 0) {
      for (let k = count; k < failures.length; k++)
        failures[k] = { ...(failures[k] as (typeof failures)[number]), certain: false };
      state.frame.fails = fails;
    }
    const ends = (one: Alternative): boolean => (name === 'or' ? truths(one).yes : truths(one).no);
    const goesOn = (one: Alternative): boolean => (name === 'or' ? truths(one).no : truths(one).yes);
    if (i === given.length - 1) results.push(...found);
    else {
      results.push(...found.filter(ends));
      if (!found.some(goesOn)) break;
    }
  }
  return alternatives(results);
}

/** There is no function among a template's values that `call` could call. */
function callNothing(state: State, args: readonly Operand[], piped: Piped, place: Place): Alternatives {
  const given = args.map((arg) => argument(state, 'call', arg, 'any'));
  const [callee] = [...given, ...(piped ? [piped] : [])];
  if (callee?.some(({ type }) => type === 'unknown')) return UNKNOWN;
  return refuse(
    state,
    place,
    '`call` calls functions that are values, and there are none here.',
    'A function is called by its name alone.',
  );
}
