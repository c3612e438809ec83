import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * Opens a file of our own making, or gives undefined where there is none: a link is not followed (it may lead to a device
 * without an end), and what is no regular file is not waited for (a pipe would be read until somebody writes to it).
 */
export async function openRegular(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle | undefined> {
  const handle = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600).catch(() => undefined);
  if (!handle || (await handle.stat().catch(() => undefined))?.isFile() === true) return handle;
  await handle.close();
  return undefined;
}

/** The bytes of such a file; undefined where there are none. */
export async function readRegular(path: string): Promise<Buffer | undefined> {
  const handle = await openRegular(path);
  try {
    return await handle?.readFile();
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** A piece of such a file; undefined where it can't be read. Bytes beyond its end are zero. */
export async function readPiece(path: string, offset: number, length: number): Promise<Buffer | undefined> {
  const handle = await openRegular(path);
  try {
    const bytes = Buffer.alloc(length);
    await handle?.read(bytes, 0, length, offset);
    return handle && bytes;
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
