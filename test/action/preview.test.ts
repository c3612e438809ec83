import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, RULE } from '../cli/support.ts';
import { temporaryFolder } from '../support/paths.ts';
import { type GitHubServer, startGitHub } from './github-server.ts';
import { type Checkout, checkout, git, pullRequest, TWO_SERVERS } from './repository.ts';
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

interface Around {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly node?: string;
}

/** Runs the preview of a pull request that changes these files. */
async function preview(
  github: GitHubServer,
  here: Checkout,
  files: Readonly<Record<string, string | undefined>>,
  { inputs = published, from = 'o/r', ...more }: Around = {},
): Promise<Ran & { readonly head: string }> {
  const { event, merge, head } = pullRequest(here, files, from);
  const around = { github, workspace: here.workspace, inputs, event, sha: merge, ...more };
  const ran = await runStep({ bundle: action, eventName: 'pull_request', ref: 'refs/pull/7/merge', ...around });
  here.git('checkout', '--quiet', 'main');
  here.git('branch', '--quiet', '-D', 'topic');
  return { ...ran, head };
}

describe('preview', { timeout: 180_000 }, () => {
  it('writes one comment, keeps it up to date, and says in it when nothing is left to say', async () => {
    const github = await startGitHub();
    const here = await checkout();
    github.comments.push({ id: 5, issue: 7, body: 'I like this', login: 'kim', type: 'User' });

    const first = await preview(github, here, production(95));
    expect(first.code).toBe(0);
    expect(github.comments).toHaveLength(2);
    expect(github.comments[1]?.body).toMatch(/^<!-- rulewright:preview {2}-->\n[\s\S]*90.{1,30}95/);
    expect(github.comments[1]?.body).toContain(`commit ${first.head.slice(0, 7)}`);
    expect(first.annotations).toEqual([
      'notice groups/production.yaml:2 settings change: Cpu: threshold 90 → 95 for 1 target (production).',
    ]);
    expect(first.outputs).toMatchObject({
      changed: 'true',
      stale: 'false',
      rules: '5',
      'targets-changed': '1',
      errors: '0',
    });
    expect(first.summary).toMatch(/90.{1,30}95/);
    expect(readFileSync(first.outputs['report'] as string, 'utf8')).toMatch(/90.{1,30}95/);
    expect(JSON.parse(readFileSync(first.outputs['report-json'] as string, 'utf8'))).toMatchObject({ compared: true });

    const second = await preview(github, here, production(97));
    expect(second.code).toBe(0);
    expect(github.comments).toHaveLength(2);
    expect(github.comments[1]?.body).toMatch(/90.{1,30}97/);
    expect(second.outputs['comment-url']).toContain('https://');

    const last = await preview(github, here, {
      'groups/production.yaml': `# a word\n${production(90)['groups/production.yaml']}`,
    });
    expect(last.outputs['changed']).toBe('false');
    expect(github.comments).toHaveLength(2);
    expect(github.comments[1]?.body).not.toMatch(/90.{1,30}97/);
    expect(github.comments[0]?.body).toBe('I like this');
  });

  it('tells what changes on the second of two servers', async () => {
    const github = await startGitHub();
    const here = await checkout(TWO_SERVERS);
    const raised = { 'groups/seoul.yaml': 'match: { site: seoul }\nthresholds: { Cpu: 95 }\n' };
    const ran = await preview(github, here, raised);
    expect(ran.code, ran.log).toBe(0);
    expect(ran.annotations).toEqual([expect.stringMatching(/^notice groups\/seoul\.yaml:2 .*Cpu: threshold 90 → 95/)]);
    expect(github.comments[0]?.body).toContain('seoul');
  });

  it('begins no comment about nothing, and takes nobody’s comment for its own', async () => {
    const github = await startGitHub();
    const here = await checkout();
    const nothing = await preview(github, here, { 'README.md': 'Hello\n' });
    expect([nothing.code, nothing.outputs['changed'], github.comments.length]).toEqual([0, 'false', 0]);

    const forged = {
      id: 6,
      issue: 7,
      body: '<!-- rulewright:preview  -->\nAll is well',
      login: 'mallory',
      type: 'User',
    } as const;
    for (let i = 0; i < 130; i++) github.comments.push({ ...forged, id: 100 + i, body: 'chat' });
    github.comments.push({ ...forged });
    await preview(github, here, production(95));
    expect(github.comments.at(-2)?.body).toBe(forged.body);
    expect(github.comments.at(-1)).toMatchObject({ login: 'github-actions[bot]' });

    // With a person's token, that person's comment is ours.
    github.user = 'mallory';
    github.comments.splice(-1);
    await preview(github, here, production(96));
    expect(github.comments.at(-1)).toMatchObject({ id: 6, body: expect.stringMatching(/90.{1,30}96/) });
  });

  it('fails where dist/ is to be checked and is stale, and where the sources have errors', async () => {
    const github = await startGitHub();
    const here = await checkout();
    const stale = await preview(github, here, production(95), { inputs: { command: 'preview' } });
    expect([stale.code, stale.outputs['stale']]).toEqual([1, 'true']);
    expect(stale.annotations[0]).toMatch(/^error dist\/ is stale: dist\/ is not what .*group-production\.yml/);
    expect(github.comments[0]?.body).toContain('rulewright build');

    const broken = await preview(github, here, {
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cup: 95 }\n',
    });
    expect([broken.code, broken.outputs['errors']]).toEqual([1, '1']);
    expect(broken.annotations[0]).toMatch(/^error groups\/production\.yaml:2 [a-z-]+: .*Cup/);
    expect(broken.summary).toContain('Cup');
    expect(github.comments[0]?.body).toContain('Cup');
  });

  it('fails under strict for a warning, and says which', async () => {
    const github = await startGitHub();
    const files = { 'groups/production.yaml': 'match: { env: prod }\ndisabled: [{ rule: Cpu, until: 2020-01-01 }]\n' };
    const ran = await preview(github, await checkout(), files, { inputs: { ...published, strict: 'true' } });
    expect([ran.code, ran.outputs['warnings']]).toEqual([1, '1']);
    expect(ran.annotations[0]).toMatch(/^warning groups\/production\.yaml:2 /);
    expect(github.comments[0]?.body).toMatch(
      /Nothing may be written:[\s\S]*groups\/production&#46;yaml|Nothing may be written:[\s\S]*production\.yaml:2/,
    );
  });

  it('works in a shallow clone, for rules in a folder below', async () => {
    const github = await startGitHub();
    const below = (files: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`alerting/${path}`, text]));
    const here = await checkout({ ...REPOSITORY, ...below(REPOSITORY) });
    const { event, merge } = pullRequest(here, below(production(95)));
    const shallow = join(temporaryFolder(), 'clone');
    git(here.workspace, 'clone', '--quiet', '--depth', '2', '--no-checkout', `file://${here.remote}`, shallow);
    git(shallow, 'fetch', '--quiet', '--depth', '2', 'origin', 'refs/pull/7/merge');
    git(shallow, 'checkout', '--quiet', merge);
    const inputs = { ...published, root: 'alerting' };
    const ran = await runStep({
      bundle: action,
      github,
      workspace: shallow,
      inputs,
      eventName: 'pull_request',
      event,
      sha: merge,
    });
    expect(ran.code, ran.log).toBe(0);
    expect(ran.annotations).toEqual([expect.stringMatching(/^notice alerting\/groups\/production\.yaml:2 /)]);
    expect(github.comments[0]?.body).toMatch(/^<!-- rulewright:preview alerting%2F -->/);
  });

  it('reports and fails where the comment can’t be brought up to date', async () => {
    const github = await startGitHub();
    const here = await checkout();
    const forbidden = { status: 403, message: 'Resource not accessible by integration' };
    github.instead = (operation) => (operation === 'issues/create-comment' ? forbidden : undefined);
    const ran = await preview(github, here, production(95));
    expect(ran.code).toBe(1);
    expect(ran.annotations.at(-1)).toMatch(
      /^error the comment is not up to date: GitHub did not let us comment .*403[\s\S]*permission that docs/,
    );
    expect(ran.summary).toMatch(/90.{1,30}95/);

    let asked = 0;
    const limited = { status: 429, message: 'slow down', headers: { 'retry-after': '1' } };
    github.instead = () => (asked++ === 0 ? limited : undefined);
    expect((await preview(github, here, production(96))).log).toContain('slow down: waiting 1 s');
    expect(github.comments[0]?.body).toMatch(/90.{1,30}96/);

    const away = {
      status: 403,
      message: 'API rate limit exceeded',
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1800) },
    };
    github.instead = () => away;
    const late = await preview(github, here, production(97));
    expect(late.code).toBe(1);
    expect(late.annotations.at(-1)).toMatch(
      /^error the comment is not up to date: .*too many requests \(403\)[\s\S]*Run the job again in (?:29|30) min/,
    );
    expect(late.summary).toMatch(/90.{1,30}97/);
  });

  it('does not take the word from the newest commit, when an older one’s run is run again', async () => {
    const github = await startGitHub();
    const here = await checkout();
    const newest = 'b'.repeat(40);
    const pull = { number: 7, head: 'o:topic', base: 'main', sha: () => newest, title: 'x', body: null } as const;
    github.pulls.push({ ...pull, state: 'open' });
    const body = '<!-- rulewright:preview  -->\nOf the newest';
    github.comments.push({ id: 5, issue: 7, body, login: 'github-actions[bot]', type: 'Bot' });
    const ran = await preview(github, here, production(95));
    expect([ran.code, github.comments[0]?.body]).toEqual([0, body]);
    expect(ran.log).toContain('the newest commit of pull request #7 is bbbbbbb');
  });

  it('says in its comment where nothing is known of the newest commit', async () => {
    const github = await startGitHub();
    const here = await checkout();
    await preview(github, here, production(95));
    const ran = await preview(github, here, production(96), { inputs: { ...published, base: 'nowhere' } });
    expect([ran.code, github.comments.length]).toEqual([1, 1]);
    const [comment] = github.comments;
    expect(comment?.body).toMatch(/^<!-- rulewright:preview {2}-->\n\n> \[!WARNING\]\n> What commit <code>/);
    expect(comment?.body).toContain(`${ran.head.slice(0, 7)}</code> changes is not known: <code>`);
    expect(comment?.body).toContain('nowhere');
    expect(comment?.body).not.toMatch(/90.{1,30}95/);
  });

  it('asks GitHub for nothing where the pull request comes from a fork', async () => {
    const github = await startGitHub();
    const ran = await preview(github, await checkout(), production(95), { from: 'mallory/r' });
    expect([ran.code, github.calls]).toEqual([0, []]);
    expect(ran.log).toContain('comes from a fork');
    expect(ran.summary).toMatch(/90.{1,30}95/);
  });

  it('keeps within what GitHub takes, however long the report', async () => {
    const github = await startGitHub();
    const names = Array.from({ length: 360 }, (_, i) => `${'VeryLongNameOfAnAlert'.repeat(12)}${i}`);
    const rules = names.map((name) => RULE(name).replace('rules:\n', '')).join('');
    const raised = names.map((name, i) => `  ${name}: ${81 + (i % 7)}\n`).join('');
    const here = await checkout({ ...REPOSITORY, 'rules/many.yaml': `rules:\n${rules}` });
    const ran = await preview(github, here, {
      'groups/production.yaml': `match: { env: prod }\nthresholds:\n  Cpu: 95\n${raised}`,
    });
    expect(ran.code).toBe(0);
    expect(readFileSync(ran.outputs['report'] as string, 'utf8').length).toBeGreaterThan(100_000);
    expect(github.comments[0]?.body.length).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(ran.summary)).toBeLessThanOrEqual(1024 * 1024);
    expect(ran.annotations.filter((one) => one.startsWith('notice'))).toHaveLength(10);
    expect(ran.annotations.at(-1)).toMatch(/^notice … and \d+ more notices: .*summary/);
  });

  it('lets no name give orders', async () => {
    const github = await startGitHub();
    const name = '](x) <img src=x> @o/all `\\n::add-mask::x ##[error]y --><script> %0A::set-output';
    const file = `rules:\n  - id: evil\n    alert: ${JSON.stringify(name)}\n    expr: up == 0 # ::stop-commands::x\n    labels: { a: "\\u202E" }\n`;
    const ran = await preview(github, await checkout(), { 'rules/::error::x ##[group]%0A.yaml': file });
    expect(ran.code).toBe(0);
    const commands = ran.log
      .split('\n')
      .filter((line) => /^\s*::|##\[/.test(line) && !/^::(?:notice|warning) /.test(line));
    expect(commands).toEqual([]);
    const body = github.comments[0]?.body ?? '';
    const report = readFileSync(ran.outputs['report'] as string, 'utf8');
    for (const text of [body, ran.summary, report, ran.annotations.join('\n').replaceAll('<img src=x>', '')]) {
      expect(text).toContain('evil');
    }
    for (const text of [body, ran.summary, report]) expect(text).not.toMatch(/<img|<script|\u202E/);
    expect(Object.keys(ran.outputs)).not.toContain('x');
    expect(body.indexOf('-->')).toBe(body.lastIndexOf('-->'));
  });

  it('refuses inputs that are none, and says what it lacks', async () => {
    const github = await startGitHub();
    const here = await checkout();
    for (const [inputs, message] of [
      [{ command: 'previw' }, /`command` is "previw".*`preview`, `comment`/],
      [{ ...published, base: 'nowhere' }, /`nowhere`.*not in this clone.*fetch-depth: 0/],
      [{ ...published, root: 'empty' }, /empty/],
    ] as const) {
      const ran = await preview(github, here, production(95), { inputs });
      expect(ran.code).toBe(1);
      expect(ran.annotations.join('\n').replaceAll('\n', ' ')).toMatch(message);
      expect(ran.summary).toContain('did not run through');
    }
    expect([github.comments, github.calls.filter((call) => /create|update/.test(call))]).toEqual([[], []]);
  });
});
