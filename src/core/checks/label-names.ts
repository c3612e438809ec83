import type { Expr } from '../../promql/ast.ts';
import { childrenOf } from '../../promql/walk.ts';
import { editDistance } from '../ground/suggest.ts';
import type { Program } from '../instance/program.ts';

/** Shorter names are near one another by chance: `node` and `mode`. */
const SHORTEST = 5;

/**
 * The label that a text most likely means by a name that nothing here knows: no target, group, matcher or clause has
 * it. Series have labels that nobody writes down, so that only a name one slip away from a known one is doubted.
 */
export function meantLabel(label: string, known: ReadonlySet<string>): string | undefined {
  if (label.length < SHORTEST || known.has(label)) return undefined;
  const near = [...known].filter((name) => name.length >= SHORTEST && editDistance(label, name) === 1);
  return near.length === 1 ? near[0] : undefined;
}

/** Every label that somebody says something of: targets, groups, matchers, clauses, static labels, facts of metrics. */
export function labelsSpokenOf({ inventory, tree, rules, config }: Program): ReadonlySet<string> {
  const known = new Set(['instance', 'job', ...inventory.known]);
  for (const { box } of tree.groups) for (const label of box.keys()) known.add(label);
  for (const { labels } of config.metrics) for (const label of labels) known.add(label);
  for (const { rule, samples } of rules) {
    for (const field of rule.base.keys()) if (field.startsWith('label:')) known.add(field.slice('label:'.length));
    for (const expr of new Set(samples.map(({ shape }) => shape.expr))) addLabels(expr, known);
  }
  return known;
}

function addLabels(expr: Expr, known: Set<string>): void {
  if (expr.kind === 'selector') for (const { label } of expr.matchers) known.add(label);
  if (expr.kind === 'aggregate') for (const label of expr.grouping?.labels ?? []) known.add(label);
  if (expr.kind === 'binary') {
    for (const label of [...expr.matching.labels, ...expr.matching.include]) known.add(label);
  }
  if (expr.kind === 'call') for (const arg of expr.args) if (arg.kind === 'string') known.add(arg.value);
  for (const child of childrenOf(expr)) addLabels(child, known);
}
