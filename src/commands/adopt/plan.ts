import { findFamilies } from '../../core/adopt/families.ts';
import type { Family } from '../../core/adopt/family.ts';
import type { Adoptable } from '../../core/adopt/read.ts';
import type { Proposal, Wish } from './layout.ts';
import { layout, liftKey, placeKey } from './layout.ts';
import type { Flaw, ProofContext } from './proof.ts';
import { flawsOf } from './proof.ts';

export interface AdoptOptions extends ProofContext {
  readonly params: boolean;
  readonly groups: boolean;
  readonly takenIds: ReadonlySet<string>;
  readonly takenGroups: ReadonlySet<string>;
  /** Rules that groups of the repository speak of already, by `placeKey`. */
  readonly tuned?: ReadonlySet<string>;
}

/** What stays a native rule, and why. */
export interface StayedNative {
  /** An alert's name, or of a rule group its name. */
  readonly what: string;
  readonly from: readonly string[];
  readonly reason: string;
}

export interface AdoptPlan {
  /** Proven: compiled, they are equal to what was taken over. */
  readonly proposals: readonly Proposal[];
  readonly families: readonly Family[];
  readonly stayed: readonly StayedNative[];
  /** What could not be proven in the end; nothing may be written then. */
  readonly flaws: readonly Flaw[];
}

/** What somebody has declined: such families and rule groups stay native. */
export interface Declined {
  readonly families: ReadonlySet<string>;
  readonly lifts: ReadonlySet<string>;
}

export const NOTHING_DECLINED: Declined = { families: new Set(), lifts: new Set() };

/**
 * Finds the form for each rule: a family, our own format, or as it is. Whatever can't be proven to compile to the same
 * falls back to native, so that the result is always equal to what was taken over.
 */
export function planAdoption(items: readonly Adoptable[], options: AdoptOptions, declined?: Declined): AdoptPlan {
  const stayed: StayedNative[] = [];
  const found = options.groups
    ? findFamilies(
        items.map((item) => item.groups),
        options.params,
      )
    : { families: [], kept: [] };
  const fromOf = (places: readonly { item: number }[]): string[] => [
    ...new Set(places.map((p) => items[p.item]?.from ?? '')),
  ];
  for (const { rule, places, reason } of found.kept) stayed.push({ what: rule, from: fromOf(places), reason });
  const reject = (family: Family, reason: string): void => {
    stayed.push({ what: family.name, from: fromOf(family.copies.map((c) => c.place)), reason });
  };
  const base: Omit<Wish, 'families' | 'lifted'> = {
    items,
    takenIds: options.takenIds,
    takenGroups: options.takenGroups,
    ...(options.tuned && { tuned: options.tuned }),
  };

  let families = found.families.filter((family) => {
    if (declined?.families.has(familyKey(family))) return false;
    if (family.copies.some((c) => options.tuned?.has(placeKey(c.place)))) {
      reject(family, 'groups speak of one of the copies already, and would then speak of all of them');
      return false;
    }
    const alone = layout({ ...base, items, families: [family], lifted: new Set() }).filter((p) => p.families);
    const [flaw] = flawsOf(alone, options);
    if (flaw) reject(family, flaw.reason);
    return !flaw;
  });
  let lifted = new Set(options.params ? groupKeys(items).filter((key) => !declined?.lifts.has(key)) : []);
  for (;;) {
    const proposals = layout({ ...base, families, lifted });
    const flaws = flawsOf(proposals, options);
    if (flaws.length === 0) return { proposals, families, stayed, flaws };
    const paths = new Map(flaws.flatMap((f) => [f.path, ...(f.with ?? [])].map((path) => [path, f.reason] as const)));
    // A flaw in what must compile as it is lies in how all of it fits together: then nothing is rewritten.
    const everything = !proposals.some((p) => p.kind !== 'native' && paths.has(p.path));
    const guilty = proposals.filter((p) => p.kind !== 'native' && (everything || paths.has(p.path)));
    if (guilty.length === 0) return { proposals, families, stayed, flaws };
    for (const { path, lifts = [], families: inIt = [] } of guilty) {
      const reason = paths.get(path) ?? flaws[0]?.reason ?? '';
      for (const key of lifts) stayed.push({ ...groupOf(items, key), reason });
      for (const family of inIt) if (families.includes(family)) reject(family, reason);
      lifted = new Set([...lifted].filter((key) => !lifts.includes(key)));
      families = families.filter((family) => !inIt.includes(family));
    }
  }
}

/** What a family is called when somebody declines it. */
export const familyKey = (family: Family): string =>
  family.copies.map(({ place: p }) => `${p.item}/${p.group}/${p.rule}`).join();

function groupKeys(items: readonly Adoptable[]): string[] {
  return items.flatMap((item, i) => item.groups.flatMap((group, g) => (group.rules.length > 0 ? [liftKey(i, g)] : [])));
}

function groupOf(items: readonly Adoptable[], key: string): { what: string; from: string[] } {
  const [item = 0, group = 0] = key.split('/').map(Number);
  const source = items[item];
  return { what: source?.groups[group]?.name ?? key, from: source ? [source.from] : [] };
}
