import { holeFor, literalNumbers, tells } from '../expand/literal-numbers.ts';
import type { Liftable } from './holes.ts';
import { asTemplate } from './own.ts';

/**
 * A text for people with holes where it tells the number of a param as a limit, so that it goes on telling the number
 * that a group sets. What it comes to today is what it was: a number that would be printed otherwise stays.
 */
export function withNumbers(text: string, places: readonly Liftable[]): string {
  const limits = new Map(places.map(({ param, key }) => [param.name, { value: Number(key), unit: param.unit }]));
  let out = '';
  let at = 0;
  for (const literal of literalNumbers(text)) {
    const { from, to } = literal;
    const fitting = [...limits].filter(([, { value, unit }]) => tells(literal, value, unit));
    const [name, limit] =
      fitting.find(([param]) => param === 'threshold') ?? (fitting.length === 1 ? fitting[0] : undefined) ?? [];
    if (name === undefined || limit === undefined) continue;
    const hole = holeFor(name, limit.value, text.slice(from, to));
    if (hole === undefined) continue;
    out += asTemplate(text.slice(at, from)) + hole;
    at = to;
  }
  return out + asTemplate(text.slice(at));
}
