import { isAbsolute, join, relative, sep } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { diagnostic } from '../../core/ground/diagnostic.ts';
import { type Disk, type DiskEntry, THIS_DISK } from '../disk.ts';
import { errno, errnoText } from '../problem.ts';
import { unreadable } from './read.ts';

/** A file found: `path` as diagnostics call it, `absolute` with all symbolic links resolved. */
export interface Found {
  readonly path: string;
  readonly absolute: string;
}

export interface Walk {
  readonly found: Found[];
  readonly problems: Diagnostic[];
}

/**
 * Everything below `<root>/<folder>` that `wanted` wants. `root` must be a real path. Dot-files are
 * left out; symbolic links are followed where they stay inside of the root and outside of `.git`.
 * No glob does this: it would pass over names that hold a line break, and an alert would be lost without a word.
 */
export async function walk(
  root: string,
  folder: string,
  wanted: (path: string) => boolean,
  disk: Disk = THIS_DISK,
): Promise<Walk> {
  const result: Walk = { found: [], problems: [] };
  const base = await follow(root, folder, result.problems, false, disk);
  if (base && !base.directory) {
    result.problems.push(unreadable(folder, 'is a file, where a directory belongs', 'Make it a directory of sources.'));
  }
  if (base?.directory) await descend({ root, disk, wanted, visited: new Set(), result }, base.absolute, folder);
  return result;
}

interface Errand {
  readonly root: string;
  readonly disk: Disk;
  readonly wanted: (path: string) => boolean;
  /** Real paths of the directories that were read. */
  readonly visited: Set<string>;
  readonly result: Walk;
}

async function descend(errand: Errand, directory: string, prefix: string): Promise<void> {
  const { root, disk, wanted, visited, result } = errand;
  if (visited.has(directory)) {
    // Read once more, every rule in it would stand twice.
    result.problems.push(unreadable(prefix, 'is a link to a directory that is read already', 'Delete the link.'));
    return;
  }
  visited.add(directory);
  let entries: readonly DiskEntry[];
  try {
    entries = await disk.readdir(directory);
  } catch (error) {
    result.problems.push(unreadable(prefix, `cannot be listed: ${errnoText(error)}`));
    return;
  }
  // Links come last, so that of two ways to a directory it is the link that is complained about.
  const rank = (entry: DiskEntry): string => `${entry.isSymbolicLink() ? 1 : 0}${entry.name}`;
  for (const entry of [...entries].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = `${prefix}/${entry.name}`;
    const target = entry.isSymbolicLink()
      ? await follow(root, path, result.problems, wanted(path), disk)
      : { absolute: join(directory, entry.name), directory: entry.isDirectory() };
    if (!target) continue;
    if (entry.isSymbolicLink() && isInside(target.absolute, directory)) {
      result.problems.push(unreadable(path, 'is a link to a directory that it lies in itself', 'Delete the link.'));
      continue;
    }
    if (wanted(path)) {
      if (target.directory) result.problems.push(directoryNamedLikeFile(path));
      else if (CONTROL.test(path)) result.problems.push(controlInPath(path));
      else result.found.push({ path, absolute: target.absolute });
    }
    if (target.directory) await descend(errand, target.absolute, path);
  }
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function controlInPath(path: string): Diagnostic {
  const message = `The path ${JSON.stringify(path)} holds a control character, which no report could show.`;
  return diagnostic('control-character', { file: { path, text: '' }, start: 0, end: 0 }, message, {
    help: 'Rename the file.',
  });
}

/**
 * Where `<root>/<path>` really is; undefined where there is nothing, or (with a problem added) where
 * it leads outside. A dangling link is a problem only if it is `named` like a source.
 */
export async function follow(
  root: string,
  path: string,
  problems: Diagnostic[],
  named: boolean,
  disk: Disk = THIS_DISK,
): Promise<{ readonly absolute: string; readonly directory: boolean } | undefined> {
  try {
    const absolute = await disk.realpath(join(root, path));
    if (!isInside(root, absolute)) {
      problems.push(outside(path, 'is a symbolic link that leads outside of the repository'));
      return undefined;
    }
    if (relative(root, absolute).split(sep)[0] === '.git') {
      problems.push(outside(path, 'is a symbolic link into .git, which may hold credentials'));
      return undefined;
    }
    return { absolute, directory: await disk.isDirectory(absolute) };
  } catch (error) {
    if (errno(error) !== 'ENOENT') problems.push(unreadable(path, `cannot be read: ${errnoText(error)}`));
    else if (named) problems.push(unreadable(path, 'is a symbolic link that leads nowhere', 'Delete it or mend it.'));
    return undefined;
  }
}

/** True where a real path lies in a real directory, or is it. */
export function isInside(root: string, absolute: string): boolean {
  const way = relative(root, absolute);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** A `path-outside-repository` diagnostic: `what` goes on after the path. */
export function outside(path: string, what: string): Diagnostic {
  const message = `${path} ${what}. What is compiled must lie in the repository, where it is reviewed.`;
  return diagnostic('path-outside-repository', { file: { path, text: '' }, start: 0, end: 0 }, message, {
    help: 'Copy the file into the repository.',
  });
}

/** An `unreadable-file` diagnostic for a directory called `x.yaml`. */
export function directoryNamedLikeFile(path: string): Diagnostic {
  return unreadable(path, 'is a directory, where its name promises a file', 'Rename the directory.');
}
