import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entry, remove, removeIfEmpty, syncDirectory } from './disk.ts';
import {
  CURRENT,
  GONE,
  JOURNAL,
  NOTHING_ID,
  OBJECTS,
  README,
  RELEASES,
  SPARE,
  UNCONFIRMED,
  UNDO,
  WORK,
} from './names.ts';
import { pruneObjects } from './objects.ts';
import type { Place } from './place.ts';
import { keepRoom } from './room.ts';
import { keptIn, readStore, type StoredRelease } from './store.ts';

/**
 * The end of a switch. Nothing here needs space: marks are taken away, not written, so that a full disk can't keep a
 * release from being confirmed or undone.
 */

/** Records that a server holds the release, and forgets all others but the newest `keep` that were confirmed. */
export function confirmRelease(place: Place, name: string, keep: number): void {
  const mark = join(place.store, RELEASES, name, UNCONFIRMED);
  if (entry(mark)) {
    rmSync(mark);
    syncDirectory(join(place.store, RELEASES, name));
  }
  const store = readStore(place.rulePath);
  const stay = new Set([
    store.current,
    ...keptIn(store)
      .slice(0, keep)
      .map((release) => release.name),
  ]);
  tidy(place);
  for (const release of store.releases) if (!stay.has(release.name)) forget(place, release.name);
  pruneObjects({ ...store, releases: store.releases.filter(({ name }) => stay.has(name)) });
  keepRoom(place, Math.max(...store.releases.map(({ content }) => content?.files.length ?? 0)));
}

/** Deletes what deploys that died while they made a release ready have left in the store. */
export function sweep(place: Place): void {
  const store = readStore(place.rulePath);
  if (store.journal) return;
  const settled = store.current === undefined || store.releases.some(isKept);
  const stay = store.releases.filter((release) => {
    if (release.name === store.current || isKept(release)) return true;
    // What lay there before the first release is the way back until some release is confirmed.
    return release.content?.id === NOTHING_ID && !settled;
  });
  for (const release of store.releases) if (!stay.includes(release)) forget(place, release.name);
  const releases = join(place.store, RELEASES);
  const halves = entry(releases)?.isDirectory() ? readdirSync(releases).filter((name) => name.endsWith(GONE)) : [];
  for (const half of halves) remove(join(releases, half));
  pruneObjects({ ...store, releases: stay });
}

/** Takes away what a deploy that was refused has made for a store that holds nothing. */
export function leaveNothing(place: Place): void {
  const store = readStore(place.rulePath);
  if (store.releases.length > 0 || store.journal || entry(join(place.store, CURRENT))) return;
  rmSync(join(place.store, README), { force: true });
  for (const name of [RELEASES, OBJECTS, SPARE]) removeIfEmpty(join(place.store, name));
}

function isKept({ confirmed, id }: StoredRelease): boolean {
  return confirmed && id !== NOTHING_ID;
}

/**
 * Deletes a release, under another name, so that a half of it is never taken for one. Where it can't be deleted (a
 * network share keeps files that somebody reads), what is left is nobody's release, and the next run tries again.
 */
export function forget(place: Place, name: string): void {
  const directory = join(place.store, RELEASES, name);
  if (!entry(directory)) return;
  try {
    remove(directory + GONE);
    renameSync(directory, directory + GONE);
    syncDirectory(join(place.store, RELEASES));
    remove(directory + GONE);
  } catch {
    // Said by nobody, for it keeps nobody from anything.
  }
}

/** The journal goes, and the workshop with it: there is nothing to finish or undo any more. */
export function tidy(place: Place): void {
  const journals = [JOURNAL, UNDO].filter((name) => entry(join(place.store, name)));
  for (const name of journals) remove(join(place.store, name));
  if (journals.length > 0) syncDirectory(place.store);
  remove(join(place.store, WORK));
}
