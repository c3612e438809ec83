import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitHubServer, startGitHub } from './github-server.ts';
import { type Checkout, checkout, git } from './repository.ts';
import { bundle, type Ran, runStep } from './runner.ts';

let home: string;
let action: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  action = bundle(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const BRANCH = 'rulewright/dist';
const production = (cpu: number): Record<string, string> => ({
  'groups/production.yaml': `match: { env: prod }\nthresholds: { Cpu: ${cpu} }\n`,
});

async function start(): Promise<{ readonly github: GitHubServer; readonly here: Checkout }> {
  const here = await checkout();
  const github = await startGitHub();
  github.shaOf = (branch) => here.remoteSha(branch);
  return { github, here };
}

/** Runs the job that a push to the main branch starts. */
function publish(github: GitHubServer, here: Checkout, inputs: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const sha = here.git('rev-parse', 'HEAD');
  const step = { bundle: action, github, workspace: here.workspace, eventName: 'push', event: {}, sha };
  return runStep({ ...step, inputs: { command: 'publish', ...inputs } });
}

/** Changes the sources on the main branch, as a merge does. */
function push(here: Checkout, files: Readonly<Record<string, string | undefined>>): string {
  const sha = here.commit(files);
  here.git('push', '--quiet', 'origin', 'main');
  return sha;
}

describe('publish', { timeout: 180_000 }, () => {
  it('opens one pull request, keeps it up to date, and closes it when it is obsolete', async () => {
    const { github, here } = await start();
    const nothing = await publish(github, here);
    expect([nothing.code, nothing.outputs['stale'], here.remoteSha(BRANCH)]).toEqual([0, 'false', undefined]);

    push(here, production(95));
    const opened = await publish(github, here);
    expect(opened.code, opened.log).toBe(0);
    expect(opened.outputs).toMatchObject({
      'pull-request-number': '40',
      stale: 'true',
      changed: 'true',
      branch: BRANCH,
    });
    expect(github.pulls[0]).toMatchObject({
      head: `o:${BRANCH}`,
      base: 'main',
      title: 'Compiled rules: 1 consequence',
    });
    expect(github.pulls[0]?.body).toMatch(/90.{1,30}95/);
    const tip = here.remoteSha(BRANCH) as string;
    const [names, who] = [
      git(here.remote, 'diff', '--name-only', `main..${tip}`),
      git(here.remote, 'log', '-1', '--format=%an|%cn|%P', tip),
    ];
    expect(names.split('\n')).toEqual(['dist/manifest.json', 'dist/rules/group-production.yml']);
    expect(who).toBe(`github-actions[bot]|github-actions[bot]|${here.remoteSha('main')}`);
    expect(here.git('status', '--porcelain')).toBe('');

    // Sources that compile to the same leave the branch alone, so that reviews of it stay.
    push(here, { 'README.md': 'Hello\n' });
    expect((await publish(github, here)).code).toBe(0);
    expect(here.remoteSha(BRANCH)).toBe(tip);

    push(here, production(97));
    const updated = await publish(github, here);
    expect([updated.code, github.pulls.length]).toEqual([0, 1]);
    expect(here.remoteSha(BRANCH)).not.toBe(tip);
    expect(github.pulls[0]?.body).toMatch(/90.{1,30}97/);
    expect(git(here.remote, 'rev-list', '--count', `main..${BRANCH}`)).toBe('1');

    push(here, production(90));
    const closed = await publish(github, here);
    expect(closed.code).toBe(0);
    expect(github.pulls[0]?.state).toBe('closed');
    expect(here.remoteSha(BRANCH)).toBeUndefined();

    // After a squashed merge the report still starts from the sources that dist/ was compiled from.
    push(here, production(98));
    await publish(github, here);
    here.git('fetch', '--quiet', 'origin', BRANCH);
    here.git('merge', '--quiet', '--squash', 'FETCH_HEAD');
    here.git('commit', '--quiet', '-m', `Compiled\n\n${here.git('log', '-1', '--format=%B', 'FETCH_HEAD')}`);
    here.git('push', '--quiet', 'origin', 'main');
    expect((await publish(github, here)).outputs['stale']).toBe('false');
    push(here, { 'groups/development.yaml': undefined });
    await publish(github, here);
    const last = github.pulls.at(-1)?.body ?? '';
    expect(last).toContain('`Disk`');
    expect(last).not.toContain('98');
    expect(git(here.remote, 'diff', '--name-status', `main..${BRANCH}`)).toContain(
      'D\tdist/rules/group-development.yml',
    );
  });

  it('never overwrites what somebody else committed to the branch, nor what they wrote', async () => {
    const { github, here } = await start();
    push(here, production(95));
    await publish(github, here);
    Object.assign(github.pulls[0] as object, { body: 'My own words' });
    push(here, production(96));
    const kept = await publish(github, here);
    expect([kept.code, github.pulls[0]?.body]).toEqual([0, 'My own words']);

    here.git('fetch', '--quiet', 'origin', BRANCH);
    here.git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    const theirs = here.commit({ 'dist/rules/by-hand.yml': 'groups: []\n' });
    here.git('push', '--quiet', 'origin', `HEAD:refs/heads/${BRANCH}`);
    here.git('checkout', '--quiet', 'main');
    push(here, production(97));
    const refused = await publish(github, here);
    expect(refused.code).toBe(1);
    expect(refused.annotations[0]).toMatch(
      /^error rulewright publish: The branch rulewright\/dist has commits of somebody else/,
    );
    expect(here.remoteSha(BRANCH)).toBe(theirs);
    // Obsolete, but still theirs: the branch stays, and so does the pull request, even with a body of ours.
    Object.assign(github.pulls[0] as object, { body: '<!-- rulewright:publish  -->\nOurs' });
    push(here, production(90));
    const obsolete = await publish(github, here);
    expect([obsolete.code, here.remoteSha(BRANCH), github.pulls[0]?.state]).toEqual([0, theirs, 'open']);
    expect(obsolete.annotations).toEqual([
      expect.stringMatching(/^warning pull request left open: Pull request #40 .*somebody else’s.*\nhelp: Merge it/),
    ]);
  });

  it('closes nothing that somebody pushes to at this moment', async () => {
    const { github, here } = await start();
    push(here, production(95));
    await publish(github, here);
    push(here, production(90));
    // Between our look at the branch and its end.
    github.instead = (operation) => {
      if (operation === 'pulls/list') git(here.remote, 'update-ref', `refs/heads/${BRANCH}`, 'main');
      return undefined;
    };
    const ran = await publish(github, here);
    expect([ran.code, github.pulls[0]?.state]).toEqual([1, 'open']);
    expect(ran.annotations[0]).toContain('Somebody pushed to rulewright/dist at this moment');
  });

  it('brings up to date what another run opened at this moment', async () => {
    const { github, here } = await start();
    push(here, production(95));
    await publish(github, here);
    Object.assign(github.pulls[0] as object, { body: '<!-- rulewright:publish  -->\nOf the other run' });
    github.trouble.push({ method: 'GET', path: /\/pulls$/, status: 200, body: '[]', times: 1 });
    const ran = await publish(github, here);
    expect(ran.code, ran.log).toBe(0);
    expect(github.calls).toContain('pulls/create /repos/o/r/pulls');
    expect([ran.outputs['pull-request-number'], github.pulls.length]).toEqual(['40', 1]);
    expect(github.pulls[0]?.body).toMatch(/90.{1,30}95/);
  });

  it('leaves it to the newest run, and publishes nothing that does not compile', async () => {
    const { github, here } = await start();
    push(here, production(95));
    here.git('checkout', '--quiet', 'HEAD^');
    const late = await publish(github, here);
    expect([late.code, here.remoteSha(BRANCH)]).toEqual([0, undefined]);
    expect(late.log).toContain('main has moved on');
    here.git('checkout', '--quiet', 'main');
    push(here, { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cup: 95 }\n' });
    const broken = await publish(github, here);
    expect([broken.code, here.remoteSha(BRANCH), github.calls]).toEqual([1, undefined, []]);
    expect(broken.annotations[0]).toContain('groups/production.yaml:2');
    const odd = await publish(github, here, { branch: 'main' });
    expect(odd.annotations[0]).toContain('Which branch to publish to');
  });

  it('tells what changes against the bytes of dist/, not against the newest commit that touches the folder', async () => {
    const { github, here } = await start();
    push(here, { ...production(95), 'dist/NOTE.md': 'Reviewed on Monday.\n' });
    const ran = await publish(github, here);
    expect(ran.code, ran.log).toBe(0);
    expect(github.pulls[0]).toMatchObject({ title: 'Compiled rules: 1 consequence' });
    expect(github.pulls[0]?.body).toMatch(/90.{1,30}95/);
    expect(ran.outputs['changed']).toBe('true');
  });

  it('knows nothing of targets in a shallow clone, says so, and tells what the files themselves say', async () => {
    const { github, here } = await start();
    push(here, production(95));
    const shallow = `${here.workspace}-shallow`;
    git(here.workspace, 'clone', '--quiet', '--depth=1', `file://${here.remote}`, shallow);
    const ran = await publish(github, { ...here, workspace: shallow });
    expect(ran.code, ran.log).toBe(0);
    const [pull] = github.pulls;
    expect(pull?.title).toBe('Compiled rules: 1 rule differs, its targets are not known');
    expect(pull?.body).toContain('lies beyond the end of this shallow clone');
    expect(pull?.body).toContain('fetch-depth: 0');
    expect(pull?.body).toMatch(/Cpu.*90.*95/);
    expect(ran.summary).toContain('lies beyond the end of this shallow clone');
    expect(ran.annotations.join()).toMatch(/warning .*shallow clone/);
    expect(ran.outputs['changed']).toBe('true');
    expect(`${pull?.title} ${pull?.body} ${ran.summary} ${ran.log}`).not.toMatch(/no consequences/i);
  });

  it('takes no commit’s sources for dist/ that do not compile to it', async () => {
    const { github, here } = await start();
    const compiled = readFileSync(join(here.workspace, 'dist/rules/group-production.yml'), 'utf8');
    push(here, { 'dist/rules/group-production.yml': compiled.replaceAll('90', '93') });
    const ran = await publish(github, here);
    expect(ran.code, ran.log).toBe(0);
    const [pull] = github.pulls;
    expect(pull?.title).toBe('Compiled rules: 1 rule differs, its targets are not known');
    expect(pull?.body).toContain('No commit was found whose sources compile to what dist/ holds');
    expect(pull?.body).toMatch(/Cpu.*93.*90/);
    expect(JSON.parse(readFileSync(ran.outputs['report-json'] as string, 'utf8'))).toMatchObject({
      consequences: true,
      compared: false,
      errors: [{ code: 'environment' }],
    });
    // The forged word of a commit is no proof either.
    const bytes = here.git('rev-parse', 'HEAD');
    push(here, { 'dist/rules/group-production.yml': compiled.replaceAll('90', '94') });
    here.git('commit', '--quiet', '--amend', '-m', `Compiled\n\nRulewright-Source: ${bytes}`);
    here.git('push', '--quiet', '--force', 'origin', 'main');
    await publish(github, here);
    expect(pull?.body).toMatch(/Cpu.*94.*90/);
    // Put back by hand, it is what older sources compile to again.
    push(here, { 'dist/rules/group-production.yml': compiled, ...production(97) });
    await publish(github, here);
    expect(pull?.title).toBe('Compiled rules: 1 consequence');
    expect(pull?.body).toMatch(/90.{1,30}97/);
  });

  it('says what is missing where it may not open a pull request', async () => {
    const { github, here } = await start();
    push(here, production(95));
    const message = 'GitHub Actions is not permitted to create or approve pull requests.';
    github.instead = (operation) => (operation === 'pulls/create' ? { status: 403, message } : undefined);
    const ran = await publish(github, here);
    expect(ran.code).toBe(1);
    expect(ran.annotations[0]).toMatch(/open a pull request.*not permitted[\s\S]*settings \(Actions, General\)/);
    // The next run finds the branch as it is, and opens it.
    github.instead = () => undefined;
    expect((await publish(github, here)).outputs['pull-request-number']).toBe('40');
  });
});
