import type { Outcome, Trouble } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Type } from './values.ts';
import { describeType, EITHER, exactly } from './values.ts';

/** `eq`, `ne`, `lt`, `le`, `gt` and `ge`: Go compares like with like only, and no number with another kind of number. */

type Kind = 'bool' | 'int' | 'float' | 'complex' | 'string';

const KINDS: Partial<Record<Type, Kind>> = {
  string: 'string',
  HTML: 'string',
  bool: 'bool',
  int: 'int',
  uint8: 'int',
  'time.Duration': 'int',
  float64: 'float',
  complex128: 'complex',
};

/** Texts as written, for messages. */
export type Written = readonly string[];

export function equal(name: string, args: readonly Alternative[], written: Written): Outcome {
  const [first, ...others] = args as [Alternative, ...Alternative[]];
  if (others.length === 0) return trouble(`\`${name}\` compares its first argument with others, and there are none.`);
  let decided: boolean | undefined = false;
  for (const [i, other] of others.entries()) {
    const refused = cannotEqual(name, first, other, written, i + 1);
    if (refused) return decided === undefined ? { ...refused, perhaps: true } : refused;
    const same = sameValue(first, other);
    // Go stops at the first that is equal.
    if (same === true && decided === false) return exactly('bool', name === 'eq');
    if (same === undefined) decided = undefined;
  }
  return decided === undefined ? EITHER : exactly('bool', name === 'ne');
}

/** Undefined where it depends. */
function sameValue(a: Alternative, b: Alternative): boolean | undefined {
  if (a.type === 'unknown' || b.type === 'unknown') return undefined;
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  return a.exact && b.exact ? a.value === b.value : undefined;
}

function cannotEqual(name: string, a: Alternative, b: Alternative, written: Written, at: number): Trouble | undefined {
  if (isNil(a) || isNil(b) || a.type === 'unknown' || b.type === 'unknown') return undefined;
  const kinds = [KINDS[a.type], KINDS[b.type]];
  if (kinds[0] !== kinds[1]) return differ(name, a, b, written, at);
  if (kinds[0] !== undefined) return undefined;
  // What is left are maps, slices, structs and pointers; Go looks at the second one to see whether they can be compared.
  if (SHAPES[a.type] === SHAPES[b.type] && COMPARABLE.has(b.type)) return undefined;
  return trouble(`\`${name}\` cannot compare ${describeType(a.type)} with ${describeType(b.type)}.`);
}

const SHAPES: Partial<Record<Type, string>> = {
  labels: 'map',
  args: 'map',
  vector: 'slice',
  data: 'struct',
  'time.Time': 'struct',
};
const COMPARABLE: ReadonlySet<Type> = new Set([
  'sample',
  '*time.Time',
  'time.Time',
  '*time.Duration',
  '*histogram.FloatHistogram',
]);

/** `lt` and those made of it. */
export function ordered(name: string, [a, b]: readonly Alternative[], written: Written): Outcome {
  if (!a || !b) return EITHER;
  for (const [i, one] of [a, b].entries()) {
    if (one.type === 'unknown') return EITHER;
    const kind = KINDS[one.type];
    if (kind === undefined || kind === 'bool' || kind === 'complex')
      return trouble(`\`${name}\` cannot order ${describeType(one.type)}.`, undefined, i);
  }
  if (KINDS[a.type] !== KINDS[b.type]) return differ(name, a, b, written, 1);
  if (!a.exact || !b.exact || a.value === undefined || b.value === undefined) return EITHER;
  const less = a.value < b.value;
  const same = a.value === b.value;
  return exactly('bool', { lt: less, le: less || same, gt: !(less || same), ge: !less }[name] ?? false);
}

const isNil = ({ type }: Alternative): boolean => type === 'nil' || type === 'nil interface';

function differ(name: string, a: Alternative, b: Alternative, written: Written, at: number): Trouble {
  const message = `\`${name}\` cannot compare ${describeType(a.type)} with ${describeType(b.type)}.`;
  const texts = [written[0] ?? '', written[at] ?? ''];
  for (const [i, one, other] of [
    [1, b, a],
    [0, a, b],
  ] as const) {
    const text = texts[i] as string;
    const instead = better(text, one, other);
    if (instead !== undefined) {
      const place = i === 0 ? 0 : at;
      // What comes through a pipe is not written here.
      const whole = written.includes('') ? instead : [name, ...written.with(place, instead)].join(' ');
      return trouble(message, `Write \`${whole}\`.`, place);
    }
  }
  const label = KINDS[a.type] === 'string' || KINDS[b.type] === 'string';
  return trouble(
    message,
    label ? 'A label is a text: numbers are compared in the expression, or with a text in quotes.' : undefined,
  );
}

/** A constant as it had to be written to be compared with the other one. */
function better(text: string, one: Alternative, other: Alternative): string | undefined {
  const [kind, wanted] = [KINDS[one.type], KINDS[other.type]];
  if (kind === 'int' && wanted === 'float' && /^[+-]?\d+$/.test(text)) return `${text}.0`;
  if (kind === 'float' && wanted === 'int' && /^[+-]?\d+\.0+$/.test(text)) return text.replace(/\.0+$/, '');
  if (wanted === 'string' && /^[+-]?[\d.]+$/.test(text)) return `"${text}"`;
  if (kind === 'string' && /^"[+-]?\d+(\.\d+)?"$/.test(text)) {
    const number = text.slice(1, -1);
    if (wanted === 'int') return number.includes('.') ? undefined : number;
    if (wanted === 'float') return number.includes('.') ? number : `${number}.0`;
  }
  return undefined;
}
