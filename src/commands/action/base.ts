import type { Git } from '../../io/git/door.ts';
import { askGit, type JobGitRan, runJobGit } from '../../io/git/job.ts';
import type { ActionEvent } from '../../io/github/event.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';

import type { Named } from './compare.ts';

/**
 * The commit that a preview compares with: what the base branch has without the change. The checkout of a pull
 * request is a merge of the base and the change, so that its first parent is exact; else it's where the two branched. undefined: there is nothing before.
 */
export async function previewBase(git: Git, event: ActionEvent, wanted: string): Promise<Named | undefined | Problem> {
  if (wanted === '' && event.pull) {
    const parents = await askGit(git, 'read the commit that is checked out', ['rev-list', '--parents', '-n1', 'HEAD']);
    if (typeof parents !== 'string') return parents;
    const [, first, second] = parents.split(' ');
    if (first !== undefined && second === event.pull.headSha) return present(git, first, 'the base');
    return mergeBase(git, event.pull.baseSha, 'the base');
  }
  if (wanted !== '') {
    // A branch before a tag of its name, which git itself would take.
    for (const name of [`refs/heads/${wanted}`, `refs/remotes/origin/${wanted}`, wanted]) {
      const ran = await runJobGit(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
      if (ran.code === 0) return mergeBase(git, ran.stdout.trim(), wanted);
    }
    return missing(`\`${wanted}\`, which the input \`base\` names,`);
  }
  return present(git, 'HEAD^', 'the commit before');
}

/** A commit that a clone may lack the history for. */
async function present(git: Git, commit: string, name: string): Promise<Named | undefined | Problem> {
  const ran = await runJobGit(git, ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`]);
  if (ran.code === 0) return named(ran, name);
  // The first commit of all has nothing before it; that of a shallow clone only seems to.
  const shallow = await askGit(git, 'look at the clone', ['rev-parse', '--is-shallow-repository']);
  return shallow === 'false' && commit === 'HEAD^' ? undefined : missing('The commit to compare with');
}

async function mergeBase(git: Git, commit: string, name: string): Promise<Named | Problem> {
  const ran = await runJobGit(git, ['merge-base', commit, 'HEAD']);
  return ran.code === 0 ? named(ran, name) : missing('The commit to compare with');
}

function named({ stdout }: JobGitRan, name: string): Named {
  const sha = stdout.trim();
  return { sha, name: `${name} (${sha.slice(0, 7)})` };
}

function missing(what: string): Problem {
  return environmentProblem(
    `${what} is not in this clone, so nobody can say what changes.`,
    'Let actions/checkout fetch more: `with: { fetch-depth: 0 }`.',
  );
}
