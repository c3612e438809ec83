import type { Program } from '../resolve.ts';
import type { Effective } from './effective.ts';
import type { EffectiveSets } from './sets.ts';
import type { Hash, Place, Places, StoredRef, StoredRefs, StoredSet } from './store.ts';

/** Sets by their keys, and the key of each set of the program. */
export interface StoredSets {
  readonly bases: ReadonlyMap<string, StoredRefs>;
  readonly byKey: ReadonlyMap<string, StoredSet>;
  readonly keys: readonly string[];
}

/** Sets that differ in less than this share of their rules have a base in common. */
const ALIKE = 0.25;
const MOST_BASES = 64;

/** The sets as what they differ in from a few bases. */
export function storedSets(program: Program, made: EffectiveSets, place: Places, hash: Hash): StoredSets {
  const { answers, sets } = made;
  const bases = new Map<string, StoredRefs>();
  const byKey = new Map<string, StoredSet>();
  const keys: string[] = [];
  const keyOf = (value: StoredSet | StoredRefs): string => hash(JSON.stringify(value)).slice(0, KEY_DIGITS);
  const answer = (rule: number, number: number): readonly Effective[] => answers[rule]?.[number] ?? [];
  for (const family of familiesOf(sets)) {
    const common = Uint32Array.from(answers, (_, rule) => mostCommon(family.map((set) => sets[set]?.[rule] as number)));
    const baseRefs = refsOf(
      [...common].flatMap((number, rule) => answer(rule, number)),
      place,
    );
    const base = keyOf(baseRefs);
    bases.set(base, baseRefs);
    for (const set of family) {
      const own = sets[set] as Uint32Array;
      const changed: Effective[] = [];
      const off: string[] = [];
      for (let rule = 0; rule < own.length; rule++) {
        if (own[rule] === common[rule]) continue;
        const effective = answer(rule, own[rule] as number);
        if (effective.length === 0) off.push((program.rules[rule] as Program['rules'][number]).rule.id);
        for (const one of effective) changed.push(one);
      }
      const stored: StoredSet = { base, off, rows: refsOf(changed, place) };
      const key = keyOf(stored);
      byKey.set(key, stored);
      keys[set] = key;
    }
  }
  return { bases, byKey, keys };
}

const KEY_DIGITS = 12;

function refsOf(effective: readonly Effective[], place: Places): StoredRefs {
  const refs = new Map<string, StoredRef[]>();
  for (const { resolved, instance, condition } of effective) {
    const places = place.get(resolved) as NonNullable<ReturnType<Places['get']>>;
    const { owner, row } = places.get(instance.cell.region) as Place;
    const own = refs.get(owner) ?? [];
    refs.set(owner, own);
    own.push(condition === null ? row : [row, condition]);
  }
  return Object.fromEntries([...refs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sets that are alike, by the first of each family. */
function familiesOf(sets: readonly Uint32Array[]): number[][] {
  const families: number[][] = [];
  sets.forEach((set, i) => {
    const near = families.find((family) => alike(set, sets[family[0] as number] as Uint32Array));
    if (near) near.push(i);
    else if (families.length < MOST_BASES) families.push([i]);
    else families[0]?.push(i);
  });
  return families;
}

function alike(a: Uint32Array, b: Uint32Array): boolean {
  let left = a.length * ALIKE;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && --left < 0) return false;
  return true;
}

function mostCommon<T>(values: readonly T[]): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = values[0] as T;
  for (const [value, count] of counts) if (count > (counts.get(best) as number)) best = value;
  return best;
}
