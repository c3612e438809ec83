import type { DiffReport } from '../../core/diff/report.ts';
import { askGit } from '../../io/git/job.ts';
import { FETCHED, fetchRef } from '../../io/git/publish.ts';
import { isGitHubProblem } from '../../io/github/client.ts';
import type { RunEvent } from '../../io/github/event.ts';
import { openPulls, type Pull } from '../../io/github/pulls.ts';
import { type CommitStatus, setCommitStatus } from '../../io/github/statuses.ts';
import type { Problem } from '../../io/problem.ts';
import type { EditedFiles } from '../../report/action/edited.ts';
import { code, type Frame, framedReport, SUMMARY_LIMIT } from '../../report/action/text.ts';
import { EXIT, type ExitCode, isProblem } from '../context.ts';
import { compareCommits, type Named } from './compare.ts';
import { editedDist } from './edited.ts';
import { reportOutputs } from './report.ts';
import { keepReport, markStale, untold } from './sticky.ts';
import { annotateProblem, type World } from './world.ts';

/**
 * Comments after the run of a preview that had no right to, as from a fork. Whatever that run left behind may be
 * forged, so nothing of it is taken: which pull requests it was about is asked of GitHub, and the report is made anew from the
 * commits, which are read as text alone.
 */
export async function comment(world: World): Promise<ExitCode | Problem> {
  const { run } = world.runner.event;
  if (!run) {
    const message = 'The command `comment` is for workflows that `workflow_run` starts: the event names no run.';
    return { code: 'usage', message, help: 'docs/action.md shows such a workflow.' };
  }
  if (run.event !== 'pull_request') {
    return skip(world, `the run was started by ${run.event}, not by a pull request.`);
  }
  if (run.headSha === '' || run.headBranch === '' || run.headOwner === '') {
    return skip(world, 'the run has no head any more.');
  }
  const pulls = await pullsOf(world, run);
  if (isProblem(pulls)) return failed(world, run, pulls);
  if (pulls.length === 0) {
    return skip(world, 'no open pull request has this commit as its newest; a newer run will tell.');
  }
  world.runner.output('pull-request-number', pulls.map((pull) => pull.number).join(','));
  world.runner.output('pull-request-url', pulls.map((pull) => pull.url).join(','));
  const told: Told[] = [];
  for (const pull of pulls) told.push(await tell(world, run, pull, SUMMARY_LIMIT / pulls.length));
  reportOutputs(
    world,
    told.flatMap(({ report }) => report ?? []),
    [],
    told.some(({ edited }) => edited === true),
  );
  const [problem, ...more] = told.flatMap((one) => one.problem ?? []);
  for (const one of more) annotateProblem(world.runner, 'rulewright comment', one);
  if (problem) return failed(world, run, problem);
  const numbers = pulls.map((pull) => `#${pull.number}`).join(', ');
  await setStatus(world, run, { state: 'success', description: `What this commit changes is told on ${numbers}.` });
  return EXIT.ok;
}

/** What became of one pull request. */
interface Told {
  readonly report?: DiffReport;
  /** Whether compiled files were edited by hand. */
  readonly edited?: boolean;
  readonly problem?: Problem;
}

function skip({ runner }: World, why: string): ExitCode {
  runner.log(`No comment: ${why}`);
  return EXIT.ok;
}

/**
 * Every open pull request whose newest commit is the run's: one branch may be proposed to several others, and the event
 * doesn't say to which.
 */
async function pullsOf({ github, inputs }: World, run: RunEvent): Promise<readonly Pull[] | Problem> {
  const pulls = await openPulls(github, `${run.headOwner}:${run.headBranch}`);
  if (isGitHubProblem(pulls)) return pulls;
  return pulls.filter((pull) => pull.headSha === run.headSha && (!inputs.base || pull.baseRef === inputs.base));
}

/** Tells one pull request what it changes, or that it can't be told. `room` is how much the summary may take. */
async function tell(world: World, run: RunEvent, pull: Pull, room: number): Promise<Told> {
  const merge = await mergeOf(world, run, pull);
  if (merge === undefined) return unmerged(world, run, pull);
  const made = isProblem(merge) ? merge : await reportOn(world, run, merge);
  if (isProblem(made)) {
    await markStale(world, pull.number, { commit: run.headSha, why: untold(made) });
    return { problem: made };
  }
  const { report, edited } = made;
  const lead =
    run.conclusion !== 'success' ? [`> [!NOTE]\n> The preview’s own run ended with ${word(run.conclusion)}.`] : [];
  const runUrl = /^https?:\/\//.test(run.url) ? run.url : world.runner.event.runUrl;
  const frame: Frame = { lead, stale: [], edited, validatedBy: 'in-process', commit: run.headSha, runUrl };
  const wrong = await world.runner.summary(framedReport(report, frame, room));
  const problem = (await keepReport(world, pull.number, report, frame)) ?? wrong;
  return { report, edited: edited !== undefined, ...(problem && { problem }) };
}

/** What a merge does, by its sources and by compiled files that it brings. */
async function reportOn(
  world: World,
  run: RunEvent,
  { base, head }: Merge,
): Promise<{ readonly report: DiffReport; readonly edited: EditedFiles | undefined } | Problem> {
  const made = await compareCommits(world, base, head);
  if (isProblem(made)) return made;
  const commits = { base: base.sha, head: head.sha, own: run.headSha };
  const edited = await editedDist(world, commits, made.after.servers ?? []);
  return edited && isProblem(edited) ? edited : { report: made.report, edited };
}

interface Merge {
  readonly base: Named;
  readonly head: Named;
}

/** The merge that the pull request would be; undefined where GitHub has none of this commit. */
async function mergeOf({ git }: World, run: RunEvent, pull: Pull): Promise<Merge | undefined | Problem> {
  const fetched = await fetchRef(git, `refs/pull/${pull.number}/merge`, 2);
  if (fetched) return /couldn't find remote ref/i.test(fetched.message) ? undefined : fetched;
  const parents = await askGit(git, 'read the merge commit', ['rev-list', '--parents', '-n1', FETCHED]);
  if (typeof parents !== 'string') return parents;
  const [merge = '', base = '', head] = parents.split(' ');
  // Where the two conflict, that of an older commit stays.
  if (head !== run.headSha) return undefined;
  return { base: named(base, pull.baseRef), head: named(merge, `pull request #${pull.number}`, head) };
}

/** There is no merge to compare with: what stands on the pull request must not look as if it were about this commit. */
async function unmerged(world: World, run: RunEvent, pull: Pull): Promise<Told> {
  const now = await pullsOf(world, run);
  if (isProblem(now)) return { problem: now };
  if (!now.some((one) => one.number === pull.number)) {
    skip(world, `pull request #${pull.number} has changed since; a newer run will tell.`);
    return {};
  }
  skip(world, `pull request #${pull.number} has no merge commit, as where it conflicts with its base.`);
  const why = `GitHub has no merge of it with ${code(pull.baseRef)}, as where the two conflict.`;
  const problem = await markStale(world, pull.number, { commit: run.headSha, why });
  return problem ? { problem } : {};
}

/** The run fails where nobody who reads the pull request looks: on the main branch. A status of the commit is seen there. */
async function failed(world: World, run: RunEvent, problem: Problem): Promise<Problem> {
  await setStatus(world, run, { state: 'failure', description: problem.message });
  return problem;
}

async function setStatus(
  { github, inputs, runner }: World,
  run: RunEvent,
  status: Pick<CommitStatus, 'state' | 'description'>,
): Promise<void> {
  const context = `rulewright/comment${inputs.prefix === '' ? '' : ` ${inputs.prefix.replace(/\/$/, '')}`}`;
  const problem = await setCommitStatus(github, run.headSha, { ...status, context, url: runner.event.runUrl });
  if (problem) runner.log(`The commit has no status ${context}: ${problem.message} ${problem.help ?? ''}`);
}

/** A commit as the report calls it. A branch's name was checked by GitHub; the report makes it inert all the same. */
function named(sha: string, name: string, shown = sha): Named {
  return { sha, name: `${name} (${shown.slice(0, 7)})` };
}

/** GitHub's conclusions are words of small letters; anything else would be no conclusion of GitHub's. */
function word(conclusion: string): string {
  return /^[a-z_]{1,30}$/.test(conclusion) ? conclusion.replaceAll('_', ' ') : 'something else';
}
