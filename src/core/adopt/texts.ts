import { inPercent, literalNumbers, tells } from '../expand/literal-numbers.ts';
import { numberText } from '../model/value.ts';
import type { Liftable } from './holes.ts';
import { asTemplate } from './own.ts';

/**
 * A text for people with holes where it tells the number of a param, so that it goes on telling the number that a group
 * sets. What it comes to today is what it was: a number that would be printed otherwise stays.
 */
export function withNumbers(text: string, places: readonly Liftable[]): string {
  const values = new Map(places.map(({ param, key }) => [param.name, Number(key)]));
  let out = '';
  let at = 0;
  for (const literal of literalNumbers(text)) {
    const { from, to } = literal;
    const fitting = [...values].filter(([, value]) => tells(literal, value));
    const [name, value] =
      fitting.find(([param]) => param === 'threshold') ?? (fitting.length === 1 ? fitting[0] : undefined) ?? [];
    if (name === undefined || value === undefined) continue;
    const hole = holeFor(name, value, text.slice(from, to));
    if (hole === undefined) continue;
    out += asTemplate(text.slice(at, from)) + hole;
    at = to;
  }
  return out + asTemplate(text.slice(at));
}

/** What prints a number as it is written, itself or a ratio in percent. */
function holeFor(name: string, value: number, written: string): string | undefined {
  if (numberText(value) === written) return `<< ${name} >>`;
  return numberText(Number((value * 100).toFixed(2))) === written ? `<< ${inPercent(name)} >>` : undefined;
}
