import { z } from 'zod';
import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';

/** What a pull request is to say. */
export interface PullText {
  readonly title: string;
  readonly body: string;
}

const Made = z
  .object({ number: z.number().int().positive(), html_url: z.string().catch('') })
  .transform(({ number, html_url }) => ({ number, url: html_url }));

const Open = z
  .object({
    number: z.number().int().positive(),
    html_url: z.string().catch(''),
    title: z.string().catch(''),
    body: z.string().nullish(),
    head: z.object({ sha: z.string() }),
    base: z.object({ ref: z.string() }),
  })
  .transform(({ number, html_url, title, body, head, base }) => ({
    number,
    url: html_url,
    title,
    body: body ?? '',
    headSha: head.sha,
    baseRef: base.ref,
  }));

/** An open pull request. */
export type Pull = Readonly<z.output<typeof Open>>;

/** The open pull requests from a branch (`head` is `owner:branch`), newest first; `base` narrows them to one target. */
export function openPulls(github: GitHub, head: string, base?: string): Promise<readonly Pull[] | GitHubProblem> {
  const query = { state: 'open', head, ...(base === undefined ? {} : { base }) };
  return github.list({ doing: 'list pull requests', path: ['pulls'], query, answer: Open });
}

/**
 * Opens a pull request. `there` is one that somebody else, such as another run, opened in the meantime: GitHub has one at
 * most from a branch to another.
 */
export async function openPull(
  github: GitHub,
  branch: string,
  base: string,
  text: PullText,
): Promise<{ readonly made: z.output<typeof Made> } | { readonly there: Pull } | GitHubProblem> {
  const body = { head: branch, base, ...text };
  const made = await github.ask({ doing: 'open a pull request', method: 'POST', path: ['pulls'], body, answer: Made });
  if (!isGitHubProblem(made)) return { made };
  if (made.kind === 'invalid' || made.kind === 'failed') {
    const pulls = await openPulls(github, `${github.owner}:${branch}`, base);
    const [there] = isGitHubProblem(pulls) ? [] : pulls;
    return there === undefined ? made : { there };
  }
  if (made.kind !== 'forbidden' || !/not permitted to create|not accessible/i.test(made.message)) return made;
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
  const doing = change.state === 'closed' ? 'close the pull request' : 'update the pull request';
  const path = ['pulls', number];
  const changed = await github.ask({ doing, method: 'PATCH', path, body: change, answer: z.object({}) });
  return isGitHubProblem(changed) ? changed : undefined;
}
