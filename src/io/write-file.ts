import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts one file in place by one rename, so that a reader sees the old or the new one, never a half. Its
 * directory must exist. Throws what the file system throws, and leaves nothing behind then.
 */
export async function writeWhole(
  path: string,
  text: string | readonly Uint8Array[],
  pid: number,
  mode = 0o644,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${pid}.tmp`);
  try {
    // Never through a link that somebody laid there.
    await rm(temporary, { force: true });
    const handle = await open(temporary, 'wx', mode);
    try {
      for (const part of typeof text === 'string' ? [text] : text) await handle.writeFile(part);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
