import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { entry, remove, syncDirectory } from './disk.ts';
import { CONTENT, JOURNAL, NOTHING_ID, RELEASES, UNCONFIRMED, UNDO, WORK } from './names.ts';
import type { Place } from './place.ts';
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
}

/** Deletes what deploys that died while they made a release ready have left in the store. */
export function sweep(place: Place): void {
  const store = readStore(place.rulePath);
  if (store.journal) return;
  const settled = store.current === undefined || store.releases.some(isKept);
  for (const release of store.releases) {
    if (release.name === store.current || isKept(release)) continue;
    // What lay there before the first release is the way back until some release is confirmed.
    if (release.content?.id !== NOTHING_ID || settled) forget(place, release.name);
  }
}

function isKept({ confirmed, content }: StoredRelease): boolean {
  return confirmed && content !== undefined && content.id !== NOTHING_ID;
}

/**
 * Deletes a release. What says that it is whole goes first, so that a half of it is never taken for one. Where it can't be
 * deleted (a network share keeps files that somebody reads), what is left is nobody's release, and the next run tries again.
 */
export function forget(place: Place, name: string): void {
  const directory = join(place.store, RELEASES, name);
  if (!entry(directory)) return;
  try {
    rmSync(join(directory, CONTENT), { force: true });
    syncDirectory(directory);
    remove(directory);
  } catch {
    // Said by nobody, for it keeps nobody from anything.
  }
}

/** The journal goes, and the workshop with it: there is nothing to finish or undo any more. */
export function tidy(place: Place): void {
  const journals = [JOURNAL, UNDO].filter((name) => entry(join(place.store, name)));
  for (const name of journals) rmSync(join(place.store, name));
  if (journals.length > 0) syncDirectory(place.store);
  remove(join(place.store, WORK));
}
