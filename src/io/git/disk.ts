import type { Disk, DiskEntry } from '../disk.ts';
import { decode, tooLarge, unreadable } from '../sources/read.ts';
import type { BlobReader } from './blobs.ts';

/** A directory, a file or a symbolic link of a commit. */
export type TreeNode = DirectoryNode | { readonly kind: 'file' | 'link'; readonly oid: string };
export interface DirectoryNode {
  readonly kind: 'directory';
  readonly entries: Map<string, TreeNode>;
}

/** Where links that leave the repository lead. */
const OUTSIDE = '/outside';

const MOST_LINKS = 40; // in one path, as Linux has it
const LINK_BYTES = 4096;

interface Found {
  readonly node: TreeNode;
  readonly path: string;
}

/**
 * A tree of git as a disk that has it `at` this absolute path (where it is checked out, so that absolute paths in it
 * mean the same), and nothing beside it. Symbolic links are followed in the tree alone.
 */
export function diskOf(root: DirectoryNode, blobs: BlobReader, at: string): { disk: Disk; root: string } {
  const find = async (path: string): Promise<Found> => {
    if (path !== at && !path.startsWith(`${at}/`)) throw failure('ENOENT', path);
    let rest = path.slice(at.length).split('/');
    const way: { readonly name: string; readonly node: TreeNode }[] = [];
    for (let links = 0; ; ) {
      const name = rest.shift();
      const here = way.at(-1)?.node ?? root;
      if (name === undefined) return { node: here, path: [at, ...way.map((w) => w.name)].join('/') };
      if (name === '' || name === '.') continue;
      if (here.kind !== 'directory') throw failure('ENOTDIR', path);
      if (name === '..') {
        if (way.length === 0) return { node: root, path: OUTSIDE };
        way.pop();
        continue;
      }
      const node = here.entries.get(name);
      if (!node) throw failure('ENOENT', path);
      if (node.kind !== 'link') {
        way.push({ name, node });
        continue;
      }
      if (++links > MOST_LINKS) throw failure('ELOOP', path);
      const target = await blobs.read(node.oid, LINK_BYTES);
      if (!Buffer.isBuffer(target)) throw failure('ENOENT', path);
      const text = target.toString('utf8');
      if (text.startsWith('/')) return { node: root, path: OUTSIDE };
      rest = [...text.split('/'), ...rest];
    }
  };
  const list = async (path: string): Promise<DiskEntry[]> => {
    const { node } = await find(path);
    if (node.kind !== 'directory') throw failure('ENOTDIR', path);
    return [...node.entries].map(([name, { kind }]) => entryOf(name, kind));
  };
  const read: Disk['read'] = async (path, absolute, limit) => {
    const { node } = await find(absolute);
    if (node.kind === 'directory') return unreadable(path, 'is a directory, where a file belongs');
    const bytes = await blobs.read(node.oid, limit);
    if (bytes === undefined) return unreadable(path, 'cannot be read: this clone does not have its content');
    return typeof bytes === 'number' ? tooLarge(path, bytes, limit) : decode(path, bytes);
  };
  return {
    root: at,
    disk: {
      realpath: async (path) => (await find(path)).path,
      isDirectory: async (path) => path !== OUTSIDE && (await find(path)).node.kind === 'directory',
      readdir: list,
      read,
      globs: globsOf(find, list),
    },
  };
}

interface Entry extends DiskEntry {
  isFile(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

const never = (): boolean => false;

const entryOf = (name: string, kind: TreeNode['kind']): Entry => ({
  name,
  isDirectory: () => kind === 'directory',
  isFile: () => kind === 'file',
  isSymbolicLink: () => kind === 'link',
  isBlockDevice: never,
  isCharacterDevice: never,
  isFIFO: never,
  isSocket: never,
});

type Callback<T> = (error: Error | null, result?: T) => void;

/** What a glob asks of a file system, in the form of Node's callbacks. */
function globsOf(find: (path: string) => Promise<Found>, list: (path: string) => Promise<DiskEntry[]>): object {
  const answer = <T>(made: Promise<T>, done: Callback<T>): void => {
    made.then(
      (result) => done(null, result),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
  const stat = (path: string, done: Callback<Entry>): void =>
    answer(
      find(path).then(({ node }) => entryOf('', node.kind)),
      done,
    );
  const readdir = (path: string, options: unknown, done?: Callback<DiskEntry[]>): void =>
    answer(list(path), done ?? (options as Callback<DiskEntry[]>));
  return { stat, lstat: stat, readdir };
}

/** An error as Node's file system throws it. */
function failure(code: 'ENOENT' | 'ENOTDIR' | 'ELOOP', path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
