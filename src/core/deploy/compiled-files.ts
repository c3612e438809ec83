import { readPlain } from '../adopt/cut.ts';
import { compareGroups } from './drift.ts';
import { type Difference, type ReadBackGroup, releasedGroup } from './read-back.ts';
import { byText } from './read-back-rules.ts';

/** A compiled rule file in two states; undefined: it isn't there. */
export interface FilePair {
  /** Unlike that of any other; may have folders. */
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface CompiledDifferences {
  /** `found` is what was before, `wanted` what is after; `fileName` the pair's name. */
  readonly rules: readonly Difference[];
  /** Names of files one state of which no Prometheus would load, so that nothing is said of their rules. */
  readonly unreadable: readonly string[];
}

/** In which rules compiled files differ, as the files themselves have them. */
export function compareCompiled(pairs: readonly FilePair[]): CompiledDifferences {
  const rules: Difference[] = [];
  const unreadable: string[] = [];
  for (const { name, before, after } of pairs) {
    const [old, now] = [before, after].map((text) => (text === undefined ? [] : readPlain(text)));
    if (!old || !now) {
      unreadable.push(name);
      continue;
    }
    const was = old.map((group) => releasedGroup('', group));
    const is = now.map((group) => releasedGroup('', group));
    const found = compareGroups(is, was).flatMap((difference) => byRule(difference, was, is));
    rules.push(...found.map((difference) => ({ ...difference, fileName: name })));
    const offsets = new Map(old.map((group) => [group.name, group.queryOffset]));
    for (const { name: group, queryOffset } of now) {
      if (!offsets.has(group) || offsets.get(group) === queryOffset) continue;
      const values = { found: offsets.get(group) ?? 'none', wanted: queryOffset ?? 'none' };
      rules.push({ what: 'group-changed', fileName: name, group, field: 'query_offset', ...values });
    }
  }
  return { rules: rules.sort((a, b) => byText(a.fileName, b.fileName)), unreadable };
}

/** A rule group that only one side has, as its rules: people count those. */
function byRule(
  difference: Difference,
  was: readonly ReadBackGroup[],
  is: readonly ReadBackGroup[],
): readonly Difference[] {
  const { what, group } = difference;
  if (what !== 'group-missing' && what !== 'group-left-over') return [difference];
  const all = what === 'group-missing' ? is : was;
  const kind = what === 'group-missing' ? 'rule-missing' : 'rule-left-over';
  const rules = all.find(({ name }) => name === group)?.rules ?? [];
  return rules.map(({ name }) => ({ ...difference, what: kind, rule: name }));
}
