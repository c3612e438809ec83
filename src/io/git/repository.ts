import { lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { findProgram } from '../find-program.ts';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import type { Env, Git } from './door.ts';
import { because, runGit } from './run.ts';

/**
 * Which repository a directory belongs to. git would take the nearest thing that looks like one, also a folder of plain files
 * that a pull request added; here only what a `.git` says counts, which no commit can hold.
 */

/** A directory in its work tree. */
export interface Place {
  readonly git: Git;
  /** The directory as it was named, absolute. */
  readonly directory: string;
  /** The same below the top of the work tree, with `/` and without one at its end; "" for the top. */
  readonly prefix: string;
  /** Whether a repository around this one has it as a submodule, so that its history is not that one's. */
  readonly submodule: boolean;
}

/** The git that is run, and that no file of a repository can choose; undefined: there is none. */
export const findGit = (env: Env): Promise<string | undefined> => findProgram('git', env);

/** Where a directory lies in its git work tree; a problem where it lies in none. */
export async function placeInGit(directory: string, env: Env): Promise<Place | Problem> {
  const program = await findGit(env);
  if (program === undefined) {
    return environmentProblem(
      'git was not found, and it is git that knows what the sources were before.',
      'Install git, or compare two directories: rulewright diff OLD-DIR NEW-DIR.',
    );
  }
  let real: string;
  try {
    real = await realpath(directory);
  } catch (error) {
    return fsProblem(error, 'cannot read', directory);
  }
  const candidates = await repositoriesAround(real);
  const place = (found: Candidate, submodule: boolean): Place => ({
    git: { program, env, repository: found },
    directory,
    prefix: below(found, real),
    submodule,
  });
  let submodule = false;
  // Where repositories lie in one another, it is the outermost one that keeps these files in its history: one that was slipped
  // in among them must not speak for them.
  for (const outer of candidates.slice(0, -1)) {
    const holds = await holding(outer, real, program, env);
    if (holds === 'files') return place(outer, false);
    submodule ||= holds === 'submodule';
  }
  const nearest = candidates.at(-1);
  if (nearest === undefined) return noRepository(directory);
  const wrong = await refusal(nearest, directory, program, env);
  return wrong ?? place(nearest, submodule);
}

interface Candidate {
  readonly workTree: string;
  readonly gitDir: string;
}

const below = ({ workTree }: Candidate, real: string): string => relative(workTree, real).replaceAll('\\', '/');

/** Every work tree that a directory (a real path) lies in, the outermost first. */
export async function repositoriesAround(real: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (let at = real; ; at = dirname(at)) {
    const gitDir = await gitDirOf(join(at, '.git'));
    if (gitDir !== undefined) found.unshift({ workTree: at, gitDir });
    if (dirname(at) === at) return found;
  }
}

const POINTER_BYTES = 8192;

/** What a `.git` stands for: itself, or where it points to as in a linked work tree and a submodule. undefined: nothing. */
async function gitDirOf(path: string): Promise<string | undefined> {
  try {
    const here = await stat(path);
    if (here.isDirectory()) return await repositoryAt(path);
    if (!here.isFile()) return undefined;
    const target = /^gitdir: ([^\0]+?)[\r\n]*$/.exec(await shortText(path))?.[1];
    if (target === undefined) return undefined;
    const gitDir = await repositoryAt(resolve(dirname(path), target));
    // What lies in the work tree itself may be its files, and no history of them.
    return gitDir === undefined || isFileOf(dirname(path), gitDir) ? undefined : gitDir;
  } catch {
    return undefined;
  }
}

/** Whether a commit could hold what lies here in a work tree: not below a `.git`. */
function isFileOf(workTree: string, path: string): boolean {
  const way = relative(workTree, path).split(sep);
  return !isAbsolute(relative(workTree, path)) && way[0] !== '..' && !way.includes('.git');
}

/** A directory that git would take for a repository, all links resolved; undefined: it would not. */
async function repositoryAt(path: string): Promise<string | undefined> {
  const gitDir = await realpath(path);
  await lstat(join(gitDir, 'HEAD'));
  const common = await commonDir(gitDir);
  for (const part of ['objects', 'refs']) if (!(await stat(join(common, part))).isDirectory()) return undefined;
  return gitDir;
}

/** Where a repository keeps what its linked work trees share. */
export async function commonDir(gitDir: string): Promise<string> {
  const path = join(gitDir, 'commondir');
  const said = await shortText(path).catch(() => undefined);
  if (said === undefined) return gitDir;
  const target = said.replace(/[\r\n]+$/, '');
  return isAbsolute(target) ? target : join(gitDir, target);
}

async function shortText(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(POINTER_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, POINTER_BYTES, 0);
    return bytes.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** What the newest commit of a repository around a directory has there. */
async function holding(
  outer: Candidate,
  real: string,
  program: string,
  env: Env,
): Promise<'files' | 'submodule' | undefined> {
  const asked = await asksGit(outer, program, env);
  if ('message' in asked || asked.code !== 0) return undefined;
  const [, bare] = asked.stdout.toString('utf8').split('\n');
  // Beside a bare repository lie its linked work trees: it has none itself.
  if (bare === 'true') return undefined;
  const git = { program, env, repository: outer };
  const listed = await runGit(git, ['ls-tree', '-z', '--full-tree', 'HEAD', '--', below(outer, real)]);
  if ('message' in listed || listed.code !== 0) return undefined;
  const mode = /^(\d+) /.exec(listed.stdout.toString('utf8'))?.[1];
  if (mode === undefined) return undefined;
  return mode === '160000' ? 'submodule' : 'files';
}

/** Asks git whether it takes the top of a work tree for one, as it does not where it belongs to another user. */
function asksGit({ workTree }: Candidate, program: string, env: Env): ReturnType<typeof runGit> {
  const git = { program, env, repository: { workTree, gitDir: undefined } };
  return runGit(git, ['rev-parse', '--absolute-git-dir', '--is-bare-repository']);
}

/** Why git would not read a repository; undefined: it would. */
async function refusal(nearest: Candidate, directory: string, program: string, env: Env): Promise<Problem | undefined> {
  const ran = await asksGit(nearest, program, env);
  if ('message' in ran) return ran;
  const [gitDir = '', bare] = ran.stdout.toString('utf8').split('\n');
  if (ran.code === 0 && bare === 'false' && (await realpath(gitDir)) === nearest.gitDir) return undefined;
  if (/dubious ownership/.test(ran.stderr)) {
    return environmentProblem(
      `git does not trust the repository at ${nearest.workTree}: it belongs to another user.`,
      `If you trust it: git config --global --add safe.directory ${nearest.workTree}`,
    );
  }
  return noRepository(directory, because(ran));
}

function noRepository(directory: string, why = ''): Problem {
  return environmentProblem(
    `${directory} is not in a git work tree${why}.`,
    'Name two directories instead: rulewright diff OLD-DIR NEW-DIR.',
  );
}
