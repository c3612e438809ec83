import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';

/** Characters of a comment or of a pull request's body that GitHub takes. */
export const BODY_LIMIT = 65_536;

/** What happened to the one comment that we keep up to date. */
export interface Sticky {
  readonly did: 'created' | 'updated' | 'unchanged' | 'none';
  readonly url?: string;
}

interface Found {
  readonly id: number;
  readonly body: string;
  readonly url: string;
}

/**
 * Keeps one comment with this marker on a pull request up to date. `body` starts with the marker. Where there is no such
 * comment yet and `create` is false, nothing happens: good news about nothing needs no comment.
 */
export async function keepComment(
  github: GitHub,
  pull: number,
  { marker, body, create }: { readonly marker: string; readonly body: string; readonly create: boolean },
): Promise<Sticky | GitHubProblem> {
  const found = await findComment(github, pull, marker);
  if (isGitHubProblem(found)) return found;
  const { owner, repo } = github;
  if (found) {
    if (found.body === body) return { did: 'unchanged', url: found.url };
    const updated = await github.ask('update our comment', (kit) =>
      kit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        owner,
        repo,
        comment_id: found.id,
        body,
      }),
    );
    return isGitHubProblem(updated) ? updated : { did: 'updated', url: updated.data.html_url };
  }
  if (!create) return { did: 'none' };
  const created = await github.ask('comment on the pull request', (kit) =>
    kit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { owner, repo, issue_number: pull, body }),
  );
  return isGitHubProblem(created) ? created : { did: 'created', url: created.data.html_url };
}

/**
 * Our comment: it starts with the marker, and its author is an app, or whoever the token belongs to. The marker alone proves
 * nothing, for anybody can write it.
 */
async function findComment(github: GitHub, pull: number, marker: string): Promise<Found | undefined | GitHubProblem> {
  const { owner, repo } = github;
  const comments = await github.ask('read the comments', (kit) =>
    kit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      owner,
      repo,
      issue_number: pull,
      per_page: 100,
    }),
  );
  if (isGitHubProblem(comments)) return comments;
  const marked = comments.filter((comment) => (comment.body ?? '').startsWith(marker));
  const byPeople = marked.some((comment) => comment.user?.type !== 'Bot');
  // The token of a job belongs to an app, which can't ask who it is; only a person's token can.
  const login = byPeople ? await viewer(github) : undefined;
  const ours = marked.find((comment) => comment.user?.type === 'Bot' || (login && comment.user?.login === login));
  return ours && { id: Number(ours.id), body: ours.body ?? '', url: ours.html_url };
}

async function viewer(github: GitHub): Promise<string | undefined> {
  const user = await github.ask('ask who we are', (kit) => kit.request('GET /user'));
  return isGitHubProblem(user) ? undefined : user.data.login;
}
