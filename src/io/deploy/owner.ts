import { closeSync, constants, existsSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';

/**
 * Root in a folder that belongs to another. Whoever owns a folder can put a link in the place of whatever lies in it, at
 * any moment, also between our look at it and our step; and root follows it wherever it leads. So root works there as
 * the folder's owner: whatever a path is made to lead to, nothing is done that its owner could not have done himself.
 * The kernel holds us to that at every step, which no look beforehand can do, and which no step can forget.
 */

/** A folder in which work is done. */
export interface Ground {
  /** What to call it: its path, or one that leads to the open folder without passing those above it, which are not its owner's. */
  readonly path: string;
  /** Of the folder itself. */
  readonly found: Stats;
  /** Does with our own rights what must be done elsewhere. */
  outside<T>(work: () => T): T;
}

/** `work` is synchronous: until it is through, nothing else of this process runs, and so nothing runs as somebody else. */
export function onGround<T>(path: string, work: (ground: Ground) => T): T {
  if (process.geteuid?.() !== 0) return work({ path, found: statSync(path), outside: (other) => other() });
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const found = fstatSync(descriptor);
    if (found.uid === 0) return work({ path, found, outside: (other) => other() });
    const open = `/proc/self/fd/${descriptor}`;
    const outside = <U>(other: () => U): U => {
      process.seteuid?.(0);
      try {
        return other();
      } finally {
        process.seteuid?.(found.uid);
      }
    };
    const ground = { path: existsSync(open) ? open : path, found, outside };
    return asUser(found, () => work(ground));
  } finally {
    closeSync(descriptor);
  }
}

/** Paths of ours that lead through the open folder are nothing that people know. */
export function knownPath(text: string, path: string): string {
  return text.replace(/\/proc\/self\/fd\/\d+/g, () => path);
}

/** Not `setuid`: by its real and saved ids the process stays root's, so that the owner can neither stop nor trace it. */
function asUser<T>({ uid, gid }: Stats, work: () => T): T {
  const [groups, before] = [process.getgroups?.() ?? [], process.getegid?.() ?? 0];
  process.setgroups?.([gid]);
  try {
    process.setegid?.(gid);
    process.seteuid?.(uid);
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(before);
    process.setgroups?.(groups);
  }
}
