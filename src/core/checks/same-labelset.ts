import type { Expr } from '../../promql/ast.ts';
import { isVector, TARGET } from '../../promql/kept.ts';
import type { Labels } from '../../promql/label-names.ts';
import { hasLabel, without } from '../../promql/label-names.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { targetsNear } from '../inventory/target-index.ts';
import type { Inventory, Target } from '../model/inventory.ts';
import { mayBeIn } from '../model/inventory.ts';
import { sharesOf, twins } from '../shares/expression.ts';
import { recordsOf } from '../shares/records.ts';

/**
 * Static labels that wipe out what tells two elements of a result apart. Prometheus then finds "vector contains metrics
 * with the same labelset" and drops the whole rule: nobody is paged, for any target.
 */
export function checkSameLabelset(program: Program): Diagnostic[] {
  const found = program.rules.flatMap((resolved) => wiped(resolved, program) ?? []);
  return [...found, ...wipedSplits(program)];
}

const JOB = 'job';

/** The first instance of a rule whose static labels make two targets one. */
function wiped(resolved: ResolvedRule, program: Program): Diagnostic | undefined {
  const { rule, analysis, samples } = resolved;
  const { kept } = analysis;
  const tells = (labels: Labels): boolean => hasLabel(labels, TARGET) && hasLabel(labels, JOB);
  const statics = (instance: Instance): string[] =>
    [...instanceTexts(instance, program).labels].flatMap(([name, value]) =>
      hasLabel(kept, name) && !isTemplate(value) ? [name] : [],
    );
  // Labels like severity or team leave a result all by which its targets are told apart.
  const suspects = samples.filter((sample) => {
    const names = statics(sample);
    return names.length > 0 && !tells(without(kept, names));
  });
  if (suspects.length === 0) return undefined;
  const all = resolved.copies && suspects.includes(resolved.copies.sample) ? resolved.instances : suspects;
  for (const instance of all) {
    const names = statics(instance);
    const pair = twinTargets(instance, kept, names, program.inventory);
    if (pair) return describe(resolved, instance, names, pair, program);
  }
  if ((program.inventory.whole ?? program.inventory).targets.length > 0) return undefined;
  const doubtful = suspects.find((instance) => mayBeOne(instance, kept, statics(instance)));
  return doubtful && describe(resolved, doubtful, statics(doubtful), undefined, program, rule.span);
}

const isTemplate = (value: string): boolean => value.includes('{{');

/** Two targets of which a result may hold elements that differ in labels which the static ones overwrite, and in no others. */
function twinTargets(
  instance: Instance,
  kept: Labels,
  names: readonly string[],
  inventory: Inventory,
): readonly [Target, Target] | undefined {
  const known = [...new Set([...inventory.known, TARGET, JOB])].filter((label) => hasLabel(kept, label));
  const left = known.filter((label) => !names.includes(label));
  const overwritten = known.filter((label) => names.includes(label));
  if (overwritten.length === 0) return undefined;
  const seen = new Map<string, { target: Target; was: string }>();
  const shown = (target: Target, labels: readonly string[]): string =>
    labels.map((label) => target.labels.get(label) ?? '').join('\n');
  for (const target of targetsNear(inventory, instance.cell.region.base)) {
    if (
      !mayBeIn(target, instance.cell.region, inventory.known) ||
      !gives(instance.shape.expr, target, instance, inventory)
    )
      continue;
    const own = { target, was: shown(target, overwritten) };
    const other = memo(seen, shown(target, left), () => own);
    if (other.was !== own.was) return [other.target, target];
  }
  return undefined;
}

/** Whether an expression can give a target's element. */
function gives(expr: Expr, target: Target, instance: Instance, inventory: Inventory): boolean {
  const inner = (node: Expr): boolean => gives(node, target, instance, inventory);
  switch (expr.kind) {
    case 'number':
    case 'string':
      return false;
    case 'selector': {
      const region = instance.placed.get(expr)?.region;
      return region !== undefined && mayBeIn(target, region, inventory.known);
    }
    case 'matrix':
      return inner(expr.vector);
    case 'paren':
    case 'unary':
    case 'subquery':
    case 'aggregate':
      return inner(expr.expr);
    case 'call': {
      const vector = expr.args.find(isVector);
      return vector !== undefined && inner(vector);
    }
    case 'binary': {
      if (!isVector(expr.lhs)) return isVector(expr.rhs) && inner(expr.rhs);
      if (!isVector(expr.rhs) || expr.op === 'unless') return inner(expr.lhs);
      if (expr.op === 'or') return inner(expr.lhs) || inner(expr.rhs);
      const { on, labels, many } = expr.matching;
      if (labels.includes(TARGET) === on) return inner(expr.lhs) && inner(expr.rhs);
      return inner(many === 'right' ? expr.rhs : expr.lhs);
    }
  }
}

/** Without an inventory: whether a result is left without all that tells its targets apart, and no selector asks for one of them. */
function mayBeOne(instance: Instance, kept: Labels, names: readonly string[]): boolean {
  const left = without(kept, names);
  const isLost = kept.all ? names.includes(TARGET) : left.names.size === 0 || names.includes(TARGET);
  if (!isLost) return false;
  // What every selector asks one value of is one and the same in all elements.
  const regions = [...instance.placed.values()].flatMap(({ region }) => region ?? []);
  const isFixed = (label: string): boolean =>
    regions.length > 0 &&
    regions.every(({ base }) => {
      const c = base.get(label);
      return c?.kind === 'in' && c.values.size === 1;
    });
  return names.some((name) => (kept.all ? name === TARGET : true) && !isFixed(name));
}

function describe(
  { rule, analysis }: ResolvedRule,
  instance: Instance,
  names: readonly string[],
  pair: readonly [Target, Target] | undefined,
  program: Program,
  fallback: Span = rule.span,
): Diagnostic {
  const { origin, labels } = instanceTexts(instance, program);
  const lost = pair ? names.filter((name) => pair[0].labels.get(name) !== pair[1].labels.get(name)) : names;
  const name = lost.find((one) => origin.has(`label:${one}`)) ?? (lost[0] as string);
  const isSure =
    pair !== undefined && !analysis.fleetWide && !analysis.fromNothing && !asksMore(instance, program.inventory);
  const where = instance.cell.owner === 'default' ? '' : ` in "${instance.cell.owner}"`;
  const who = pair ? `"${pair[0].id}" and "${pair[1].id}"` : 'two targets';
  const message = `The static label ${name}=${JSON.stringify(labels.get(name) ?? '')} of "${rule.id}"${where} overwrites what tells ${who} apart: where ${isSure ? 'both fire at once' : 'the expression gives both'}, the server finds the same labelset twice and drops the whole rule, so that nobody is paged.`;
  return diagnostic(
    isSure ? 'same-labelset' : 'possible-same-labelset',
    origin.get(`label:${name}`) ?? fallback,
    message,
    {
      help: `give the label another name (say, "${name}_name"), or let the expression give one element for all, as count(…) > 0 does, where that is meant`,
      notes: [
        { message: 'the expression', span: rule.expr.span },
        ...(pair ?? []).map((target) => ({ message: `"${target.id}"`, span: target.span })),
      ],
    },
  );
}

/** Whether some selector asks for one value of a label that no target is known to have: one target's series alone may have it. */
const asksMore = ({ shape }: Instance, { known }: Inventory): boolean =>
  shape.selectors.some(({ matchers }) =>
    matchers.some(({ label, op }) => op === '=' && ![...known, TARGET, JOB, '__name__'].includes(label)),
  );

/** Instances whose own group label overwrites the one that told the shares of a split record apart. */
function wipedSplits(program: Program): Diagnostic[] {
  const records = recordsOf(program);
  if (!records) return [];
  return program.rules.flatMap((resolved) => {
    for (const label of records.labelsReadBy(resolved)) {
      for (const instance of resolved.samples) {
        const { labels } = instanceTexts(instance, program);
        if (!labels.has(label)) continue;
        const reader = records.reader(resolved, instance, label, () => {});
        const shares = sharesOf(instance.shape.expr, reader);
        const pair = twins(instance.shape.expr, shares, reader);
        if (!pair) continue;
        const { rule } = resolved;
        const [one, other] = pair[0].value === '' ? [pair[1], pair[0]] : pair;
        const made = one.rule ?? other.rule;
        const by = instance.cell.declarations.at(-1);
        return [
          diagnostic(
            'same-labelset',
            by?.span ?? rule.span,
            `In "${instance.cell.owner}" the label ${label}=${JSON.stringify(labels.get(label))} of "${rule.id}" overwrites the one by which two series of ${one.metric ?? 'a recording rule'} differ ("${one.value}" and ${other.value === '' ? 'none' : `"${other.value}"`}): the server finds the same labelset twice and drops the whole rule, so that nobody is paged.`,
            {
              help: `combine them in the expression (sum or max by (…), without "${label}"), keep the labels that the groups match on in the recording rule, or say this of it in "default" only`,
              notes: [
                { message: 'the expression', span: rule.expr.span },
                ...(made ? [{ message: 'the recording rule is here', span: made.span }] : []),
              ],
            },
          ),
        ];
      }
    }
    return [];
  });
}
