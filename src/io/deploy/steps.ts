import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { entry, syncDirectory, writeNew } from './disk.ts';
import { placeHealed } from './heal.ts';
import { JOURNAL, RELEASES, UNDO, WORK } from './names.ts';
import { ownedNames, type Place } from './place.ts';
import { ensurePointer, placeEntries, show } from './show.ts';
import { readStore, type StoredRelease } from './store.ts';
import { forget, tidy } from './tidy.ts';

/** The steps of a switch that others can see, each after everything that it needs is on the disk. */

/** Where a switch goes from and to: names of release directories. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

/** The journal, and a visible entry for every name, still with the content of before. */
export function begin(place: Place, way: Way, lacking: readonly string[], links: boolean): void {
  const staged = join(place.store, WORK, JOURNAL);
  writeNew(staged, `${way.from} ${way.to}\n`, place.owner);
  syncDirectory(join(place.store, WORK));
  renameSync(staged, join(place.store, JOURNAL));
  syncDirectory(place.store);
  ensurePointer(place, way.from, links);
  placeEntries(place, lacking);
}

/** Makes the new release the one that is seen. */
export function finish(place: Place, way: Way): void {
  show(place, found(readStore(place.rulePath).releases, way.to));
}

/** Shows the release before, and forgets the other one. The journal's other name tells a later run which way to go. */
export function takeBack(place: Place, way: Way): void {
  const journal = join(place.store, JOURNAL);
  if (entry(journal)) {
    renameSync(journal, join(place.store, UNDO));
    syncDirectory(place.store);
  }
  const store = readStore(place.rulePath);
  const from = found(store.releases, way.from);
  // While it is hidden, it gets back what somebody edited; where it is still the one that is seen, nothing was changed.
  if (store.current !== way.from) placeHealed(place, from, ownedNames(place, from));
  show(place, from);
  forget(place, way.to);
  tidy(place);
}

/** The release of that name; its absence is a fault. */
export function found(releases: readonly StoredRelease[], name: string): StoredRelease {
  const release = releases.find((one) => one.name === name);
  if (release) return release;
  throw new Error(`the release ${RELEASES}/${name} is gone`);
}
