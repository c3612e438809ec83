import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';

/** An open pull request. */
export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly headSha: string;
  readonly baseRef: string;
}

/** What a pull request is to say. */
export interface PullText {
  readonly title: string;
  readonly body: string;
}

/** The open pull requests from a branch (`head` is `owner:branch`), newest first; `base` narrows them to one target. */
export async function openPulls(github: GitHub, head: string, base?: string): Promise<readonly Pull[] | GitHubProblem> {
  const { owner, repo } = github;
  const pulls = await github.ask('list pull requests', (kit) =>
    kit.paginate('GET /repos/{owner}/{repo}/pulls', {
      owner,
      repo,
      state: 'open',
      head,
      per_page: 100,
      ...(base === undefined ? {} : { base }),
    }),
  );
  if (isGitHubProblem(pulls)) return pulls;
  return pulls.map(({ number, html_url, title, body, head: from, base: to }) => ({
    number,
    url: html_url,
    title,
    body: body ?? '',
    headSha: from.sha,
    baseRef: to.ref,
  }));
}

/** Opens a pull request. */
export async function openPull(
  github: GitHub,
  branch: string,
  base: string,
  { title, body }: PullText,
): Promise<{ readonly number: number; readonly url: string } | GitHubProblem> {
  const { owner, repo } = github;
  const made = await github.ask('open a pull request', (kit) =>
    kit.request('POST /repos/{owner}/{repo}/pulls', { owner, repo, head: branch, base, title, body }),
  );
  if (!isGitHubProblem(made)) return { number: made.data.number, url: made.data.html_url };
  if (made.kind !== 'forbidden') return made;
  const help =
    'The job needs `pull-requests: write`, and the repository’s settings (Actions, General) must let GitHub Actions create pull requests.';
  return { ...made, help };
}

/** Says something new in a pull request, or closes it. */
export async function changePull(
  github: GitHub,
  number: number,
  change: Partial<PullText> & { readonly state?: 'closed' },
): Promise<undefined | GitHubProblem> {
  const { owner, repo } = github;
  const doing = change.state === 'closed' ? 'close the pull request' : 'update the pull request';
  const changed = await github.ask(doing, (kit) =>
    kit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { owner, repo, pull_number: number, ...change }),
  );
  return isGitHubProblem(changed) ? changed : undefined;
}
