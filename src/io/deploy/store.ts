import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Content, readContent } from './content.ts';
import { entry, readIfThere } from './disk.ts';
import { CURRENT, JOURNAL, NOTHING_ID, RELEASE_DIR, RELEASES, ROLLED_BACK, STORE, UNCONFIRMED, UNDO } from './names.ts';

/** The store in a rule path, as it lies there. */
export interface Store {
  /** Absolute, of the store itself. */
  readonly path: string;
  readonly exists: boolean;
  /** The directory's name of the release that is shown; undefined where none is, or where its directory is gone. */
  readonly current: string | undefined;
  /** Release directories, oldest first. */
  readonly releases: readonly StoredRelease[];
  /** A switch that was broken off. */
  readonly journal: Journal | undefined;
}

export interface StoredRelease {
  /** Of its directory. */
  readonly name: string;
  readonly path: string;
  readonly number: number;
  /** As the directory's name says, which nobody changes without making it another's. */
  readonly id: string;
  /** Undefined where it can't be believed. */
  readonly content: Content | undefined;
  /** Why it can't, as the end of a sentence about the file `content`. */
  readonly broken?: string;
  readonly confirmed: boolean;
  /** Where it isn't confirmed yet and a rollback led to it: the id of the release that this went away from. */
  readonly rolledBackFrom: string | undefined;
}

/** From and to: names of release directories. */
export interface Journal {
  readonly from: string;
  readonly to: string;
  readonly direction: 'forward' | 'back';
}

/** Reads the store of a rule path. Throws what the file system throws, but for what is missing. */
export function readStore(rulePath: string): Store {
  const path = join(rulePath, STORE);
  const found = entry(path);
  const empty = { path, exists: false, current: undefined, releases: [], journal: undefined };
  if (!found?.isDirectory()) return empty;
  const releases = list(join(path, RELEASES))
    .flatMap((name) => {
      const [, number, id] = RELEASE_DIR.exec(name) ?? [];
      if (number === undefined || id === undefined) return [];
      return [storedRelease(join(path, RELEASES), name, Number(number), id)];
    })
    .sort((a, b) => a.number - b.number);
  const pointer = readPointer(path);
  return {
    path,
    exists: true,
    current: releases.some(({ name }) => name === pointer) ? pointer : undefined,
    releases,
    journal: readJournal(path),
  };
}

/** The release of that directory's name. */
export function releaseNamed(store: Store, name: string | undefined): StoredRelease | undefined {
  return store.releases.find((release) => release.name === name);
}

/** A release whose list of files can be believed; whether the files are there is another question. */
export type WholeRelease = StoredRelease & { readonly content: Content };

export function isWhole(release: StoredRelease): release is WholeRelease {
  return release.content !== undefined;
}

/**
 * Kept releases: confirmed, not the current one, each once; newest first. One that says something of itself that can't
 * be believed is among them, so that whoever goes back doesn't go one too far without a word.
 */
export function keptIn(store: Store): readonly StoredRelease[] {
  const current = releaseNamed(store, store.current);
  const confirmed = [...store.releases].reverse().filter((release) => release.confirmed);
  const seen = new Set([NOTHING_ID, current?.id]);
  const whole = new Set(confirmed.filter(isWhole).map(({ id }) => id));
  return confirmed.filter((release) => {
    // Of two of one id the whole one counts.
    if (release === current || seen.has(release.id) || (!isWhole(release) && whole.has(release.id))) return false;
    seen.add(release.id);
    return true;
  });
}

function storedRelease(folder: string, name: string, number: number, id: string): StoredRelease {
  const path = join(folder, name);
  const read = readContent(path, id);
  const said = 'broken' in read ? { content: undefined, broken: read.broken } : { content: read };
  const mark = join(path, UNCONFIRMED);
  const confirmed = entry(mark) === undefined;
  const rolledBackFrom = confirmed ? undefined : ROLLED_BACK.exec(readIfThere(mark)?.toString('utf8') ?? '')?.[1];
  return { name, path, number, id, ...said, confirmed, rolledBackFrom };
}

/** The name of the release directory that `current` leads to. */
function readPointer(store: string): string | undefined {
  const path = join(store, CURRENT);
  const found = entry(path);
  const text = found?.isSymbolicLink()
    ? readlinkSync(path)
    : found?.isFile()
      ? readIfThere(path)?.toString()
      : undefined;
  const name = text?.trim().replace(`${RELEASES}/`, '');
  return name !== undefined && RELEASE_DIR.test(name) ? name : undefined;
}

function readJournal(store: string): Journal | undefined {
  for (const [file, direction] of [
    [UNDO, 'back'],
    [JOURNAL, 'forward'],
  ] as const) {
    const words = readIfThere(join(store, file))?.toString('utf8').trim().split(/\s+/);
    const [from, to] = words ?? [];
    if (from !== undefined && to !== undefined && RELEASE_DIR.test(from) && RELEASE_DIR.test(to)) {
      return { from, to, direction };
    }
  }
  return undefined;
}

function list(directory: string): string[] {
  return entry(directory)?.isDirectory() ? readdirSync(directory) : [];
}
