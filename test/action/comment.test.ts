import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitHubServer, type PullRequest, startGitHub } from './github-server.ts';
import { type Checkout, checkout, pullRequest, TWO_SERVERS } from './repository.ts';
import { bundle, type Ran, runStep } from './runner.ts';

let home: string;
let action: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  action = bundle(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const RAISED = { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 95 }\n' };

/** Runs what `workflow_run` starts on the main branch after a preview of this commit. */
function comment(github: GitHubServer, here: Checkout, run: Readonly<Record<string, unknown>>): Promise<Ran> {
  const event = {
    workflow_run: {
      event: 'pull_request',
      head_branch: 'topic',
      head_repository: { owner: { login: 'mallory' } },
      conclusion: 'success',
      html_url: 'https://github.com/o/r/actions/runs/66',
      // GitHub leaves it empty where the pull request comes from a fork.
      pull_requests: [],
      ...run,
    },
  };
  const sha = here.git('rev-parse', 'main');
  const inputs = { command: 'comment' };
  return runStep({ bundle: action, github, workspace: here.workspace, inputs, eventName: 'workflow_run', event, sha });
}

/** A pull request from mallory's fork, and the main branch checked out. */
async function fromFork(
  files: Readonly<Record<string, string>> = RAISED,
  repository?: Readonly<Record<string, string>>,
): Promise<{
  readonly github: GitHubServer;
  readonly here: Checkout;
  readonly head: string;
  readonly pull: PullRequest;
}> {
  const github = await startGitHub();
  const here = await checkout(repository);
  const { head } = pullRequest(here, files, 'mallory/r');
  here.git('checkout', '--quiet', 'main');
  here.git('branch', '-D', 'topic');
  const pull: PullRequest = {
    number: 7,
    head: 'mallory:topic',
    base: 'main',
    sha: () => head,
    title: 'x',
    body: null,
    state: 'open',
  };
  github.pulls.push(pull);
  return { github, here, head, pull };
}

describe('comment', { timeout: 180_000 }, () => {
  it('writes the report of a fork’s pull request, made anew from its commits', async () => {
    const { github, here, head } = await fromFork();
    const before = here.git('status', '--porcelain', '--branch');
    const ran = await comment(github, here, { head_sha: head });
    expect(ran.code, ran.log).toBe(0);
    expect(github.calls).toEqual([
      'pulls/list /repos/o/r/pulls',
      'issues/list-comments /repos/o/r/issues/7/comments',
      'issues/create-comment /repos/o/r/issues/7/comments',
    ]);
    expect(github.comments[0]?.body).toMatch(/90.{1,30}95/);
    expect(github.comments[0]?.body).toContain('actions/runs/66');
    expect(ran.outputs).toMatchObject({ 'pull-request-number': '7', changed: 'true' });
    // Nothing of the fork is in the work tree: it was read from git alone.
    expect(here.git('status', '--porcelain', '--branch')).toBe(before);

    const failed = await comment(github, here, { head_sha: head, conclusion: 'failure' });
    expect(failed.code).toBe(0);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('own run ended with failure');
  });

  it('tells what changes on the second of two servers', async () => {
    const raised = { 'groups/seoul.yaml': 'match: { site: seoul }\nthresholds: { Cpu: 95 }\n' };
    const { github, here, head } = await fromFork(raised, TWO_SERVERS);
    const ran = await comment(github, here, { head_sha: head });
    expect(ran.code, ran.log).toBe(0);
    expect(github.comments[0]?.body).toMatch(/90.{1,30}95/);
    expect(github.comments[0]?.body).toContain('seoul');
  });

  it('says nothing where it can’t be sure what about', async () => {
    const { github, here, head, pull } = await fromFork();
    const older = here.git('rev-parse', 'main');
    for (const [run, why] of [
      [{ head_sha: older }, 'no open pull request has this commit'],
      [{ head_sha: head, head_branch: 'other' }, 'no open pull request'],
      [{ head_sha: head, head_repository: { owner: { login: 'kim' } } }, 'no open pull request'],
      [{ head_sha: head, head_repository: null }, 'has no head any more'],
      [{ head_sha: head, event: 'push' }, 'started by push'],
    ] as const) {
      const ran = await comment(github, here, run);
      expect([ran.code, github.comments.length]).toEqual([0, 0]);
      expect(ran.log).toContain(why);
    }
    // The merge commit is that of an older head: a newer run will tell of the newer one.
    Object.assign(pull, { sha: () => older });
    expect((await comment(github, here, { head_sha: older })).log).toContain('has changed since');
    here.git('push', '--quiet', 'origin', ':refs/pull/7/merge');
    Object.assign(pull, { sha: () => head });
    expect((await comment(github, here, { head_sha: head })).log).toContain('no merge commit');
    expect(github.comments).toEqual([]);
  });

  it('fails where it may not comment, for that is all that it is for', async () => {
    const { github, here, head } = await fromFork();
    github.instead = (operation) =>
      operation === 'issues/create-comment'
        ? { status: 403, message: 'Resource not accessible by integration' }
        : undefined;
    const ran = await comment(github, here, { head_sha: head });
    expect(ran.code).toBe(1);
    expect(ran.annotations[0]).toMatch(/^error rulewright comment: GitHub did not let us comment on the pull request/);
    expect(ran.summary).toMatch(/90.{1,30}95/);
  });
});
