/** The Action on pull requests that were made to mislead it: their files start nothing, and the report is of the real base. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arm,
  commit,
  copyScene,
  git,
  HOSTILE,
  makeScene,
  rules,
  type Scene,
  settings,
  started,
  write,
} from '../git/hostile.ts';
import { type GitHubServer, startGitHub } from './github-server.ts';
import { bundle, type Ran, runStep } from './runner.ts';

let home: string;
let action: string;
let first: Scene;
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'rw-action-')));
  action = bundle(home);
  first = makeScene(join(home, 'scene'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A checkout of the merge of a pull request that says 40. */
function pullRequest({ ws, alerts, base }: Scene, make: () => void): { readonly event: object; readonly sha: string } {
  write(alerts, rules(40));
  make();
  const head = commit(ws);
  rmSync(alerts, { recursive: true });
  git(ws, 'checkout', '--quiet', '--force', '--detach', base);
  git(ws, 'merge', '--quiet', '--no-ff', '-m', 'Merge', head);
  const event = {
    pull_request: {
      number: 7,
      base: { sha: base, ref: 'main' },
      head: { sha: head, ref: 'pr', repo: { full_name: 'o/r' } },
    },
  };
  return { event, sha: git(ws, 'rev-parse', 'HEAD') };
}

function preview(github: GitHubServer, workspace: string, pull: ReturnType<typeof pullRequest>): Promise<Ran> {
  const inputs = { command: 'preview', root: 'alerts', dist: 'published', comment: 'false' };
  return runStep({ bundle: action, github, workspace, inputs, eventName: 'pull_request', ...pull });
}

const chosen = HOSTILE.filter(({ name }) =>
  /plain files, (uploadpack|forged)|file that leads to a folder of them, forged/.test(name),
);

describe.each(chosen)('$name', ({ make, tracked }) => {
  test('previews what really changes', { timeout: 180_000 }, async () => {
    const github = await startGitHub();
    const scene = copyScene(first, join(home, `copy-${Math.random().toString(36).slice(2)}`));
    const pull = pullRequest(scene, () => {
      arm(scene);
      if (tracked) make(scene);
    });
    if (!tracked) make(scene);
    const ran = await preview(github, scene.ws, pull);
    expect(started(scene)).toBe('');
    expect(ran.code, ran.log).toBe(0);
    expect(ran.summary).toMatch(/90.{1,40}40/);
    expect(ran.outputs).toMatchObject({ changed: 'true' });
  });
});

test('a pull request that makes the rules a submodule is refused', { timeout: 180_000 }, async () => {
  const github = await startGitHub();
  const scene = copyScene(first, join(home, 'copy-submodule'));
  const { ws, alerts } = scene;
  const pull = pullRequest(scene, () => {
    git(ws, 'rm', '-r', '--force', '--quiet', 'alerts');
    rmSync(alerts, { recursive: true, force: true });
    git(ws, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', join(scene.home, 'evil'), 'alerts');
  });
  git(ws, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
  const ran = await preview(github, ws, pull);
  expect([ran.code, ran.annotations[0]]).toEqual([
    1,
    expect.stringContaining('The rules lie in a submodule (alerts/)'),
  ]);
});

test('publishing runs nothing that the checkout configures', { timeout: 180_000 }, async () => {
  const github = await startGitHub();
  const scene = copyScene(first, join(home, 'copy-publish'));
  const { ws } = scene;
  git(ws, 'checkout', '--quiet', '--force', 'main');
  arm(scene);
  commit(ws);
  // A commit with a signature, which asks for a program to check it.
  const signed = git(ws, 'cat-file', 'commit', 'HEAD').replace(
    '\n\n',
    '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc=\n -----END PGP SIGNATURE-----\n\n',
  );
  write(home, { signed: `${signed}\n` });
  const sha = git(ws, 'hash-object', '-t', 'commit', '-w', join(home, 'signed'));
  git(ws, 'reset', '--quiet', '--soft', sha);
  const remote = join(scene.home, 'remote.git');
  git(scene.home, 'init', '--quiet', '--bare', remote);
  git(ws, 'push', '--quiet', '--no-verify', remote, 'main:main', 'main:rulewright/dist');
  const config = settings(scene, { url: `"${remote}"` }, false).replaceAll(
    /^\t(?:promisor|receivepack|partialClone) .*$/gm,
    '',
  );
  write(ws, { '.git/config': `${config}[push]\n\tgpgSign = if-asked\n\tfollowTags = true\n` });
  github.shaOf = (branch) => git(remote, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`) || undefined;
  const publish = (): Promise<Ran> => {
    const inputs = { command: 'publish', root: 'alerts' };
    return runStep({ bundle: action, github, workspace: ws, inputs, eventName: 'push', event: {}, sha });
  };
  const taken = await publish();
  expect([taken.code, taken.annotations[0]]).toEqual([1, expect.stringContaining('commits of somebody else')]);
  git(remote, 'update-ref', '-d', 'refs/heads/rulewright/dist');
  const ran = await publish();
  expect(ran.code, ran.log).toBe(0);
  expect(github.pulls).toHaveLength(1);
  expect(started(scene)).toBe('');
  expect(git(remote, 'ls-tree', '-r', '--name-only', 'rulewright/dist')).toContain(
    'alerts/dist/rules/group-default.yml',
  );
});

test('rules in a checkout of their own below the workspace', { timeout: 180_000 }, async () => {
  const github = await startGitHub();
  const scene = copyScene(first, join(home, 'copy-below'));
  const pull = pullRequest(scene, () => undefined);
  const inputs = { command: 'preview', root: 'ws/alerts', dist: 'published', comment: 'false' };
  const step = { bundle: action, github, workspace: scene.home, inputs, eventName: 'pull_request', ...pull };
  const ran = await runStep(step);
  expect(ran.code, ran.log).toBe(0);
  expect(ran.summary).toMatch(/90.{1,40}40/);
});
