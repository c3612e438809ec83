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
      `repos/create-commit-status /repos/o/r/statuses/${head}`,
    ]);
    const status = { sha: head, state: 'success', context: 'rulewright/comment' };
    expect(github.marks).toEqual([{ ...status, description: 'What this commit changes is told on #7.' }]);
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

  it('tells of compiled files that a fork edits by hand', async () => {
    const fork = { 'dist/rules/group-default.yml': 'groups: []\n' };
    const { github, here, head } = await fromFork(fork);
    const ran = await comment(github, here, { head_sha: head });
    expect([ran.code, ran.outputs['changed']], ran.log).toEqual([0, 'true']);
    expect(github.comments[0]?.body).toMatch(/is removed[\s\S]*### 🔴 \d+ rules in 1 compiled file edited by hand/);
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
    // Somebody pushes while we look.
    here.git('push', '--quiet', 'origin', ':refs/pull/7/merge');
    const lists = (): number => github.calls.filter((call) => call.startsWith('pulls/list')).length;
    const before = lists();
    Object.assign(pull, { sha: () => (lists() > before + 1 ? older : head) });
    expect((await comment(github, here, { head_sha: head })).log).toContain('has changed since');
    Object.assign(pull, { sha: () => head });
    expect((await comment(github, here, { head_sha: head })).log).toContain('no merge commit');
    expect(github.comments).toEqual([]);
  });

  it('tells every pull request that the commit stands for', async () => {
    const { github, here, head } = await fromFork();
    // The same branch, proposed to another, where the number is 70.
    here.git('checkout', '--quiet', '-b', 'release');
    here.git('push', '--quiet', 'origin', `release:release`);
    const base = here.commit({
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 90 }\npriority: 3\n',
    });
    here.git('merge', '--quiet', '--no-ff', '-s', 'ours', '-m', 'Merge', head);
    here.git('push', '--quiet', 'origin', '+HEAD:refs/pull/8/merge');
    here.git('checkout', '--quiet', 'main');
    const other = {
      number: 8,
      head: 'mallory:topic',
      base: 'release',
      sha: () => head,
      title: 'x',
      body: null,
    } as const;
    github.pulls.unshift({ ...other, state: 'open' });
    const said = '<!-- rulewright:preview  -->\nNo consequences';
    for (const issue of [7, 8]) {
      github.comments.push({ id: issue, issue, body: said, login: 'github-actions[bot]', type: 'Bot' });
    }
    const ran = await comment(github, here, { head_sha: head });
    expect(ran.code, ran.log).toBe(0);
    expect(github.comments.map(({ id, body }) => `${id} ${/90.{1,30}95/.test(body)}`)).toEqual(['7 true', '8 false']);
    expect(github.comments[1]?.body).toContain(`release (${base.slice(0, 7)})`);
    expect(ran.outputs).toMatchObject({ 'pull-request-number': '8,7', changed: 'true', 'targets-changed': '1' });
    expect(ran.summary).toMatch(/90.{1,30}95/);
    expect(github.marks).toMatchObject([{ state: 'success', description: expect.stringContaining('#8, #7') }]);
  });

  it('says that nothing is known where a pull request can’t be merged, and goes on with the others', async () => {
    const { github, here, head } = await fromFork();
    const other = {
      number: 8,
      head: 'mallory:topic',
      base: 'release',
      sha: () => head,
      title: 'x',
      body: null,
    } as const;
    github.pulls.unshift({ ...other, state: 'open' });
    const said = '<!-- rulewright:preview  -->\nNo consequences';
    github.comments.push({ id: 8, issue: 8, body: said, login: 'github-actions[bot]', type: 'Bot' });
    const unknown =
      /^<!-- rulewright:preview {2}-->\n\n> \[!WARNING\]\n> What commit <code>[0-9a-f]{7}<\/code> changes is not known: GitHub has no merge of it with <code>release<\/code>/;
    expect((await comment(github, here, { head_sha: head })).code).toBe(0);
    expect(github.comments[0]?.body).toMatch(unknown);
    expect(github.comments[0]?.body).not.toContain('No consequences');
    expect(github.comments[1]).toMatchObject({ issue: 7, body: expect.stringMatching(/90.{1,30}95/) });

    // A conflict that came later leaves the merge of an older commit behind.
    Object.assign(github.comments[0] as object, { body: said });
    here.git('push', '--quiet', 'origin', 'main:refs/pull/8/merge');
    expect((await comment(github, here, { head_sha: head })).code).toBe(0);
    expect(github.comments[0]?.body).toMatch(unknown);
  });

  it('fails where it comes to no report, on the pull request too', async () => {
    const { github, here, head } = await fromFork();
    const said = '<!-- rulewright:preview  -->\nNo consequences';
    github.comments.push({ id: 8, issue: 7, body: said, login: 'github-actions[bot]', type: 'Bot' });
    here.git('remote', 'set-url', 'origin', join(home, 'nowhere'));
    const ran = await comment(github, here, { head_sha: head });
    expect([ran.code, github.comments.length]).toEqual([1, 1]);
    expect(github.comments[0]?.body).toMatch(/is not known: <code>git could not fetch refs\/pull\/7\/merge/);
    expect(github.marks).toMatchObject([{ sha: head, state: 'failure', context: 'rulewright/comment' }]);
    expect(github.marks[0]?.description).toMatch(/^git could not fetch/);
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
    expect(github.marks).toMatchObject([
      { state: 'failure', description: expect.stringContaining('did not let us comment') },
    ]);

    // That the status isn't taken either changes nothing.
    github.instead = () => ({ status: 403, message: 'Resource not accessible by integration' });
    const all = await comment(github, here, { head_sha: head });
    expect([all.code, all.log]).toEqual([1, expect.stringContaining('The commit has no status rulewright/comment')]);
  });

  it('lets no name of a fork give orders', async () => {
    const name = '](x) <img src=x> @o/all `\\n::add-mask::x ##[error]y --><script>';
    const { github, here, head } = await fromFork({
      'rules/evil.yaml': `rules:\n  - id: evil\n    owner: "<img>@o/all"\n    alert: ${JSON.stringify(name)}\n    expr: up == 0\n    labels: { a: "\\u202E" }\n`,
    });
    const ran = await comment(github, here, { head_sha: head });
    expect(ran.code, ran.log).toBe(0);
    expect(ran.log.split('\n').filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
    for (const text of [github.comments[0]?.body ?? '', ran.summary]) {
      expect(text).toContain('evil');
      const outsideOfCode = text.replaceAll(/`[^`\n]*`|<code>[^<]*<\/code>/g, '');
      expect(outsideOfCode).not.toMatch(/<img|<script|@o\/all|\u202E/);
    }
    expect(ran.outputs).toMatchObject({ changed: 'true', 'pull-request-number': '7', 'targets-changed': '3' });
  });
});
