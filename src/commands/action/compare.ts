import type { DiffInput } from '../../core/diff/diff.ts';
import { diffReport } from '../../core/diff/diff.ts';
import type { DiffReport } from '../../core/diff/report.ts';
import type { Problem } from '../../io/problem.ts';
import { identities } from '../../outputs/table.ts';
import type { Prepared } from '../build/prepare.ts';
import { isProblem } from '../context.ts';
import { compileSide, readSides } from '../diff/sides.ts';
import { callOf, type World } from './world.ts';

/** A commit and what people call it. */
export interface Named {
  readonly sha: string;
  readonly name: string;
}

/** What the work tree changes against a commit. `base` undefined: there was nothing before. */
export async function compareWithCommit(
  world: World,
  base: Named | undefined,
  prepared: Prepared,
): Promise<DiffReport | Problem> {
  const both = await beforeAndAfter(world, base, prepared);
  return isProblem(both) ? both : diffReport(both.before, both.after, identities);
}

/** Both states compiled: a commit's, and the work tree's. */
export async function beforeAndAfter(
  world: World,
  base: Named | undefined,
  { compiled }: Prepared,
): Promise<{ readonly before: DiffInput; readonly after: DiffInput } | Problem> {
  const sides = await readSides({ ...callOf(world), args: [base?.sha ?? 'HEAD'] }, world.io);
  if (isProblem(sides)) return sides;
  const before: DiffInput =
    base === undefined ? { name: 'nothing', macros: [] } : compileSide({ ...sides.base, name: base.name }, world.io);
  const macros = sides.head.loaded?.macros ?? [];
  return { before, after: { name: 'this change', macros, servers: compiled, compiled: compiled[0] } };
}

/** Compares two commits that this clone has, as text: nothing of them is checked out, and nothing of them is run. */
export async function compareCommits(
  world: World,
  base: Named,
  head: Named,
): Promise<{ readonly report: DiffReport; readonly after: DiffInput } | Problem> {
  const sides = await readSides({ ...callOf(world), args: [`${base.sha}..${head.sha}`] }, world.io);
  if (isProblem(sides)) return sides;
  const [before, after] = [sides.base, sides.head].map((side, i) =>
    compileSide({ ...side, name: [base, head][i]?.name ?? '' }, world.io),
  ) as [DiffInput, DiffInput];
  return { report: diffReport(before, after, identities), after };
}

/** A commit alone, compiled. */
export async function compileCommit(world: World, sha: string): Promise<DiffInput | Problem> {
  const sides = await readSides({ ...callOf(world), args: [`${sha}..${sha}`] }, world.io);
  return isProblem(sides) ? sides : compileSide(sides.head, world.io);
}
