import type { Constraint } from '../../promql/constraint.ts';
import type { Box } from '../../promql/region.ts';
import type { Copy } from './copy.ts';
import type { Liftable } from './holes.ts';
import { lift, liftables } from './holes.ts';
import type { OwnRule, OwnSettings } from './own.ts';
import { asTemplate, isSaying } from './own.ts';
import { withoutLabels } from './regions.ts';
import { textsWithThreshold } from './thresholds.ts';

/** Copies of one rule as one rule of ours and what groups say of it. Ids of groups and the rule's own come later. */
export interface Family {
  readonly name: string;
  readonly copies: readonly Copy[];
  readonly rule: OwnRule;
  readonly groups: readonly FamilyGroup[];
  /** Whether no copy was the default: then the rule is for these groups alone. */
  readonly onlyGroups: boolean;
}

export interface FamilyGroup {
  readonly match: ReadonlyMap<string, readonly string[]>;
  /** By tier; "" where the rule has none. */
  readonly says: ReadonlyMap<string, OwnSettings>;
  readonly disabled: boolean;
}

interface RegionOfCopies {
  readonly region: Box;
  readonly copies: readonly Copy[];
}

/** Makes a family of copies in regions that don't overlap; a text says why that can't be. */
export function familyOf(
  regions: readonly RegionOfCopies[],
  labels: readonly string[],
  allParams: boolean,
): Family | string {
  const tiers = tierNames(regions);
  if (typeof tiers === 'string') return tiers;
  const defaults = regions.filter(({ region }) => [...region.values()].every(isExclusion));
  const [base = regions[0] as RegionOfCopies] = defaults;
  const others = regions.filter((r) => r !== base);
  const onlyGroups = defaults.length === 0;
  const groupRegions = onlyGroups ? regions : others;
  const odd = groupRegions.find(({ region }) => [...region.values()].some((c) => c.kind !== 'in'));
  if (odd) return 'a copy is told by a regular expression that lists no values, which no group here can be';
  const first = copyIn(base, tiers[0]);
  const stripped = withoutLabels(first.rule.expr, labels);
  if (!stripped) return 'the braces of a selector are written in a form that is not edited here';
  const copies = regions.flatMap((r) => r.copies);
  const names = (places: readonly Liftable[]): string => places.map((p) => p.param.name).join();
  const places = liftables(stripped.text);
  if (copies.some((c) => names(c.places) !== names(places)))
    return 'the copies have ranges of different numbers of lengths';
  const varies = (index: number): boolean => new Set(copies.map((c) => c.places[index]?.key)).size > 1;
  const lifted = places.filter((p, index) => allParams || p.param.name === 'threshold' || varies(index));
  const { expr, params } = lift(stripped.text, lifted);
  const liftedNames = new Set(params.map((p) => p.name));
  const texts = textsWithThreshold(copies);
  const settings = (copy: Copy, from: Copy): OwnSettings => differencesOf(copy, from, liftedNames, texts);

  const own = tiers.length > 1;
  const rule: OwnRule = {
    kind: 'alert',
    name: first.rule.name,
    params,
    expr,
    labels: new Map([...first.labels].filter(([name]) => !own || name !== 'severity').map(templatedEntry)),
    annotations: new Map(
      [...first.rule.annotations].map(([name, text]) => [name, texts.get(name)?.text ?? asTemplate(text)]),
    ),
    ...(first.rule.for !== undefined && { for: first.rule.for }),
    ...(first.rule.keepFiringFor !== undefined && { keepFiringFor: first.rule.keepFiringFor }),
    ...(own && {
      tiers: new Map(tiers.map((tier) => [tier, tierSettings(copyIn(base, tier), first, settings, liftedNames)])),
    }),
  };
  const groups = groupRegions.map((r): FamilyGroup => {
    const says = tiers.map((tier): [string, OwnSettings] => [
      own ? tier : '',
      settings(copyIn(r, tier), copyIn(base, tier)),
    ]);
    return {
      match: matchOf(r.region),
      says: new Map(says.map(([t, s]) => [t, own ? withoutSeverity(s) : s])),
      disabled: false,
    };
  });
  return {
    name: first.rule.name,
    copies,
    rule,
    onlyGroups,
    groups: [...groups, ...leftOver(base, others, onlyGroups)],
  };
}

/** Everything but some values: the default's own constraint. */
const isExclusion = (c: Constraint): boolean => c.kind === 'out' && c.like.length + c.unlike.length === 0;

/** The severities that every region has, in the order of the first; one nameless tier where a region has one copy. */
function tierNames(regions: readonly RegionOfCopies[]): string[] | string {
  if (regions.every((r) => r.copies.length === 1)) {
    return regions.length > 1 ? [''] : 'there is only one of them';
  }
  const severities = regions.map((r) => r.copies.map((c) => c.labels.get('severity') ?? ''));
  const [first = []] = severities;
  const key = [...first].sort().join('\n');
  if (new Set(first).size < first.length) return 'two copies for the same series have the same severity';
  if (first.includes('')) return 'two copies for the same series differ in more than their severity';
  if (severities.some((s) => [...s].sort().join('\n') !== key)) return 'not every region has a copy of each severity';
  return first;
}

const copyIn = (region: RegionOfCopies, tier: string | undefined): Copy =>
  (tier ? region.copies.find((c) => c.labels.get('severity') === tier) : undefined) ?? (region.copies[0] as Copy);

const templatedEntry = ([name, text]: readonly [string, string]): readonly [string, string] => [name, asTemplate(text)];

/** What has to be said over `from` to get `copy`. */
function differencesOf(
  copy: Copy,
  from: Copy,
  lifted: ReadonlySet<string>,
  texts: ReadonlyMap<string, unknown>,
): OwnSettings {
  const params = new Map<string, string>();
  copy.places.forEach((place, index) => {
    if (lifted.has(place.param.name) && place.key !== from.places[index]?.key)
      params.set(place.param.name, place.param.value);
  });
  const annotations = textDifferences(copy.rule.annotations, from.rule.annotations);
  return {
    params,
    labels: textDifferences(copy.labels, from.labels),
    annotations: new Map([...annotations].filter(([name]) => !texts.has(name))),
    ...(copy.rule.for !== from.rule.for && { for: copy.rule.for ?? null }),
    ...(copy.rule.keepFiringFor !== from.rule.keepFiringFor && { keepFiringFor: copy.rule.keepFiringFor ?? null }),
  };
}

function textDifferences(
  texts: ReadonlyMap<string, string>,
  from: ReadonlyMap<string, string>,
): Map<string, string | null> {
  const names = new Set([...texts.keys(), ...from.keys()]);
  return new Map(
    [...names].flatMap((name): [string, string | null][] => {
      const text = texts.get(name);
      if (text === from.get(name)) return [];
      return [[name, text === undefined ? null : asTemplate(text)]];
    }),
  );
}

const withoutSeverity = (said: OwnSettings): OwnSettings => ({
  ...said,
  labels: new Map([...said.labels].filter(([name]) => name !== 'severity')),
});

/** What a tier says: its number in any case, for that is what tiers are for. */
function tierSettings(
  copy: Copy,
  from: Copy,
  settings: (copy: Copy, from: Copy) => OwnSettings,
  lifted: ReadonlySet<string>,
): OwnSettings {
  const said = withoutSeverity(settings(copy, from));
  const threshold = copy.places.find((p) => p.param.name === 'threshold');
  if (!threshold || !lifted.has('threshold')) return said;
  return { ...said, params: new Map([['threshold', threshold.param.value], ...said.params]) };
}

function matchOf(region: Box): Map<string, string[]> {
  return new Map([...region].map(([label, c]) => [label, [...c.values].sort()]));
}

/** Values that the default leaves out and no copy is for: there the rule is off. */
function leftOver(base: RegionOfCopies, others: readonly RegionOfCopies[], onlyGroups: boolean): FamilyGroup[] {
  const [entry, more] = [...base.region];
  if (onlyGroups || !entry || more) return [];
  const [label, { values }] = entry;
  const covered = new Set(others.flatMap((r) => [...(r.region.get(label)?.values ?? [])]));
  return [...values]
    .filter((value) => !covered.has(value))
    .map((value) => ({ match: new Map([[label, [value]]]), says: new Map(), disabled: true }));
}

/** A group that says nothing still has to pin the rule, or it would have no instance of its own. */
export function pinned(said: OwnSettings, rule: OwnRule): OwnSettings {
  const [param] = rule.params;
  if (isSaying(said)) return said;
  if (param) return { ...said, params: new Map([[param.name, param.value]]) };
  return rule.for === undefined ? said : { ...said, for: rule.for };
}
