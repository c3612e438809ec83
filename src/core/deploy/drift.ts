import { NO_LOSSES } from '../../promql/losses.ts';
import { compareLoaded, type Difference, type ReadBackGroup } from './read-back.ts';

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
  /** What of the release the store can't give back, a line each. */
  readonly lost: readonly string[];
  readonly unfinished: boolean;
  /** Names of visible files that no Prometheus would load. */
  readonly unreadable: readonly string[];
  /** Why a deploy does not put the release of `dist/` there by itself; undefined: nothing holds it back. */
  readonly held: 'rolled-back' | 'failed' | undefined;
  /** The layout that the settings want, where it is another than the one that lies there. */
  readonly layoutToCome: string | undefined;
}

/** What a server says of its memory. */
export interface MemoryFacts {
  /** Rule groups of ours that it has loaded. */
  readonly groups: number;
  /** Whether its last reload succeeded; undefined: it doesn't say. */
  readonly reloaded: boolean | undefined;
  /** Whether it is known which of its files are ours. */
  readonly located: boolean;
  /** How many rules of ours are loaded from files of others too, and one of these; undefined: none. */
  readonly twice: { readonly rules: number; readonly file: string } | undefined;
}

export interface DriftFacts {
  /** The release in `dist/`. */
  readonly dist: string;
  /** Undefined: it was not looked at. */
  readonly directory: DirectoryFacts | undefined;
  readonly memory: MemoryFacts | undefined;
  readonly files: readonly FileDrift[];
  /** The rules of the files that both have, differently: `wanted` is the directory's, `found` that of `dist/`. */
  readonly rules: readonly Difference[];
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
    const back = isLost(directory) ? '' : ' `rulewright deploy` puts back what belongs there.';
    advice.push(
      `No Prometheus would load ${unreadable.join(', ')}: the next reload fails, and so does the next start.${back}`,
    );
  }
  if (directory?.unfinished) {
    advice.push('A deploy was broken off in the rule path. `rulewright deploy` finishes or undoes it first.');
  }
  if (directory && damaged.length > 0) advice.push(damageAdvice(directory, facts.dist));
  if (undeployed || (directory?.held && files.length > 0)) advice.push(deployAdvice(directory?.held));
  if (directory?.layoutToCome !== undefined) {
    advice.push(
      `The settings want layout ${directory.layoutToCome}, and the rule path has another: the next deploy changes it, and every alert starts anew. \`rulewright deploy --dry-run\` shows which.`,
    );
  }
  const failed = memory?.reloaded === false;
  if ((behind || failed) && memory)
    advice.push(
      ...memoryAdvice(memory, directory !== undefined, (undeployed && !directory?.held) || damaged.length > 0),
    );
  if (memory?.twice) {
    const { rules, file } = memory.twice;
    advice.push(
      `${rules === 1 ? 'A rule of ours is' : `${rules} rules of ours are`} loaded from ${file} too: what is changed or silenced here goes on there. \`rulewright doctor\` says what to do.`,
    );
  }
  const drift =
    files.length > 0 ||
    damaged.length > 0 ||
    directory?.unfinished === true ||
    unreadable.length > 0 ||
    (directoryMemory?.length ?? 0) > 0 ||
    (distMemory?.length ?? 0) > 0;
  return { ...facts, drift, advice };
}

/** Whether nothing puts back what is in force: its copies are lost, and what `dist/` has is held back. */
function isLost(directory: DirectoryFacts | undefined): boolean {
  return directory !== undefined && directory.lost.length > 0 && directory.held !== undefined;
}

function damageAdvice(directory: DirectoryFacts, dist: string): string {
  const { release, held, lost } = directory;
  const meant = 'What is to stay of it belongs into rules/ and groups/';
  const back = release === dist ? 'what was deployed' : `release ${release}, which is in force`;
  if (isLost(directory)) {
    return `Somebody damaged release ${release}, which is in force, and its pristine copies are lost too (${lost[0]}): no deploy can put it back. \`rulewright rollback --list\` shows what there is to go back to, \`rulewright doctor\` what else there is to do.`;
  }
  if (release !== dist && held === undefined) {
    return `Somebody changed rule files in the rule path. ${meant}; \`rulewright deploy\` puts release ${dist} in their place.`;
  }
  return `Somebody changed rule files in the rule path. ${meant}; \`rulewright deploy\` puts back ${back}.`;
}

function deployAdvice(held: DirectoryFacts['held']): string {
  if (held === undefined) {
    return 'dist/ is not what was deployed. `rulewright deploy --dry-run` shows the change, `rulewright deploy` makes it.';
  }
  const why = held === 'failed' ? 'was tried and failed' : 'was rolled back';
  return `The release in dist/ ${why}, and is held back: mend or revert the sources and build, or \`rulewright deploy --again\`.`;
}

function memoryAdvice({ groups, reloaded, located }: MemoryFacts, seen: boolean, deploys: boolean): string[] {
  if (reloaded === false) {
    return [
      'The last reload of the server failed, so it holds what it had before, and its next start will fail. `rulewright doctor` finds the file that it refuses.',
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

/** In what two sets of rule groups differ, rule by rule: `wanted` is what `from` has, `found` what `other` has. */
export function compareGroups(from: readonly ReadBackGroup[], other: readonly ReadBackGroup[]): Difference[] {
  const told = other.map(({ fileName, name, intervalMs = 0, limit = 0, rules }) => ({
    file: fileName,
    name,
    interval: intervalMs / 1000,
    limit,
    rules: rules.map(({ expr, forMs, keepFiringForMs, labels, annotations, ...rule }) => ({
      ...rule,
      query: expr,
      for: forMs / 1000,
      keepFiringFor: keepFiringForMs / 1000,
      labels: Object.fromEntries(labels),
      annotations: Object.fromEntries(annotations),
    })),
  }));
  return compareLoaded(from, told, { evaluationInterval: 0, losses: NO_LOSSES, isOurs: () => true });
}
