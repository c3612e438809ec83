import { posix } from 'node:path';
import { readPlain } from '../../core/adopt/cut.ts';
import type { StatefulGroup } from '../../core/deploy/alerts.ts';
import { type ReadBackGroup, releasedGroup } from '../../core/deploy/read-back.ts';
import type { CompiledRuleGroup } from '../../core/model/ruleset.ts';
import { loadedName, releaseTexts } from '../../io/deploy/loaded.ts';
import type { Layout, Release, ReleasedFile } from '../../io/deploy/types.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import type { LoadedGroup } from '../../io/server/types.ts';
import { isProblem } from '../context.ts';

/** What is in the files of a release, read once for all who judge it. */

/** A file of a release with what is in it. */
export interface Content {
  readonly file: ReleasedFile;
  readonly text: string;
  readonly groups: readonly CompiledRuleGroup[];
}

/** Reads and parses every file of a release. */
export async function readContents(release: Release): Promise<readonly Content[] | Problem> {
  const texts = await releaseTexts(release, 'files');
  if (isProblem(texts)) return texts;
  const contents: Content[] = [];
  for (const { file, text } of texts) {
    const groups = file.ruleCount === 0 && text.trim() === '' ? [] : readPlain(text);
    if (!groups) {
      return environmentProblem(
        `${file.path} is no rule file that a Prometheus would load.`,
        'Compile it anew: rulewright build.',
      );
    }
    contents.push({ file, text, groups });
  }
  return contents;
}

/** The rule groups that a server holds once it has loaded a release. */
export function wantedGroups(contents: readonly Content[], layout: Layout): ReadBackGroup[] {
  return contents.flatMap(({ file, groups }) => {
    const name = loadedName(layout, file.fileName);
    return groups.map((group) => releasedGroup(name, group));
  });
}

/** The loaded rule groups that are ours, by the names of their files. */
export function ownGroups(
  loaded: readonly LoadedGroup[],
  isOurs: (file: string) => boolean,
): (LoadedGroup & StatefulGroup)[] {
  return loaded.filter(({ file }) => isOurs(file)).map((group) => ({ ...group, fileName: posix.basename(group.file) }));
}
