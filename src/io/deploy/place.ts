import { readdirSync, renameSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { entry, makeDirectory, type Owner, remove, syncDirectory, writeNew } from './disk.ts';
import { CURRENT, HELD, JOURNAL, OBJECTS, README, RELEASES, SPARE, STORE, UNDO, WORK } from './names.ts';
import { onGround } from './owner.ts';
import { giveRoom } from './room.ts';
import { expected, isOurs } from './rule-path.ts';
import type { StoredRelease } from './store.ts';

/** Where a switch works. */
export interface Place {
  /** Absolute, links resolved; where root works as the owner of the rule path, see `onGround`. */
  readonly rulePath: string;
  /** The same as people know it. */
  readonly shown: string;
  /** The store in it. */
  readonly store: string;
  /** Of the rule path: what is new gets the same. */
  readonly owner: Owner;
  /** Reads what lies elsewhere, which the owner of the rule path may not be allowed to. */
  outside<T>(work: () => T): T;
}

/** The set-group-id bit and the group's right to write. */
const SHARED = 0o2020;

/** Works in a rule path, with no more rights there than its owner has. `rulePath` is a real path, `work` synchronous. */
export function inPlace<T>(rulePath: string, work: (place: Place) => T, { room = false } = {}): T {
  return onGround(rulePath, ({ path, found: { uid, gid, mode }, outside }) => {
    const store = join(path, STORE);
    const shared = mode & 0o020 ? mode & SHARED : 0;
    const owner = { uid, gid, shared, ...(room && { giveRoom: () => giveRoom(store) }) };
    return work({ rulePath: path, shown: rulePath, store, owner, outside });
  });
}

/** Makes the store with an empty workshop in it. What a dead deploy left half done there goes. */
export function openStore(place: Place): void {
  const isNew = makeDirectory(place.store, place.owner);
  if (isNew) syncDirectory(place.rulePath);
  const work = join(place.store, WORK);
  remove(work);
  makeDirectory(work, place.owner);
  // What is of another kind than ours (a copy that followed links makes directories of them) would be in the way for ever.
  for (const [name, fits] of KINDS) {
    const found = entry(join(place.store, name));
    if (found && !fits(found)) renameSync(join(place.store, name), join(work, `was-${name}`));
  }
  for (const name of [RELEASES, SPARE]) makeDirectory(join(place.store, name), place.owner);
  if (!entry(join(place.store, README))) writeNew(join(place.store, README), NOTE, place.owner);
  share(place);
}

const isFile = (found: Stats): boolean => found.isFile();
const isDirectory = (found: Stats): boolean => found.isDirectory();
/** What must lie under a name of the store, if anything does. */
const KINDS: ReadonlyMap<string, (found: Stats) => boolean> = new Map([
  ...[JOURNAL, UNDO, HELD, README].map((name) => [name, isFile] as const),
  ...[RELEASES, OBJECTS, SPARE].map((name) => [name, isDirectory] as const),
  [CURRENT, (found) => found.isFile() || found.isSymbolicLink()],
]);

/** Folders of before the rule path was shared by a group, or of a program that didn't share them, are shared now. */
function share({ store, owner }: Place): void {
  if (owner.shared === 0) return;
  const releases = readdirSync(join(store, RELEASES), { withFileTypes: true }).filter((found) => found.isDirectory());
  for (const { name } of releases) makeDirectory(join(store, RELEASES, name), owner);
}

/** The visible names in a rule path that are ours: what the release has, and what is there and says so of itself. */
export function ownedNames(place: Place, current: StoredRelease | undefined): string[] {
  const wanted = new Set(current?.content ? expected(current.content).map(([name]) => name) : []);
  return readdirSync(place.rulePath).filter((name) => wanted.has(name) || isOurs(place.rulePath, name));
}

const NOTE = `This directory is rulewright's. It holds the releases of alerting rules that were deployed to the directory above.

  current     leads to the release that is in force
  releases/   that one, those that are kept for \`rulewright rollback\`, and one that is being made ready
  objects/    pristine copies of their files, for when somebody edits one of those through its link
  work/       what is being made ready
  journal     a deploy is under way, or was broken off: the next \`rulewright deploy\` finishes or undoes it
  undo        likewise, while it is being taken back
  held        releases that were rolled back, and are not to come back by themselves
  spare/      room that is kept for \`rulewright rollback\` on a full disk
  lock.*      who is deploying

Files without rules in a release stand for names that earlier releases had: a server that has just listed them must
be able to open them. Change nothing here by hand, and no rule file above; \`rulewright deploy\` mends both.
`;
