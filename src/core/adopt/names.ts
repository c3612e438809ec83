import type { Expr, VectorSelector } from '../../promql/ast.ts';
import { parse } from '../../promql/parse.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { CompiledRule } from '../model/ruleset.ts';

/** Every selector of an expression, in the order of the text. */
export function selectorsIn(expr: Expr): VectorSelector[] {
  return expr.kind === 'selector' ? [expr] : childrenOf(expr).flatMap(selectorsIn);
}

/** The names of the metrics that an expression reads, where they are written out. */
export function metricNamesIn(expr: Expr): string[] {
  return selectorsIn(expr).flatMap(
    (s) => s.name ?? s.matchers.find((m) => m.label === '__name__' && m.op === '=')?.value ?? [],
  );
}

/** Which of some recorded series a rule reads. */
export function readsOf(rule: CompiledRule, recorded: ReadonlySet<string>): string[] {
  const { expr } = parse(rule.expr);
  return expr ? metricNamesIn(expr).filter((name) => recorded.has(name)) : [];
}

/** A text as a part of a path or an id: letters, digits, `_`, `.` and `-`. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9_.-]+/g, '-')
    .replace(/-{2,}/g, '-');
  return plain.replace(/^[-.]+|[-.]+$/g, '') || 'rules';
}

/** `name`, or `name-2` and so on where it is taken, upper and lower case alike; what is given is taken from then on. */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}-${n}`;
  taken.add(free.toLowerCase());
  return free;
}
