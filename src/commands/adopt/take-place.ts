import { fieldDifferences, groupMeaning, type Meaning, ruleMeaning } from '../../core/adopt/compare.ts';
import type { Adoptable } from '../../core/adopt/read.ts';
import { type Reference, retold } from '../../core/adopt/references.ts';
import { nativeKey, ruleKey } from '../../core/adopt/replace.ts';
import { type Compiled, type CompileOptions, compile } from '../../core/compile.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import type { Sources } from '../../core/ground/sources.ts';
import type { CompiledRule, CompiledRuleGroup } from '../../core/model/ruleset.ts';
import { type Proposal, placeKey } from './layout.ts';

/** What of the repository is replaced by what is taken over. */
export interface Replacing {
  readonly items: readonly Adoptable[];
  /** The source that an item is, or says the same as. */
  readonly by: ReadonlyMap<Adoptable, SourceFile>;
  /** The places of groups that speak of native rules. */
  readonly references: readonly Reference[];
}

/** The repository with the proposals in it. */
export interface Replaced {
  readonly compiled: Compiled;
  /** Sources that go, from the root. */
  readonly gone: readonly string[];
  /** Files of groups whose addresses are written anew. */
  readonly edited: ReadonlyMap<string, string>;
  /** What compiles otherwise than before: the rule's name, its source, and in what. None: all goes on as it was. */
  readonly unlike: readonly Unlike[];
  /** Sources that stand where proposals go and say something else, and what of them would be there no more. */
  readonly overwritten: ReadonlyMap<string, readonly Unlike[]>;
}

export interface Unlike {
  readonly path: string;
  readonly name: string;
  readonly reason: string;
}

/** The places of rules that groups speak of already, by `placeKey`. */
export function tunedPlaces({ items, by, references }: Replacing): Set<string> {
  const spoken = new Set(references.map(({ rule }) => ruleKey(rule)));
  return new Set([...keysBefore(items, by)].flatMap(([key, place]) => (spoken.has(key) ? [place] : [])));
}

/** The rules of the sources that are replaced, and where they are among the items. */
function keysBefore(items: readonly Adoptable[], by: Replacing['by']): Map<string, string> {
  const keys = new Map<string, string>();
  items.forEach((item, i) => {
    const path = by.get(item)?.path;
    if (path === undefined) return;
    item.groups.forEach(({ rules }, g) => {
      for (const r of rules.keys()) keys.set(nativeKey(path, g, r), placeKey({ item: i, group: g, rule: r }));
    });
  });
  return keys;
}

/** Puts proposals in the place of what they replace, lets groups speak of the same rules as before, and compares. */
export function takePlace(
  proposals: readonly Proposal[],
  sources: Sources,
  before: Compiled,
  replacing: Replacing,
  options: CompileOptions,
): Replaced {
  const paths = new Set(proposals.map((p) => p.path));
  const old = new Set([...replacing.by.values()].map(({ path }) => path));
  const gone = [...old].filter((path) => !paths.has(path)).sort();
  const texts = (folder: string): SourceFile[] =>
    proposals.filter((p) => p.path.startsWith(folder)).map(({ path, text }) => ({ path, text }));
  const added: Sources = {
    ...sources,
    rules: [...sources.rules.filter(({ path }) => !paths.has(path) && !old.has(path)), ...texts('rules/')],
    groups: [...sources.groups.filter(({ path }) => !paths.has(path)), ...texts('groups/')],
  };
  const first = compile(added, options);
  const now = new Map(proposals.flatMap((p) => [...(p.places ?? [])]));
  const moved = new Map(
    [...keysBefore(replacing.items, replacing.by)].flatMap(([key, place]) => {
      const to = now.get(place);
      return to === undefined ? [] : [[key, to] as const];
    }),
  );
  const edited = retold(replacing.references, first.program, moved);
  const groups = added.groups.map((file) => ({ path: file.path, text: edited.get(file.path) ?? file.text }));
  const compiled = edited.size === 0 ? first : compile({ ...added, groups }, options);
  const names = new Set(replacing.items.flatMap(({ groups: all }) => all.flatMap((g) => g.rules.map((r) => r.name))));
  const fresh = new Set(proposals.filter((p) => !replacesOnly(p, replacing)).map((p) => p.path));
  const over = new Set(sources.rules.map(({ path }) => path).filter((path) => paths.has(path) && !old.has(path)));
  const lost = lostRules(before, compiled, over);
  const overwritten = new Map([...over].map((path) => [path, lost.filter((one) => one.path === path)]));
  return { compiled, gone, edited, unlike: unlikeRules(before, compiled, names, fresh, over), overwritten };
}

/** Whether all that is in a proposal was in sources that it replaces. */
const replacesOnly = ({ from }: Proposal, { by }: Replacing): boolean => {
  const replacers = new Set([...by.keys()].map((item) => item.from));
  return from.every((one) => replacers.has(one));
};

/**
 * Rules of the names taken over that the repository compiled before and compiles otherwise now. Annotations are left
 * out, since one that mentions the threshold now tells the number that a group sets; so are the files and the label of
 * the group, which `adopt` says anyway.
 * @param fresh files with rules that the repository had not, which nothing is compared with
 * @param over files in whose place others are put, which is told apart from this
 */
function unlikeRules(
  before: Compiled,
  after: Compiled,
  names: ReadonlySet<string>,
  fresh: ReadonlySet<string>,
  over: ReadonlySet<string>,
): Unlike[] {
  if (!before.ruleSet || !after.ruleSet) return [];
  const label = after.config.groupLabel === false ? undefined : after.config.groupLabel;
  const of = ({ rule }: Found): boolean => names.has(rule.name);
  const like = (one: Found): Meaning => meaning(one, label);
  const was = meaningsOf(before, of, like);
  const is = meaningsOf(after, of, like);
  const lost = [...was]
    .flatMap(([key, ones]) => ones.slice(is.get(key)?.length ?? 0))
    .filter(({ path }) => !over.has(path));
  const more = [...is]
    .flatMap(([key, ones]) => ones.slice(was.get(key)?.length ?? 0))
    .filter((m) => !fresh.has(m.path));
  return lost.map((one) => unlike(one, more, like));
}

/** Of sources in whose place others are put: the rules that would be there no more, their annotations included. */
function lostRules(before: Compiled, after: Compiled, over: ReadonlySet<string>): Unlike[] {
  if (!before.ruleSet || !after.ruleSet || over.size === 0) return [];
  const of = ({ path }: Found): boolean => over.has(path);
  const like = ({ group, rule }: Found): Meaning => ({ ...ruleMeaning(group, rule, 'exact'), ...groupMeaning(group) });
  const was = meaningsOf(before, of, like);
  const is = meaningsOf(after, of, like);
  const more = [...is].flatMap(([key, ones]) => ones.slice(was.get(key)?.length ?? 0));
  return [...was].flatMap(([key, ones]) => ones.slice(is.get(key)?.length ?? 0)).map((one) => unlike(one, more, like));
}

/** In what a rule differs from what it becomes, the one of its name among those that are new. */
function unlike(one: Found, more: readonly Found[], like: (one: Found) => Meaning): Unlike {
  const near = more.find((other) => other.rule.name === one.rule.name);
  const [why = 'it would be there no more'] = near ? fieldDifferences(like(one), like(near)) : [];
  return { path: one.path, name: one.rule.name, reason: why };
}

interface Found {
  readonly path: string;
  readonly group: CompiledRuleGroup;
  readonly rule: CompiledRule;
}

function meaningsOf(
  { ruleSet }: Compiled,
  isMeant: (one: Found) => boolean,
  like: (one: Found) => Meaning,
): Map<string, Found[]> {
  const found = new Map<string, Found[]>();
  for (const file of ruleSet?.files ?? []) {
    for (const group of file.ruleGroups()) {
      for (const rule of group.rules) {
        const one = { path: group.span.file.path, group, rule };
        if (!isMeant(one)) continue;
        const key = JSON.stringify(like(one));
        found.set(key, [...(found.get(key) ?? []), one]);
      }
    }
  }
  return found;
}

const meaning = ({ group, rule }: Found, label: string | undefined): Meaning =>
  Object.fromEntries(
    Object.entries({ ...ruleMeaning(group, rule, 'matchers', label), ...groupMeaning(group) }).filter(
      ([field]) => !field.startsWith('annotation '),
    ),
  );
