import { readlinkSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entry, makeDirectory, readIfThere, remove, symbolicLink, syncDirectory, writeNew } from './disk.ts';
import { BUNDLE, CURRENT, hasNoRules, linkText, RELEASES, stored, WORK } from './names.ts';
import { ownedNames, type Place } from './place.ts';
import { complete } from './stage.ts';
import type { StoredRelease } from './store.ts';

/**
 * Making a release the one that is seen. A visible name is either a link through `current`, or (the bundle, and all names
 * where the volume has no symbolic links) a file of its own. Everything is written in the workshop beforehand; what
 * changes the visible names is renames alone, which need no space, and each leaves a state that loads.
 */

/** Writes the link (or file) `current` for a release in the workshop, unless it is there. Gives whether links work here. */
export function stagePointer(place: Place, name: string): boolean {
  const path = stagedPointer(place, name);
  const found = entry(path);
  if (found) return found.isSymbolicLink();
  if (symbolicLink(`${RELEASES}/${name}`, path, place.owner)) return true;
  writeNew(path, `${RELEASES}/${name}\n`, place.owner);
  return false;
}

/** Makes sure that `current` is of the right kind and leads to a release. */
export function ensurePointer(place: Place, name: string, links: boolean): void {
  const found = entry(join(place.store, CURRENT));
  if (found?.isSymbolicLink() || (found && !links)) return;
  stagePointer(place, name);
  renameSync(stagedPointer(place, name), join(place.store, CURRENT));
  syncDirectory(place.store);
}

/** Writes, in the workshop, the entries that visible names lack; gives the names. Their content is that of `release`. */
export function stageEntries(place: Place, release: StoredRelease, names: readonly string[], links: boolean): string[] {
  const lacking = names.filter((name) => !isRightKind(place, name, links));
  if (lacking.length === 0) return lacking;
  makeDirectory(join(place.store, WORK, ENTRIES), place.owner);
  for (const name of lacking) {
    const path = stagedEntry(place, name);
    if (isLink(name, links)) {
      if (!symbolicLink(linkText(name), path, place.owner))
        throw new Error(`no symbolic link could be made at ${path}`);
    } else writeNew(path, contentOf(release, name), place.owner);
  }
  return lacking;
}

/** Puts them in their places. */
export function placeEntries(place: Place, lacking: readonly string[]): void {
  for (const name of lacking) renameSync(stagedEntry(place, name), join(place.rulePath, name));
  if (lacking.length > 0) syncDirectory(place.rulePath);
}

/** Writes, in the workshop, the files of their own that a release needs where the other one's differ. */
export function stageCopies(
  place: Place,
  release: StoredRelease,
  other: StoredRelease,
  names: readonly string[],
  links: boolean,
): void {
  for (const name of names) {
    if (isLink(name, links)) continue;
    const bytes = contentOf(release, name);
    if (!bytes.equals(contentOf(other, name))) stageCopy(place, release, name, bytes);
  }
}

/**
 * Makes a release the one that is seen. What has rules comes before `current` and what has none behind it, so that an
 * alert which moves from one file to another is for a moment there twice rather than not at all.
 */
export function show(place: Place, release: StoredRelease): void {
  const names = ownedNames(place, release);
  complete(release.path, names, place);
  const differing = names.flatMap((name) => {
    const path = join(place.rulePath, name);
    const found = entry(path);
    if (found?.isSymbolicLink()) return [];
    const bytes = contentOf(release, name);
    const empty = hasNoRules(bytes.toString('utf8'));
    if (found ? readIfThere(path)?.equals(bytes) : empty) return [];
    return [{ name, empty, staged: stageCopy(place, release, name, bytes) }];
  });
  const put = (empty: boolean): void => {
    const chosen = differing.filter((file) => file.empty === empty);
    for (const { name, staged } of chosen) renameSync(staged, join(place.rulePath, name));
    if (chosen.length > 0) syncDirectory(place.rulePath);
  };
  put(false);
  if (!leadsTo(place, release.name)) {
    stagePointer(place, release.name);
    renameSync(stagedPointer(place, release.name), join(place.store, CURRENT));
    syncDirectory(place.store);
  }
  put(true);
}

const ENTRIES = 'entries';

function stagedEntry(place: Place, name: string): string {
  return join(place.store, WORK, ENTRIES, stored(name));
}

function stagedPointer(place: Place, name: string): string {
  return join(place.store, WORK, `${CURRENT}.${name}`);
}

/** What was written before a crash, or before the disk was full, is used if it is whole. */
function stageCopy(place: Place, release: StoredRelease, name: string, bytes: Buffer): string {
  const path = join(place.store, WORK, release.name, stored(name));
  if (readIfThere(path)?.equals(bytes)) return path;
  makeDirectory(join(place.store, WORK), place.owner);
  makeDirectory(dirname(path), place.owner);
  remove(path);
  writeNew(path, bytes, place.owner);
  return path;
}

function contentOf(release: StoredRelease, name: string): Buffer {
  const bytes = readIfThere(join(release.path, stored(name)));
  if (bytes !== undefined) return bytes;
  throw new Error(`the release ${release.name} has lost its entry for ${name}`);
}

function isLink(name: string, links: boolean): boolean {
  return links && name !== BUNDLE;
}

function isRightKind(place: Place, name: string, links: boolean): boolean {
  const path = join(place.rulePath, name);
  const found = entry(path);
  if (isLink(name, links)) return found?.isSymbolicLink() === true && readlinkSync(path) === linkText(name);
  return found?.isFile() === true;
}

function leadsTo(place: Place, name: string): boolean {
  const path = join(place.store, CURRENT);
  const found = entry(path);
  const text = found?.isSymbolicLink() ? readlinkSync(path) : readIfThere(path)?.toString('utf8');
  return text?.trim() === `${RELEASES}/${name}`;
}
