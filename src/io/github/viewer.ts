import { z } from 'zod';
import type { GitHub } from './client.ts';
import { isGitHubProblem } from './client.ts';

/** Who writes with the token that GitHub gives to every job. */
const JOB = 'github-actions[bot]';

const Told = z.object({ data: z.object({ viewer: z.object({ login: z.string().min(1) }) }) });
const User = z.object({ login: z.string().min(1) });

/** Who writes with a token. */
export interface Viewer {
  /** A person's, or `…[bot]` of an app, as which the token of a job counts. */
  readonly login: string;
  /** Whether GitHub said so. */
  readonly sure: boolean;
}

/**
 * Whom the token belongs to. GraphQL tells it of every token and asks for no permission; the REST API tells it of people
 * alone. Where neither answers, the token is taken for the job's own.
 */
export async function viewer(github: GitHub): Promise<Viewer> {
  const doing = 'ask who we are';
  const told = await github.ask({
    doing,
    method: 'POST',
    from: 'api',
    path: ['graphql'],
    body: { query: 'query { viewer { login } }' },
    reads: true,
    answer: Told,
  });
  if (!isGitHubProblem(told)) return { login: told.data.viewer.login, sure: true };
  const user = await github.ask({ doing, from: 'api', path: ['user'], answer: User });
  return isGitHubProblem(user) ? { login: JOB, sure: false } : { login: user.login, sure: true };
}
