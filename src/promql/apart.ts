import type { Expr, VectorSelector } from './ast.ts';
import { isVector } from './kept.ts';
import type { Labels } from './label-names.ts';
import { hasLabel } from './label-names.ts';
import type { Region } from './region.ts';
import { regionsApart } from './region.ts';

/** What two instances put on a selector; undefined where it finds nothing there. */
export type Regions = (selector: VectorSelector) => Region | undefined;

/**
 * Whether two instances of an expression can never find the same series: the matchers that really
 * were injected are disjoint where it counts. `through` are the labels by which no node combines series.
 * Returns the selectors that are to blame, none where the instances are apart.
 */
export function shared(expr: Expr, a: Regions, b: Regions, through: Labels): VectorSelector[] {
  const blame = (node: Expr): VectorSelector[] => {
    switch (node.kind) {
      case 'number':
      case 'string':
        return [];
      case 'selector': {
        const [one, other] = [a(node), b(node)];
        return !one || !other || regionsApart(one, other) ? [] : [node];
      }
      case 'matrix':
        return blame(node.vector);
      case 'paren':
      case 'unary':
      case 'subquery':
      case 'aggregate':
        return blame(node.expr);
      case 'call': {
        const vector = node.args.find(isVector);
        return vector ? blame(vector) : [];
      }
      case 'binary': {
        if (!isVector(node.lhs)) return isVector(node.rhs) ? blame(node.rhs) : [];
        if (!isVector(node.rhs)) return blame(node.lhs);
        const left = blame(node.lhs);
        if (node.op === 'unless') return left;
        if (node.op === 'or') return [...left, ...blame(node.rhs)];
        if (left.length === 0) return [];
        // A join hands the other side's region on, where it compares the label that tells targets apart.
        const joins = node.matching.on
          ? node.matching.labels.includes('instance')
          : !node.matching.labels.includes('instance');
        // So does one whose elements are those of its right side; where they are filled in, none does.
        const handsOn = (joins || node.matching.many === 'right') && !node.matching.fill;
        return handsOn && hasLabel(through, 'instance') && blame(node.rhs).length === 0 ? [] : left;
      }
    }
  };
  return blame(expr);
}
