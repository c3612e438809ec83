import { z } from 'zod';
import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';

/** What a commit's page and its pull requests show beside the checks. */
export interface CommitStatus {
  readonly state: 'success' | 'failure';
  /** Its name; the newest status of a name counts. */
  readonly context: string;
  readonly description: string;
  /** "": none. */
  readonly url: string;
}

/** Characters that GitHub takes of a status' description. */
const LONGEST = 140;

/** Sets a status of a commit. */
export async function setCommitStatus(
  github: GitHub,
  sha: string,
  { state, context, description, url }: CommitStatus,
): Promise<undefined | GitHubProblem> {
  const body = {
    state,
    context,
    description: shortened(description),
    ...(url === '' ? {} : { target_url: url }),
  };
  const doing = 'set the commit’s status';
  const set = await github.ask({ doing, method: 'POST', path: ['statuses', sha], body, answer: z.object({}) });
  return isGitHubProblem(set) ? set : undefined;
}

/** A description within what GitHub takes. */
export function shortened(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
}
