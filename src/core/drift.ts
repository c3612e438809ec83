import type { Difference } from './read-back.ts';

/** The three places that should hold one release: what git says, what lies in the directory, what the server has in memory. */

/** A rule file that is not the same in two of the places. */
export interface FileDrift {
  readonly fileName: string;
  /** Of `dist/` and the directory: whether only one of them has it, or both have it differently. */
  readonly what: 'only-in-dist' | 'only-in-directory' | 'differs';
}

/** What lies in a rule path. */
export interface DirectoryFacts {
  /** What was deployed there; undefined: nothing. */
  readonly release: string | undefined;
  /** Visible rule files of ours. */
  readonly files: number;
  /** Files that are not what was deployed. */
  readonly damaged: readonly { readonly fileName: string; readonly what: 'changed' | 'missing' | 'extra' }[];
  readonly unfinished: boolean;
  /** Names of visible files that no Prometheus would load. */
  readonly unreadable: readonly string[];
}

/** What a server says of its memory. */
export interface MemoryFacts {
  /** Rule groups of ours that it has loaded. */
  readonly groups: number;
  /** Whether its last reload succeeded; undefined: it doesn't say. */
  readonly reloaded: boolean | undefined;
  /** Whether it is known which of its files are ours. */
  readonly located: boolean;
}

export interface DriftFacts {
  /** The release in `dist/`. */
  readonly dist: string;
  /** Undefined: it was not looked at. */
  readonly directory: DirectoryFacts | undefined;
  readonly memory: MemoryFacts | undefined;
  readonly files: readonly FileDrift[];
  /** The directory against the server's memory; undefined: one of them was not looked at. */
  readonly directoryMemory: readonly Difference[] | undefined;
  /** `dist/` against the server's memory. */
  readonly distMemory: readonly Difference[] | undefined;
}

export interface Drift extends DriftFacts {
  readonly drift: boolean;
  /** What to do, the most pressing first. */
  readonly advice: readonly string[];
}

/** Judges what was found, and says what to do. */
export function judgeDrift(facts: DriftFacts): Drift {
  const { directory, memory, files, directoryMemory, distMemory } = facts;
  const damaged = directory?.damaged ?? [];
  const undeployed = files.length > 0 && damaged.length === 0;
  const behind = directory ? (directoryMemory?.length ?? 0) > 0 : (distMemory?.length ?? 0) > 0;
  const advice: string[] = [];
  const unreadable = directory?.unreadable ?? [];
  if (unreadable.length > 0) {
    advice.push(
      `No Prometheus would load ${unreadable.join(', ')}: the next reload fails, and so does the next start. \`rulewright deploy\` puts back what belongs there.`,
    );
  }
  if (directory?.unfinished) {
    advice.push('A deploy was broken off in the rule path. `rulewright deploy` finishes or undoes it first.');
  }
  if (damaged.length > 0) {
    advice.push(
      'Somebody changed rule files in the rule path. What is to stay of it belongs into rules/ and groups/; `rulewright deploy` puts back what git says.',
    );
  }
  if (undeployed)
    advice.push(
      `dist/ is not what was deployed. \`rulewright deploy --dry-run\` shows the change, \`rulewright deploy\` makes it.`,
    );
  if (behind && memory) advice.push(...memoryAdvice(memory, directory !== undefined, undeployed || damaged.length > 0));
  const drift =
    files.length > 0 ||
    damaged.length > 0 ||
    directory?.unfinished === true ||
    unreadable.length > 0 ||
    (directoryMemory?.length ?? 0) > 0 ||
    (distMemory?.length ?? 0) > 0;
  return { ...facts, drift, advice };
}

function memoryAdvice({ groups, reloaded, located }: MemoryFacts, seen: boolean, deploys: boolean): string[] {
  if (reloaded === false) {
    return [
      'The last reload of the server failed, so it holds what it had before. `rulewright doctor` finds the file that it refuses.',
    ];
  }
  if (groups === 0 || !located) {
    return [
      'The server has loaded nothing of the rule path: perhaps its `rule_files` do not cover it, or it sees another directory there. `rulewright doctor` tells.',
    ];
  }
  if (!seen) {
    return ['The server holds something else than dist/. `rulewright deploy`, where the rule path is, releases it.'];
  }
  // A deploy reloads, too.
  return deploys ? [] : ['The server has not read the rule path since it changed. `rulewright reload` makes it.'];
}
