import { spawn } from 'node:child_process';
import { environmentProblem, type Problem } from '../problem.ts';
import type { Env } from '../promtool.ts';

/** How a call of git ended. */
export interface JobGitRan {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * git as a job of the Action runs it: with little of the environment, and what it takes to talk to the remote. (`run.ts`
 * runs it as whoever sits here, to read.)
 */
export interface JobGit {
  /** The top of the work tree, absolute. */
  readonly cwd: string;
  readonly env: Env;
  /** Where the token may be sent, without a slash at its end. */
  readonly serverUrl: string;
  /** "": whatever the work tree has. */
  readonly token: string;
}

const TIMEOUT = 300_000; // milliseconds

/** Settings that keep a repository from choosing what runs. */
const QUIET = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.ext.allow': 'never',
  'push.recurseSubmodules': 'no',
  'fetch.recurseSubmodules': 'no',
} as const;

/**
 * Runs git with arguments, without a shell, without hooks, and without asking anybody. The token goes by the
 * environment, so that no list of processes, no log and no file shows it.
 */
export function runJobGit(git: JobGit, args: readonly string[], input?: Iterable<string | Buffer>): Promise<JobGitRan> {
  return new Promise((done) => {
    const child = spawn('git', ['--no-pager', '--no-optional-locks', ...args], {
      cwd: git.cwd,
      env: gitEnv(git),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error) => done({ code: undefined, stdout, stderr: error.message }));
    child.on('close', (code) => done({ code: code ?? undefined, stdout, stderr }));
    // git may end before it has read all; what it says then is in its exit code.
    child.stdin.on('error', () => undefined);
    for (const part of input ?? []) child.stdin.write(part);
    child.stdin.end();
  });
}

/** What git printed, without the line break at its end; a Problem where it failed. */
export async function askGit(git: JobGit, doing: string, args: readonly string[]): Promise<string | Problem> {
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

function gitEnv({ cwd, env, serverUrl, token }: JobGit): Record<string, string> {
  const kept: Record<string, string> = { LANG: 'C', LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy']) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  const settings: [string, string][] = [...Object.entries(QUIET), ['safe.directory', cwd]];
  if (token !== '') {
    const key = `http.${serverUrl}/.extraheader`;
    // The empty value forgets a header that the checkout may have left: GitHub refuses a request with two.
    settings.push([key, ''], [key, `AUTHORIZATION: basic ${basic(token)}`]);
  }
  kept['GIT_CONFIG_COUNT'] = String(settings.length);
  for (const [i, [key, value]] of settings.entries()) {
    kept[`GIT_CONFIG_KEY_${i}`] = key;
    kept[`GIT_CONFIG_VALUE_${i}`] = value;
  }
  return kept;
}

/** A token in the form in which git sends it: a secret too. */
export function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

/** Whether git takes this as a branch's name, and no part of it can be read as an option, a range or a pattern. */
export function isBranchName(name: string): boolean {
  return (
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(name) &&
    !/\.\.|\/\/|\/\.|\.\/|\.lock(?:\/|$)|[./]$/.test(name) &&
    name !== 'HEAD'
  );
}
