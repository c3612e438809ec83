import { askGit } from '../../io/git/job.ts';
import { FETCHED, fetchRef } from '../../io/git/publish.ts';
import { isGitHubProblem } from '../../io/github/client.ts';
import { openPulls } from '../../io/github/pulls.ts';
import type { Problem } from '../../io/problem.ts';
import { type Frame, framedReport, SUMMARY_LIMIT } from '../../report/action/text.ts';
import { EXIT, type ExitCode, isProblem } from '../context.ts';
import { compareCommits, type Named } from './compare.ts';
import { keepReport } from './preview.ts';
import { reportOutputs } from './report.ts';
import type { World } from './world.ts';

/**
 * Comments after the run of a preview that had no right to, as from a fork. Whatever that run left behind may be
 * forged, so nothing of it is taken: which pull request it was is asked of GitHub, and the report is made anew from the
 * commits, which are read as text alone.
 */
export async function comment(world: World): Promise<ExitCode | Problem> {
  const { runner, github, git, inputs } = world;
  const { run, runUrl } = runner.event;
  if (!run) {
    const message = 'The command `comment` is for workflows that `workflow_run` starts: the event names no run.';
    return { code: 'usage', message, help: 'docs/action.md shows such a workflow.' };
  }
  const skip = (why: string): ExitCode => {
    runner.log(`No comment: ${why}`);
    return EXIT.ok;
  };
  if (run.event !== 'pull_request') return skip(`the run was started by ${run.event}, not by a pull request.`);
  if (run.headSha === '' || run.headBranch === '' || run.headOwner === '') return skip('the run has no head any more.');
  const pulls = await openPulls(github, `${run.headOwner}:${run.headBranch}`);
  if (isGitHubProblem(pulls)) return pulls;
  const found = pulls.filter((pull) => pull.headSha === run.headSha && (!inputs.base || pull.baseRef === inputs.base));
  const pull = found[0];
  if (!pull) return skip('no open pull request has this commit as its newest; a newer run will tell.');
  runner.output('pull-request-number', String(pull.number));
  runner.output('pull-request-url', pull.url);

  const fetched = await fetchRef(git, `refs/pull/${pull.number}/merge`, 2);
  if (fetched) return skip('the pull request has no merge commit, as where it conflicts with its base.');
  const parents = await askGit(git, 'read the merge commit', ['rev-list', '--parents', '-n1', FETCHED]);
  if (typeof parents !== 'string') return parents;
  const [merge = '', base = '', head] = parents.split(' ');
  if (head !== run.headSha) return skip('the pull request has changed since; a newer run will tell.');

  const report = await compareCommits(
    world,
    named(base, pull.baseRef),
    named(merge, `pull request #${pull.number}`, head),
  );
  if (isProblem(report)) return report;
  const failed =
    run.conclusion !== 'success' ? [`> [!NOTE]\n> The preview’s own run ended with ${word(run.conclusion)}.`] : [];
  const url = /^https?:\/\//.test(run.url) ? run.url : runUrl;
  const frame: Frame = { lead: failed, stale: [], validatedBy: 'in-process', commit: run.headSha, runUrl: url };
  reportOutputs(world, report, []);
  const wrong = await runner.summary(framedReport(report, frame, SUMMARY_LIMIT));
  return wrong ?? (await keepReport(world, pull.number, report, frame)) ?? EXIT.ok;
}

/** A commit as the report calls it. A branch's name was checked by GitHub; the report makes it inert all the same. */
function named(sha: string, name: string, shown = sha): Named {
  return { sha, name: `${name} (${shown.slice(0, 7)})` };
}

/** GitHub's conclusions are words of small letters; anything else would be no conclusion of GitHub's. */
function word(conclusion: string): string {
  return /^[a-z_]{1,30}$/.test(conclusion) ? conclusion.replaceAll('_', ' ') : 'something else';
}
