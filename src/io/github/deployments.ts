import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'error';

/** The newest deployment of a commit to an environment; undefined where there is none. */
export async function findDeployment(
  github: GitHub,
  sha: string,
  environment: string,
): Promise<number | undefined | GitHubProblem> {
  const { owner, repo } = github;
  const found = await github.ask('list deployments', (kit) =>
    kit.request('GET /repos/{owner}/{repo}/deployments', { owner, repo, sha, environment, per_page: 1 }),
  );
  return isGitHubProblem(found) ? found : found.data[0]?.id;
}

/** Says how a deployment stands. `description` is cut to the 140 characters that GitHub takes. */
export async function setDeployment(
  github: GitHub,
  deployment: number,
  state: DeploymentState,
  { description, logUrl }: { readonly description: string; readonly logUrl: string },
): Promise<undefined | GitHubProblem> {
  const { owner, repo } = github;
  const set = await github.ask('set the deployment’s status', (kit) =>
    kit.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      owner,
      repo,
      deployment_id: deployment,
      state,
      description: [...description].length > 140 ? `${[...description].slice(0, 139).join('')}…` : description,
      ...(logUrl === '' ? {} : { log_url: logUrl }),
    }),
  );
  return isGitHubProblem(set) ? set : undefined;
}
