import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { errno } from '../problem.ts';

/**
 * What a switch does to a disk. All of it is synchronous: the order of the operations is what a crash leaves behind, and
 * one thread that does one after the other is the order that is written here.
 */

/** To whom new files and folders are given: the owner and the group of the rule path, as far as we may. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** Bits of the rule path's mode that every folder below it gets too: those by which a group shares it. */
  readonly shared: number;
  /** Gives up a little of the room that is kept in reserve; false where there is none (left), or none for us. */
  readonly giveRoom?: () => boolean;
}

/** Writes a file that doesn't exist yet, and waits until it is on the disk, or notes it to wait `later` for many at once. */
export function writeNew(path: string, content: string | Uint8Array, owner: Owner, later?: string[]): void {
  withRoom(owner, () => {
    const descriptor = openSync(path, 'wx', 0o644);
    try {
      writeFileSync(descriptor, content);
      // The umask of whoever runs us may have taken the right to read away from the server.
      fchmodSync(descriptor, 0o644);
      give(owner, (uid, gid) => fchownSync(descriptor, uid, gid));
      if (!later) fsyncSync(descriptor);
    } catch (error) {
      // A full disk leaves a file without content behind, and the next try would meet it.
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  });
  later?.push(path);
}

/** Does what may need space, and does it again as long as there is room to be given up. */
function withRoom<T>({ giveRoom }: Owner, work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!FULL.has(errno(error)) || giveRoom?.() !== true) throw error;
    }
  }
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** So many files wait longer one by one than the whole file system does at once. */
const MANY = 256;

/** Waits until files of one directory are on the disk. */
export function syncFiles(directory: string, paths: readonly string[]): void {
  // Node can't ask for a whole file system; coreutils and busybox can. Where they can't, nothing is lost but time.
  if (paths.length > MANY && spawnSync('sync', ['-f', '.'], { cwd: directory, stdio: 'ignore' }).status === 0) return;
  for (const path of paths) {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

/**
 * A directory that others may read. One that is there already stays, and only gets the bits by which a group shares it,
 * if it is ours. Gives whether it is new.
 */
export function makeDirectory(path: string, owner: Owner): boolean {
  const isNew = withRoom(owner, () => {
    try {
      mkdirSync(path, 0o755);
      return true;
    } catch (error) {
      if (errno(error) === 'EEXIST' && lstatSync(path).isDirectory()) return false;
      throw error;
    }
  });
  // Whoever may write here can put a link, or another folder, in its place: no link is followed, and what isn't ours stays.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const found = fstatSync(descriptor);
    if (found.uid !== process.geteuid?.()) return isNew;
    if (isNew) give(owner, (uid, gid) => fchownSync(descriptor, uid, gid));
    // What lies in the rule path is as closed as the rule path is; inside of it the server must get through.
    const mode = isNew ? 0o755 | owner.shared : found.mode | owner.shared;
    if (isNew || mode !== found.mode) fchmodSync(descriptor, mode & 0o7777);
  } finally {
    closeSync(descriptor);
  }
  return isNew;
}

/** A second name for the same bytes; false where the file system has none (then copy). */
export function hardLink(from: string, to: string, owner: Owner): boolean {
  try {
    withRoom(owner, () => linkSync(from, to));
    return true;
  } catch (error) {
    if (NO_LINKS.has(errno(error)) || errno(error) === 'EMLINK' || errno(error) === 'EXDEV') return false;
    throw error;
  }
}

/** A new symbolic link; false where the volume has none. */
export function symbolicLink(text: string, path: string, owner: Owner): boolean {
  try {
    withRoom(owner, () => symlinkSync(text, path));
  } catch (error) {
    if (NO_LINKS.has(errno(error))) return false;
    throw error;
  }
  give(owner, (uid, gid) => lchownSync(path, uid, gid));
  return true;
}

/** vfat says EPERM, FUSE file systems ENOSYS, network shares ENOTSUP. */
const NO_LINKS: ReadonlySet<string> = new Set(['ENOSYS', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP']);

/** Waits until the names in a directory are on the disk, where the file system can say so of a directory at all. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has(errno(error))) throw error;
  } finally {
    closeSync(descriptor);
  }
}

const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF']);

/** Deletes a file or a directory with all that is in it; nothing happens where there is none. */
export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Deletes a directory that has nothing in it; one that has stays. */
export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!isMissing(error) && !KEPT.has(errno(error))) throw error;
  }
}

/** Solaris and some network shares say EEXIST of a directory that isn't empty. */
const KEPT: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY']);

/** What lies at a path, links not followed; undefined where there is nothing. */
export function entry(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The bytes that a reader gets at a path, links followed; undefined where there is no regular file: a pipe would never end. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined;
  } catch (error) {
    if (isMissing(error) || errno(error) === 'ELOOP') return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR';
}

/** Only root may give a file away; others may still set a group of their own. Where neither goes, it stays ours. */
function give(owner: Owner, chown: (uid: number, gid: number) => void): void {
  const uid = process.geteuid?.();
  if (uid === undefined || (uid === owner.uid && process.getegid?.() === owner.gid)) return;
  try {
    chown(uid === 0 ? owner.uid : uid, owner.gid);
  } catch (error) {
    if (!NO_LINKS.has(errno(error)) && errno(error) !== 'EINVAL') throw error;
  }
}
