import type { LabelMatcher } from '../../promql/matcher.ts';
import { type Box, boxesApart, boxMatchers, boxOf } from '../../promql/region.ts';
import type { SourceFile } from '../ground/source.ts';
import type { Sources } from '../ground/sources.ts';
import type { GroupTree } from '../lookup/groups.ts';
import { changedThresholds, cutRules, cutThresholds, ruleList, withoutTier } from './narrow-text.ts';

/**
 * The part of a repository that a changed number can be about. A group's threshold for a rule decides over the
 * instances of that rule (and its tiers) whose region meets the group's: what other groups, which are apart from it,
 * and other rules say has no part in them. So the old and the new text of that part are compiled, and where they
 * differ, so does the whole, provided that the old part gives what the whole gave: whoever narrows must look.
 */
export interface Narrowed {
  readonly before: Sources;
  readonly after: Sources;
  /** Ids of the rules whose number changed. */
  readonly rules: ReadonlySet<string>;
}

/** A group as far as it matters who overlaps with whom, as data that can be kept. */
export interface GroupOutline {
  readonly id: string;
  readonly file: string;
  readonly ancestors: readonly string[];
  readonly matchers: readonly LabelMatcher[];
}

/** Above these the whole is as quick as the part. */
const MOST_GROUPS = 100;
const MOST_RULES = 50;
/** Rules name groups, groups name rules: so often the one is looked up in the other before we give up. */
const MOST_ROUNDS = 5;

export function outlineOf({ groups }: GroupTree): GroupOutline[] {
  return groups.flatMap(({ id, written, ancestors, box }) =>
    written ? [{ id, file: written.file.path, ancestors: ancestors.map((a) => a.id), matchers: boxMatchers(box) }] : [],
  );
}

/**
 * Narrows a repository down to a change of its group files: `old` has their former texts by path. Undefined where
 * more changed than numbers under `thresholds:`, or too much is concerned.
 */
export function narrow(
  sources: Sources,
  old: ReadonlyMap<string, string>,
  outlines: readonly GroupOutline[],
): Narrowed | undefined {
  const rules = new Set<string>();
  for (const { path, text } of sources.groups) {
    const before = old.get(path);
    if (before === undefined) continue;
    const changed = changedThresholds(before, text);
    if (!changed) return undefined;
    for (const name of changed) rules.add(name);
  }
  const part = closure(sources, old, rules, outlines);
  if (!part || rules.size === 0 || rules.size > MOST_RULES) return undefined;
  const groups = (textOf: (file: SourceFile) => string): SourceFile[] =>
    sources.groups
      .filter(({ path }) => part.files.has(path))
      .map((file) => ({ path: file.path, text: cutThresholds(textOf(file), part.wanted) }));
  const common = { ...sources, rules: part.rules, inventory: [], problems: [] };
  return {
    before: { ...common, groups: groups(({ path, text }) => old.get(path) ?? text) },
    after: { ...common, groups: groups(({ text }) => text) },
    rules,
  };
}

interface Part {
  /** Paths of group files. */
  readonly files: ReadonlySet<string>;
  readonly wanted: ReadonlySet<string>;
  readonly rules: readonly SourceFile[];
}

/** The groups and rules that are concerned, and all that these name. */
function closure(
  sources: Sources,
  old: ReadonlyMap<string, string>,
  changed: ReadonlySet<string>,
  outlines: readonly GroupOutline[],
): Part | undefined {
  const byId = new Map(outlines.map((outline) => [outline.id, outline]));
  const touched = outlines.filter(({ file }) => old.has(file)).map(boxIn);
  const ids = new Set(
    outlines.filter((one) => touched.some((box) => !boxesApart(box, boxIn(one)))).map((one) => one.id),
  );
  const lists = sources.rules.flatMap(({ path, text }) =>
    isNative(text) && !/^\s*(?:- )?record:/m.test(text) ? [] : [{ path, list: ruleList(text) }],
  );
  const wanted = new Set([...changed].flatMap((id) => [id, withoutTier(id)]));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const files = new Set<string>();
    for (const id of ids) {
      files.add(byId.get(id)?.file ?? '');
      for (const above of byId.get(id)?.ancestors ?? []) files.add(byId.get(above)?.file ?? '');
    }
    if (files.size > MOST_GROUPS) return undefined;
    const before = ids.size + wanted.size;
    for (const { id, file } of outlines) if (files.has(file)) ids.add(id);
    for (const { path, text } of sources.groups) {
      if (files.has(path)) for (const word of words(cutThresholds(text, wanted))) wanted.add(word);
    }
    const rules = lists.flatMap(({ path, list }) => {
      const text = cutRules(list, wanted);
      return text === undefined ? [] : [{ path, text }];
    });
    for (const { text } of rules) for (const word of words(text)) if (byId.has(word)) ids.add(word);
    if (ids.size + wanted.size === before) return { files, wanted, rules };
  }
  return undefined;
}

const boxIn = ({ matchers }: GroupOutline): Box => boxOf(matchers) ?? new Map();
const isNative = (text: string): boolean => /^groups:/m.test(text);
const words = (text: string): readonly string[] => text.match(/[A-Za-z_][\w.:-]*/g) ?? [];
