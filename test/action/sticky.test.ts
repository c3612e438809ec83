import { describe, expect, it } from 'vitest';
import { keepComment } from '../../src/io/github/comments.ts';
import { openClient } from './client.ts';
import { type Comment, type GitHubServer, startGitHub } from './github-server.ts';

const MARKER = '<!-- rulewright:preview  -->';
const NEW = { marker: MARKER, body: `${MARKER}\nThe newest word`, create: true };
const BOT = 'github-actions[bot]';

/** A stand-in whose pull request 7 has marked comments by these logins, with ids from 1 on. */
async function marked(...logins: readonly string[]): Promise<GitHubServer> {
  const github = await startGitHub();
  for (const [i, login] of logins.entries()) {
    const type = login.endsWith('[bot]') ? 'Bot' : 'User';
    github.comments.push({ id: i + 1, issue: 7, body: `${MARKER}\nOld, by ${login}`, login, type });
  }
  return github;
}

/** Who says what: `1 kim: old` or `1 kim: new`. */
function read({ comments }: GitHubServer): string[] {
  const words = ({ body, login }: Comment): string =>
    body === NEW.body ? 'new' : body === `${MARKER}\nOld, by ${login}` ? 'old' : body.trim();
  return comments.map((comment) => `${comment.id} ${comment.login}: ${words(comment)}`);
}

describe('our comment', () => {
  it('is told by its author and its marker together', async () => {
    const github = await marked('other[bot]', 'mallory', BOT);
    github.comments.push({ id: 4, issue: 7, body: `I like it\n${MARKER}`, login: BOT, type: 'Bot' });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([
      '1 other[bot]: old',
      '2 mallory: old',
      `3 ${BOT}: new`,
      `4 ${BOT}: I like it\n${MARKER}`,
    ]);
    expect(github.faults).toEqual([]);
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'unchanged' });
  });

  it('is begun where there are only others’, and not where there is nothing to say', async () => {
    const github = await marked('other[bot]', 'mallory');
    expect(await keepComment(openClient(github), 7, { ...NEW, create: false })).toEqual({ did: 'none' });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual(['1 other[bot]: old', '2 mallory: old', `1001 ${BOT}: new`]);
  });

  it('is a person’s where the token is, though that person could edit everybody’s', async () => {
    const github = await marked(BOT, 'mallory', 'Kim');
    github.user = 'Kim';
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([`1 ${BOT}: old`, '2 mallory: old', '3 Kim: new']);
  });

  it('is an app’s where the token is', async () => {
    const github = await marked(BOT, 'acme-ci[bot]');
    github.app = 'acme-ci[bot]';
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([`1 ${BOT}: old`, '2 acme-ci[bot]: new']);
  });
});

describe('where GraphQL is closed', () => {
  const closed = { method: 'POST', path: /graphql/, status: 404, body: '{"message":"Not Found"}' };

  it('a person is known all the same', async () => {
    const github = await marked(BOT, 'Kim');
    github.trouble.push(closed);
    github.user = 'Kim';
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([`1 ${BOT}: old`, '2 Kim: new']);
  });

  it('a job is known all the same', async () => {
    const github = await marked('other[bot]', BOT);
    github.trouble.push(closed);
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual(['1 other[bot]: old', `2 ${BOT}: new`]);
  });

  it('an app learns who it is from what it writes, and takes back what it wrote before', async () => {
    const github = await marked(BOT, 'acme-ci[bot]', 'other[bot]', 'acme-ci[bot]');
    github.trouble.push(closed);
    github.app = 'acme-ci[bot]';
    expect(await keepComment(openClient(github), 7, { ...NEW, create: false })).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual([`1 ${BOT}: old`, '3 other[bot]: old', '1001 acme-ci[bot]: new']);
  });

  it('an app tells good news too, for what it said before may stand there', async () => {
    const github = await marked('acme-ci[bot]', 'mallory');
    github.trouble.push(closed);
    github.app = 'acme-ci[bot]';
    expect(await keepComment(openClient(github), 7, { ...NEW, create: false })).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual(['2 mallory: old', '1001 acme-ci[bot]: new']);
  });
});

describe('several of ours', () => {
  it('are folded into one, also where that is right already', async () => {
    const github = await marked(BOT, 'other[bot]', BOT, BOT);
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([`1 ${BOT}: new`, '2 other[bot]: old']);
    github.comments.push({ id: 9, issue: 7, body: `${MARKER}\nlater`, login: BOT, type: 'Bot' });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'unchanged' });
    expect(read(github)).toEqual([`1 ${BOT}: new`, '2 other[bot]: old']);
  });

  it.each([403, 404, 502])('say nothing any more where they can’t be deleted (%i)', async (status) => {
    const github = await marked(BOT, BOT);
    github.trouble.push({ method: 'DELETE', path: /./, status, body: '{"message":"no"}' });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'updated' });
    expect(read(github)).toEqual([`1 ${BOT}: new`, expect.stringMatching(/^2 \S+: Superseded by https:\S+\.$/)]);
  });

  it('are pointed to where they can’t be changed either', async () => {
    const github = await marked(BOT, BOT);
    const no = { status: 403, body: '{"message":"no"}' };
    github.trouble.push({ ...no, method: 'DELETE', path: /./ }, { ...no, method: 'PATCH', path: /\/2$/ });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({
      message: expect.stringContaining('delete an older comment of ours'),
      help: expect.stringMatching(/^Delete it by hand.*https:/),
    });
    expect(read(github)[0]).toBe(`1 ${BOT}: new`);
  });
});

describe('what others do at this moment', () => {
  it('a comment that is deleted between list and update is written anew', async () => {
    const github = await marked(BOT);
    github.instead = (operation) => void (operation === 'issues/update-comment' && github.comments.splice(0));
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual([`1001 ${BOT}: new`]);
  });

  it('one that is deleted while there is nothing to say stays away', async () => {
    const github = await marked(BOT);
    github.instead = (operation) => void (operation === 'issues/update-comment' && github.comments.splice(0));
    expect(await keepComment(openClient(github), 7, { ...NEW, create: false })).toEqual({ did: 'none' });
  });

  it('one that we may not edit any more is left, and said again in another', async () => {
    const github = await marked(BOT);
    github.trouble.push({ method: 'PATCH', path: /\/1$/, status: 403, body: '{"message":"no"}' });
    // Good news too, for bad news stands there.
    const told = await keepComment(openClient(github), 7, { ...NEW, create: false });
    expect(told).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual([`1001 ${BOT}: new`]);
  });

  it.each([
    ['is lost', {}],
    ['is 502', { status: 502 }],
    ['is null', { status: 201, body: 'null' }],
    ['is a web page', { status: 200, body: '<html></html>' }],
  ])('a comment whose answer %s is written once', async (_, fault) => {
    const github = await startGitHub();
    github.trouble.push({ method: 'POST', path: /comments$/, done: true, times: 1, ...fault });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'unchanged' });
    expect(read(github)).toEqual([`1001 ${BOT}: new`]);
    // And is written the second time, where it wasn't the first.
    github.comments.splice(0);
    github.trouble.push({ method: 'POST', path: /comments$/, times: 1, ...fault });
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ did: 'created' });
    expect(read(github)).toEqual([`1001 ${BOT}: new`]);
  });

  it('ends where GitHub never answers', async () => {
    const github = await startGitHub();
    github.trouble.push({ method: 'POST', path: /comments$/, done: true, status: 502 });
    // Not even who we are, so that our own are not known for ours.
    github.trouble.push({ method: 'POST', path: /graphql/, status: 502 });
    github.app = 'acme-ci[bot]';
    expect(await keepComment(openClient(github), 7, NEW)).toMatchObject({ kind: 'failed' });
    expect(github.comments.length).toBeLessThanOrEqual(2);
  });
});
