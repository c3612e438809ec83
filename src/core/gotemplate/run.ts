import type { VersionRange } from '../../promql/version.ts';
import { evaluate } from './evaluate.ts';
import type { Failure, Frame, Run, Scope, Variable } from './frame.ts';
import { fail, newFrame, once } from './frame.ts';
import { asked, loneVariable, passesOn } from './given.ts';
import type { Loop } from './loop.ts';
import { assigns, loopOf } from './loop.ts';
import type { CallStatement, ControlStatement, Pipeline, Statement, Tree } from './tree.ts';
import type { Trouble } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Alternatives } from './values.ts';
import { alternatives, any, FLOAT, keyOf, truths, URL_TEXT } from './values.ts';

/**
 * Runs a template as Go's text/template does, with what is known of an alert's labels and value: which of its statements
 * fail, and whether they fail whenever the alert fires.
 */

/** No template that a person writes comes near these. */
const MAX_STEPS = 5_000;
const MAX_CALLS = 30;

export function runTemplate(text: string, tree: Tree, versions: VersionRange): readonly Failure[] {
  const { failures, fails } = runWith(text, tree, versions, FLOAT);
  // The value of nearly every alert is a number; a template that needs a native histogram fails with all others.
  if (fails && text.includes('alue') && !runWith(text, tree, versions, any('*histogram.FloatHistogram')).fails)
    return once(failures.map(unlessHistogram));
  return once(failures);
}

function unlessHistogram(failure: Failure): Failure {
  if (!failure.certain) return failure;
  return {
    ...failure,
    certain: false,
    message: failure.message.replace(/\.$/, ', unless the value is a native histogram.'),
  };
}

function runWith(text: string, tree: Tree, versions: VersionRange, value: Alternatives): Frame {
  const run: Run = { text, tree, versions, value, calls: [], branches: 0, steps: 0 };
  const variables: Variable[] = [
    { name: '$', value: any('data') },
    { name: '$labels', value: any('labels') },
    { name: '$externalLabels', value: any('labels') },
    { name: '$externalURL', value: URL_TEXT },
    { name: '$value', value },
  ];
  const frame = newFrame();
  statements(run, frame, { dot: any('data'), variables, given: new Set() }, tree.statements);
  return frame;
}

function statements(run: Run, frame: Frame, scope: Scope, list: readonly Statement[]): void {
  for (const statement of list) {
    if (frame.gone || run.steps++ > MAX_STEPS) return;
    switch (statement.kind) {
      case 'text':
        break;
      case 'action':
        evaluatePipeline(run, frame, scope, statement.pipeline);
        break;
      case 'break':
      case 'continue':
        frame.left = true;
        frame.gone = true;
        break;
      case 'template':
        callTemplate(run, frame, scope, statement);
        break;
      default:
        control(run, frame, scope, statement);
    }
  }
}

function evaluatePipeline(run: Run, frame: Frame, scope: Scope, pipeline: Pipeline): Alternatives {
  const value = evaluate(run, frame, scope, pipeline);
  for (const name of pipeline.variables) bind(scope, name, value, pipeline.assigns);
  return value;
}

function bind({ variables }: Scope, name: string, value: Alternatives, assigns: boolean): void {
  const known = assigns ? variables.findLast((variable) => variable.name === name) : undefined;
  if (known) known.value = value;
  else variables.push({ name, value });
}

function control(run: Run, frame: Frame, scope: Scope, statement: ControlStatement): void {
  const mark = scope.variables.length;
  run.branches++;
  if (statement.kind === 'range') range(run, frame, scope, statement);
  else choose(run, frame, scope, statement);
  run.branches--;
  scope.variables.length = mark;
}

function choose(run: Run, frame: Frame, scope: Scope, { kind, pipeline, body, otherwise }: ControlStatement): void {
  const value = evaluatePipeline(run, frame, scope, pipeline);
  const yes = value.filter((one) => truths(one).yes);
  const no = value.filter((one) => truths(one).no);
  const given = new Set([...scope.given, ...asked(run, pipeline)]);
  const taken = { ...scope, given, dot: kind === 'with' && yes.length > 0 ? alternatives(yes) : scope.dot };
  // A variable that was asked for is there.
  const tested = pipeline.variables[0] ?? loneVariable(pipeline);
  const narrowed = (inside: Scope, to: readonly Alternative[]): Scope => {
    if (tested !== undefined && to.length > 0) narrow(inside, tested, alternatives(to));
    return inside;
  };
  branches(
    frame,
    scope,
    yes.length > 0
      ? (inner, own) => statements(run, inner, narrowed({ ...taken, variables: own }, yes), body)
      : undefined,
    no.length > 0
      ? (inner, own) => statements(run, inner, narrowed({ ...scope, variables: own }, no), otherwise)
      : undefined,
  );
}

function narrow({ variables }: Scope, name: string, value: Alternatives): void {
  const at = variables.findLastIndex((variable) => variable.name === name);
  if (at >= 0) variables[at] = { name, value };
}

type Branch = (frame: Frame, variables: Variable[]) => void;

/** Runs what may follow a condition; undefined is a branch that is never taken. */
function branches(frame: Frame, scope: Scope, yes: Branch | undefined, no: Branch | undefined): void {
  const both = [yes, no].flatMap((branch) => {
    if (!branch) return [];
    const inner = { ...newFrame(), left: frame.left };
    const variables = scope.variables.map((variable) => ({ ...variable }));
    branch(inner, variables);
    return [{ inner, variables }];
  });
  const fails = both.length > 0 && both.every(({ inner }) => inner.fails);
  frame.fails ||= fails;
  frame.left ||= both.some(({ inner }) => inner.left);
  frame.gone ||= both.length > 0 && both.every(({ inner }) => inner.gone);
  // One of two branches runs, so what is certain in one alone is not.
  for (const { inner } of both)
    frame.failures.push(
      ...inner.failures.map((failure) => (fails || both.length === 1 ? failure : { ...failure, certain: false })),
    );
  for (const [i, variable] of scope.variables.entries())
    variable.value = alternatives(both.flatMap(({ variables }) => (variables[i] as Variable).value));
}

function range(run: Run, frame: Frame, scope: Scope, { pipeline, body, otherwise }: ControlStatement): void {
  const value = evaluate(run, frame, scope, pipeline);
  const loops = value.map((one) => loopOf(one, pipeline, run));
  const failing = loops.find((loop): loop is Trouble => 'trouble' in loop);
  const running = loops.filter((loop): loop is Loop => !('trouble' in loop));
  if (failing) fail(frame, pipeline, failing, running.length === 0);
  const mayRun = running.some((loop) => loop.mayRun);
  const element = alternatives(running.flatMap((loop) => loop.element));
  const index = alternatives(running.flatMap((loop) => loop.index));
  const loop: Branch = (inner, variables) => {
    const inside: Scope = { ...scope, dot: element, variables };
    const [first, second] = pipeline.variables;
    const start = variables.length;
    const iterate = (into: Frame): void => {
      variables.length = start;
      if (first !== undefined) bind(inside, first, second === undefined ? element : index, pipeline.assigns);
      if (second !== undefined) bind(inside, second, element, pipeline.assigns);
      statements(run, into, inside, body);
    };
    // What a later turn meets in its variables is what an earlier one has left there.
    if (pipeline.assigns || body.some(assigns)) {
      for (let turn = 0; turn < 2; turn++) {
        const before = variables.map((variable) => ({ ...variable }));
        iterate(newFrame());
        variables.length = start;
        for (const [i, variable] of variables.entries())
          variable.value = alternatives([...(before[i] as Variable).value, ...variable.value]);
      }
    }
    const turn = newFrame();
    iterate(turn);
    inner.failures.push(...turn.failures.map((failure) => ({ ...failure, certain: failure.certain && !frame.left })));
    inner.fails ||= turn.fails && !frame.left;
  };
  const instead: Branch = (inner, variables) => statements(run, inner, { ...scope, variables }, otherwise);
  branches(frame, scope, mayRun ? loop : undefined, running.some(({ mayNot }) => mayNot) ? instead : undefined);
}

function callTemplate(run: Run, frame: Frame, scope: Scope, call: CallStatement): void {
  const { name, pipeline } = call;
  const body = run.tree.definitions.get(name);
  if (!body) {
    const names = [...run.tree.definitions.keys()].map((known) => `"${known}"`);
    const help =
      names.length > 0
        ? `There is ${names.join(', ')}.`
        : `Define it in this text, \`{{ define "${name}" }}…{{ end }}\`: there are no other templates here.`;
    fail(frame, call, trouble(`No template "${name}" is defined.`, help), true);
    return;
  }
  const dot = pipeline ? evaluatePipeline(run, frame, scope, pipeline) : any('nil');
  const key = dot.map(keyOf).join();
  const before = run.calls.findLast((other) => other.name === name);
  const same =
    before !== undefined && before.dot === key && (!pipeline || dot.every(({ exact }) => exact) || passesOn(pipeline));
  if (same || before?.branches === run.branches) {
    const help = 'Let it end: call it with something that grows smaller, inside of an `if`; or use `range`.';
    fail(frame, call, trouble(`The template "${name}" calls itself without end.`, help), true);
    return;
  }
  if (run.calls.length > MAX_CALLS) return;
  run.calls.push({ name, dot: key, branches: run.branches });
  statements(run, frame, { dot, variables: [{ name: '$', value: dot }], given: new Set() }, body);
  run.calls.pop();
}
