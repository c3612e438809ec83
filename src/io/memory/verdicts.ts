import { constants } from 'node:fs';
import { openRegular, readRegular } from '../regular.ts';
import { writeWhole } from '../write-file.ts';
import { type Cache, cacheKey } from './cache.ts';

/**
 * The files that a promtool passed, by their content: they need not be shown to it again. Complaints are not
 * kept, for they are told with places of sources that move. One list for each promtool: a line for each file, with
 * a few digits of a checksum, so that lines of runs at once, halves and damage are told apart from verdicts.
 */
export interface Verdicts {
  has(sha256: string): boolean;
  /** Keeps that these passed. */
  add(passed: readonly string[]): Promise<void>;
}

const NONE: Verdicts = { has: () => false, add: () => Promise.resolve() };

/** Verdicts that a list may hold; then the older half goes. A release of ten thousand files fits in several times. */
const MOST = 100_000;
const LINE = /^([0-9a-f]{64}) ([0-9a-f]{8})$/;

/** What is known by one promtool and one set of options, both told by `judge`. */
export async function openVerdicts(cache: Cache | undefined, judge: string, pid: number): Promise<Verdicts> {
  const identity = cacheKey(judge);
  const path = await cache?.place('promtool', `${identity}.list`);
  if (path === undefined) return NONE;
  const sum = (sha256: string): string => cacheKey(identity, sha256).slice(0, 8);
  const known = new Set<string>();
  for (const line of ((await readRegular(path))?.toString('latin1') ?? '').split('\n')) {
    const [, sha256, check] = LINE.exec(line) ?? [];
    if (sha256 !== undefined && check === sum(sha256)) known.add(sha256);
  }
  return {
    has: (sha256) => known.has(sha256),
    add: async (passed) => {
      const fresh = [...new Set(passed)].filter((sha256) => !known.has(sha256));
      if (fresh.length === 0) return;
      for (const sha256 of fresh) known.add(sha256);
      const lines = (all: readonly string[]): string => all.map((sha256) => `${sha256} ${sum(sha256)}\n`).join('');
      try {
        // The first line break ends a line that a run before us may have left half.
        if (known.size <= MOST) await append(path, `\n${lines(fresh)}`);
        else await writeWhole(path, lines([...known].slice(-MOST / 2)), pid, 0o600);
      } catch {
        // They are judged again.
      }
    },
  };
}

async function append(path: string, text: string): Promise<void> {
  const handle = await openRegular(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  try {
    await handle?.writeFile(text);
  } finally {
    await handle?.close();
  }
}
