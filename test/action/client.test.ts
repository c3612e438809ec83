import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isGitHubProblem } from '../../src/io/github/client.ts';
import { keepComment } from '../../src/io/github/comments.ts';
import { findDeployment, setDeployment } from '../../src/io/github/deployments.ts';
import { changePull, openPull, openPulls } from '../../src/io/github/pulls.ts';
import { setCommitStatus } from '../../src/io/github/statuses.ts';
import { openClient } from './client.ts';
import type { Fault } from './github-faults.ts';
import { startGitHub } from './github-server.ts';

const TEXT = { marker: '<!-- m -->', body: '<!-- m -->\nA', create: true };
const SHA = 'a'.repeat(40);
const COMMENTS = /\/comments$/;

/** Another host, and what it was asked. */
async function otherHost(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.authorization ?? 'no token'}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('the token', () => {
  it('goes to no other host by a link to the next page', async () => {
    const [github, other] = [await startGitHub(), await otherHost()];
    for (const next of [other.url, 'http://[', 'file:///etc/passwd', `${github.url}@127.0.0.1:1`]) {
      const headers = { link: `<${next}/repos/o/r/issues/7/comments?page=2>; rel="next"` };
      github.trouble.splice(0, 1, { method: 'GET', path: COMMENTS, status: 200, headers, body: '[]' });
      const told = await keepComment(openClient(github), 7, TEXT);
      expect(told).toMatchObject({ kind: 'failed', message: expect.stringContaining('its next page lies elsewhere') });
    }
    expect([other.asked, github.comments]).toEqual([[], []]);
  });

  it('goes to no other host by a redirect, but a file is fetched from where it lies', async () => {
    const [github, other] = [await startGitHub(), await otherHost()];
    const away = { path: /./, status: 302, headers: { location: `${other.url}/elsewhere` } };
    github.trouble.push({ ...away, method: 'GET' }, { ...away, method: 'POST', status: 307 });
    const client = openClient(github);
    expect(await openPulls(client, 'o:x')).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/points to another place, http:\S+\/elsewhere \(302\), which was not followed/),
    });
    expect(await openPull(client, 'x', 'main', { title: 't', body: 'b' })).toMatchObject({ kind: 'failed' });
    expect(other.asked).toEqual([]);
    const file = await client.download({ doing: 'download it', path: ['releases', 'assets', 1] });
    expect([String(file), other.asked]).toEqual(['[]', ['GET no token']]);
  });

  it('goes along where the API itself moves a repository', async () => {
    const github = await startGitHub();
    const moved = { method: 'GET', path: COMMENTS, status: 301, times: 1 };
    github.trouble.push({ ...moved, headers: { location: '/repos/o/r/issues/8/comments' } });
    expect(await keepComment(openClient(github), 7, TEXT)).toMatchObject({ did: 'created' });
    expect([github.faults, github.calls.length]).toEqual([[], 3]);
  });
});

describe('a listing', () => {
  it('is read to its end', async () => {
    const github = await startGitHub();
    const chat = { issue: 7, body: 'chat', login: 'kim', type: 'User' } as const;
    for (let id = 1; id <= 350; id++) github.comments.push({ ...chat, id });
    github.comments.push({ id: 351, issue: 7, body: TEXT.marker, login: 'github-actions[bot]', type: 'Bot' });
    expect(await keepComment(openClient(github), 7, TEXT)).toMatchObject({ did: 'updated' });
    expect(github.calls.filter((call) => call.startsWith('issues/list-comments'))).toHaveLength(4);
    expect([github.comments.length, github.faults]).toEqual([351, []]);
  });

  it('ends, whatever its links say', async () => {
    const github = await startGitHub();
    const headers = { link: `<${github.url}/repos/o/r/issues/7/comments?page=1>; rel="next"` };
    github.trouble.push({ method: 'GET', path: COMMENTS, status: 200, headers, body: '[]' });
    const told = await keepComment(openClient(github), 7, TEXT);
    expect(told).toMatchObject({ message: expect.stringContaining('more than 100 pages') });
  });
});

describe('too many requests', () => {
  const limited = (headers: Readonly<Record<string, string>>, message = 'slow down', status = 403): Fault => ({
    method: 'GET',
    path: COMMENTS,
    status,
    headers,
    body: JSON.stringify({ message }),
    times: 1,
  });
  const hour = String(Math.floor(Date.now() / 1000) + 3000);
  const secondary = 'You have exceeded a secondary rate limit.';

  it.each([
    ['as long as it says', limited({ 'retry-after': '7' }), 7000],
    ['so too by 429', limited({ 'retry-after': '2' }, '', 429), 2000],
    [
      'a minute where it says nothing, not until the hour’s quota is new',
      limited({ 'x-ratelimit-remaining': '4900', 'x-ratelimit-reset': hour }, secondary),
      60_000,
    ],
    ['a minute also without any header', limited({}, secondary, 429), 60_000],
    [
      'until the reset where the quota is used up, by GitHub’s clock',
      limited({
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1000000030',
        date: new Date(1_000_000_000_000).toUTCString(),
      }),
      30_000,
    ],
  ])('are waited for %s', async (_, fault, milliseconds) => {
    const github = await startGitHub();
    github.trouble.push(fault);
    const client = openClient(github);
    expect(await keepComment(client, 7, TEXT)).toMatchObject({ did: 'created' });
    expect([client.waits, client.said]).toEqual([
      [milliseconds],
      [`GitHub asks us to slow down: waiting ${milliseconds / 1000} s.`],
    ]);
  });

  it('are not waited for too long, and it is said when to come back', async () => {
    const github = await startGitHub();
    const { times, ...always } = limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': hour });
    github.trouble.push(always);
    const client = openClient(github);
    expect(await keepComment(client, 7, TEXT)).toMatchObject({
      kind: 'limited',
      message: 'GitHub did not let us read the comments: too many requests (403).',
      help: expect.stringMatching(/^Run the job again in (?:49|50) min\.$/),
    });
    expect(client.waits).toEqual([]);
  });
});

describe('an answer that is none', () => {
  const bodies: readonly (readonly [string, Partial<Fault>, string])[] = [
    ['null', { body: 'null' }, 'expected array, received null'],
    ['an object', { body: '{"message":"ok"}' }, 'expected array, received object'],
    ['nothing', { body: '' }, 'it is empty'],
    ['no content', { status: 204, body: '' }, 'it is empty'],
    ['a web page', { body: '<!DOCTYPE html><title>Log in</title>' }, 'it is a web page'],
    ['half of itself', { body: '[{"id": 1, "bo' }, 'it is no JSON, or broke off'],
    ['other items', { body: '[{"id": "1"}]' }, 'is not as described (expected number'],
    ['an item of null', { body: '[null]' }, 'its `0` is not as described'],
  ];

  it.each(bodies)('such as %s, is told in words, and asked for again', async (_, fault, words) => {
    const github = await startGitHub();
    const all: Fault = { method: 'GET', path: /./, status: 200, ...fault };
    github.trouble.push(all);
    const client = openClient(github);
    const told = [
      await keepComment(client, 7, TEXT),
      await openPulls(client, 'o:x'),
      await findDeployment(client, SHA, 'production'),
    ];
    for (const one of told) {
      expect(one).toMatchObject({ kind: 'failed', message: expect.stringContaining(words) });
      expect(one).toMatchObject({
        message: expect.stringMatching(/what 127\.0\.0\.1:\d+ answered/),
        help: expect.stringContaining('proxy'),
      });
    }
    expect([github.comments, github.calls.length]).toEqual([[], 12]);
    // One that passes does no harm.
    all.times = 1;
    expect(await keepComment(client, 7, TEXT)).toMatchObject({ did: 'created' });
  });

  it.each([
    ['null', 'null'],
    ['a web page', '<html><h1>Unicorn!</h1></html>'],
    ['nothing', ''],
    ['a list', '["a"]'],
    ['text', '"no"'],
  ])('is a refusal all the same, with %s in it', async (_, body) => {
    const github = await startGitHub();
    const client = openClient(github);
    for (const status of [401, 403, 404, 410, 418, 422, 500, 502, 503]) {
      for (const method of ['GET', 'POST', 'PATCH']) github.trouble.push({ method, path: /./, status, body });
      for (const told of [
        await openPulls(client, 'o:x'),
        await openPull(client, 'x', 'main', { title: 't', body: 'b' }),
        await changePull(client, 1, { state: 'closed' }),
        await setDeployment(client, 1, 'success', { description: '', logUrl: '' }),
        await setCommitStatus(client, SHA, { state: 'success', context: 'c', description: '', url: '' }),
      ]) {
        expect(isGitHubProblem(told)).toBe(true);
        const { message, help = '' } = told as { readonly message: string; readonly help?: string };
        expect(message).toMatch(new RegExp(`^GitHub did not let us [a-z’ ]+: .*\\b${status}\\b.*\\.$`));
        expect(message + help).not.toMatch(/Cannot|undefined|operator|<|Please report/);
      }
      github.trouble.splice(0);
    }
  });
});

describe('what passes', () => {
  it.each([
    ['500', { status: 500, body: '{"message":"oops"}' }],
    ['502', { status: 502, body: '<html></html>' }],
    ['503', { status: 503 }],
    ['a reset connection', {}],
    ['a connection that breaks off', { status: 200, body: '[', cut: true }],
  ])('is tried again where it only reads: %s', async (_, fault) => {
    const github = await startGitHub();
    github.trouble.push({ method: 'GET', path: COMMENTS, times: 3, ...fault });
    const client = openClient(github);
    expect(await keepComment(client, 7, TEXT)).toMatchObject({ did: 'created' });
    expect([client.waits, client.said]).toEqual([[250, 500, 750], []]);
    github.trouble.push({ method: 'GET', path: COMMENTS, ...fault });
    expect(await keepComment(client, 7, TEXT)).toMatchObject({ kind: 'failed', help: expect.stringMatching(/again/) });
  });
});

it.each([
  [403, 'Resource not accessible by integration', 'forbidden', /permission that docs\/action\.md lists/],
  [403, 'Unable to create comment because issue is locked.', 'forbidden', /unlock it/],
  [403, 'Repository was archived so is read-only.', 'forbidden', /archived/],
  [403, 'Resource protected by organization SAML enforcement.', 'forbidden', /single sign-on/],
  [
    403,
    'Although you appear to have the correct authorization credentials, the `o` organization has an IP allow list enabled',
    'forbidden',
    /IP allow list/,
  ],
  [422, 'Validation Failed: body is too long', 'invalid', /GitHub’s words/],
  [401, 'Bad credentials', 'forbidden', /Renew the `token`/],
  [410, 'Issues are disabled', 'missing', /token’s rights/],
] as const)('%i “%s” is told with what mends it', async (status, message, kind, help) => {
  const github = await startGitHub();
  github.trouble.push({ method: 'POST', path: COMMENTS, status, body: JSON.stringify({ message }) });
  const told = await keepComment(openClient(github), 7, TEXT);
  expect(told).toMatchObject({ kind, help: expect.stringMatching(help) });
});

describe('a pull request', () => {
  const text = { title: 't', body: 'b' };
  const named = (errors: readonly object[]): string => JSON.stringify({ message: 'Validation Failed', errors });

  it('that another run opened at this moment is taken for what it is', async () => {
    const github = await startGitHub();
    github.shaOf = () => SHA;
    const client = openClient(github);
    expect(await openPull(client, 'x', 'main', text)).toMatchObject({ made: { number: 40 } });
    expect(await openPull(client, 'x', 'main', text)).toMatchObject({ there: { number: 40, title: 't' } });
    // So is our own, where the answer to it got lost.
    github.trouble.push({ method: 'POST', path: /pulls$/, done: true, times: 1 });
    expect(await openPull(client, 'y', 'main', text)).toMatchObject({ there: { number: 41 } });
    expect([github.pulls.length, github.faults]).toEqual([2, []]);
  });

  it.each([
    [[{ field: 'head', code: 'invalid' }], 'head invalid', /deleted it at this moment/],
    [[{ field: 'base', code: 'invalid' }], 'base invalid', /input `base`/],
    [[{ message: 'No commits between main and x' }], 'No commits between', /nothing that is new/],
    [['be good'], 'be good', /GitHub’s words/],
  ])('that is not taken is told in GitHub’s words', async (errors, words, help) => {
    const github = await startGitHub();
    github.trouble.push({ method: 'POST', path: /pulls$/, status: 422, body: named(errors as object[]) });
    const told = await openPull(openClient(github), 'x', 'main', text);
    expect(told).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(words),
      help: expect.stringMatching(help),
    });
  });
});
