import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { absolutePath } from '../find-program.ts';

/**
 * The one place where git is started. A pull request chooses every file below a work tree, so git is never left to look for its
 * repository, or to take anything that it finds for one; and whatever a repository's settings, attributes or objects can make
 * git start is switched off, or is the business of the remote that a job was told to talk to.
 */

export type Env = Readonly<Record<string, string | undefined>>;

/** A work tree, and where its history is kept. Both are absolute, with all symbolic links resolved. */
export interface Repository {
  readonly workTree: string;
  /** Undefined where git is asked whether it takes what lies at the top of the work tree; it looks nowhere else then. */
  readonly gitDir: string | undefined;
}

/** A git, and the repository that it is asked about. */
export interface Git {
  /** The program's absolute path. */
  readonly program: string;
  readonly repository: Repository;
  readonly env: Env;
  /** The server that those commands may talk to which are there to; undefined: nothing is fetched and nothing pushed. */
  readonly remote?: Remote;
}

export interface Remote {
  /** Where the token may be sent, without a slash at its end. */
  readonly serverUrl: string;
  /** "": whatever the work tree has. */
  readonly token: string;
}

/** Settings for every call. A git that is too old for one passes over it. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['safe.bareRepository', 'explicit'],
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.alternateRefsCommand', 'true'],
  ['core.editor', 'true'],
  ['log.showSignature', 'false'],
  ['gpg.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['fetch.recurseSubmodules', 'no'],
  ['submodule.recurse', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.ext.allow', 'never'],
];

/** Settings where nothing is fetched: whatever is tried all the same finds no way out. */
const APART: readonly (readonly [string, string])[] = [
  ['protocol.allow', 'never'],
  ['credential.helper', ''],
  ['core.sshCommand', 'false'],
  ['core.gitProxy', 'false'],
];

const FLAGS: readonly string[] = ['--no-pager', '--no-optional-locks', '--no-replace-objects', '--literal-pathspecs'];

/** Of what the environment tells git itself: where its user's own settings are. */
const KEPT = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']);

/** Commands that are there to talk to the remote. Any other has no way out, and no token. */
const TALKING = new Set(['ls-remote', 'fetch', 'push']);

/** Starts a command of git at the top of the work tree, without a shell. */
export function startGit(git: Git, args: readonly string[]): ChildProcessWithoutNullStreams {
  const { program, repository, env } = git;
  const remote = TALKING.has(args[0] ?? '') ? git.remote : undefined;
  const { workTree, gitDir } = repository;
  const settings = [...SETTINGS, ...(remote ? [] : APART), ...trusted(env).map((path) => ['safe.directory', path])];
  const place = gitDir === undefined ? [] : [`--git-dir=${gitDir}`, `--work-tree=${workTree}`];
  const options = settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return spawn(program, [...FLAGS, ...options, ...place, ...args], { cwd: workTree, env: environment(git, remote) });
}

function environment({ env, repository }: Git, remote: Remote | undefined): Record<string, string | undefined> {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name));
  return {
    ...Object.fromEntries(own),
    PATH: absolutePath(env),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    // Where git is to say whether it takes a work tree for one, it must not go on to look above it.
    ...(repository.gitDir === undefined && { GIT_CEILING_DIRECTORIES: dirname(repository.workTree) }),
    // Stronger than any setting: a repository may allow `protocol.<name>` whatever `protocol.allow` says.
    ...(remote ? header(remote) : { GIT_ALLOW_PROTOCOL: 'none' }),
  };
}

/** The token goes by the environment, so that no list of processes, no log and no file shows it. */
function header({ serverUrl, token }: Remote): Record<string, string> {
  if (token === '') return {};
  const key = `http.${serverUrl}/.extraheader`;
  return {
    GIT_CONFIG_COUNT: '2',
    // The empty value forgets a header that the checkout may have left: GitHub refuses a request with two.
    GIT_CONFIG_KEY_0: key,
    GIT_CONFIG_VALUE_0: '',
    GIT_CONFIG_KEY_1: key,
    GIT_CONFIG_VALUE_1: `AUTHORIZATION: basic ${basic(token)}`,
  };
}

/** A token in the form in which git sends it: a secret too. */
export function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

/** What pipelines say by the environment of whom they trust, as where a container runs as another user than the checkout. */
function trusted(env: Env): string[] {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0);
  const found: string[] = [];
  for (let i = 0; i < count && i < MOST_PAIRS; i++) {
    const value = env[`GIT_CONFIG_VALUE_${i}`];
    if (env[`GIT_CONFIG_KEY_${i}`]?.toLowerCase() === 'safe.directory' && value !== undefined) found.push(value);
  }
  return found;
}

const MOST_PAIRS = 1_000;
