import { dirname } from 'node:path';
import { basic, type Git } from '../../io/git/door.ts';
import { jobGit } from '../../io/git/job.ts';
import { placeInGit } from '../../io/git/repository.ts';
import { type GitHub, openGitHub } from '../../io/github/client.ts';
import type { Runner } from '../../io/github/runner.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { downloadPromtool } from '../../io/promtool/promtool-download.ts';
import type { Remark } from '../../report/action/annotations.ts';
import { shownRemarks } from '../../report/action/annotations.ts';
import { code, plainText } from '../../report/action/text.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem } from '../context.ts';
import type { Inputs } from './inputs.ts';

/** What every command of the Action works with. */
export interface Surroundings {
  readonly runner: Runner;
  readonly inputs: Inputs;
  /** Its environment has neither inputs nor tokens, and knows the promtool that was chosen. */
  readonly io: Io;
  readonly github: GitHub;
  readonly token: string;
}

/** What those work with that look at commits. */
export interface World extends Surroundings {
  readonly git: Git;
}

/** What there is without git; `io` is what the process gives. */
export function surroundings(runner: Runner, inputs: Inputs, io: Io, version: string): Surroundings {
  const { owner, repo, apiUrl, workspace } = runner.event;
  const token = runner.input('token');
  runner.mask(token);
  if (token !== '') runner.mask(basic(token));
  const env = {
    ...withoutSecrets(io.env),
    ...trusting(pathBetween(inputs.root, workspace)),
  };
  return {
    runner,
    inputs,
    io: { ...io, cwd: workspace, env },
    github: openGitHub({ owner, repo, apiUrl, token, version, log: (text) => runner.log(text) }),
    token,
  };
}

/** The world of a command that looks at commits: those of the repository that the rules lie in. */
export async function openWorld(around: Surroundings): Promise<World | Problem> {
  const { inputs, io, runner, token } = around;
  const place = await placeInGit(inputs.root, io.env);
  if (isProblem(place)) return place;
  if (place.submodule) {
    return environmentProblem(
      `The rules lie in a submodule (${inputs.prefix}), whose history is not that of this repository.`,
      'Run the Action in the repository that the submodule comes from.',
    );
  }
  return { ...around, git: jobGit(place.git, { serverUrl: runner.event.serverUrl, token }) };
}

/** In a container the checkout belongs to another user, and git asks whether that is meant: it may lie in any of these. */
function trusting(directories: readonly string[]): Record<string, string> {
  const pairs = directories.flatMap((directory, i) => [
    [`GIT_CONFIG_KEY_${i}`, 'safe.directory'],
    [`GIT_CONFIG_VALUE_${i}`, directory],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(directories.length) };
}

/** A directory and those around it, up to this one. */
function pathBetween(directory: string, top: string): string[] {
  if (directory === top || directory === dirname(directory)) return [directory];
  return [...pathBetween(dirname(directory), top), directory];
}

/** Inputs and the tokens of the job are ours alone: nothing that we start needs them. */
function withoutSecrets(env: Io['env']): Io['env'] {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:INPUT_|ACTIONS_|GITHUB_TOKEN$|GH_TOKEN$)/.test(name)),
  );
}

/** A call of one of our own commands. */
export function callOf({ inputs }: Pick<World, 'inputs'>, options: Call['options'] = {}): Call {
  const { root, strict } = inputs;
  return { globals: { root, strict, format: 'text', quiet: false, color: 'never' }, options, args: [], empty: {} };
}

/** The same world with the promtool that the inputs ask for. */
export async function withPromtool(world: Surroundings, version: string): Promise<Surroundings | Problem> {
  const { inputs, io, runner, token } = world;
  if (inputs.promtool === 'path') return world;
  if (inputs.promtool === 'none') return withEnv(world, { PROMETHEUS_VALIDATE_RULES: 'false' });
  const { apiUrl } = runner.event;
  const log = (text: string): void => runner.log(text);
  const github = openGitHub({ owner: 'prometheus', repo: 'prometheus', apiUrl, token, version, log });
  const path = await downloadPromtool(
    github,
    { version: inputs.promtool, sha256: inputs.promtoolSha256 },
    {
      cache: io.env['RUNNER_TOOL_CACHE'] || io.env['RUNNER_TEMP'] || inputs.reportDirectory,
      platform: process.platform,
      arch: process.arch,
      env: io.env,
    },
  );
  if (typeof path !== 'string') return path;
  return withEnv(world, { PROMTOOL_PATH: path, PROMETHEUS_VALIDATE_RULES: 'true' });
}

function withEnv(world: Surroundings, more: Io['env']): Surroundings {
  return { ...world, io: { ...world.io, env: { ...world.io.env, ...more } } };
}

/** Remarks to GitHub, as many as it shows. */
export function annotate({ runner }: Pick<World, 'runner'>, all: readonly Remark[]): void {
  for (const remark of shownRemarks(all, 'The job’s summary has them all.')) runner.annotate(remark);
}

/** A problem as a remark of the step, with what mends it. */
export function annotateProblem(
  runner: Runner,
  title: string,
  { message, help }: Pick<Problem, 'message' | 'help'>,
  level: 'error' | 'warning' = 'error',
): void {
  runner.annotate({ level, title, message: help === undefined ? message : `${message}\nhelp: ${help}` });
}

/** Tells of a failure that has no place in a source, everywhere where people look. */
export async function failAction(runner: Runner, what: string, problem: Problem): Promise<ExitCode> {
  const { message, help } = problem;
  annotateProblem(runner, `rulewright ${what}`, problem);
  const lines = [code(message), ...(help === undefined ? [] : [`Help: ${code(help)}`])];
  await runner.summary(plainText(`rulewright ${what} did not run through`, lines));
  return EXIT.broken;
}
