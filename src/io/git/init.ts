import { realpath } from 'node:fs/promises';
import { environmentProblem, type Problem } from '../problem.ts';
import type { Env, Git } from './door.ts';
import { findGit, repositoriesAround } from './repository.ts';
import { because, runGit } from './run.ts';

/** What became of the wish for a repository: made, there already around the directory, or no git to make one. */
export type MadeRepository = 'made' | 'inside' | 'no-git';

/** Makes a directory the top of a git repository where it lies in none. Nothing is committed: that is somebody's name. */
export async function initRepository(directory: string, env: Env): Promise<MadeRepository | Problem> {
  const workTree = await realpath(directory);
  if ((await repositoriesAround(workTree)).length > 0) return 'inside';
  const program = await findGit(env);
  if (program === undefined) return 'no-git';
  const git: Git = { program, env, repository: { workTree, gitDir: undefined } };
  const said = await runGit(git, ['config', '--get', 'init.defaultBranch']);
  // Where nobody has said otherwise it is what hosts of git and our own documents call it.
  const branch = 'code' in said && said.code === 0 ? [] : ['--initial-branch=main'];
  const ran = await runGit(git, ['init', '--quiet', ...branch]);
  if ('message' in ran) return ran;
  if (ran.code === 0) return 'made';
  return environmentProblem(
    `git could not make a repository of ${directory}${because(ran)}.`,
    'Run `git init` there yourself: the files are written, and rulewright needs it only to compare with what was.',
  );
}
