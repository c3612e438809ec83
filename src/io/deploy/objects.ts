import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Content } from './content.ts';
import { entry, makeDirectory, readIfThere, remove, syncDirectory, writeNew } from './disk.ts';
import { BUNDLE, OBJECTS, stored, storedPart } from './names.ts';
import type { Place } from './place.ts';
import { sha256Of } from './release.ts';
import type { Store } from './store.ts';

/**
 * Pristine copies of all that kept releases are made of, named after their hashes. Releases share what did not change
 * among them, so a file that is edited through its visible link is edited in every release that has it. No visible path
 * leads to a file in here, and none shares its bytes. They are written before anything is switched, and believed only
 * where their hash is right, so that a half that a crash left does no harm.
 */

/** Where a release's directory has a file, with `/`, and what it should hold. */
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
}

/** All files of a release whose hashes are known: those of its groups, and the bundle. */
export function storedFiles({ files, layout, bundle }: Content): readonly StoredFile[] {
  const parts = files.map(({ fileName, sha256 }) => ({ path: storedPart(layout, fileName), sha256 }));
  return bundle ? [...parts, { path: stored(BUNDLE), sha256: bundle.sha256 }] : parts;
}

/** Where the pristine copy of a hash lies, or would. */
export function objectPath(store: string, sha256: string): string {
  return join(store, OBJECTS, sha256);
}

/** The bytes of a file if their hash is as it should be. */
export function proven(path: string, sha256: string): Buffer | undefined {
  const bytes = entry(path)?.isFile() ? readIfThere(path) : undefined;
  return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
}

/** Makes sure that the pristine copy of these bytes is there and whole; what is written is noted in `later`, to wait for. */
export function keepObject(place: Place, sha256: string, bytes: Uint8Array, later: string[]): void {
  const path = objectPath(place.store, sha256);
  if (proven(path, sha256)) return;
  remove(path);
  // Written, not linked or moved: the copy must share nothing with what people can reach.
  writeNew(path, bytes, place.owner, later);
}

/** Makes the directory of the pristine copies. */
export function openObjects(place: Place): void {
  makeDirectory(join(place.store, OBJECTS), place.owner);
}

/** Waits until the names of the copies are on the disk, after their bytes. */
export function syncObjects(place: Place): void {
  syncDirectory(join(place.store, OBJECTS));
}

/** Deletes the copies that no release in the store refers to any more. Nobody misses one that can't be deleted. */
export function pruneObjects({ path, releases }: Pick<Store, 'path' | 'releases'>): void {
  const folder = join(path, OBJECTS);
  if (!entry(folder)?.isDirectory()) return;
  const wanted = new Set(
    releases.flatMap(({ content }) => (content ? storedFiles(content).map(({ sha256 }) => sha256) : [])),
  );
  try {
    for (const name of readdirSync(folder)) {
      if (/^[0-9a-f]{64}$/.test(name) && !wanted.has(name)) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // The next run tries again.
  }
}
