import { z } from 'zod';
import type { GitHub, GitHubProblem } from './client.ts';
import { isGitHubProblem } from './client.ts';
import { type Viewer, viewer } from './viewer.ts';

/** Characters of a comment or of a pull request's body that GitHub takes. */
export const BODY_LIMIT = 65_536;

/** What happened to the one comment that we keep up to date. */
export interface Sticky {
  readonly did: 'created' | 'updated' | 'unchanged' | 'none';
  readonly url?: string;
}

/** What the comment is to say. */
export interface StickyText {
  /** The first line, which tells the comment from others. */
  readonly marker: string;
  /** The whole of it, with the marker. */
  readonly body: string;
  /** Whether one is to be written where there is none: good news about nothing needs no comment. */
  readonly create: boolean;
}

const Comment = z
  .object({
    id: z.number().int().positive(),
    body: z.string().nullish(),
    html_url: z.string().catch(''),
    /** null: the account is gone. */
    user: z.object({ login: z.string() }).nullish(),
  })
  .transform(({ id, body, html_url, user }) => ({ id, body: body ?? '', url: html_url, login: user?.login ?? '' }));
type Comment = z.output<typeof Comment>;

/** So often is the list of comments looked at: what others do at this moment comes to an end. */
const LOOKS = 4;

/**
 * Keeps one comment on a pull request up to date. Ours are those that begin with the marker *and* are by whoever the token
 * belongs to, for anybody can write a marker; all but the first of ours go, so that no older word stays beside it.
 */
export async function keepComment(github: GitHub, pull: number, text: StickyText): Promise<Sticky | GitHubProblem> {
  /** Comments that could not be edited. */
  const lost = new Map<number, GitHubProblem>();
  let we: Viewer | undefined;
  let brokeOff = false;
  for (let look = 1; ; look++) {
    const marked = await markedComments(github, pull, text.marker);
    if (isGitHubProblem(marked)) return marked;
    if (marked.length > 0) we ??= await viewer(github);
    const [kept] = marked.filter((comment) => comment.login === we?.login && !lost.has(comment.id));
    if (!kept && !text.create && !mayBeContradicted(marked, we, lost)) return { did: 'none' };
    const written = kept ? await rewrite(github, kept, text.body) : await write(github, pull, text.body);
    if (!isGitHubProblem(written)) {
      const others = marked.filter(({ id, login: by }) => id !== written.id && by !== '' && by === written.login);
      return (await fold(github, others, written.url)) ?? { did: written.did, url: written.url };
    }
    if (look === LOOKS) return written;
    if (kept && (written.kind === 'missing' || written.kind === 'forbidden')) {
      // Deleted since we looked, or not ours after all.
      lost.set(kept.id, written);
    } else if (!kept && written.kind === 'failed' && !brokeOff) {
      // Nobody knows whether it was written: a second look tells.
      brokeOff = true;
    } else return written;
  }
}

/**
 * Whether something older may stand there in our name: what we may not edit any more, or that of an app that could be us. Then
 * good news must be told as well; whom the answer to it names, GitHub knows us as.
 */
function mayBeContradicted(
  marked: readonly Comment[],
  we: Viewer | undefined,
  lost: ReadonlyMap<number, GitHubProblem>,
): boolean {
  const unsure = we?.sure === false && marked.some(({ login }) => login.endsWith('[bot]') && login !== we.login);
  return unsure || [...lost.values()].some(({ kind }) => kind === 'forbidden');
}

async function markedComments(
  github: GitHub,
  pull: number,
  marker: string,
): Promise<readonly Comment[] | GitHubProblem> {
  const question = { doing: 'read the comments', path: ['issues', pull, 'comments'], answer: Comment };
  const comments = await github.list(question);
  return isGitHubProblem(comments) ? comments : comments.filter(({ body }) => body.startsWith(marker));
}

type Written = Comment & Pick<Sticky, 'did'>;

async function write(github: GitHub, pull: number, body: string): Promise<Written | GitHubProblem> {
  const path = ['issues', pull, 'comments'];
  const doing = 'comment on the pull request';
  const made = await github.ask({ doing, method: 'POST', path, body: { body }, answer: Comment });
  return isGitHubProblem(made) ? made : { ...made, did: 'created' };
}

async function rewrite(github: GitHub, comment: Comment, body: string): Promise<Written | GitHubProblem> {
  if (comment.body === body) return { ...comment, did: 'unchanged' };
  const edited = await edit(github, comment, body);
  return isGitHubProblem(edited) ? edited : { ...comment, did: 'updated' };
}

function edit(github: GitHub, { id }: Comment, body: string): Promise<object | GitHubProblem> {
  const path = ['issues', 'comments', id];
  return github.ask({ doing: 'update our comment', method: 'PATCH', path, body: { body }, answer: z.object({}) });
}

/** Takes away comments of ours that say something older. */
async function fold(github: GitHub, others: readonly Comment[], url: string): Promise<GitHubProblem | undefined> {
  for (const other of others) {
    const path = ['issues', 'comments', other.id];
    const doing = 'delete an older comment of ours';
    const gone = await github.ask({ doing, method: 'DELETE', path, answer: z.unknown() });
    if (!isGitHubProblem(gone)) continue;
    // "Not found" is also what GitHub says to whom it doesn't let; a comment that stays must at least say nothing.
    const edited = await edit(github, other, `Superseded by ${url || 'a newer comment'}.\n`);
    if (!isGitHubProblem(edited) || edited.kind === 'missing') continue;
    return { ...gone, help: `Delete it by hand, for it says what is not so any more: ${other.url}` };
  }
  return undefined;
}
