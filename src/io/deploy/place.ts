import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entry, makeDirectory, type Owner, remove, syncDirectory, writeNew } from './disk.ts';
import { CURRENT, README, RELEASES, STORE, WORK } from './names.ts';
import { expected, isOurs } from './rule-path.ts';
import type { StoredRelease } from './store.ts';

/** Where a switch works. */
export interface Place {
  /** Absolute, links resolved. */
  readonly rulePath: string;
  /** The store in it. */
  readonly store: string;
  /** Of the rule path: what is new gets the same. */
  readonly owner: Owner;
}

/** The place of a rule path; touches nothing. */
export function placeOf(rulePath: string): Place {
  const { uid, gid } = statSync(rulePath);
  return { rulePath, store: join(rulePath, STORE), owner: { uid, gid } };
}

/** Makes the store with an empty workshop in it. What a dead deploy left half done there goes. */
export function openStore(place: Place): void {
  const isNew = makeDirectory(place.store, place.owner);
  if (isNew) syncDirectory(place.rulePath);
  makeDirectory(join(place.store, RELEASES), place.owner);
  const work = join(place.store, WORK);
  remove(work);
  makeDirectory(work, place.owner);
  if (!entry(join(place.store, README))) writeNew(join(place.store, README), NOTE, place.owner);
  const current = join(place.store, CURRENT);
  // A copy that followed links has made a directory of it; nothing could be renamed over that.
  if (entry(current)?.isDirectory()) renameSync(current, join(work, 'was-current'));
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
  lock.*      who is deploying

Files without rules in a release stand for names that earlier releases had: a server that has just listed them must
be able to open them. Change nothing here by hand, and no rule file above; \`rulewright deploy\` mends both.
`;
