import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../write-file.ts';

const MOST_BYTES = 512 * 1024 * 1024;
/** Milliseconds. */
const DAY = 24 * 60 * 60 * 1000;
const UNUSED_AFTER = 30 * DAY;
const MARK = 'pruned';

/**
 * Deletes entries of a cache that were not used for a month, then the longest unused until the rest is small
 * enough. Looks at most once a day, for with many entries looking costs more than they are worth.
 */
export async function prune(directory: string, now: number, pid: number): Promise<void> {
  const mark = join(directory, MARK);
  const last = await stat(mark).catch(() => undefined);
  if (last && now - last.mtimeMs < DAY) return;
  try {
    // Written first, so that of several runs at once one does the work.
    await writeWhole(mark, '', pid, 0o600);
    const found = await readdir(directory, { recursive: true, withFileTypes: true });
    const files: { path: string; size: number; used: number }[] = [];
    for (const entry of found) {
      if (!entry.isFile() || entry.name === MARK) continue;
      const path = join(entry.parentPath, entry.name);
      const about = await stat(path).catch(() => undefined);
      if (about) files.push({ path, size: about.size, used: about.mtimeMs });
    }
    let bytes = 0;
    for (const file of files.sort((a, b) => b.used - a.used)) {
      bytes += file.size;
      if (bytes > MOST_BYTES || now - file.used > UNUSED_AFTER) await rm(file.path, { force: true });
    }
  } catch {
    // What can't be tidied up is left as it is.
  }
}
