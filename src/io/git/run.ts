import { type ExecFileException, execFile } from 'node:child_process';
import { environmentProblem, type Problem } from '../problem.ts';

/** Runs git to read: nothing is written, nobody is asked, and nothing that a repository configures is run. */

export type Env = Readonly<Record<string, string | undefined>>;

/** A work tree of git, seen from the directory that we look at. */
export interface Git {
  /** Absolute. */
  readonly directory: string;
  readonly env: Env;
}

/** What a call of git came to: exit code and output, as bytes are no text yet. */
export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where these are set (as git does for its hooks) they would make git look elsewhere than at the directory. */
const MISLEADING =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|NAMESPACE|COMMON_DIR|EXTERNAL_DIFF|PAGER|.*PATHSPECS|TRACE.*)$/;

/** The environment in which git is run: its own words in English, no prompt, no lock. */
export function gitEnv(env: Env): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !MISLEADING.test(name));
  return { ...Object.fromEntries(own), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
}

/** What stands before each command: no pager, no hook, no monitor of the file system. */
export const SAFE: readonly string[] = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
];

const TIMEOUT = 120_000; // milliseconds
const MAX_OUTPUT = 512 * 1024 * 1024; // bytes: a list of some million files

/** Runs a command of git. A problem where git can't be run at all; that it fails is for the caller to judge. */
export function runGit({ directory, env }: Git, args: readonly string[]): Promise<Ran | Problem> {
  return new Promise((resolve) => {
    execFile(
      'git',
      [...SAFE, ...args],
      { cwd: directory, env: gitEnv(env), timeout: TIMEOUT, maxBuffer: MAX_OUTPUT, encoding: 'buffer' },
      (error: ExecFileException | null, stdout, stderr) => {
        if (error && typeof error.code !== 'number') resolve(unable(error));
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr: stderr.toString('utf8').trim() });
      },
    );
  });
}

function unable(error: ExecFileException): Problem {
  if (error.code === 'ENOENT') {
    return environmentProblem(
      'git was not found, and it is git that knows what the sources were before.',
      'Install git, or compare two directories: rulewright diff OLD-DIR NEW-DIR.',
    );
  }
  if (error.killed) return environmentProblem(`git did not answer within ${TIMEOUT / 1000} s.`);
  return environmentProblem(`git could not be run: ${error.message}`);
}

/** The first line of what git said, as the end of a sentence. */
export const because = ({ stderr }: Ran): string => {
  const line = stderr.split('\n')[0]?.replace(/^(fatal|error): /, '') ?? '';
  return line === '' ? '' : `: ${line}`;
};

/** A value that git prints on one line; undefined where it fails. */
export async function gitLine(git: Git, args: readonly string[]): Promise<string | undefined | Problem> {
  const ran = await runGit(git, args);
  if ('message' in ran) return ran;
  return ran.code === 0 ? ran.stdout.toString('utf8').replace(/\n$/, '') : undefined;
}
