import { isAbsolute, join, relative, resolve } from 'node:path';
import { isBranchName } from '../../io/git/job.ts';
import type { Runner } from '../../io/github/runner.ts';
import type { Problem } from '../../io/problem.ts';

export const ACTION_COMMANDS = ['preview', 'comment', 'publish', 'deploy'] as const;
export type ActionCommand = (typeof ACTION_COMMANDS)[number];

/** The inputs of action.yml, checked. */
export interface Inputs {
  readonly command: ActionCommand;
  /** The rules repository, absolute. */
  readonly root: string;
  /** The same below the workspace, with `/`: "" or ending in `/`. */
  readonly prefix: string;
  /** A commit, branch or tag to compare with, or the branch to publish to; "": told by the event. */
  readonly base: string;
  /** A version such as "3.5.0"; `path`: as the settings say; `none`: in-process checks only. */
  readonly promtool: string;
  /** Lower-case hexadecimal, or "". */
  readonly promtoolSha256: string;
  readonly comment: boolean;
  readonly dist: 'checked' | 'published';
  readonly strict: boolean;
  /** Absolute. */
  readonly reportDirectory: string;
  /** The branch of `publish`. */
  readonly branch: string;
  readonly environment: string;
  readonly servers: readonly string[];
  readonly dryRun: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the inputs. A Problem names the input, what it may be, and never the token. */
export function readInputs(runner: Runner, env: Env): Inputs | Problem {
  const problems: Problem[] = [];
  const wrong = (name: string, help: string): void => {
    problems.push({ code: 'usage', message: `The input \`${name}\` is ${JSON.stringify(runner.input(name))}.`, help });
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
    const given = runner.input(name) || fallback;
    const found = choices.find((choice) => choice === given);
    if (found === undefined) wrong(name, `It is ${list(choices)}.`);
    return found ?? fallback;
  };
  const flag = (name: string, fallback: boolean): boolean =>
    oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';

  const command = oneOf('command', ACTION_COMMANDS, 'preview');
  if (runner.input('command') === '') wrong('command', `It is ${list(ACTION_COMMANDS)}.`);
  const { workspace } = runner.event;
  const root = resolve(workspace, runner.input('root') || '.');
  const below = relative(workspace, root).replaceAll('\\', '/');
  if (isAbsolute(below) || below === '..' || below.startsWith('../')) {
    wrong('root', 'It is a folder below the workspace, such as `alerting`.');
  }
  const promtool = runner.input('promtool') || 'path';
  if (!/^(?:path|none|\d+\.\d+\.\d+(?:-rc\.\d+)?)$/.test(promtool)) {
    wrong('promtool', 'It is a version such as `3.5.0`, or `path`, or `none`.');
  }
  const promtoolSha256 = runner.input('promtool-sha256').toLowerCase();
  if (!/^(?:[0-9a-f]{64})?$/.test(promtoolSha256)) wrong('promtool-sha256', 'It has 64 hexadecimal digits.');
  const branch = runner.input('branch') || 'rulewright/dist';
  if (!isBranchName(branch)) wrong('branch', 'It is the name of a branch, such as `rulewright/dist`.');
  const base = runner.input('base');
  if (base !== '' && !isBranchName(base)) wrong('base', 'It is the name of a branch or tag, or a commit’s hash.');
  const inputs: Inputs = {
    command,
    root,
    prefix: below === '' ? '' : `${below}/`,
    base,
    promtool,
    promtoolSha256,
    comment: flag('comment', true),
    dist: oneOf('dist', ['checked', 'published'], 'checked'),
    strict: flag('strict', false),
    reportDirectory: resolve(
      workspace,
      runner.input('report-directory') || join(env['RUNNER_TEMP'] || workspace, 'rulewright-report'),
    ),
    branch,
    environment: runner.input('environment'),
    servers: runner
      .input('servers')
      .split(/[\s,]+/)
      .filter((name) => name !== ''),
    dryRun: flag('dry-run', false),
  };
  return problems[0] ?? inputs;
}

function list(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `\`${choice}\``);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
