import type { NumberLiteral, Range } from '../../promql/ast.ts';
import { type Contradiction, contradictionIn } from '../../promql/contradiction.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { lineRef } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/** Conditions that nothing fulfils together, as they stand in the file or as a group's numbers make them: silence, for ever. */
export function checkContradictions({ rules }: Program): Diagnostic[] {
  return rules.flatMap((resolved) => {
    if (!resolved.samples.some(({ shape }) => comparesTwice(shape.sample))) return [];
    // Copies differ by the one number that decides here.
    for (const instance of resolved.instances) {
      const found = contradictionIn(instance.shape.expr, numbersOf(instance));
      if (found) return [told(resolved, instance, found)];
    }
    return [];
  });
}

/** A quick look: without two comparisons there is nothing to contradict. */
const comparesTwice = (text: string): boolean => (text.match(/[<>]|==/g)?.length ?? 0) > 1;

/** What stands in the holes of an instance. */
function numbersOf({ shape, holes }: Instance): (literal: NumberLiteral) => number | undefined {
  const filled = new Map(shape.holes.map(({ from }, i) => [from, Number(holes[i])]));
  return (literal) => filled.get(literal.from) ?? literal.value;
}

/** A piece of the shape's text with what stands in its holes. */
function filled({ shape, holes }: Instance, { from, to }: Range): string {
  let text = '';
  let at = from;
  for (const [i, hole] of shape.holes.entries()) {
    if (hole.from < from || hole.to > to) continue;
    text += shape.sample.slice(at, hole.from) + holes[i];
    at = hole.to;
  }
  return text + shape.sample.slice(at, to);
}

function told({ rule }: ResolvedRule, instance: Instance, { one, other, by }: Contradiction): Diagnostic {
  const { cell } = instance;
  const text = (range: Range): string => `\`${filled(instance, range).replace(/\s+/g, ' ').trim()}\``;
  const group = cell.declarations.at(-1);
  const where = group && group.group.depth > 0 ? ` as "${group.group.id}" has it (${lineRef(group.span)})` : '';
  const why =
    by === 'and'
      ? `${text(one)} and ${text(other)} hold for no value together`
      : `whatever ${text(one)} lets through, \`unless\` takes away by ${text(other)}`;
  return diagnostic('never-true', rule.expr.span, `Rule "${rule.id}"${where} can never have a result: ${why}.`, {
    help: 'compare the numbers; two ranges, one or the other, are joined by `or`',
    ...(where !== '' && group && { notes: [{ message: 'said here', span: group.span }] }),
  });
}
