import type { Outcome, Trouble } from './trouble.ts';
import { isTrouble, trouble } from './trouble.ts';
import type { Alternative, Alternatives } from './values.ts';
import { any, describeType, exactly, LABEL, UNKNOWN } from './values.ts';

/** `len`, `index` and `slice`, of texts and of what queries find. */

const SOME: Alternatives = [{ type: 'int', value: 3 }];

export function length([item]: readonly Alternative[]): Outcome {
  const { type, value, exact } = item as Alternative;
  switch (type) {
    case 'string':
    case 'HTML':
      return exact ? exactly('int', bytes(value as string)) : SOME;
    case 'args':
      return exactly('int', (value as ReadonlyMap<string, Alternative>).size);
    case 'labels':
    case 'vector':
      return SOME;
    case 'unknown':
      return UNKNOWN;
    default:
      return trouble(`\`len\` cannot count ${describeType(type)}.`);
  }
}

/** Go counts a text in bytes of UTF-8. */
const bytes = (text: string): number => new TextEncoder().encode(text).length;

export function index([item, ...indexes]: readonly Alternative[]): Outcome {
  let found: Alternatives = [item as Alternative];
  for (const [i, key] of indexes.entries()) {
    const outcome = entry(found[0], key, i + 1);
    if (isTrouble(outcome)) return outcome;
    found = outcome;
  }
  const [first] = found;
  return first.type === 'nil' ? trouble('`index` cannot look into nothing (nil).') : found;
}

function entry(item: Alternative, key: Alternative, at: number): Outcome {
  switch (item.type) {
    case 'labels':
      return badKey(key, at) ?? LABEL;
    case 'args': {
      const wrong = badKey(key, at);
      if (wrong) return wrong;
      if (!key.exact) return UNKNOWN;
      return [(item.value as ReadonlyMap<string, Alternative>).get(key.value as string) ?? { type: 'nil interface' }];
    }
    case 'vector':
      return outOfRange(key, item, item.value as number | undefined, at) ?? any('sample');
    case 'string':
    case 'HTML':
      return outOfRange(key, item, measured(item, [key]), at) ?? any('uint8');
    case 'unknown':
      return UNKNOWN;
    case 'nil':
    case 'nil interface':
      return trouble('`index` cannot look into nothing (nil).');
    default:
      return trouble(`\`index\` cannot look into ${describeType(item.type)}.`, undefined, at - 1);
  }
}

function badKey({ type }: Alternative, at: number): Trouble | undefined {
  if (type === 'string' || type === 'unknown') return undefined;
  return trouble(`\`index\` finds a label by its name, a text, and this is ${describeType(type)}.`, undefined, at);
}

/** Longer than the examples of texts are, so that they prove nothing. */
const LONG = 10;

/** How many bytes of a text there surely are to be cut or picked up to a place; undefined: perhaps enough. */
function measured({ value, exact }: Alternative, keys: readonly Alternative[]): number | undefined {
  if (typeof value !== 'string' || (!exact && keys.some((key) => Number(key.value) >= LONG))) return undefined;
  return bytes(value);
}

/** A known length is how many there are; undefined: enough. */
function outOfRange(
  key: Alternative,
  item: Alternative,
  count: number | undefined,
  at: number,
  inclusive = false,
): Trouble | undefined {
  if (key.type === 'unknown') return undefined;
  if (key.type !== 'int' && key.type !== 'uint8')
    return trouble(`An index is a whole number, and this is ${describeType(key.type)}.`, undefined, at);
  if (!key.exact || key.value === undefined) return undefined;
  const value = key.value as number;
  if (value < 0) return trouble(`The index ${value} is below zero.`, undefined, at);
  if (count === undefined || value < count || (inclusive && value === count)) return undefined;
  if (typeof item.value === 'string' && !item.exact) {
    const help = inclusive
      ? `\`printf "%.${value}s" …\` gives the first ${value} characters, or what there is.`
      : undefined;
    return trouble(`The index ${value} lies beyond the end of a text that is shorter.`, help, at);
  }
  return trouble(`The index ${value} lies beyond the end: there are ${count}.`, undefined, at);
}

export function slice([item, ...indexes]: readonly Alternative[]): Outcome {
  const { type, value, exact } = item as Alternative;
  if (type === 'unknown') return UNKNOWN;
  if (type !== 'string' && type !== 'HTML' && type !== 'vector')
    return trouble(`\`slice\` cannot cut ${describeType(type)}.`);
  if (indexes.length > (type === 'vector' ? 3 : 2)) return trouble('`slice` has too many indexes.');
  const count = type === 'vector' ? (value as number | undefined) : measured(item as Alternative, indexes);
  const bounds: (number | undefined)[] = [];
  for (const [i, bound] of indexes.entries()) {
    const wrong = outOfRange(bound, item as Alternative, count, i + 1, true);
    if (wrong) return wrong;
    bounds.push(bound.exact ? (bound.value as number) : undefined);
  }
  const [from = 0, to = count] = bounds;
  if (bounds.length > 1 && bounds[0] !== undefined && bounds[1] !== undefined && bounds[0] > bounds[1])
    return trouble(`The slice begins at ${bounds[0]}, behind its end at ${bounds[1]}.`);
  if (type === 'vector') return [{ type: 'vector' }, { type: 'vector', value: 0 }];
  // Offsets are bytes, which are characters in ASCII alone.
  if (typeof value !== 'string' || count !== value.length || bounds.includes(undefined)) return any(type);
  if (exact) return exactly(type, value.slice(from, to));
  // A piece of a label may be what the whole is not.
  const others = ['5', '5m'].map((text): Alternative => ({ type, value: text, odd: true }));
  return [{ type, value: value.slice(from, to) }, ...others];
}
