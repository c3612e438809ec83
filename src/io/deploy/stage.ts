import { readFileSync, renameSync } from 'node:fs';
import { join, sep } from 'node:path';
import { bundleText } from './bundle.ts';
import { type Content, contentText } from './content.ts';
import { entry, hardLink, makeDirectory, readIfThere, syncDirectory, syncFiles, writeNew } from './disk.ts';
import {
  BUNDLE,
  CONTENT,
  NO_RULES,
  NOTHING_ID,
  PARTS,
  RELEASES,
  releaseDir,
  STORE,
  stored,
  storedPart,
  UNCONFIRMED,
  unconfirmedText,
  WORK,
} from './names.ts';
import { keepObject, openObjects, proven, storedFiles, syncObjects } from './objects.ts';
import type { Place } from './place.ts';
import { sha256Of } from './release.ts';
import type { Store, StoredRelease } from './store.ts';
import type { Release, SwitchPlan } from './types.ts';

/**
 * Making release directories. Each ends up with an entry for every visible name that is ours: its rules, or none. So
 * whichever of them `current` leads to, no visible name leads nowhere.
 */

/** How a release is made. */
export interface Making {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A person goes back to it. */
  readonly rollback?: boolean;
}

/** Puts a new release into the store, whole and on the disk, and gives its directory's name. Nothing visible changes. */
export function makeRelease(
  place: Place,
  store: Store,
  from: StoredRelease,
  plan: SwitchPlan,
  names: readonly string[],
  { now, rollback }: Making,
): string {
  const directory = join(place.store, WORK, 'release');
  makeDirectory(directory, place.owner);
  openObjects(place);
  const { release, layout } = plan;
  if (layout === 'bundle') makeDirectory(join(directory, PARTS), place.owner);
  const written: string[] = [];
  const before = new Map(from.content?.files.map((file) => [file.fileName, file]));
  for (const file of release.files) {
    const old = before.get(file.fileName);
    const path = join(directory, storedPart(layout, file.fileName));
    const source =
      from.content && old?.sha256 === file.sha256
        ? join(from.path, storedPart(from.content.layout, file.fileName))
        : inReleases(place, file.path);
    // What a release has that lies there already is shared with it, once it is proven that nobody touched it there.
    const whole = source === undefined ? undefined : proven(source, file.sha256);
    const bytes = whole ?? place.outside(() => checkedBytes(file));
    const shared = source !== undefined && whole !== undefined && hardLink(source, path, place.owner);
    if (!shared) writeNew(path, bytes, place.owner, written);
    keepObject(place, file.sha256, bytes, written);
  }
  let bundle: Content['bundle'];
  if (layout === 'bundle') {
    const text = Buffer.from(textOfBundle(directory, release));
    writeNew(join(directory, stored(BUNDLE)), text, place.owner, written);
    bundle = { sizeBytes: text.length, sha256: sha256Of(text) };
    keepObject(place, bundle.sha256, text, written);
    syncDirectory(join(directory, PARTS));
  }
  keepOthers(place, from, new Set(release.files.map((file) => file.sha256)), written);
  syncFiles(directory, written);
  syncObjects(place);
  complete(directory, names, place);
  const files = release.files.map(({ path: _, ...file }) => file);
  // What is only put back was deployed when it was.
  const deployedAt = from.content?.id === release.id ? from.content.deployedAt : now;
  const content = { id: release.id, layout, deployedAt, files, bundle };
  const awayFrom = from.id === release.id ? from.rolledBackFrom : from.id;
  writeNew(join(directory, UNCONFIRMED), unconfirmedText(rollback ? awayFrom : undefined), place.owner);
  writeNew(join(directory, CONTENT), contentText(content), place.owner);
  return settle(place, store, directory, release.id);
}

/** What lies there now, where no release of ours does, as a release to come from and to go back to. */
export function makeBase(place: Place, store: Store, names: readonly string[], now: number): string {
  const directory = join(place.store, WORK, 'before');
  makeDirectory(directory, place.owner);
  for (const name of names) {
    const bytes = readIfThere(join(place.rulePath, name));
    if (bytes !== undefined) writeNew(join(directory, stored(name)), bytes, place.owner);
  }
  complete(directory, names, place);
  const content = { id: NOTHING_ID, layout: 'files' as const, deployedAt: now, files: [], bundle: undefined };
  writeNew(join(directory, CONTENT), contentText(content), place.owner);
  return settle(place, store, directory, NOTHING_ID);
}

/** Gives a release's directory an entry without rules for each visible name that it lacks. */
export function complete(directory: string, names: readonly string[], place: Place): void {
  let first: string | undefined;
  for (const name of names) {
    const path = join(directory, stored(name));
    if (entry(path)) continue;
    if (first === undefined || !hardLink(first, path, place.owner)) writeNew(path, NO_RULES, place.owner);
    first ??= path;
  }
  if (first !== undefined) syncDirectory(directory);
}

/** Thrown where a file of the release changed after it had been checked. */
export class Changed extends Error {}

/** Where we work, the file of a kept release that people know by this path; the pristine copies share their bytes with none. */
function inReleases({ shown, rulePath }: Place, path: string): string | undefined {
  const releases = join(shown, STORE, RELEASES);
  return path.startsWith(releases + sep) ? join(rulePath, STORE, RELEASES, path.slice(releases.length)) : undefined;
}

function checkedBytes(file: Release['files'][number]): Buffer {
  const bytes = readFileSync(file.path);
  if (sha256Of(bytes) === file.sha256) return bytes;
  throw new Changed(`${file.path} was changed while it was being deployed`);
}

function textOfBundle(directory: string, release: Release): string {
  return bundleText(
    release.files.map(({ fileName }) => {
      return { fileName, text: readFileSync(join(directory, storedPart('bundle', fileName)), 'utf8') };
    }),
  );
}

/** What only the release before has gets its pristine copies too, where an older version of us made none. */
function keepOthers(place: Place, from: StoredRelease, had: ReadonlySet<string>, written: string[]): void {
  if (!from.content) return;
  for (const { path, sha256 } of storedFiles(from.content)) {
    const bytes = had.has(sha256) ? undefined : proven(join(from.path, path), sha256);
    if (bytes) keepObject(place, sha256, bytes, written);
  }
}

/** Moves a finished directory to the releases, under a number that no release has had. */
function settle(place: Place, store: Store, directory: string, id: string): string {
  syncDirectory(directory);
  const folder = join(place.store, RELEASES);
  let number = (store.releases.at(-1)?.number ?? -1) + 1;
  while (entry(join(folder, releaseDir(number, id)))) number += 1;
  const name = releaseDir(number, id);
  renameSync(directory, join(folder, name));
  syncDirectory(folder);
  return name;
}
