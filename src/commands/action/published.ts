import type { Git } from '../../io/git/door.ts';
import { askGit, runJobGit } from '../../io/git/job.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import type { Named } from './compare.ts';

/** Stands in the commits that `publish` makes, so that a squashed merge too tells which sources were compiled. */
export const SOURCE_TRAILER = 'Rulewright-Source';

/**
 * The commit whose sources the committed `dist/` was compiled from: the one that the newest change of `dist/` names, else that
 * change itself. undefined: there is no `dist/` yet.
 */
export async function publishedFrom(git: Git, folder: string): Promise<Named | undefined | Problem> {
  const args = ['log', '-n1', `--format=%H%n%(trailers:key=${SOURCE_TRAILER},valueonly)`, 'HEAD', '--', `${folder}/`];
  const told = await askGit(git, `look for the newest change of ${folder}/`, args);
  if (typeof told !== 'string') return told;
  const [change = '', said = ''] = told.split('\n');
  if (change === '') {
    const shallow = await askGit(git, 'look at the clone', ['rev-parse', '--is-shallow-repository']);
    if (shallow !== 'true') return undefined;
    const help = 'Let actions/checkout fetch everything: `with: { fetch-depth: 0 }`.';
    return environmentProblem(
      `Which sources ${folder}/ was compiled from lies beyond the end of this shallow clone.`,
      help,
    );
  }
  const source = /^[0-9a-f]{40,64}$/.test(said) && (await isOurs(git, said)) ? said : change;
  return { sha: source, name: `the sources of ${folder}/ (${source.slice(0, 7)})` };
}

/** A trailer is text that anybody can write: the commit must be one of this branch's. */
async function isOurs(git: Git, sha: string): Promise<boolean> {
  return (await runJobGit(git, ['merge-base', '--is-ancestor', sha, 'HEAD'])).code === 0;
}
