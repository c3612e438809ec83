import { z } from 'zod';
import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';
import { shortened } from './statuses.ts';

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error';

const Deployment = z.object({ id: z.number().int().positive() });

/** The newest deployment of a commit to an environment; undefined where there is none. */
export async function findDeployment(
  github: GitHub,
  sha: string,
  environment: string,
): Promise<number | undefined | GitHubProblem> {
  const query = { sha, environment, per_page: 1 };
  const answer = z.array(Deployment);
  const found = await github.ask({ doing: 'list deployments', path: ['deployments'], query, answer });
  return isGitHubProblem(found) ? found : found[0]?.id;
}

/** Says how a deployment stands. `description` is cut to what GitHub takes. */
export async function setDeployment(
  github: GitHub,
  deployment: number,
  state: DeploymentState,
  { description, logUrl }: { readonly description: string; readonly logUrl: string },
): Promise<undefined | GitHubProblem> {
  const body = { state, description: shortened(description), ...(logUrl === '' ? {} : { log_url: logUrl }) };
  const path = ['deployments', deployment, 'statuses'];
  const doing = 'set the deployment’s status';
  const set = await github.ask({ doing, method: 'POST', path, body, answer: z.object({}) });
  return isGitHubProblem(set) ? set : undefined;
}
