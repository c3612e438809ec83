import { environmentProblem, type Problem } from '../problem.ts';
import type { Git, Remote } from './door.ts';
import { runGit } from './run.ts';

/** git as a job of the Action runs it: with little of the environment, and with what it takes to talk to the remote. */
export function jobGit({ program, repository, env }: Git, remote: Remote): Git {
  const names = ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
  const kept = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { program, repository, env: { LANG: 'C', ...Object.fromEntries(kept) }, remote };
}

/** How a call of git ended, in text. */
export interface JobGitRan {
  /** Undefined: it could not be run to its end. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git with arguments, and gives what it printed as text. */
export async function runJobGit(
  git: Git,
  args: readonly string[],
  input?: Iterable<string | Buffer>,
): Promise<JobGitRan> {
  const ran = await runGit(git, args, input);
  if ('message' in ran) return { code: undefined, stdout: '', stderr: ran.message };
  return { ...ran, stdout: ran.stdout.toString('utf8') };
}

/** What git printed, without the line break at its end; a Problem where it failed. */
export async function askGit(git: Git, doing: string, args: readonly string[]): Promise<string | Problem> {
  const ran = await runJobGit(git, args);
  return ran.code === 0 ? ran.stdout.replace(/\n$/, '') : gitProblem(doing, ran);
}

/** A failed call as a Problem. */
export function gitProblem(doing: string, ran: JobGitRan): Problem {
  const lines = ran.stderr.split('\n').filter((line) => line.trim() !== '');
  // Beside what is wrong git likes to give hints for people at a terminal.
  const wrong = lines.filter((line) => /^(?:fatal|error|remote):|^ ! /.test(line));
  const said = (wrong.length > 0 ? wrong : lines).slice(0, 3).join(' | ').slice(0, 400);
  return environmentProblem(`git could not ${doing}: ${said || `exit code ${ran.code}`}`);
}

/** Whether git takes this as a branch's name, and no part of it can be read as an option, a range or a pattern. */
export function isBranchName(name: string): boolean {
  return (
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(name) &&
    !/\.\.|\/\/|\/\.|\.\/|\.lock(?:\/|$)|[./]$/.test(name) &&
    name !== 'HEAD'
  );
}
