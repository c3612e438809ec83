import type { SourceFile } from '../ground/source.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { GroupTree } from '../lookup/groups.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import { addressesOf } from '../model/address.ts';
import type { WrittenGroup } from '../model/written.ts';
import { parseGroupFile } from '../parse/groups.ts';
import type { ParseOptions } from '../parse/names.ts';

/**
 * What a change of numbers can change. An instance's text depends on its rule and on the groups that contain its cell; how
 * the cells lie depends on matches, parents, priorities and on who speaks of what, never on a number. So where two versions
 * of a group's file differ in bare thresholds alone, only the files of cells within that group can differ. Diagnostics are
 * another matter: those of the rules that changed (and of their tiers) must be found anew.
 */

/** The rules, by the names that the group uses, whose threshold a group gives another number. */
export interface ValueChange {
  readonly group: string;
  readonly rules: ReadonlySet<string>;
}

/** The numbers that differ between two versions of one group file; undefined where anything else does. */
export function valueChanges(
  before: SourceFile,
  after: SourceFile,
  options: ParseOptions = {},
): readonly ValueChange[] | undefined {
  const [old, now] = [parseGroupFile(before, options), parseGroupFile(after, options)];
  if (old.diagnostics.length + now.diagnostics.length > 0 || old.groups.length !== now.groups.length) return undefined;
  if (withoutNumbers(before, old.groups) !== withoutNumbers(after, now.groups)) return undefined;
  return now.groups.flatMap((group, i) => {
    const { thresholds } = old.groups[i] as WrittenGroup;
    const rules = new Set<string>();
    for (const n of group.thresholds.keys())
      if (!Object.is(thresholds.number(n), group.thresholds.number(n))) rules.add(group.thresholds.name(n));
    return rules.size > 0 ? [{ group: group.id.value, rules }] : [];
  });
}

/** A group file's text with its bare thresholds taken out: equal for two versions that differ in them alone. */
function withoutNumbers({ text }: SourceFile, groups: readonly WrittenGroup[]): string {
  let rest = '';
  let at = 0;
  for (const { thresholds } of groups) {
    for (const n of thresholds.keys()) {
      if (Number.isNaN(thresholds.number(n))) continue;
      const { start, end } = thresholds.valueSpan(n);
      // An alias puts a value where others stand.
      if (start < at) return text;
      rest += `${text.slice(at, start)}\0`;
      at = end;
    }
  }
  return rest + text.slice(at);
}

/**
 * The rule files, by name, that such changes can change in what a program compiled to; undefined for "any": a number of the
 * root reaches every file, and one that chooses a branch of a template may change what the rule is.
 */
export function affectedFiles(program: Program, changes: readonly ValueChange[]): ReadonlySet<string> | undefined {
  const files = new Set<string>();
  for (const { group, rules } of changes) {
    if (group === ROOT_ID || namesNative(program, rules)) return undefined;
    for (const resolved of program.rules) {
      if (!isNamed(resolved, rules)) continue;
      if (choosesByThreshold(resolved)) return undefined;
      for (const { groups, owner } of resolved.cascade.partition.cells) {
        if (groups.some((g) => g.id === group)) files.add(`group-${owner}.yml`);
      }
    }
  }
  return files;
}

const isNamed = ({ rule }: ResolvedRule, names: ReadonlySet<string>): boolean =>
  names.has(rule.id) || names.has(rule.tier?.of ?? rule.id);

function namesNative(program: Program, names: ReadonlySet<string>): boolean {
  const addresses = addressesOf(program.rules.flatMap(({ rule }) => (rule.group.native ? [rule] : [])));
  return [...names].some((name) => addresses.find(name).rules.length > 0);
}

const choosesByThreshold = ({ samples }: ResolvedRule): boolean =>
  samples.some(({ shape }) => shape.structural.has('threshold'));

/**
 * The same without a program: whether a file's owner can have a cell within a group. Its id joins those of the deepest
 * groups there, so that one of them is the group or a descendant of it.
 */
export function isWithin(owner: string, group: string, { byId }: Pick<GroupTree, 'byId'>): boolean {
  return owner.split('--').some((id) => id === group || byId.get(id)?.ancestors.some((a) => a.id === group));
}
