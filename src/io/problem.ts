/** Something wrong with the machine or with how we were called, not with the sources: it has no place in a file. */
export interface Problem {
  readonly code: 'usage' | 'environment';
  readonly message: string;
  readonly help?: string;
}

/** A problem of the environment. */
export function environmentProblem(message: string, help?: string): Problem {
  return help === undefined ? { code: 'environment', message } : { code: 'environment', message, help };
}

/** The errno name of something thrown by Node's file system calls; "" for anything else. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What an errno means, as the end of a sentence: "there is no space left on the device". */
export function errnoText(error: unknown): string {
  const known = ERRNO[errno(error)];
  return known ? known[0] : error instanceof Error ? error.message : String(error);
}

/** A failed file system operation as a problem: `doing` is "cannot write", say. */
export function fsProblem(error: unknown, doing: string, path: string): Problem {
  const known = ERRNO[errno(error)];
  return environmentProblem(`${doing} ${path}: ${errnoText(error)}`, known?.[1]);
}

const ERRNO: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['there is no space left on the device', 'Free some space (`df -h` shows where), then run it again.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or raise the quota, then run it again.'],
  EACCES: ['permission denied', 'Give your user the rights to this path, or run as the user that owns it.'],
  EPERM: ['the operation is not permitted', 'Give your user the rights to this path, or run as the user that owns it.'],
  EROFS: ['the file system is read-only', 'Mount it for writing, or write elsewhere with --out DIR.'],
  ENOTDIR: ['a part of the path is a file, not a directory', 'Move that file away; a directory belongs there.'],
  EISDIR: ['it is a directory, where a file belongs', 'Move the directory away; a file belongs there.'],
  EEXIST: ['a file is in the way', 'Move that file away.'],
  ENOTEMPTY: ['a directory that is not empty is in the way', 'Move the directory away; a file belongs there.'],
  ENOENT: ['there is no such file or directory', 'Check the path.'],
  ELOOP: ['its symbolic links lead round in a circle', 'Replace the link by the file itself.'],
  EMFILE: ['too many files are open', 'Raise the limit (`ulimit -n`).'],
  ENAMETOOLONG: ['the name is too long for the file system', 'Use shorter ids.'],
  EIO: ['the device reports an input/output error', 'Look into the system log: the disk may be failing.'],
};
