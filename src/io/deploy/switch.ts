import { join } from 'node:path';
import { environmentProblem, errnoText, type Problem } from '../problem.ts';
import { entry } from './disk.ts';
import { placeHealed, stageHealed } from './heal.ts';
import { NOTHING_ID, visibleNames } from './names.ts';
import { knownPath } from './owner.ts';
import { inPlace, openStore, ownedNames, type Place } from './place.ts';
import { ruleProblem } from './say.ts';
import { stageCopies, stageEntries, stagePointer } from './show.ts';
import { Changed, complete, type Making, makeBase, makeRelease } from './stage.ts';
import { begin, finish, found, takeBack, type Way } from './steps.ts';
import { isWhole, keptIn, readStore, releaseNamed, type StoredRelease } from './store.ts';
import { confirmRelease, leaveNothing, sweep, tidy } from './tidy.ts';
import type { OpenSwitch, SwitchPlan } from './types.ts';

export interface SwitchOptions {
  /** Of this process. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many old releases stay once this one is confirmed; 0: none, but `undo` works until then. */
  readonly keep: number;
  /** A person goes back to this release: whoever comes after a crash must know that. */
  readonly rollback?: boolean;
}

/**
 * Carries a plan out on disk. The caller holds the lock. What it gives must be closed: `confirm` once the server has
 * proven that it holds the release, else `undo`. A problem means that the rule path holds what it held before, unless its
 * message says otherwise. With an empty plan nothing changes, `confirm` still records an unconfirmed release as
 * confirmed, and `undo` goes back from an unconfirmed one to the last that was confirmed.
 */
export async function openSwitch(plan: SwitchPlan, options: SwitchOptions): Promise<OpenSwitch | Problem> {
  const { rulePath } = plan.deployed;
  try {
    const moved = differsFrom(plan);
    if (moved) return moved;
    if (plan.changes.length === 0) return standing(rulePath, options);
    const way = inPlace(rulePath, (place) => change(place, plan, options), { room: options.rollback === true });
    if ('code' in way) return way;
    return {
      confirm: async () =>
        attempt(rulePath, 'cannot record the release in', (place) => confirmRelease(place, way.to, options.keep)),
      leave: async () => attempt(rulePath, 'cannot end the switch in', tidy),
      undo: async () => attempt(rulePath, 'cannot put back the release before in', (place) => takeBack(place, way)),
    };
  } catch (error) {
    return ruleProblem(error, 'cannot deploy to', rulePath);
  }
}

function change(place: Place, plan: SwitchPlan, options: SwitchOptions): Way | Problem {
  let way: Way | undefined;
  try {
    openStore(place);
    const made = prepare(place, plan, options);
    if ('code' in made) return abandon(place, undefined, made);
    way = made.way;
    begin(place, way, made.lacking, made.links);
  } catch (error) {
    return abandon(place, way, reason(error, place));
  }
  try {
    finish(place, way);
  } catch (error) {
    return afterTakingBack(place, way, reason(error, place));
  }
  return way;
}

interface Prepared {
  readonly way: Way;
  /** Visible names whose entry must be laid down first. */
  readonly lacking: readonly string[];
  readonly links: boolean;
}

/** Writes everything that the switch and its undoing need; nothing visible changes. This is where a full disk shows. */
function prepare(place: Place, plan: SwitchPlan, making: Making): Prepared | Problem {
  sweep(place);
  const before = readStore(place.rulePath);
  const present = releaseNamed(before, before.current);
  const owned = ownedNames(place, present);
  const wanted = visibleNames(
    plan.layout,
    plan.release.files.map((file) => file.fileName),
  );
  const ours = new Set(owned);
  const taken = wanted.find((name) => !ours.has(name) && entry(join(place.rulePath, name)));
  if (taken !== undefined) {
    const help = 'Nobody’s file is overwritten. Run it again to see what lies there now.';
    return environmentProblem(`${join(place.shown, taken)} appeared in the meantime and is not ours.`, help);
  }
  const names = [...new Set([...owned, ...wanted])].sort();
  const from = present?.name ?? makeBase(place, before, names, making.now);
  const store = readStore(place.rulePath);
  const fromRelease = found(store.releases, from);
  const to = makeRelease(place, store, fromRelease, plan, names, making);
  const toRelease = found(readStore(place.rulePath).releases, to);
  complete(fromRelease.path, names, place);
  const links = stagePointer(place, to);
  stagePointer(place, from);
  // What is edited is put right when nobody sees it: behind links that is while the other release is shown.
  const seen = links && fromRelease.content?.layout === 'files';
  // The plan's look at what is seen was one at the release itself.
  if (!seen || plan.deployed.damaged.length > 0) stageHealed(place, fromRelease, names);
  if (!seen) placeHealed(place, fromRelease, names);
  const lacking = stageEntries(place, fromRelease, names, links);
  stageCopies(place, toRelease, fromRelease, names, links);
  stageCopies(place, fromRelease, toRelease, names, links);
  return { way: { from, to }, lacking, links };
}

/** The plan is empty: the release lies there already. */
function standing(rulePath: string, options: SwitchOptions): OpenSwitch {
  return {
    confirm: async () =>
      attempt(rulePath, 'cannot record the release in', (place) => {
        const { current } = readStore(place.rulePath);
        if (current !== undefined) confirmRelease(place, current, options.keep);
      }),
    leave: async () => undefined,
    undo: async () => attempt(rulePath, 'cannot put back the release before in', goBack),
  };
}

/** Goes back from a release that no server has confirmed to the last one that one has. */
function goBack(place: Place): void {
  const store = readStore(place.rulePath);
  const present = releaseNamed(store, store.current);
  const before = keptIn(store).find(isWhole) ?? store.releases.find(({ content }) => content?.id === NOTHING_ID);
  if (!present || present.confirmed || !before) return;
  openStore(place);
  const way = { from: before.name, to: present.name };
  const names = ownedNames(place, present);
  complete(before.path, names, place);
  healHidden(place, before, names);
  const links = stagePointer(place, before.name);
  stageCopies(place, before, present, names, links);
  begin(place, way, [], links);
  takeBack(place, way);
}

/** Nobody sees this release yet. Where there is no space to put it right, going back to it as it is must do. */
function healHidden(place: Place, release: StoredRelease, names: readonly string[]): void {
  try {
    stageHealed(place, release, names);
  } catch {
    // What could be written is used.
  }
  placeHealed(place, release, names);
}

/** Between the plan and now somebody may have been at work. */
function differsFrom(plan: SwitchPlan): Problem | undefined {
  const { rulePath, current } = plan.deployed;
  const store = readStore(rulePath);
  if (store.journal) {
    const message = `A deploy to ${rulePath} was broken off and is neither finished nor undone yet.`;
    return environmentProblem(message, 'Run `rulewright deploy` again: it mends that first.');
  }
  const id = releaseNamed(store, store.current)?.content?.id;
  if ((id === NOTHING_ID ? undefined : id) === current?.id) return undefined;
  const message = `What lies in ${rulePath} changed after the plan was made.`;
  return environmentProblem(message, 'Another deploy was faster, it seems. Run it again.');
}

/** Nothing visible has changed but entries without rules, which stay: a server may have listed them. */
function abandon(place: Place, way: Way | undefined, problem: Problem): Problem {
  try {
    if (way) takeBack(place, way);
    else tidy(place);
    sweep(place);
    leaveNothing(place);
  } catch {
    // What is left lies in the workshop, or is a release that nothing leads to; the next run clears it away.
  }
  return {
    ...problem,
    message: `${ended(problem.message)} Nothing was changed: what was deployed before is still there.`,
  };
}

function afterTakingBack(place: Place, way: Way, problem: Problem): Problem {
  try {
    takeBack(place, way);
    return { ...problem, message: `${ended(problem.message)} What was deployed before was put back.` };
  } catch (error) {
    const message =
      `${ended(problem.message)} Nor could what was deployed before be put back (${knownPath(errnoText(error), place.shown)}): ` +
      `${place.shown} may hold files of both releases. Each of them loads.`;
    const help = `${problem.help ?? ''} Then run \`rulewright deploy\` again: it finishes or undoes this first.`.trim();
    return environmentProblem(message, help);
  }
}

function attempt(rulePath: string, doing: string, work: (place: Place) => void): Problem | undefined {
  try {
    inPlace(rulePath, work, { room: true });
    return undefined;
  } catch (error) {
    return ruleProblem(error, doing, rulePath);
  }
}

function reason(error: unknown, place: Place): Problem {
  if (!(error instanceof Changed)) return ruleProblem(error, 'cannot deploy to', place.shown);
  return environmentProblem(`${error.message}.`, 'Run it again once nobody builds at the same time.');
}

function ended(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
