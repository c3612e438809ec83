import { memo } from '../ground/memo.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Group } from '../lookup/groups.ts';
import { leaves, ROOT_ID, related } from '../lookup/groups.ts';
import type { Cell } from './cells.ts';
import { cellsOf } from './cells.ts';

/** A cell with what hangs on its groups alone, so that rules of the same groups share it. */
export interface GroupCell extends Cell {
  /** The groups that speak there, in fold order. */
  readonly groups: readonly Group[];
  /** Their ids, as a comment says them. */
  readonly who: string;
  readonly leaves: readonly Group[];
  readonly owner: string;
  readonly excludedGroups: readonly Group[];
}

/** The partition of the label sets by some groups that speak. */
export interface Partition {
  readonly cells: readonly GroupCell[];
  readonly overLimit: boolean;
  /** The cells in which two groups could disagree: unrelated ones of one priority. */
  readonly contested: readonly number[];
  /** All labels that the regions test. */
  readonly labels: ReadonlySet<string>;
  /** Whether each of what speaks is in some cell the last to do so. */
  readonly eachIsLast: boolean;
  /** The length of the longest owner's id, in UTF-16 units. */
  readonly longestOwner: number;
  /** What regions come to, by cell, kept here by whoever works it out. */
  readonly columns: Map<object, readonly (string | undefined)[]>;
}

/** Partitions by the groups that speak, shared by all rules of which the same groups do. */
export type Partitions = (speaking: readonly Declaration[]) => Partition;

/** @param maxCells derived cells above which the work stops. */
export function partitions(maxCells: number): Partitions {
  const known = new Map<string, Partition>();
  return (speaking) => {
    if (speaking.some((d) => d.case)) return makePartition(speaking, maxCells);
    const key = speaking.map((d) => d.group.id).join();
    return memo(known, key, () => makePartition(speaking, maxCells));
  };
}

function makePartition(speaking: readonly Declaration[], max: number): Partition {
  const groupsAt = (indices: readonly number[]): Group[] =>
    indices.length === 1
      ? [(speaking[indices[0] as number] as Declaration).group]
      : [...new Set(indices.map((i) => (speaking[i] as Declaration).group))];
  const counts = (members: readonly number[]): boolean => members.length > 1 && leaves(groupsAt(members)).length > 1;
  const { cells, overLimit } = cellsOf(
    speaking.map((d) => d.box),
    { max, counts },
  );
  const made = cells.map((cell): GroupCell => {
    const { members, excluded, region } = cell;
    const groups = groupsAt(members);
    const lowest = groups.length < 2 ? groups : leaves(groups);
    return {
      members,
      excluded,
      region,
      groups,
      who: groups.map((g) => g.id).join(', '),
      leaves: lowest,
      owner: lowest.length === 0 ? ROOT_ID : lowest.map((g) => g.id).join('--'),
      excludedGroups: groupsAt(excluded),
    };
  });
  const labels = new Set<string>();
  for (const { region } of made) {
    for (const label of region.base.keys()) labels.add(label);
    for (const box of region.minus) for (const label of box.keys()) labels.add(label);
  }
  const contested = made.flatMap((cell, i) => (isContested(cell.groups) ? [i] : []));
  return {
    cells: made,
    overLimit,
    contested,
    labels,
    eachIsLast: new Set(cells.flatMap((cell) => cell.members.at(-1) ?? [])).size === speaking.length,
    longestOwner: made.reduce((longest, { owner }) => Math.max(longest, owner.length), 0),
    columns: new Map(),
  };
}

function isContested(groups: readonly Group[]): boolean {
  return (
    groups.length > 1 &&
    groups.some((a, i) => groups.slice(i + 1).some((b) => a.priority === b.priority && !related(a, b)))
  );
}
