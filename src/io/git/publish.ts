import { environmentProblem, type Problem } from '../problem.ts';
import { committedDist } from './compiled.ts';
import type { Git } from './door.ts';
import { askGit, gitProblem, runJobGit } from './job.ts';

/** A `dist/` as it should be. Paths are from the top of the work tree, with `/`. */
export interface DistTree {
  /** Such as `dist`. */
  readonly folder: string;
  readonly files: readonly { readonly path: string; parts(): Iterable<string> }[];
  /** Files of ours that must go. */
  readonly removed: readonly string[];
}

/** What the remote has. Commits are hashes; undefined: there is no such branch. */
export interface RemoteState {
  readonly base: string | undefined;
  readonly branch: string | undefined;
}

/** A commit that is made here, but that nobody else has yet. */
export interface MadeCommit {
  readonly sha: string;
  /** `dist/` is what HEAD has already: there is nothing to publish. */
  readonly same: boolean;
  /** The tree of `dist/`. */
  readonly tree: string;
}

/** Whose a branch is: ours as it should be, ours but to be made anew, or somebody's who committed to it. */
export type BranchState = 'absent' | 'current' | 'ours' | 'theirs';

const BOT = 'github-actions[bot]';
const BOT_MAIL = '41898282+github-actions[bot]@users.noreply.github.com';
/** Tells our commits from others, which are never overwritten. */
const TRAILER = 'Rulewright-Publish: 1';

/** Which commits the remote's branches are at. */
export async function remoteState(git: Git, base: string, branch: string): Promise<RemoteState | Problem> {
  const refs = [base, branch].map((name) => `refs/heads/${name}`);
  const listed = await askGit(git, 'ask the remote', ['ls-remote', '--', 'origin', ...refs]);
  if (typeof listed !== 'string') return listed;
  const shaOf = (ref: string | undefined): string | undefined =>
    listed
      .split('\n')
      .find((line) => line.endsWith(`\t${ref}`))
      ?.split('\t')[0];
  return { base: shaOf(refs[0]), branch: shaOf(refs[1]) };
}

/**
 * Commits a `dist/` on top of `head`, in the object store alone: work tree, index and branches stay as they are.
 * @param now milliseconds since 1970.
 */
export async function makeCommit(
  git: Git,
  dist: DistTree,
  { head, message, now }: { readonly head: string; readonly message: string; readonly now: number },
): Promise<MadeCommit | Problem> {
  const before = await committedDist(git, head, dist.folder);
  if ('message' in before) return before;
  const kept = new Set(dist.files.map((file) => file.path));
  // The work tree may be ahead of the commit, so that what must go is what either of them has.
  const gone = [...new Set([...before.listed.keys(), ...dist.removed])].filter((path) => !kept.has(path));
  const ref = `refs/rulewright/made-${now}`;
  const stream = function* (): Iterable<string | Buffer> {
    yield `commit ${ref}\ncommitter ${BOT} <${BOT_MAIL}> ${Math.floor(now / 1000)} +0000\n`;
    yield* data(`${message}\n${TRAILER}\n`);
    yield `from ${head}\n`;
    for (const path of gone) yield `D ${quoted(path)}\n`;
    for (const { path, parts } of dist.files) {
      yield `M 100644 inline ${quoted(path)}\n`;
      yield* data([...parts()].join(''));
    }
    yield 'done\n';
  };
  const ran = await runJobGit(git, ['fast-import', '--quiet', '--done', '--date-format=raw'], stream());
  if (ran.code !== 0) return gitProblem(`commit ${dist.folder}/`, ran);
  const sha = await askGit(git, 'read the new commit', ['rev-parse', '--verify', ref]);
  if (typeof sha !== 'string') return sha;
  await runJobGit(git, ['update-ref', '-d', ref]);
  const tree = (await treeOf(git, sha, dist.folder)) ?? '';
  return { sha, tree, same: tree === ((await treeOf(git, head, dist.folder)) ?? '') };
}

/** Looks at what the remote's branch holds, after fetching it. */
export async function branchState(
  git: Git,
  branch: string,
  tip: string | undefined,
  { head, folder, tree }: { readonly head: string; readonly folder: string; readonly tree: string },
): Promise<BranchState | Problem> {
  if (tip === undefined) return 'absent';
  const fetched = await fetchRef(git, `refs/heads/${branch}`, 2);
  if (fetched !== undefined) return fetched;
  const format = '--format=%ce%n%ae%n%P%n%B';
  const told = await askGit(git, `read ${branch}`, ['log', '-1', format, tip, '--']);
  if (typeof told !== 'string') return told;
  const [committer, author, parents = '', ...lines] = told.split('\n');
  const parent = parents.split(' ');
  if (committer !== BOT_MAIL || author !== BOT_MAIL || parent.length !== 1 || !lines.includes(TRAILER)) return 'theirs';
  // A branch from an older base is as good, as long as nothing else changed dist/ since: reviews and checks of it stay.
  const sameBase = (await treeOf(git, parent[0] ?? '', folder)) === (await treeOf(git, head, folder));
  return sameBase && (await treeOf(git, tip, folder)) === tree ? 'current' : 'ours';
}

/** Brings a ref of the remote's here, as `refs/rulewright/fetched`; as little of its history as possible in a shallow clone. */
export async function fetchRef(git: Git, ref: string, depth: number): Promise<Problem | undefined> {
  const shallow = await askGit(git, 'look at the clone', ['rev-parse', '--is-shallow-repository']);
  // A depth would make a complete clone a shallow one.
  const limit = shallow === 'true' ? [`--depth=${depth}`] : [];
  const args = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    ...limit,
    '--',
    'origin',
    `+${ref}:${FETCHED}`,
  ];
  const ran = await runJobGit(git, args);
  return ran.code === 0 ? undefined : gitProblem(`fetch ${ref}`, ran);
}

export const FETCHED = 'refs/rulewright/fetched';

/**
 * Puts a commit on the remote's branch, or with "" deletes the branch, if it still is at `expected` (undefined: if there is no
 * such branch): what somebody pushed in between is never lost.
 */
export async function pushBranch(
  git: Git,
  branch: string,
  sha: string,
  expected: string | undefined,
): Promise<Problem | undefined> {
  const ref = `refs/heads/${branch}`;
  const lease = `--force-with-lease=${ref}:${expected ?? ''}`;
  const ran = await runJobGit(git, ['push', '--quiet', '--no-verify', lease, '--', 'origin', `${sha}:${ref}`]);
  if (ran.code === 0) return undefined;
  if (/stale info|fetch first|remote ref/.test(ran.stderr)) {
    return environmentProblem(
      `Somebody pushed to ${branch} at this moment; it was left as it is.`,
      'Run the job again.',
    );
  }
  const problem = gitProblem(`push ${branch}`, ran);
  return /\b403\b|denied|not permitted/i.test(ran.stderr)
    ? { ...problem, help: 'The job needs the permission `contents: write`.' }
    : problem;
}

/** The hash of a folder's tree in a commit; undefined where it has none. */
async function treeOf(git: Git, commit: string, folder: string): Promise<string | undefined> {
  const ran = await runJobGit(git, ['rev-parse', '--verify', '--quiet', `${commit}:${folder}`]);
  return ran.code === 0 ? ran.stdout.trim() : undefined;
}

function* data(text: string): Iterable<string | Buffer> {
  const bytes = Buffer.from(text);
  yield `data ${bytes.length}\n`;
  yield bytes;
  yield '\n';
}

/** A path as fast-import reads it. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
