import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errno, fsProblem, type Problem } from '../problem.ts';
import { BUNDLE, isRuleName, visibleNames } from './names.ts';
import { isOurs } from './rule-path.ts';
import type { Deployed, Layout, Release, ReleasedFile } from './types.ts';

/** What a server loads of a release: under which names, with which text, and which of all that it has loaded is ours. */

/** A rule file as a server loads it. */
export interface LoadedText {
  /** The name under which it is loaded: in layout `bundle` that of the bundle. */
  readonly fileName: string;
  readonly text: string;
}

/** The name under which a server loads what is in a file of a release. */
export const loadedName = (layout: Layout, fileName: string): string => (layout === 'bundle' ? BUNDLE : fileName);

/**
 * Which loaded files are ours, by their paths as the server sees them: by their folder where it is known, and their names.
 * @param folder the rule path as the server sees it; undefined: it isn't known.
 * @param foreign names of rule files in the rule path that are not ours.
 */
export function oursAmong(folder: string | undefined, foreign: readonly string[]): (file: string) => boolean {
  const others = new Set(foreign);
  return (file) => {
    const name = posix.basename(file);
    if (folder !== undefined && posix.dirname(file) !== folder) return false;
    return isRuleName(name) && !others.has(name);
  };
}

/** The files of a release as a server loads them, each with the row that it is from. */
export async function releaseTexts(
  { files }: Release,
  layout: Layout,
): Promise<readonly (LoadedText & { readonly file: ReleasedFile })[] | Problem> {
  const texts = [];
  for (const file of files) {
    try {
      texts.push({ file, fileName: loadedName(layout, file.fileName), text: await readFile(file.path, 'utf8') });
    } catch (error) {
      return fsProblem(error, 'cannot read', file.path);
    }
  }
  return texts;
}

/** What a server would read now in a rule path, of what is ours: also what somebody put there, or left. */
export async function shownTexts({ rulePath, current, layout }: Deployed): Promise<readonly LoadedText[] | Problem> {
  const released = current?.files.map((file) => file.fileName) ?? [];
  const expected = new Set(current ? visibleNames(layout ?? 'files', released) : []);
  const texts: LoadedText[] = [];
  try {
    for (const fileName of await readdir(rulePath)) {
      if (!expected.has(fileName) && !isOurs(rulePath, fileName)) continue;
      const text = await readFile(join(rulePath, fileName), 'utf8').catch((error: unknown) => {
        if (errno(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (text !== undefined) texts.push({ fileName, text });
    }
    return texts;
  } catch (error) {
    return fsProblem(error, 'cannot read the rule path', rulePath);
  }
}
