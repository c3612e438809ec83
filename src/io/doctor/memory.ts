import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readPlain } from '../../core/adopt/cut.ts';
import { compareLoaded, type Difference, releasedGroups } from '../../core/deploy/read-back.ts';
import type { LiveFacts, MemoryFacts } from '../../core/doctor/facts.ts';
import { rulesTwice } from '../../core/doctor/twice.ts';
import { refusedBy, serverVersion } from '../../core/gates/version-gates.ts';
import { lossesOf } from '../../promql/losses.ts';
import { type LoadedText, oursAmong, releaseTexts, shownTexts } from '../deploy/loaded.ts';
import type { Deployed, Layout, Release } from '../deploy/types.ts';
import type { Problem } from '../problem.ts';
import type { LoadedGroup } from '../server/types.ts';

export interface MemoryContext {
  /** The rule path as the server sees it; undefined: it isn't known. */
  readonly folder: string | undefined;
  /** Seconds. */
  readonly evaluationInterval: number | undefined;
  /** As the server tells it. */
  readonly version: string | undefined;
  readonly layout: Layout;
  /** That of `dist/`. */
  readonly release: Release | undefined;
  readonly deployed: Deployed | undefined;
}

/** What a server has loaded of ours, held against what lies in the rule path and what was compiled. */
export async function memoryFacts(loaded: readonly LoadedGroup[], context: MemoryContext): Promise<MemoryFacts> {
  const { folder, evaluationInterval, version, layout, release, deployed } = context;
  const isOurs = oursAmong(folder, deployed?.foreign ?? []);
  const losses = lossesOf(serverVersion(version));
  const compared = (files: readonly LoadedText[] | Problem | undefined): readonly Difference[] | undefined =>
    files === undefined || 'message' in files
      ? undefined
      : compareLoaded(releasedGroups(files).groups, loaded, { evaluationInterval, losses, isOurs });
  const own = loaded.filter(({ file }) => isOurs(file));
  return {
    groups: own.length,
    fromDirectory: compared(deployed && (await shownTexts(deployed))),
    fromDist: compared(release && (await releaseTexts(release, layout))),
    failing: own.flatMap(({ name: group, rules }) =>
      rules.flatMap(({ name, health, lastError }) =>
        health === 'err' ? [{ rule: name, group, error: lastError ?? 'no reason is told' }] : [],
      ),
    ),
    twice: await Promise.all(
      rulesTwice(loaded, isOurs).map(async (one) => ({ ...one, movable: await movable(one.file) })),
    ),
  };
}

/** What of a release a server of this version lacks. */
export async function tooNewFor(version: string, release: Release): Promise<LiveFacts['tooNew']> {
  const known = serverVersion(version);
  const files = known && (await releaseTexts(release, 'files'));
  if (!files || 'message' in files) return undefined;
  return refusedBy(
    known,
    files.map(({ fileName, text }) => ({ fileName, groups: readPlain(text) ?? [] })),
  );
}

/** Whether a file may be moved away by us; undefined: it doesn't lie on this machine. */
export async function movable(path: string): Promise<boolean | undefined> {
  if (!(await lstat(path).catch(() => undefined))) return undefined;
  return access(dirname(path), constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
