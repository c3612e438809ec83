import type { Binary, Expr, VectorSelector } from '../../promql/ast.ts';
import { isVector } from '../../promql/kept.ts';
import { boxKey } from '../../promql/region.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { diagnostic } from '../diagnostic.ts';
import { ROOT_ID } from '../groups.ts';
import { metricNames } from '../metrics.ts';
import type { Program } from '../resolve.ts';
import { ownersOf } from '../resolve.ts';
import { subSpan } from '../scalar-map.ts';

/**
 * Joins of series that carry the group label with series that don't. What a group declares of a
 * recording rule puts its id on the recorded series; a join that compares that label then finds no
 * partner for that group's targets, and an alert on it would never fire there.
 */
export function checkGroupJoins({ rules, config }: Program): Diagnostic[] {
  const label = config.groupLabel;
  if (label === false) return [];
  const joins = rules.flatMap(({ rule, samples }) => {
    const exprs = [...new Set(samples.map((i) => i.shape.expr))];
    const found = exprs.map((expr) => joinsOf(expr).filter((join) => compares(join, label)));
    return found.some((some) => some.length > 0) ? [{ rule, found }] : [];
  });
  if (joins.length === 0) return [];
  const splits = splitsOf(rules);
  if (splits.size === 0) return [];
  return joins.flatMap(({ rule, found }) => {
    for (const some of found) {
      const bad = some.find((join) => differ(join, label, splits));
      if (!bad) continue;
      const [split, other] = sides(bad, label, splits);
      return [
        diagnostic(
          'group-label-join',
          subSpan(rule.expr, 0, rule.expr.value.length),
          `In "${rule.id}" ${split} carries the label "${label}" for ${[...(splits.get(split)?.owners ?? [])].join(', ')}, and ${other} doesn't or not alike: compared by it, their series find no partner there.`,
          {
            help: `write ignoring (${label}) or on (…) without it in this join, or let the same groups say something of both recording rules`,
            notes: [...(splits.get(split)?.spans ?? [])].map((span) => ({
              message: 'the recording rule is here',
              span,
            })),
          },
        ),
      ];
    }
    return [];
  });
}

interface Split {
  /** Equal where two metrics are split alike. */
  readonly key: string;
  readonly owners: ReadonlySet<string>;
  readonly spans: Set<Diagnostic['span']>;
}

/** Our own recorded metrics of which some series carry the group label. */
function splitsOf(rules: Program['rules']): Map<string, Split> {
  const splits = new Map<string, Split>();
  for (const resolved of rules) {
    const { rule } = resolved;
    if (rule.kind !== 'record' || ownersOf(resolved).every((owner) => owner === ROOT_ID)) continue;
    const { instances } = resolved;
    const parts = instances.map(({ cell }) => `${cell.owner} ${boxKey(cell.region.base)}`).sort();
    const owners = new Set(instances.map((i) => i.cell.owner).filter((owner) => owner !== ROOT_ID));
    const twin = splits.get(rule.name.value);
    twin?.spans.add(rule.span);
    if (!twin) splits.set(rule.name.value, { key: parts.join('\n'), owners, spans: new Set([rule.span]) });
  }
  return splits;
}

function joinsOf(expr: Expr): Binary[] {
  const own = expr.kind === 'binary' && isVector(expr.lhs) && isVector(expr.rhs) ? [expr] : [];
  return [...own, ...childrenOf(expr).flatMap(joinsOf)];
}

const compares = ({ matching }: Binary, label: string): boolean => matching.labels.includes(label) === matching.on;

const differ = (join: Binary, label: string, splits: ReadonlyMap<string, Split>): boolean =>
  keyOf(join.lhs, label, splits) !== keyOf(join.rhs, label, splits);

const keyOf = (side: Expr, label: string, splits: ReadonlyMap<string, Split>): string => {
  const metric = carrier(side, label, splits);
  return (metric && splits.get(metric)?.key) ?? '';
};

function sides(join: Binary, label: string, splits: ReadonlyMap<string, Split>): [string, string] {
  const [left, right] = [carrier(join.lhs, label, splits), carrier(join.rhs, label, splits)];
  return left ? [left, right ?? nameOf(join.rhs)] : [right as string, nameOf(join.lhs)];
}

/** The split metric whose group label reaches the result of an expression. */
function carrier(expr: Expr, label: string, splits: ReadonlyMap<string, Split>): string | undefined {
  switch (expr.kind) {
    case 'selector':
      return split(expr, splits);
    case 'matrix':
      return split(expr.vector, splits);
    case 'aggregate': {
      const { by, labels } = expr.grouping ?? { by: true, labels: [] };
      return labels.includes(label) === by ? carrier(expr.expr, label, splits) : undefined;
    }
    case 'binary':
      if (!isVector(expr.lhs)) return carrier(expr.rhs, label, splits);
      return compares(expr, label) || expr.matching.many ? carrier(expr.lhs, label, splits) : undefined;
    case 'call': {
      const vector = expr.args.find(isVector);
      return vector && carrier(vector, label, splits);
    }
    case 'paren':
    case 'unary':
    case 'subquery':
      return carrier(expr.expr, label, splits);
    default:
      return undefined;
  }
}

const split = (selector: VectorSelector, splits: ReadonlyMap<string, Split>): string | undefined =>
  metricNames(selector)?.find((name) => splits.has(name));

function nameOf(expr: Expr): string {
  if (expr.kind === 'selector') return metricNames(expr)?.join(' or ') ?? 'the other side';
  const [first] = childrenOf(expr);
  return first ? nameOf(first) : 'the other side';
}
