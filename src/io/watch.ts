import { type BigIntStats, type FSWatcher, lstatSync, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { errno } from './problem.ts';

/** Tells when sources of a repository change. */
export interface SourceWatch {
  /** The paths that changed since the last call, came and went among them, sorted; undefined: asked to stop. */
  next(): Promise<readonly string[] | undefined>;
  close(): void;
}

export interface WatchOptions {
  /** Sources outside of the folders of sources, below the root: inventory files. */
  readonly others: () => readonly string[];
  /** Waits so many milliseconds, or until somebody asks to stop. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
}

const FOLDERS = ['rules', 'groups', 'templates'];
const CONFIG = 'rulewright.yaml';
/** Milliseconds: two looks so far apart that are alike mean that whoever writes (an editor, git) is through. */
const SETTLE = 60;
/** Looks that are waited for that at most. */
const MOST_LOOKS = 50;
/** Milliseconds between looks without an event, and how many times a look's own length at least. */
const POLL = 1000;
const POLL_SHARE = 50;

/**
 * Watches a repository. The system's events only say when to look; what changed is told by comparing what is
 * there with what was. So nothing is missed where events are (network file systems, a folder that was deleted and
 * made again, more folders than the system watches): without events it looks every second, and with many files
 * so seldom that it takes a fiftieth of one core.
 */
export function openWatch(root: string, { others, sleep, stopped }: WatchOptions): SourceWatch {
  const look = (): Looks => looksOf(root, others());
  let before = look();
  let wake: () => void = () => undefined;
  const watchers = new Map<string, FSWatcher>();
  const follow = (folders: ReadonlySet<string>): void => {
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, () => wake());
        // A folder that goes, or too many of them: the next look finds out all the same.
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(folder);
        });
        watchers.set(folder, watcher);
      } catch {
        // As above.
      }
    }
  };
  return {
    next: async () => {
      for (;;) {
        follow(before.folders);
        const woken = new Promise<void>((done) => {
          wake = done;
        });
        await Promise.race([woken, sleep(Math.max(POLL, before.took * POLL_SHARE))]);
        if (stopped()) return undefined;
        const now = await settled(look, sleep, stopped);
        const changed = differences(before.files, now.files);
        before = now;
        if (stopped()) return undefined;
        if (changed.length > 0) return changed;
      }
    },
    close: () => {
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

interface Looks {
  /** How each file looks, by its path below the root. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths. */
  readonly folders: ReadonlySet<string>;
  /** Milliseconds. */
  readonly took: number;
}

async function settled(look: () => Looks, sleep: WatchOptions['sleep'], stopped: () => boolean): Promise<Looks> {
  let last = look();
  for (let looks = 0; looks < MOST_LOOKS && !stopped(); looks++) {
    await sleep(SETTLE);
    const now = look();
    if (differences(last.files, now.files).length === 0) return now;
    last = now;
  }
  return last;
}

function differences(before: Looks['files'], now: Looks['files']): string[] {
  const changed = [...now].filter(([path, looks]) => before.get(path) !== looks).map(([path]) => path);
  return [...changed, ...[...before.keys()].filter((path) => !now.has(path))].sort();
}

/** What a build complains of where it is a directory. */
const NAMED_AS_FILE = /\.(?:ya?ml|njk|json)$/;

/** What is no file (a pipe, a device) has looks as well: a build complains of it, and not any more once it is gone. */
function looksText({ mode, mtimeNs, ctimeNs, size, ino }: BigIntStats): string {
  return `${mode} ${mtimeNs} ${ctimeNs} ${size} ${ino}`;
}

/** Of a link that leads nowhere, of which a build complains; undefined: it went while we looked. */
function ownLooks(absolute: string): string | undefined {
  try {
    return looksText(lstatSync(absolute, { bigint: true }));
  } catch {
    return undefined;
  }
}

function looksOf(root: string, others: readonly string[]): Looks {
  const began = performance.now();
  const files = new Map<string, string>();
  const folders = new Set([root]);
  const seen = new Set<string>();
  const put = (path: string): void => {
    const absolute = join(root, path);
    try {
      const entry = statSync(absolute, { bigint: true });
      if (!entry.isDirectory()) files.set(path, looksText(entry));
      else if (NAMED_AS_FILE.test(path)) files.set(path, 'a directory');
      if (!entry.isDirectory() || seen.has(`${entry.dev} ${entry.ino}`)) return;
      // A link to a folder above would lead round in a circle.
      seen.add(`${entry.dev} ${entry.ino}`);
      descend(path);
    } catch {
      const looks = ownLooks(absolute);
      if (looks !== undefined) files.set(path, looks);
    }
  };
  const descend = (folder: string): void => {
    const absolute = join(root, folder);
    folders.add(absolute);
    try {
      for (const name of readdirSync(absolute)) if (!name.startsWith('.')) put(`${folder}/${name}`);
    } catch (error) {
      files.set(folder, errno(error));
    }
  };
  for (const path of [CONFIG, ...FOLDERS, ...others]) put(path);
  return { files, folders, took: performance.now() - began };
}
