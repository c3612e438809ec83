import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entry, makeDirectory, readIfThere, remove, syncDirectory, writeNew } from './disk.ts';
import { hasNoRules, NO_RULES, NOTHING_ID, stored, WORK } from './names.ts';
import { objectPath, proven, storedFiles } from './objects.ts';
import type { Place } from './place.ts';
import type { StoredRelease } from './store.ts';

/**
 * Giving a release in the store its own files back, where somebody edited them. A new file takes the place of the edited
 * one by a rename: the edited bytes are shared with other releases, and what is seen must not change half by half.
 */

/** Writes, in the workshop, what is to replace the edited files of a release. No more happens before `placeHealed`. */
export function stageHealed(place: Place, release: StoredRelease, names: readonly string[]): void {
  const { content } = release;
  if (!content || content.id === NOTHING_ID) return;
  const files = storedFiles(content);
  for (const { path, sha256 } of files) {
    if (proven(join(release.path, path), sha256)) continue;
    const bytes = proven(objectPath(place.store, sha256), sha256);
    if (bytes) stage(place, release, path, bytes);
  }
  const known = new Set(files.map(({ path }) => path));
  for (const path of names.map(stored)) {
    const text = known.has(path) ? undefined : readIfThere(join(release.path, path))?.toString('utf8');
    if (text !== undefined && !hasNoRules(text)) stage(place, release, path, NO_RULES);
  }
}

/** Puts them in their places; renames alone, which need no space. */
export function placeHealed(place: Place, release: StoredRelease, names: readonly string[]): void {
  if (!release.content || !entry(workshop(place, release))) return;
  const paths = new Set([...storedFiles(release.content).map(({ path }) => path), ...names.map(stored)]);
  const folders = new Set<string>();
  for (const path of paths) {
    const staged = join(workshop(place, release), path);
    if (!entry(staged)) continue;
    const own = join(release.path, path);
    if (entry(own)?.isDirectory()) remove(own);
    renameSync(staged, own);
    folders.add(dirname(own));
  }
  for (const folder of folders) syncDirectory(folder);
}

function workshop(place: Place, release: StoredRelease): string {
  return join(place.store, WORK, `healed.${release.name}`);
}

function stage(place: Place, release: StoredRelease, path: string, bytes: Uint8Array | string): void {
  const target = join(workshop(place, release), path);
  makeDirectory(join(place.store, WORK), place.owner);
  makeDirectory(workshop(place, release), place.owner);
  makeDirectory(dirname(target), place.owner);
  remove(target);
  writeNew(target, bytes, place.owner);
}
