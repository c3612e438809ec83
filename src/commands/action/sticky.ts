import type { DiffReport } from '../../core/diff/report.ts';
import { isGitHubProblem } from '../../io/github/client.ts';
import { keepComment, type Sticky, type StickyText } from '../../io/github/comments.ts';
import type { PullEvent } from '../../io/github/event.ts';
import { openPulls } from '../../io/github/pulls.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { code, type Frame, framedReport, previewMarker, untoldText } from '../../report/action/text.ts';
import type { Surroundings } from './world.ts';

/** The pull request that a preview comments on; undefined where it doesn't, or where that is for another run to do. */
export async function commentedPull({ inputs, runner, github, token }: Surroundings): Promise<PullEvent | undefined> {
  const { pull, owner } = runner.event;
  if (!inputs.comment || !pull || token === '') return undefined;
  if (pull.fork) {
    runner.log(
      'The pull request comes from a fork, so this job may not comment; `command: comment` does it after this run.',
    );
    return undefined;
  }
  // A run of an older commit that is run again must not take the place of what was said of the newest. Where GitHub
  // doesn't tell, it won't take a comment either, and says why.
  const pulls = await openPulls(github, `${owner}:${pull.headRef}`);
  const now = isGitHubProblem(pulls) ? undefined : pulls.find((one) => one.number === pull.number);
  if (now === undefined || now.headSha === pull.headSha) return pull;
  runner.log(
    `No comment: the newest commit of pull request #${pull.number} is ${now.headSha.slice(0, 7)}; its own run tells of it.`,
  );
  return undefined;
}

/** Puts a report into the one comment of a pull request. Without consequences there is none to begin with. */
export async function keepReport(
  world: Surroundings,
  pull: number,
  report: DiffReport,
  frame: Frame,
): Promise<Problem | undefined> {
  const marker = previewMarker(world.inputs.prefix);
  const body = framedReport(report, { ...frame, marker });
  const create = report.changes.length > 0 || !report.compared || frame.stale.length > 0 || frame.edited !== undefined;
  const sticky = await keep(world, pull, { marker, body, create });
  if ('message' in sticky) return sticky;
  world.runner.output('comment-url', sticky.url ?? '');
  return undefined;
}

/** Says in the comment, where there is one, that nothing is known of this commit. `why` is Markdown of ours. */
export async function markStale(
  world: Surroundings,
  pull: number,
  { commit, why }: { readonly commit: string; readonly why: string },
): Promise<Problem | undefined> {
  const marker = previewMarker(world.inputs.prefix);
  const body = untoldText(why, { marker, commit, runUrl: world.runner.event.runUrl });
  const sticky = await keep(world, pull, { marker, body, create: false });
  return 'message' in sticky ? sticky : undefined;
}

/** A preview that came to no report: the comment must not go on telling of an older commit. */
export async function markPreviewStale(world: Surroundings, problem: Problem): Promise<void> {
  const pull = await commentedPull(world);
  if (pull) await markStale(world, pull.number, { commit: pull.headSha, why: untold(problem) });
}

/** A problem as the reason why there is no report. */
export function untold(problem: Problem): string {
  return code(problem.message);
}

async function keep({ runner, github }: Surroundings, pull: number, text: StickyText): Promise<Sticky | Problem> {
  const sticky = await keepComment(github, pull, text);
  if (isGitHubProblem(sticky)) return environmentProblem(sticky.message, sticky.help);
  const words = { created: 'written', updated: 'updated', unchanged: 'up to date', none: 'not needed' }[sticky.did];
  runner.log(`The comment on pull request #${pull}: ${words}.`);
  return sticky;
}
