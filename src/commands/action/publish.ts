import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { askGit, isBranchName } from '../../io/git/job.ts';
import { branchState, type DistTree, makeCommit, pushBranch, remoteState } from '../../io/git/publish.ts';
import { isGitHubProblem } from '../../io/github/client.ts';
import { changePull, openPull, openPulls, type Pull } from '../../io/github/pulls.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { remarks } from '../../report/action/annotations.ts';
import { type Frame, plainText, publishMarker, SUMMARY_LIMIT } from '../../report/action/text.ts';
import { prepare } from '../build/prepare.ts';
import { EXIT, type ExitCode, isProblem } from '../context.ts';
import { sayDiagnostics } from '../say.ts';
import { type Account, accountOf } from './account.ts';
import { distTree } from './dist.ts';
import { comparePublished, SOURCE_TRAILER } from './published.ts';
import { FILE_LIMIT, reportOutputs, writeReportFiles } from './report.ts';
import { annotate, annotateProblem, callOf, type World } from './world.ts';

/** Compiles what the main branch has, and keeps one pull request that brings `dist/` up to it; closes it when it's obsolete. */
export async function publish(world: World): Promise<ExitCode | Problem> {
  const { inputs, io, runner, git } = world;
  const base = inputs.base || runner.event.defaultBranch || '';
  if (!isBranchName(base) || base === inputs.branch) {
    const help = 'Name it with the input `base`, for instance `main`; the input `branch` must be another one.';
    return { code: 'usage', message: 'Which branch to publish to is not known.', help };
  }
  const call = callOf(world);
  const prepared = await prepare(call, io);
  if (isProblem(prepared)) return prepared;
  sayDiagnostics(prepared.diagnostics, call.globals, io);
  annotate(
    world,
    remarks(prepared.diagnostics, undefined, { prefix: inputs.prefix, stale: [], strict: inputs.strict }),
  );
  if (prepared.refused) {
    const wrong = await runner.summary(
      plainText('Nothing is published', ['The sources have errors; see the annotations.']),
    );
    return wrong ?? EXIT.failed;
  }

  const head = await askGit(git, 'read HEAD', ['rev-parse', '--verify', 'HEAD']);
  if (typeof head !== 'string') return head;
  const remote = await remoteState(git, base, inputs.branch);
  if (isProblem(remote)) return remote;
  if (remote.base !== head) {
    runner.log(`${base} has moved on since this run was started: the run of its newest commit publishes.`);
    return EXIT.ok;
  }
  const dist: DistTree = distTree(prepared, relative(git.repository.workTree, await realpath(inputs.root)));
  const message = `Compile ${dist.folder}/ from ${head.slice(0, 12)}\n\n${SOURCE_TRAILER}: ${head}`;
  const made = await makeCommit(git, dist, { head, message, now: io.now() });
  if (isProblem(made)) return made;
  const state = await branchState(git, inputs.branch, remote.branch, { head, folder: dist.folder, tree: made.tree });
  if (typeof state !== 'string') return state;
  const pulls = await openPulls(world.github, `${runner.event.owner}:${inputs.branch}`, base);
  if (isGitHubProblem(pulls)) return pulls;
  runner.output('stale', String(!made.same));
  if (made.same) return retire(world, pulls, { tip: remote.branch, theirs: state === 'theirs' });
  if (state === 'theirs') return taken(inputs.branch);

  const published = await comparePublished(world, dist.folder, prepared);
  if (isProblem(published)) return published;
  const account = await accountOf(git, dist, published);
  const frame = { stale: [], validatedBy: prepared.validatedBy, commit: head, runUrl: runner.event.runUrl };
  const wrong =
    (await writeReportFiles(world, account.markdown(frame, FILE_LIMIT), account.json)) ??
    (await runner.summary(account.markdown(frame, SUMMARY_LIMIT)));
  if (wrong) return wrong;
  if (account.report) reportOutputs(world, [account.report], prepared.diagnostics);
  else runner.output('changed', 'true');
  if (account.unknown) {
    const { why: message, help } = account.unknown;
    annotateProblem(runner, 'targets not known', { message, help }, 'warning');
  }
  if (state !== 'current') {
    const refused = await pushBranch(git, inputs.branch, made.sha, remote.branch);
    if (refused) return refused;
    runner.log(`Pushed ${made.sha.slice(0, 7)} to ${inputs.branch}.`);
  }
  runner.output('branch', inputs.branch);
  return propose(world, { base, account, frame, pull: pulls[0] });
}

interface Proposal {
  readonly base: string;
  readonly account: Account;
  readonly frame: Frame;
  readonly pull: Pull | undefined;
}

/** Opens the pull request, or says in it what is true now. A body that somebody else wrote stays. */
async function propose(world: World, { base, account, frame, pull }: Proposal): Promise<ExitCode | Problem> {
  const { inputs, github } = world;
  const marker = publishMarker(inputs.prefix);
  const lead = [
    `The sources on this branch’s base have changed; this brings the compiled rules up to date.${account.report ? ' What it changes for each target:' : ''}`,
  ];
  const body = account.markdown({ ...frame, marker, lead });
  const title = `Compiled rules: ${account.title}`;
  const found = pull ? { there: pull } : await openPull(github, inputs.branch, base, { title, body });
  if (isGitHubProblem(found)) return found;
  if ('made' in found) return told(world, found.made, 'opened');
  const { there } = found;
  if (!there.body.startsWith(marker)) return told(world, there, 'left as somebody wrote it');
  if (there.body === body && there.title === title) return told(world, there, 'up to date');
  const problem = await changePull(github, there.number, { title, body });
  return problem ?? told(world, there, 'updated');
}

function told({ runner }: World, pull: { readonly number: number; readonly url: string }, did: string): ExitCode {
  runner.output('pull-request-number', String(pull.number));
  runner.output('pull-request-url', pull.url);
  runner.log(`Pull request #${pull.number}: ${did}.`);
  return EXIT.ok;
}

/**
 * `dist/` is as it should be: deletes the branch and closes the pull request. What holds somebody else's commits stays, both
 * of them; `tip` is what the branch was at when we looked.
 */
async function retire(
  world: World,
  pulls: readonly Pull[],
  { tip, theirs }: { readonly tip: string | undefined; readonly theirs: boolean },
): Promise<ExitCode | Problem> {
  const { inputs, runner, github, git } = world;
  const marker = publishMarker(inputs.prefix);
  const ours = pulls.filter((pull) => pull.body.startsWith(marker));
  if (theirs) {
    for (const { number } of pulls) leftOpen(world, number);
  } else {
    if (tip !== undefined) {
      // Before the pull request is closed: it's this that fails where somebody pushes at this moment.
      const problem = await pushBranch(git, inputs.branch, '', tip);
      if (problem) return problem;
      runner.log(`Deleted ${inputs.branch}.`);
    }
    for (const { number } of ours) {
      const problem = await changePull(github, number, { state: 'closed' });
      if (problem) return problem;
      runner.log(`Pull request #${number}: closed, for dist/ is up to date without it.`);
    }
  }
  runner.output('changed', 'false');
  runner.log('dist/ is up to date.');
  return (await runner.summary(plainText('dist/ is up to date', []))) ?? EXIT.ok;
}

function leftOpen({ runner, inputs }: World, number: number): void {
  const message = `Pull request #${number} is not needed, for dist/ is up to date without it; but ${inputs.branch} holds commits of somebody else’s, so both stay.`;
  const help = 'Merge it, or close it and delete the branch.';
  annotateProblem(runner, 'pull request left open', environmentProblem(message, help), 'warning');
}

function taken(branch: string): Problem {
  return environmentProblem(
    `The branch ${branch} has commits of somebody else’s, which are not overwritten.`,
    'Merge or delete the branch, then run the job again; or name another one with the input `branch`.',
  );
}
