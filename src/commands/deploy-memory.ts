import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { readPlain } from '../core/adopt/cut.ts';
import type { ComingGroup, StatefulGroup } from '../core/deploy/alerts.ts';
import { compareLoaded, type Difference, type ReadBackGroup, releasedGroup } from '../core/read-back.ts';
import type { CompiledRuleGroup } from '../core/ruleset.ts';
import type { Deployed, Layout, Release, ReleasedFile } from '../io/deploy/types.ts';
import { visiblePaths } from '../io/deploy/visible.ts';
import { RULE_FILE } from '../io/dist.ts';
import { environmentProblem, fsProblem, type Problem } from '../io/problem.ts';
import type { LoadedGroup } from '../io/server/types.ts';
import { whereApart } from '../report/drift.ts';

/** A release and a server's memory, brought together. */

/** A file of a release with what is in it. */
export interface ReleaseText {
  readonly file: ReleasedFile;
  readonly text: string;
  readonly groups: readonly CompiledRuleGroup[];
}

/** Reads and parses every file of a release. */
export async function readTexts(release: Release): Promise<readonly ReleaseText[] | Problem> {
  const texts: ReleaseText[] = [];
  for (const file of release.files) {
    let text: string;
    try {
      text = await readFile(file.path, 'utf8');
    } catch (error) {
      return fsProblem(error, 'cannot read', file.path);
    }
    const groups = file.ruleCount === 0 && text.trim() === '' ? [] : readPlain(text);
    if (!groups) {
      return environmentProblem(
        `${file.path} is no rule file that a Prometheus would load.`,
        'Compile it anew: rulewright build.',
      );
    }
    texts.push({ file, text, groups });
  }
  return texts;
}

/** The rule groups that a server holds once it has loaded a release. */
export function wantedGroups(texts: readonly ReleaseText[], layout: Layout, release: Release): ReadBackGroup[] {
  const name = loadedName(layout, release);
  return texts.flatMap(({ file, groups }) => groups.map((group) => releasedGroup(name(file.fileName), group)));
}

/** The same as far as alert state goes. */
export function comingGroups(wanted: readonly ReadBackGroup[]): ComingGroup[] {
  return wanted.map(({ fileName, name, rules }) => ({ fileName, name, rules }));
}

/** The name under which a server loads what is in a file of a release. */
function loadedName(layout: Layout, release: Release): (fileName: string) => string {
  const [bundle = ''] = layout === 'bundle' ? visiblePaths(layout, release).rules : [];
  return layout === 'bundle' ? () => bundle : (fileName) => fileName;
}

/** Which loaded files are ours: by their folder where it is known, and by their names. */
export function oursAmong(deployed: Deployed, release: Release, folder: string | undefined): (file: string) => boolean {
  const foreign = new Set(deployed.foreign);
  const bundle = visiblePaths('bundle', release).rules;
  return (file) => {
    const name = posix.basename(file);
    if (folder !== undefined && posix.dirname(file) !== folder) return false;
    return (RULE_FILE.test(name) || bundle.includes(name)) && !foreign.has(name);
  };
}

/** The loaded rule groups that are ours, by the names of their files. */
export function ownGroups(
  loaded: readonly LoadedGroup[],
  isOurs: (file: string) => boolean,
): (LoadedGroup & StatefulGroup)[] {
  return loaded.filter(({ file }) => isOurs(file)).map((group) => ({ ...group, fileName: posix.basename(group.file) }));
}

/** In what a server's memory differs from a release; empty: it holds exactly that. */
export function differences(
  wanted: readonly ReadBackGroup[],
  loaded: readonly LoadedGroup[],
  evaluationInterval: number | undefined,
  isOurs: (file: string) => boolean,
): readonly Difference[] {
  return compareLoaded(wanted, loaded, { evaluationInterval, isOurs });
}

/** A difference as a line for people. */
export function differenceText({ what, fileName, group, rule, field, wanted, found }: Difference): string {
  const where = `${fileName}: rule group ${group}${rule === undefined ? '' : `, rule ${rule}`}`;
  switch (what) {
    case 'group-missing':
    case 'rule-missing':
      return `${where}: the server has not loaded it`;
    case 'group-left-over':
    case 'rule-left-over':
      return `${where}: the server still has it, the release has not`;
    case 'order':
      return `${where}: the rules stand in another order`;
    default: {
      const [has, should] = whereApart(found, wanted);
      return `${where}: ${field ?? 'it'} is ${has} on the server, ${should} in the release`;
    }
  }
}
