import type { Expr, Range, VectorSelector } from '../../promql/ast.ts';
import { canonical } from '../../promql/canonical.ts';
import type { Constraint } from '../../promql/constraint.ts';
import { ANYTHING, toMatchers } from '../../promql/constraint.ts';
import { parse } from '../../promql/parse.ts';
import { rebuild } from '../../promql/rebuild.ts';
import type { Box } from '../../promql/region.ts';
import { boxOf } from '../../promql/region.ts';
import { liftables } from './holes.ts';
import { selectorsIn } from './names.ts';

/**
 * What copies of one rule have in common, and what tells them apart: matchers on some labels, the same ones in every
 * selector, are a copy's region.
 */

const NUL = { from: 0, to: 0 };

/** Equal for two expressions exactly where they differ in matchers, compared numbers and ranges alone. */
export function shapeKey(text: string): string | undefined {
  const { expr } = parse(text);
  if (!expr) return undefined;
  const places = liftables(text);
  const isHole = (node: Range): boolean => places.some((p) => p.from <= node.from && node.to <= p.to);
  const bare = rebuild(expr, (node): Expr => {
    switch (node.kind) {
      case 'number':
        return isHole(node) ? { ...node, value: Number.NaN } : node;
      case 'unary':
        return isHole(node) ? { kind: 'number', value: Number.NaN, ...NUL } : node;
      case 'paren':
        // `> (5)` and `> 5` compare with the same.
        return node.expr.kind === 'number' ? node.expr : node;
      case 'selector':
        return { ...node, matchers: node.matchers.filter((m) => m.label === '__name__') };
      case 'matrix':
      case 'subquery':
        return isHoleRange(node.range, places) ? { ...node, rangeMs: 1 } : node;
      default:
        return node;
    }
  });
  return canonical(bare);
}

const isHoleRange = (range: Range, places: readonly Range[]): boolean =>
  places.some((p) => range.from <= p.from && p.to <= range.to);

/** The constraints of each selector of an expression, by label; undefined where one contradicts itself. */
export function boxesOf(text: string): Box[] | undefined {
  const { expr } = parse(text);
  const boxes = expr ? selectorsIn(expr).map((s) => boxOf(s.matchers.filter((m) => m.label !== '__name__'))) : [];
  return boxes.every((box) => box !== undefined) ? (boxes as Box[]) : undefined;
}

const keyOf = (label: string, c: Constraint | undefined): string =>
  JSON.stringify(toMatchers(label, c ?? ANYTHING).map((m) => [m.op, m.value]));

/** The labels in which some selector's matchers differ between copies. */
export function varyingLabels(copies: readonly (readonly Box[])[]): string[] {
  const [first = []] = copies;
  const labels = new Set(copies.flatMap((boxes) => boxes.flatMap((box) => [...box.keys()])));
  return [...labels]
    .filter((label) =>
      first.some((_, i) => new Set(copies.map((boxes) => keyOf(label, boxes[i]?.get(label)))).size > 1),
    )
    .sort();
}

/** A copy's region: what all its selectors say of the varying labels; undefined where they don't say the same. */
export function regionIn(boxes: readonly Box[], labels: readonly string[]): Box | undefined {
  const region = new Map<string, Constraint>();
  for (const label of labels) {
    const said = boxes.map((box) => box.get(label));
    if (new Set(said.map((c) => keyOf(label, c))).size > 1) return undefined;
    const [c] = said;
    if (c) region.set(label, c);
  }
  return region;
}

/** The expression without its matchers on some labels; undefined where a selector's form is too unusual to edit. */
export function withoutLabels(
  text: string,
  labels: readonly string[],
): { text: string; moved: (offset: number) => number } | undefined {
  const { expr } = parse(text);
  if (!expr) return undefined;
  const edits = selectorsIn(expr).flatMap((s) =>
    s.matchers.some((m) => labels.includes(m.label)) ? [editOf(s, labels, text)] : [],
  );
  if (edits.some((edit) => edit === undefined)) return undefined;
  const sorted = (edits as Edit[]).sort((a, b) => a.from - b.from);
  let out = '';
  let at = 0;
  for (const edit of sorted) {
    out += text.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  const moved = (offset: number): number =>
    sorted.reduce((sum, edit) => (edit.to <= offset ? sum + edit.text.length - (edit.to - edit.from) : sum), offset);
  return { text: out + text.slice(at), moved };
}

interface Edit extends Range {
  readonly text: string;
}

function editOf(selector: VectorSelector, labels: readonly string[], text: string): Edit | undefined {
  const { braces, nameRange, matchers } = selector;
  // A name inside of the braces or a comment there: nothing that copies usually have.
  if (!braces || (nameRange && nameRange.from >= braces.from)) return undefined;
  if (text.slice(braces.from, braces.to).includes('#')) return undefined;
  const kept = matchers.filter((m) => !labels.includes(m.label)).map((m) => text.slice(m.from, m.to));
  return { from: braces.from, to: braces.to, text: kept.length === 0 && nameRange ? '' : `{${kept.join(', ')}}` };
}
