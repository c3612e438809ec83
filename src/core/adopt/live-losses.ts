import type { Losses } from '../../promql/losses.ts';
import { parse } from '../../promql/parse.ts';
import { unclaused } from '../../promql/printed.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Adoptable } from './read.ts';

/** Longer operands only hide which operation is meant. */
const MOST_SHOWN = 80;

/**
 * What a server may not have told of the rules of a file, for its printer loses it: rules that are taken over from such
 * an answer can be another's than those in the server's own files.
 */
export function untold({ from, groups }: Adoptable, losses: Losses): Diagnostic[] {
  if (!losses.has('grouping')) return [];
  const span = { file: { path: from, text: '' }, start: 0, end: 0 };
  const notes = groups.flatMap((group) =>
    group.rules.flatMap(({ name, expr: text }) => {
      const { expr } = parse(text);
      return (expr ? unclaused(expr) : []).map(({ from: start, to }) => {
        const piece = text.slice(start, to);
        const shown = piece.length > MOST_SHOWN ? `${piece.slice(0, MOST_SHOWN)}…` : piece;
        return { message: `"${name}" in rule group "${group.name}": ${shown}` };
      });
    }),
  );
  if (notes.length === 0) return [];
  const what = notes.length === 1 ? 'An operation here is told' : `${notes.length} operations here are told`;
  const message = `${what} without a clause, and may have one: servers below 3.9 leave \`ignoring () group_left (…)\` and \`ignoring () group_right (…)\` out of what they tell.`;
  const help = 'Compare with the file that the server loads, or adopt that file itself.';
  return [diagnostic('printed-otherwise', span, message, { help, notes })];
}
