import type { Effective } from './effective.ts';
import type { EffectiveSets } from './effective-sets.ts';
import type { Hash, Place, StoredRef, StoredRefs, StoredSet } from './effective-store.ts';
import type { Instance } from './instantiate.ts';
import type { Program } from './resolve.ts';

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
export function storedSets(
  program: Program,
  { sets }: EffectiveSets,
  place: ReadonlyMap<Instance, Place>,
  hash: Hash,
): StoredSets {
  const families = familiesOf(sets);
  const bases = new Map<string, StoredRefs>();
  const byKey = new Map<string, StoredSet>();
  const keys: string[] = [];
  const refs = (rules: readonly (readonly Effective[])[]): StoredRefs => refsOf(rules.flat(), place);
  for (const family of families) {
    const common = program.rules.map((_, rule) =>
      mostCommon(family.map((set) => sets[set]?.[rule] as readonly Effective[])),
    );
    const baseRefs = refs(common);
    const base = hash(JSON.stringify(baseRefs)).slice(0, KEY_DIGITS);
    bases.set(base, baseRefs);
    for (const set of family) {
      const own = sets[set] as readonly (readonly Effective[])[];
      const changed = own.map((effective, rule) => (effective === common[rule] ? [] : effective));
      const off = program.rules.flatMap(({ rule }, i) =>
        own[i]?.length === 0 && common[i]?.length !== 0 ? rule.id : [],
      );
      const stored: StoredSet = { base, off, rows: refs(changed) };
      const key = hash(JSON.stringify(stored)).slice(0, KEY_DIGITS);
      byKey.set(key, stored);
      keys[set] = key;
    }
  }
  return { bases, byKey, keys };
}

const KEY_DIGITS = 12;

function refsOf(effective: readonly Effective[], place: ReadonlyMap<Instance, Place>): StoredRefs {
  const refs = new Map<string, StoredRef[]>();
  for (const { instance, condition } of effective) {
    const { owner, row } = place.get(instance) as Place;
    const own = refs.get(owner) ?? [];
    refs.set(owner, own);
    own.push(condition === null ? row : [row, condition]);
  }
  return Object.fromEntries([...refs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sets that are alike, by the first of each family. */
function familiesOf(sets: EffectiveSets['sets']): number[][] {
  const families: number[][] = [];
  sets.forEach((set, i) => {
    const near = families.find(
      (family) => differences(set, sets[family[0] as number] as typeof set) <= set.length * ALIKE,
    );
    if (near) near.push(i);
    else if (families.length < MOST_BASES) families.push([i]);
    else families[0]?.push(i);
  });
  return families;
}

/** Equal answers of a rule are one value, so that they can be compared as such. */
function differences(a: readonly (readonly Effective[])[], b: readonly (readonly Effective[])[]): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count;
}

function mostCommon<T>(values: readonly T[]): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = values[0] as T;
  for (const [value, count] of counts) if (count > (counts.get(best) as number)) best = value;
  return best;
}
