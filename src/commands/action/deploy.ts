import { isGitHubProblem } from '../../io/github/client.ts';
import { type DeploymentState, findDeployment, setDeployment } from '../../io/github/deployments.ts';
import type { Problem } from '../../io/problem.ts';
import { deploySummary } from '../../report/action/deploy.ts';
import { EXIT, type ExitCode } from '../context.ts';
import { main } from '../main.ts';
import { annotateProblem, type Surroundings } from './world.ts';

/** Runs `rulewright deploy`, and says in the summary and in the deployment's status how it went. */
export async function deploy(world: Surroundings): Promise<ExitCode | Problem> {
  const { inputs, io, runner } = world;
  const id = await deploymentId(world);
  await tell(world, id, 'in_progress', 'Releasing the rules');
  const argv = ['deploy', '--root', inputs.root, '--format', 'json', '--color', 'never'];
  if (inputs.strict) argv.push('--strict');
  if (inputs.dryRun) argv.push('--dry-run');
  for (const server of inputs.servers) argv.push('--server', server);
  let stdout = '';
  const write = (text: string): void => {
    stdout += text;
  };
  const code = await main(argv, { ...io, stdout: { write, isTTY: false } }, () => '');
  let result: unknown;
  try {
    result = JSON.parse(stdout);
  } catch {
    result = undefined;
  }
  const { markdown, sentence, releases, changed, errors, warnings } = deploySummary(result, code === EXIT.ok);
  for (const error of errors) annotateProblem(runner, 'deploy', error);
  for (const message of warnings.slice(0, 10)) runner.annotate({ level: 'warning', title: 'deploy', message });
  runner.log(sentence);
  runner.output('release', releases.join(','));
  runner.output('changed', String(changed));
  const wrong = await runner.summary(markdown);
  await tell(world, id, code === EXIT.ok ? 'success' : 'failure', sentence);
  return wrong ?? code;
}

/** The deployment that this job is: as the event says, else the newest of this commit to the environment. */
async function deploymentId({ inputs, runner, github, token }: Surroundings): Promise<number | undefined> {
  const { deploymentId: given, sha } = runner.event;
  if (given !== undefined || inputs.environment === '' || token === '' || sha === '') return given;
  const found = await findDeployment(github, sha, inputs.environment);
  if (!isGitHubProblem(found)) return found;
  annotateProblem(runner, 'no deployment status', found, 'warning');
  return undefined;
}

/** A status that GitHub does not take must not make a good release look bad. */
async function tell(
  { runner, github, inputs }: Surroundings,
  id: number | undefined,
  state: DeploymentState,
  description: string,
): Promise<void> {
  if (id === undefined || inputs.dryRun) return;
  const problem = await setDeployment(github, id, state, { description, logUrl: runner.event.runUrl });
  if (problem) annotateProblem(runner, 'no deployment status', problem, 'warning');
}
