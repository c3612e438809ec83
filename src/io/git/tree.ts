import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from '../disk.ts';
import { environmentProblem, type Problem } from '../problem.ts';
import { blobReader } from './blobs.ts';
import { type DirectoryNode, diskOf } from './disk.ts';
import type { Git } from './door.ts';
import { commonDir, type Place } from './repository.ts';
import { because, runGit } from './run.ts';

/** A commit as a disk, and how to be done with it. */
export interface CommitDisk {
  readonly disk: Disk;
  /** Where the repository of rules is on that disk. */
  readonly root: string;
  close(): void;
}

/** The repository's part of a commit; undefined where the commit has no such directory. Nothing is checked out. */
export async function commitDisk(
  { git, prefix, directory }: Place,
  commit: string,
): Promise<CommitDisk | undefined | Problem> {
  const tree = prefix === '' ? `${commit}^{tree}` : `${commit}:${prefix}`;
  const there = await runGit(git, ['cat-file', '-e', tree]);
  if ('message' in there) return there;
  if (there.code !== 0) return undefined;
  const listed = await runGit(git, ['ls-tree', '-r', '-z', '--full-tree', tree]);
  if ('message' in listed) return listed;
  if (listed.code !== 0) return environmentProblem(`git could not list the files of ${commit}${because(listed)}.`);
  const missing = await missingObjects(git, tree);
  if (missing > 0) return lacking(missing, commit);
  const blobs = blobReader(git);
  return { ...diskOf(treeOf(listed.stdout), blobs, directory.replace(/\/+$/, '')), close: () => blobs.close() };
}

/** How many objects of a tree a partial clone left with its remote. git would fetch them when they are read; here nothing is fetched. */
async function missingObjects(git: Git, tree: string): Promise<number> {
  const { gitDir } = git.repository;
  if (gitDir === undefined || !(await isPartial(await commonDir(gitDir)))) return 0;
  const listed = await runGit(git, ['rev-list', '--objects', '--missing=print', '--end-of-options', tree]);
  if ('message' in listed || listed.code !== 0) return 0;
  return listed.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line.startsWith('?')).length;
}

/** Whether some pack of a repository promises objects that it does not hold. */
async function isPartial(common: string): Promise<boolean> {
  const packs = await readdir(join(common, 'objects/pack')).catch(() => []);
  return packs.some((name) => name.endsWith('.promisor'));
}

function lacking(count: number, commit: string): Problem {
  return environmentProblem(
    `This clone lacks the content of ${count} file${count === 1 ? '' : 's'} of ${commit.slice(0, 7)}: it is a partial one (\`--filter\`), and nothing is fetched here.`,
    `Fetch them: \`git diff --no-renames --shortstat ${commit}\`; or clone without \`--filter\`.`,
  );
}

/** `<mode> <type> <object>\t<path>\0`, again and again. */
function treeOf(listing: Buffer): DirectoryNode {
  const root: DirectoryNode = { kind: 'directory', entries: new Map() };
  for (const line of listing.toString('utf8').split('\0')) {
    const match = /^(\d+) (\w+) ([0-9a-f]+)\t([\s\S]+)$/.exec(line);
    if (!match) continue;
    const [, mode, type, oid = '', path = ''] = match;
    const parts = path.split('/');
    // git itself refuses such names; a tree that was made by hand may have them, and they lead nowhere here.
    if (parts.some((part) => part === '' || part === '.' || part === '..')) continue;
    let at = root;
    for (const part of type === 'blob' ? parts.slice(0, -1) : parts) at = directoryIn(at, part);
    if (type === 'blob') at.entries.set(parts.at(-1) as string, { kind: mode === '120000' ? 'link' : 'file', oid });
  }
  return root;
}

function directoryIn(parent: DirectoryNode, name: string): DirectoryNode {
  const found = parent.entries.get(name);
  if (found?.kind === 'directory') return found;
  const made: DirectoryNode = { kind: 'directory', entries: new Map() };
  parent.entries.set(name, made);
  return made;
}
