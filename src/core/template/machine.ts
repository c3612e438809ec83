import type { Code } from '../ground/codes.ts';
import type { Diagnostic, Note } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Expr, Place, Unit } from './ast.ts';
import type { Computed } from './runtime.ts';

/** One run of a template: what it has used up, what it has found out, and where it stands. */

export const LIMITS = {
  steps: 100_000,
  iterations: 10_000,
  output: 65_536, // UTF-16 units
  depth: 20, // macros that call macros
  diagnostics: 20,
} as const;

export interface Run {
  /** Params, and what the template has set at its top level: what its own macros see. */
  readonly context: Map<string, Computed | null>;
  /** Params whose value chose a branch, a loop, or how often it goes round. */
  readonly structural: Set<string>;
  readonly diagnostics: Diagnostic[];
  /** Expressions call macros, whose statements hold expressions: this is how the first know the second. */
  readonly callMacro: MacroCaller;
  steps: number;
  iterations: number;
  output: number;
  stopped: boolean;
}

export type MacroCaller = (expr: Expr & { kind: 'call' }, scope: Scope, run: Run) => Computed | undefined;

/** `null` is a name whose value could not be computed, which has been told. */
export interface Frame {
  readonly variables: Map<string, Computed | null>;
  readonly parent?: Frame;
}

export interface Scope {
  readonly unit: Unit;
  readonly frame: Frame;
  /** Statements at the top level of the unit set names for its macros as well. */
  readonly top: boolean;
  readonly depth: number;
  readonly loop?: { readonly index: number; readonly length: number };
  /** Inside of a macro: its calls, the innermost first. */
  readonly calls: readonly Call[];
}

export interface Call {
  readonly macro: string;
  readonly unit: Unit;
  readonly place: Place;
}

export function newRun(params: ReadonlyMap<string, Computed>, callMacro: MacroCaller): Run {
  const context = new Map<string, Computed | null>(params);
  const used = { steps: 0, iterations: 0, output: 0, stopped: false };
  return { context, structural: new Set(), diagnostics: [], callMacro, ...used };
}

export function topScope(unit: Unit): Scope {
  return { unit, frame: { variables: new Map() }, top: true, depth: 0, calls: [] };
}

/** Tells a problem, each once, and gives back undefined for the value that there isn't. */
export function fail(run: Run, scope: Scope, place: Place, code: Code, message: string, help?: string): undefined {
  if (run.diagnostics.length >= LIMITS.diagnostics) return undefined;
  const span = scope.unit.source.span(place.from, place.to);
  const known = run.diagnostics.some(
    (d) => d.span.start === span.start && d.span.file === span.file && d.message === message,
  );
  if (known) return undefined;
  const notes = scope.calls.map(
    (call): Note => ({
      message: `the macro \`${call.macro}\` is called here`,
      span: call.unit.source.span(call.place.from, call.place.to),
    }),
  );
  run.diagnostics.push(diagnostic(code, span, message, { help, notes }));
  return undefined;
}

/** Uses up steps; false, and told, where there are none left. */
export function spend(run: Run, scope: Scope, place: Place, steps: number): boolean {
  run.steps += steps;
  if (run.steps <= LIMITS.steps) return true;
  return stop(run, scope, place, `The template takes more than ${LIMITS.steps} steps.`);
}

export function spendIterations(run: Run, scope: Scope, place: Place, count: number): boolean {
  run.iterations += count;
  if (run.iterations <= LIMITS.iterations) return true;
  return stop(run, scope, place, `The template loops more than ${LIMITS.iterations} times.`);
}

export function spendOutput(run: Run, scope: Scope, place: Place, length: number): boolean {
  run.output += length;
  if (run.output <= LIMITS.output) return true;
  return stop(run, scope, place, `The template writes more than ${LIMITS.output} characters.`);
}

/** Ends the run: nothing more is computed. */
export function stop(run: Run, scope: Scope, place: Place, message: string): false {
  if (!run.stopped)
    fail(
      run,
      { ...scope, calls: scope.calls.slice(-1) },
      place,
      'template-limit',
      message,
      'A template describes one short text.',
    );
  run.stopped = true;
  return false;
}

/** The value of a name: in the scope's frames first, then in what its unit knows; null where it failed before. */
export function lookup(run: Run, scope: Scope, name: string): Computed | null | undefined {
  for (let frame: Frame | undefined = scope.frame; frame; frame = frame.parent) {
    const value = frame.variables.get(name);
    if (value !== undefined) return value;
  }
  return contextOf(run, scope.unit).get(name);
}

/** `set` changes the nearest name of that kind, and makes a new one where there is none. */
export function assign(run: Run, scope: Scope, name: string, value: Computed | null): void {
  let owner: Frame | undefined = scope.frame;
  while (owner && !owner.variables.has(name)) owner = owner.parent;
  (owner ?? scope.frame).variables.set(name, value);
  if (scope.top && scope.unit.constants === undefined) run.context.set(name, value);
}

export function contextOf(run: Run, unit: Unit): ReadonlyMap<string, Computed | null> {
  return unit.constants ?? run.context;
}
