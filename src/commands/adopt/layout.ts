import { cutRules, keptGroups } from '../../core/adopt/cut.ts';
import type { Place } from '../../core/adopt/families.ts';
import type { Family, FamilyGroup } from '../../core/adopt/family.ts';
import { pinned } from '../../core/adopt/family.ts';
import { freeName, slug } from '../../core/adopt/names.ts';
import type { OwnFile, OwnGroup, OwnRule, OwnSettings } from '../../core/adopt/own.ts';
import { liftGroup, ruleId } from '../../core/adopt/params.ts';
import type { Adoptable } from '../../core/adopt/read.ts';
import { nativeKey, ownKey } from '../../core/adopt/replace.ts';
import type { CompiledRuleGroup } from '../../core/model/ruleset.ts';
import { ownFileText, ownGroupText } from '../../outputs/own-yaml.ts';
import { plainText } from '../../outputs/plain-text.ts';

/** What is taken over, and in which form. */
export interface Wish {
  readonly items: readonly Adoptable[];
  readonly families: readonly Family[];
  /** Rule groups that become our own format: `item/group`. */
  readonly lifted: ReadonlySet<string>;
  /** Ids that the repository uses already, in lower case. */
  readonly takenIds: ReadonlySet<string>;
  readonly takenGroups: ReadonlySet<string>;
  /** Rules that groups of the repository speak of already, by `placeKey`. */
  readonly tuned?: ReadonlySet<string>;
}

/** A source file to write, and what it must compile to. */
export interface Proposal {
  readonly path: string;
  readonly kind: 'native' | 'rules' | 'group';
  readonly text: string;
  readonly from: readonly string[];
  /** How many of the rules taken over are in it; of a group none. */
  readonly rules: number;
  /** Of a native file and of one in our own format: what it must compile to, rule group by rule group. */
  readonly groups?: readonly CompiledRuleGroup[];
  /** Of one in our own format: what it was printed from. */
  readonly own?: OwnFile;
  /** The rule groups of ours that it holds, as in `lifted`. */
  readonly lifts?: readonly string[];
  /** The families that need it. */
  readonly families?: readonly Family[];
  /** Where each of its rules is from, by `placeKey`, and what `ruleKey` it has here. */
  readonly places?: ReadonlyMap<string, string>;
}

export const liftKey = (item: number, group: number): string => `${item}/${group}`;

/** Lays out the sources of a wish: each rule is in exactly one of them. */
export function layout(wish: Wish): Proposal[] {
  const moved = new Set(wish.families.flatMap((f) => f.copies.map((c) => placeKey(c.place))));
  const ids = new Set(wish.takenIds);
  const paths = new Set<string>();
  const path = (name: string, ending: string): string => `rules/${freeName(name, paths)}${ending}`;
  const natives: Proposal[] = [];
  const owns: Proposal[] = [];
  wish.items.forEach((item, i) => {
    const stays = (g: number, r: number): boolean => !moved.has(placeKey({ item: i, group: g, rule: r }));
    const isLifted = (g: number): boolean => wish.lifted.has(liftKey(i, g));
    const keeps = (g: number, r: number): boolean => stays(g, r) && !isLifted(g);
    const native = nativeProposal(item, keeps, path);
    if (native) natives.push({ ...native, places: placesOf(item, i, keeps, native.path) });
    item.groups.forEach((group, g) => {
      const rules = group.rules.filter((_, r) => stays(g, r));
      if (!isLifted(g) || rules.length === 0) return;
      const left = { ...group, rules };
      const name = item.groups.length === 1 ? item.name : `${item.name}/${slug(group.name)}`;
      const file = liftGroup(
        left,
        path(name, '.yaml'),
        [`Adopted from ${item.from}, rule group ${JSON.stringify(group.name)}.`],
        ids,
        (rule) => wish.tuned?.has(placeKey({ item: i, group: g, rule: group.rules.indexOf(rule) })) === true,
      );
      const places = new Map(
        rules.map((rule, at) => {
          const place = placeKey({ item: i, group: g, rule: group.rules.indexOf(rule) });
          return [place, ownKey(idOf(file.rules[at] as OwnRule))] as const;
        }),
      );
      owns.push({ ...ownProposal(file, [item.from]), groups: [left], lifts: [liftKey(i, g)], places });
    });
  });
  return [...natives, ...owns, ...familyProposals(wish, ids, path)];
}

export const placeKey = ({ item, group, rule }: Place): string => `${item}/${group}/${rule}`;

const idOf = ({ id, name }: OwnRule): string => id ?? name;

/** Where the rules that stay in a native file are in it. */
function placesOf(
  { groups }: Adoptable,
  item: number,
  keeps: (group: number, rule: number) => boolean,
  path: string,
): Map<string, string> {
  const places = new Map<string, string>();
  let order = 0;
  groups.forEach(({ rules }, group) => {
    const kept = [...rules.keys()].filter((rule) => keeps(group, rule));
    for (const [index, rule] of kept.entries())
      places.set(placeKey({ item, group, rule }), nativeKey(path, order, index));
    if (kept.length > 0 || rules.length === 0) order++;
  });
  return places;
}

function ownProposal(file: OwnFile, from: readonly string[]): Proposal {
  return { path: file.path, kind: 'rules', text: ownFileText(file), from, rules: file.rules.length, own: file };
}

function nativeProposal(
  item: Adoptable,
  keeps: (group: number, rule: number) => boolean,
  path: (name: string, ending: string) => string,
): Proposal | undefined {
  const groups = keptGroups(item.groups, keeps);
  const count = (list: readonly CompiledRuleGroup[]): number => list.reduce((sum, g) => sum + g.rules.length, 0);
  const whole = count(groups) === count(item.groups);
  if (!whole && count(groups) === 0) return undefined;
  const written = item.text === undefined ? undefined : whole ? item.text : cutRules(item.text, keeps);
  const text = written ?? plainText(groups);
  return { path: path(item.name, '.yml'), kind: 'native', text, from: [item.from], rules: count(groups), groups };
}

/** Families by the file and rule group of their first copy, and the groups that all of them together need. */
function familyProposals(wish: Wish, ids: Set<string>, path: (name: string, ending: string) => string): Proposal[] {
  const groupIdOf = groupNames(wish.takenGroups);
  const named = new Map<Family, string>();
  const files = new Map<string, { families: Family[]; rules: OwnRule[] }>();
  const groups = new Map<string, { group: OwnGroup; families: Family[] }>();
  for (const family of wish.families) {
    const [first] = family.copies;
    if (!first) continue;
    const id = ruleId(family.name, family.rule.tiers ? undefined : family.rule.labels.get('severity'), ids);
    named.set(family, id);
    const members = family.groups.map((g) => [groupIdOf(g.match), g] as const);
    const rule: OwnRule = {
      ...family.rule,
      ...(id !== family.name && { id }),
      ...(family.onlyGroups && { only: members.map(([group]) => group).sort() }),
    };
    const key = `${first.place.item}/${first.place.group}`;
    const file = files.get(key) ?? { families: [], rules: [] };
    files.set(key, { families: [...file.families, family], rules: [...file.rules, rule] });
    for (const [groupId, said] of members) {
      const known = groups.get(groupId)?.group ?? {
        id: groupId,
        match: said.match,
        overrides: new Map(),
        disabled: [],
      };
      const own = groups.get(groupId)?.families ?? [];
      groups.set(groupId, { group: withFamily(known, id, rule, said), families: [...own, family] });
    }
  }
  const ruleFiles = [...files].map(([key, { families, rules }]): Proposal => {
    const [item = 0, group = 0] = key.split('/').map(Number);
    const source = wish.items[item] as Adoptable;
    const plain = source.groups[group] as CompiledRuleGroup;
    const from = [...new Set(families.flatMap((f) => f.copies.map((c) => wish.items[c.place.item]?.from ?? '')))];
    const file: OwnFile = {
      path: path(`${source.name}-shared`, '.yaml'),
      comment: [`Rules that were written once for each group, adopted from ${from.join(', ')}.`],
      rules,
      ...(plain.interval !== undefined && { interval: plain.interval }),
      ...(plain.queryOffset !== undefined && { queryOffset: plain.queryOffset }),
      ...(plain.limit !== undefined && { limit: plain.limit }),
    };
    const copies = families.reduce((sum, f) => sum + f.copies.length, 0);
    const places = new Map(
      families.flatMap((f) => f.copies.map((c) => [placeKey(c.place), ownKey(named.get(f) ?? f.name)] as const)),
    );
    return { ...ownProposal(file, from), rules: copies, families, places };
  });
  const groupFiles = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { group, families }]): Proposal => {
      const text = ownGroupText(group, ['Found by `rulewright adopt --groups`.']);
      return { path: `groups/${id}.yaml`, kind: 'group', text, from: [], rules: 0, families };
    });
  return [...ruleFiles, ...groupFiles];
}

function withFamily(group: OwnGroup, id: string, rule: OwnRule, said: FamilyGroup): OwnGroup {
  if (said.disabled) return { ...group, disabled: [...group.disabled, id] };
  const overrides = new Map(group.overrides);
  for (const [tier, settings] of said.says) {
    const target: OwnSettings = rule.only ? settings : pinned(settings, rule);
    const empty = target.params.size + target.labels.size + target.annotations.size === 0;
    if (empty && target.for === undefined && target.keepFiringFor === undefined) continue;
    overrides.set(tier === '' ? id : `${id}.${tier}`, target);
  }
  return { ...group, overrides };
}

/** Ids of groups made of what they match: `prod`, or `env-prod` where that is taken. One match has one id. */
function groupNames(takenAlready: ReadonlySet<string>): (match: FamilyGroup['match']) => string {
  const byMatch = new Map<string, string>();
  const taken = new Set([...takenAlready, 'default']);
  return (match) => {
    const key = JSON.stringify([...match].sort());
    const known = byMatch.get(key);
    if (known !== undefined) return known;
    const short = groupSlug([...match.values()].map((v) => v.join('-')).join('-'));
    const long = groupSlug([...match].map(([label, v]) => `${label}-${v.join('-')}`).join('-'));
    const id = freeName(taken.has(short) ? long : short, taken);
    byMatch.set(key, id);
    return id;
  };
}

const groupSlug = (text: string): string =>
  slug(text)
    .toLowerCase()
    .replace(/_/g, '-')
    .replace(/\.{2,}|-{2,}/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80) || 'group';
