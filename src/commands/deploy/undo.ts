import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { compareLoaded } from '../../core/deploy/read-back.ts';
import { oursAmong } from '../../io/deploy/loaded.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import type { Deployed, OpenSwitch, SwitchPlan } from '../../io/deploy/types.ts';
import { isServerProblem } from '../../io/server/http.ts';
import { loadedRules } from '../../io/server/rules.ts';
import { isProblem } from '../context.ts';
import type { Asked } from './ask.ts';
import { readContents, wantedGroups } from './contents.ts';
import { dropHold } from './holds.ts';
import { type Ending, end, type Facts, type Session } from './session.ts';
import { reloadOnce } from './verify.ts';

/** What must be undone, and why. */
export interface Undoing {
  readonly facts: Facts;
  readonly plan: SwitchPlan;
  readonly open: OpenSwitch;
  readonly asked: Asked;
  readonly why: Ending;
}

/**
 * Puts the files of before back, has the server load them, and looks whether it does. Tells what the state is now, files
 * and memory apart, for one may be known and the other not.
 */
export async function takeBack(session: Session, undoing: Undoing): Promise<ServerOutcome> {
  const { facts, plan, open, asked, why } = undoing;
  const { server, progress } = session;
  const { name } = asked.connection;
  progress.show(`${server.name || 'deploy'}: undoing`);
  const problem = await open.undo();
  if (problem) {
    return end({ ...facts, now: undefined }, 'broken', {
      ...why,
      message: `${why.message} The files of before could not be put back either: ${problem.message}`,
      help: `${problem.help === undefined ? '' : `${problem.help} `}Then run this again: it finishes or undoes what was begun. Until then do not restart ${name}.`,
      fault: 'environment',
    });
  }
  const outcome = await reloadOnce(session, asked);
  const now = await inspect(plan.deployed.rulePath);
  if (isProblem(now))
    return end({ ...facts, now: undefined }, 'broken', { ...why, message: `${why.message} ${now.message}` });
  await dropHold(now);
  const id = now.current?.id;
  const back: Facts = { ...facts, now: id };
  const lies = id === undefined ? 'no rules of ours lie in the rule path' : `the rule path holds release ${id}`;
  const [lost] = now.damaged;
  if (lost) {
    const names = now.damaged
      .map(({ fileName }) => fileName)
      .slice(0, 3)
      .join(', ');
    return end(back, 'damaged', {
      ...why,
      message: `${why.message} Its files were taken back: ${lies}, of which somebody has damaged ${names}, and the pristine copies of that are lost. A reload or a start of ${name} loads what lies there.`,
      help: `${why.help === undefined ? '' : `${why.help} `}\`rulewright rollback --list\` shows what there is to go back to.`,
      fault: 'environment',
    });
  }
  const memory = outcome.result === 'timed-out' ? 'it is still loading' : await memoryNow(now, asked, plan);
  if (memory === undefined) {
    const message = `${why.message} It was taken back: ${lies}, and ${name} proved that it holds that.`;
    return end({ ...back, verified: true }, 'undone', { ...why, message });
  }
  return end(back, 'undone', {
    ...why,
    message: `${why.message} Its files were taken back: ${lies}. What ${name} holds in memory is not certain: ${memory}.`,
    help: `${why.help === undefined ? '' : `${why.help} `}When the server answers, run this again, or \`rulewright drift\` to see what it holds; its next start loads the rule path as it is now.`,
  });
}

/** Why the server can't be said to hold what lies in the rule path; undefined: it does. */
async function memoryNow(now: Deployed, asked: Asked, { layout }: SwitchPlan): Promise<string | undefined> {
  const loaded = await loadedRules(asked.connection);
  if (isServerProblem(loaded)) return loaded.message.replace(/\.$/, '');
  const contents = now.current ? await readContents(now.current) : [];
  if (isProblem(contents)) return contents.message.replace(/\.$/, '');
  const wrong = compareLoaded(wantedGroups(contents, now.layout ?? layout), loaded, {
    evaluationInterval: asked.evaluationInterval,
    losses: asked.losses,
    isOurs: oursAmong(asked.folder, now.foreign),
  });
  if (wrong.length === 0) return undefined;
  return `it differs from the rule path in ${wrong.length === 1 ? 'one place' : `${wrong.length} places`}`;
}
