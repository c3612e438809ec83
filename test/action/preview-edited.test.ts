import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULE } from '../cli/support.ts';
import { type GitHubServer, startGitHub } from './github-server.ts';
import { type Checkout, checkout, pullRequest } from './repository.ts';
import { bundle, type Ran, runStep } from './runner.ts';

let home: string;
let action: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  action = bundle(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const production = (cpu: number): Record<string, string> => ({
  'groups/production.yaml': `match: { env: prod }\nthresholds: { Cpu: ${cpu} }\n`,
});
const published = { command: 'preview', dist: 'published' };

/** Runs the preview of a pull request that changes these files. */
async function preview(
  github: GitHubServer,
  here: Checkout,
  files: Readonly<Record<string, string | undefined>>,
  inputs: Readonly<Record<string, string>> = published,
): Promise<Ran> {
  const { event, merge } = pullRequest(here, files);
  const ran = await runStep({
    bundle: action,
    github,
    workspace: here.workspace,
    inputs,
    eventName: 'pull_request',
    event,
    sha: merge,
  });
  here.git('checkout', '--quiet', 'main');
  here.git('branch', '--quiet', '-D', 'topic');
  return ran;
}

describe('compiled files of a pull request', { timeout: 180_000 }, () => {
  it('tells of compiled files that are edited by hand, what they say otherwise, and fails', async () => {
    const github = await startGitHub();
    const here = await checkout();
    const path = 'dist/rules/group-production.yml';
    const text = here.git('show', `main:${path}`);
    for (const dist of ['published', 'checked']) {
      const ran = await preview(
        github,
        here,
        { [path]: `${text.replace('> 90', '> 9999')}\n` },
        { command: 'preview', dist },
      );
      expect([ran.code, ran.outputs['changed'], ran.outputs['stale']], ran.log).toEqual([1, 'true', 'true']);
      expect(ran.annotations[0]).toMatch(
        /^error dist\/rules\/group-production\.yml compiled file edited by hand: .*Cpu expr .*90 → .*9999/,
      );
      const body = github.comments[0]?.body ?? '';
      expect(body).toMatch(/\[!CAUTION\][\s\S]*group-production[\s\S]*> 90[\s\S]{1,40}→[\s\S]{1,40}> 9999/);
      expect(body).toMatch(/### 🔴 1 rule in 1 compiled file edited by hand; the sources have no consequences/);
      expect(body + ran.summary).not.toContain('🟢');
      const report = JSON.parse(readFileSync(ran.outputs['report-json'] as string, 'utf8'));
      expect(report).toMatchObject({ consequences: true, edited_files: { files: [path], rules: [{ field: 'expr' }] } });
    }
    // A file that is taken away with its row of the manifest, and one that is only touched.
    const manifest = here.git('show', 'main:dist/manifest.json').replace(/^.*group-production.*\n/m, '');
    const gone = await preview(github, here, { [path]: undefined, 'dist/manifest.json': `${manifest}\n` });
    expect(gone.code).toBe(1);
    expect(github.comments[0]?.body).toMatch(/group-production[\s\S]*Cpu`: is removed/);
    const touched = await preview(github, here, { [path]: `${text}\n# mine\n` });
    expect(touched.code).toBe(1);
    expect(github.comments[0]?.body).toContain('no rule differs');
  });

  it('takes what a branch compiled for no edit, also where its base has moved on; a stale dist/ is not green', async () => {
    const github = await startGitHub();
    const here = await checkout();
    here.git('checkout', '--quiet', '-b', 'compiled');
    here.commit(production(95));
    await here.build();
    const { 'dist/manifest.json': manifest, ...files } = Object.fromEntries(
      ['groups/production.yaml', 'dist/rules/group-production.yml', 'dist/manifest.json'].map((path) => [
        path,
        readFileSync(join(here.workspace, path), 'utf8'),
      ]),
    );
    here.git('checkout', '--quiet', '--force', 'main');
    const right = await preview(github, here, { ...files, 'dist/manifest.json': manifest });
    expect([right.code, right.outputs['stale']], right.log).toEqual([0, 'false']);

    here.git('checkout', '--quiet', '-b', 'topic');
    const head = here.commit({ ...files, 'dist/manifest.json': manifest });
    here.git('checkout', '--quiet', 'main');
    const base = here.commit({ 'rules/more.yaml': RULE('More') });
    here.git('checkout', '--quiet', '--detach', base);
    here.git('merge', '--quiet', '--no-ff', '-m', 'Merge', head);
    const sha = here.git('rev-parse', 'HEAD');
    const pull = {
      number: 7,
      base: { sha: base, ref: 'main' },
      head: { sha: head, ref: 'topic', repo: { full_name: 'o/r' } },
    };
    const run = {
      bundle: action,
      github,
      workspace: here.workspace,
      eventName: 'pull_request',
      event: { pull_request: pull },
      sha,
    };
    expect((await runStep({ ...run, inputs: published })).code).toBe(0);
    here.git('checkout', '--quiet', 'main');
    here.git('branch', '--quiet', '-D', 'topic');

    // The base was stale already, and this change does nothing about it.
    const stale = await preview(github, here, { 'README.md': 'Hello\n' }, { command: 'preview' });
    expect(stale.code).toBe(1);
    expect(github.comments[0]?.body).toMatch(/### 🟡 `dist\/` is not up to date; the sources have no consequences/);
  });
});
