import type { SourceFile } from '../ground/source.ts';
import type { Rule } from '../model/rule.ts';
import { differences } from './compare.ts';
import { readPlain } from './cut.ts';
import type { Adoptable } from './read.ts';

/**
 * Which source of the repository each item takes the place of: itself, where a source was named, else a rule file that
 * says the very same. Whoever adopts a file as it is and later once more with params means the same rules.
 */
export function replacedSources(
  items: readonly Adoptable[],
  sources: readonly SourceFile[],
): ReadonlyMap<Adoptable, SourceFile> {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const plain = new Map<SourceFile, ReturnType<typeof readPlain>>();
  const taken = new Set<SourceFile>();
  const found = new Map<Adoptable, SourceFile>();
  const saysTheSame = (item: Adoptable, file: SourceFile): boolean => {
    // Reading is slow, and a file that lacks one of the names says something else.
    if (taken.has(file) || !/^groups\s*:/m.test(file.text) || !hasNames(item, file.text)) return false;
    if (!plain.has(file)) plain.set(file, readPlain(file.text));
    const groups = plain.get(file);
    return groups !== undefined && differences(item.groups, groups, 'exact', true).length === 0;
  };
  for (const item of items) {
    const itself = item.source === undefined ? undefined : byPath.get(item.source);
    const namesake = (file: SourceFile): boolean => file.path.replace(/\.ya?ml$/, '') === `rules/${item.name}`;
    const file = itself ?? [...sources.filter(namesake), ...sources].find((candidate) => saysTheSame(item, candidate));
    if (!file) continue;
    taken.add(file);
    found.set(item, file);
  }
  return found;
}

function hasNames({ groups }: Adoptable, text: string): boolean {
  const [first] = groups.flatMap((group) => group.rules);
  return groups.length > 0 && (first === undefined || text.includes(first.name));
}

/** What stays of a rule while it is adopted anew: its place in a native file, or the name that groups know it by. */
export function ruleKey({ id, tier, group, index }: Rule): string {
  return group.native ? nativeKey(group.file.path, group.native.order, index) : ownKey(tier?.of ?? id);
}

export const nativeKey = (path: string, group: number, rule: number): string => `${path}\n${group}\n${rule}`;

export const ownKey = (id: string): string => id;
