import {
  BUNDLE,
  CONTENT,
  CURRENT,
  GONE,
  HELD,
  JOURNAL,
  OBJECTS,
  PARTS,
  README,
  RELEASES,
  releaseDir,
  SPARE,
  STORE,
  stored,
  storedPart,
  UNCONFIRMED,
  UNDO,
  visibleNames,
  WORK,
} from './names.ts';
import type { Layout, Release } from './types.ts';

/** Paths below a rule path, with `/`. */
export interface VisiblePaths {
  /** What the server's globs must match. */
  readonly rules: readonly string[];
  /** Everything else that is ours (the store and all in it): no glob of the server's may match any of it. */
  readonly others: readonly string[];
}

/** What a deploy of a release puts into a rule path. */
export function visiblePaths(layout: Layout, release: Release): VisiblePaths {
  const fileNames = release.files.map((file) => file.fileName);
  const named = [BUNDLE, ...fileNames];
  const inRelease = [
    CONTENT,
    UNCONFIRMED,
    PARTS,
    ...named.map(stored),
    ...fileNames.map((name) => storedPart('bundle', name)),
  ];
  const directory = `${RELEASES}/${releaseDir(1, release.id)}`;
  const inStore = [
    CURRENT,
    ...inRelease.map((name) => `${CURRENT}/${name}`),
    RELEASES,
    directory,
    directory + GONE,
    ...inRelease.map((name) => `${directory}/${name}`),
    JOURNAL,
    UNDO,
    HELD,
    OBJECTS,
    // Their names are all alike: a hash.
    `${OBJECTS}/${'0'.repeat(64)}`,
    README,
    SPARE,
    `${SPARE}/block0001`,
    WORK,
    `${WORK}/1`,
    'lock.localhost.0.1.0.0',
  ];
  return {
    rules: [...visibleNames(layout, fileNames)],
    others: [STORE, ...inStore.map((name) => `${STORE}/${name}`)],
  };
}
