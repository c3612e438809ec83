import { realpath } from 'node:fs/promises';
import type { Problem } from '../../io/problem.ts';
import { isProblem } from '../context.ts';
import type { Turned } from './run.ts';

/**
 * What keeps servers that load one and the same rule path from having their turns: it holds one release, so that each
 * would undo what the one before it was just proven to hold. undefined: nothing. Looks, and changes nothing.
 */
export async function sharedPathProblem(turns: readonly Turned[], allOrNothing: boolean): Promise<Problem | undefined> {
  const byPath = new Map<string, Turned>();
  for (const turn of turns) {
    const { name, rulePath, layout } = turn.session.server;
    const path = await realpath(rulePath).catch(() => rulePath);
    const first = byPath.get(path);
    if (!first) {
      byPath.set(path, turn);
      continue;
    }
    const both = `The servers ${first.session.server.name} and ${name} have the same rule_path, ${rulePath}`;
    if (allOrNothing) {
      return usage(`${both}: one cannot keep what the other takes back.`, 'Leave --all-or-nothing out.');
    }
    const [one, other] = [releaseOf(first), releaseOf(turn)];
    if (one !== undefined && other !== undefined && one !== other) {
      return usage(
        `${both}, but their releases differ (${one} and ${other}): a folder holds one of them. Nothing was changed.`,
        'Give each server a rule_path of its own; or, where they are on different machines, deploy on each with --server NAME.',
      );
    }
    if (first.session.server.layout !== layout) {
      return usage(`${both}, but not the same layout. Nothing was changed.`, 'Give both the same layout.');
    }
  }
  return undefined;
}

/** The id of the release that a server is to get; undefined where it is not from `dist/`, or not whole. */
function releaseOf({ goal }: Turned): string | undefined {
  return goal.kind === 'deploy' && !isProblem(goal.release) ? goal.release.id : undefined;
}

const usage = (message: string, help: string): Problem => ({ code: 'usage', message, help });
