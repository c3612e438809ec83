import { readPlain } from '../../core/adopt/cut.ts';
import { refusedBy, serverVersion } from '../../core/deploy/version-gates.ts';
import type { LiveFacts, MemoryFacts } from '../../core/doctor/facts.ts';
import { compareLoaded, type Difference, releasedGroups } from '../../core/read-back.ts';
import { type LoadedText, oursAmong, releaseTexts, shownTexts } from '../deploy/loaded.ts';
import type { Deployed, Layout, Release } from '../deploy/types.ts';
import type { Problem } from '../problem.ts';
import type { LoadedGroup } from '../server/types.ts';

export interface MemoryContext {
  /** The rule path as the server sees it; undefined: it isn't known. */
  readonly folder: string | undefined;
  /** Seconds. */
  readonly evaluationInterval: number | undefined;
  readonly layout: Layout;
  /** That of `dist/`. */
  readonly release: Release | undefined;
  readonly deployed: Deployed | undefined;
}

/** What a server has loaded of ours, held against what lies in the rule path and what was compiled. */
export async function memoryFacts(loaded: readonly LoadedGroup[], context: MemoryContext): Promise<MemoryFacts> {
  const { folder, evaluationInterval, layout, release, deployed } = context;
  const isOurs = oursAmong(folder, deployed?.foreign ?? []);
  const compared = (files: readonly LoadedText[] | Problem | undefined): readonly Difference[] | undefined =>
    files === undefined || 'message' in files
      ? undefined
      : compareLoaded(releasedGroups(files).groups, loaded, { evaluationInterval, isOurs });
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
    twice: loadedTwice(loaded, isOurs),
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

/** Rules that are loaded from a file of ours and, word for word, from one that is not. */
function loadedTwice(loaded: readonly LoadedGroup[], isOurs: (file: string) => boolean): MemoryFacts['twice'] {
  const key = ({ kind, name, query, labels }: LoadedGroup['rules'][number]): string =>
    JSON.stringify([kind, name, query, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const ours = new Set(loaded.filter(({ file }) => isOurs(file)).flatMap(({ rules }) => rules.map(key)));
  const others = new Map<string, string[]>();
  for (const { file, rules } of loaded) {
    if (isOurs(file)) continue;
    for (const rule of rules) if (ours.has(key(rule))) others.set(file, [...(others.get(file) ?? []), rule.name]);
  }
  return [...others]
    .map(([file, names]) => ({ file, rules: names.length, example: names[0] ?? '' }))
    .sort((a, b) => b.rules - a.rules || (a.file < b.file ? -1 : 1));
}
