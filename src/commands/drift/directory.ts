import { compareGroups, type DirectoryFacts, type FileDrift } from '../../core/deploy/drift.ts';
import { type Difference, type ReadBackGroup, releasedGroups } from '../../core/deploy/read-back.ts';
import { readHolds } from '../../io/deploy/hold.ts';
import { shownTexts } from '../../io/deploy/loaded.ts';
import { hasNoRules } from '../../io/deploy/names.ts';
import { sha256Of } from '../../io/deploy/release.ts';
import type { Deployed, Layout, Release } from '../../io/deploy/types.ts';
import { lostInForce } from '../../io/deploy/way-back.ts';
import type { Problem } from '../../io/problem.ts';
import { isProblem } from '../context.ts';

/** A rule path, and in what it differs from `dist/`. */
export interface DirectoryPlace {
  readonly facts: DirectoryFacts;
  readonly files: readonly FileDrift[];
  /** What a server would load from there. */
  readonly groups: readonly ReadBackGroup[];
}

/** Looks at what lies in a rule path and holds its files against the release in `dist/`. */
export async function directoryPlace(
  deployed: Deployed,
  release: Release,
  layoutWanted: Layout,
): Promise<DirectoryPlace | Problem> {
  const texts = await shownTexts(deployed);
  if (isProblem(texts)) return texts;
  const holds = await readHolds(deployed.rulePath);
  if (isProblem(holds)) return holds;
  // Files that hold no rules stay for a while when others go.
  const full = texts.filter(({ text }) => !hasNoRules(text));
  const sums = new Map(full.map((file) => [file.fileName, sha256Of(file.text)]));
  const { groups, unreadable } = releasedGroups(texts);
  const { current, damaged, unfinished, layout } = deployed;
  const hold = current?.id === release.id ? undefined : holds.find((one) => one.release === release.id);
  return {
    facts: {
      release: current?.id,
      files: sums.size,
      // Where nothing was deployed, nothing can have changed since.
      damaged: current ? damaged : [],
      lost: await lostInForce(deployed),
      unfinished: unfinished !== undefined,
      unreadable,
      held: hold && (hold.failure === undefined ? 'rolled-back' : 'failed'),
      layoutToCome: current && layout !== undefined && layout !== layoutWanted ? layoutWanted : undefined,
    },
    files: fileDrift(release, deployed, sums),
    groups,
  };
}

/** The files that `dist/` and the rule path have not in common; of a bundle its parts are compared, by what was deployed. */
function fileDrift(release: Release, { current, layout }: Deployed, visible: ReadonlyMap<string, string>): FileDrift[] {
  const parts = current?.files.map(({ fileName, sha256 }) => [fileName, sha256] as const);
  const there = new Map(layout === 'bundle' && parts ? parts : visible);
  const files: FileDrift[] = release.files.flatMap(({ fileName, sha256 }) => {
    const other = there.get(fileName);
    there.delete(fileName);
    if (other === sha256) return [];
    return [{ fileName, what: other === undefined ? ('only-in-dist' as const) : ('differs' as const) }];
  });
  const left = [...there.keys()].map((fileName) => ({ fileName, what: 'only-in-directory' as const }));
  return [...files, ...left].sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

/** In which rules the files differ that both have. */
export function ruleDrift(
  { files, groups }: DirectoryPlace,
  dist: readonly ReadBackGroup[],
  layout: Layout,
): Difference[] {
  const apart = new Set(files.flatMap(({ fileName, what }) => (what === 'differs' ? [fileName] : [])));
  if (apart.size === 0) return [];
  // In a bundle all is in one file.
  const concerned = ({ fileName }: ReadBackGroup): boolean => layout === 'bundle' || apart.has(fileName);
  return compareGroups(groups.filter(concerned), dist.filter(concerned));
}
