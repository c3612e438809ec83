import { environmentProblem, type Problem } from '../problem.ts';
import type { Env, Git } from './door.ts';
import type { Place } from './repository.ts';
import { gitLine, runGit } from './run.ts';

/** A commit, by what people call it. */
export interface Commit {
  readonly id: string;
  /** `main (3f2a1b9)`. */
  readonly name: string;
}

/** The commit that a name stands for; undefined where there is none of that name. */
export async function commitOf({ git }: Place, ref: string): Promise<Commit | undefined | Problem> {
  if (ref.includes('\0')) return undefined;
  if (await isBranchAndTag(git, ref)) {
    return environmentProblem(
      `${JSON.stringify(ref)} is a branch here and a tag as well: which of them is meant is not known.`,
      `Say which: refs/heads/${ref} or refs/tags/${ref}.`,
    );
  }
  // What git would take for an option can only be the name of a branch or a tag.
  const names = ref.startsWith('-') ? [`refs/heads/${ref}`, `refs/tags/${ref}`] : [ref];
  let id: string | undefined | Problem;
  for (const name of names) id ??= await gitLine(git, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  if (id === undefined || typeof id === 'object') return id;
  const short = id.slice(0, 7);
  return { id, name: id.startsWith(ref) ? short : `${ref} (${short})` };
}

/** git would take the tag without a word, and whoever says `main` means the branch. */
async function isBranchAndTag(git: Git, ref: string): Promise<boolean> {
  if (ref === 'HEAD' || ref.startsWith('refs/') || /^[0-9a-f]{40,}$|[^\w./-]/.test(ref)) return false;
  const both = [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const found = await gitLine(git, ['for-each-ref', '--format=%(refname)', ...both]);
  const names = typeof found === 'string' ? found.split('\n') : [];
  return both.every((name) => names.includes(name));
}

/** The names under which the main branch is looked for: what the pipeline says it is, then the usual ones. */
function mainBranches(env: Env): string[] {
  const said = [env['GITHUB_BASE_REF'], env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'], env['CI_DEFAULT_BRANCH']];
  const names = said.filter((name) => name !== undefined && name !== '');
  return [
    ...names.map((name) => `refs/remotes/origin/${name}`),
    'refs/remotes/origin/HEAD',
    ...['origin/main', 'origin/master'].map((name) => `refs/remotes/${name}`),
    ...['main', 'master'].map((name) => `refs/heads/${name}`),
  ];
}

/** Where HEAD left the main branch. `undefined`: there is no commit at all yet. */
export async function mergeBaseWithMain(place: Place): Promise<Commit | undefined | Problem> {
  const head = await commitOf(place, 'HEAD');
  if (head === undefined || 'message' in head) return head;
  for (const ref of mainBranches(place.git.env)) {
    const main = await commitOf(place, ref);
    if (main && 'message' in main) return main;
    if (main) return mergeBase(place, main, ref.replace(/^refs\/(remotes|heads)\//, ''));
  }
  const help = (await isShallow(place))
    ? FETCH_ALL
    : 'Name what to compare with: rulewright diff REF (a branch, a tag or a commit).';
  return environmentProblem('No main branch was found: there is no origin/HEAD, main or master.', help);
}

/** The commit at which HEAD (or another) and a commit of this name parted. */
export async function mergeBase(place: Place, other: Commit, name: string, head = 'HEAD'): Promise<Commit | Problem> {
  const ran = await runGit(place.git, ['merge-base', other.id, head]);
  if ('message' in ran) return ran;
  const id = ran.stdout.toString('utf8').split('\n')[0] ?? '';
  if (ran.code === 0 && id !== '') return { id, name: `${name} (${id.slice(0, 7)})` };
  if (await isShallow(place)) {
    return environmentProblem(
      `Where HEAD left ${name} is not known: this clone is shallow, and the commit lies beyond its end.`,
      FETCH_ALL,
    );
  }
  return environmentProblem(
    `HEAD and ${name} have no commit in common.`,
    `Compare with ${name} itself: rulewright diff ${name}.`,
  );
}

const FETCH_ALL =
  'Fetch the history: `fetch-depth: 0` for actions/checkout, GIT_DEPTH: 0 in GitLab, `git fetch --unshallow` elsewhere.';

export async function isShallow({ git }: Place): Promise<boolean> {
  return (await gitLine(git, ['rev-parse', '--is-shallow-repository'])) === 'true';
}

/** What to say where a name is no commit. */
export async function unknownRef(place: Place, ref: string): Promise<Problem> {
  const help = (await isShallow(place))
    ? `This clone is shallow and may lack it. ${FETCH_ALL}`
    : 'Name a branch, a tag, a commit or a directory; `git branch --all` lists the branches.';
  return {
    code: 'usage',
    message: `git knows no commit ${JSON.stringify(ref)}, and there is no such directory.`,
    help,
  };
}
