import type { Program } from '../instance/program.ts';
import type { Effective } from './effective.ts';
import type { EffectiveSets } from './sets.ts';
import type { Place, Places } from './store-rows.ts';
import type { Hash, StoredRef, StoredRefs, StoredSet } from './stored-form.ts';

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
    const own = family.map((set) => sets[set] as Uint32Array);
    const common = Uint32Array.from(answers, ({ length }, rule) => mostCommon(own, rule, length));
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

/** The answer to a rule that most of some sets have; of several the first. */
function mostCommon(sets: readonly Uint32Array[], rule: number, answers: number): number {
  const counts = new Uint32Array(answers);
  for (const set of sets) counts[set[rule] as number] = (counts[set[rule] as number] as number) + 1;
  let most = 0;
  for (const count of counts) most = Math.max(most, count);
  return sets.find((set) => counts[set[rule] as number] === most)?.[rule] ?? 0;
}
