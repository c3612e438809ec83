import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type GitHubProblem, isGitHubProblem, isLimit, limitSeconds, parsedJson, refused, strange } from './refusal.ts';
import { type Answer, type Sent, send } from './transport.ts';

export { type GitHubProblem, isGitHubProblem } from './refusal.ts';

/** Milliseconds that all waiting for GitHub may take together: a job that sleeps costs money. */
const WAIT_AT_MOST = 90_000;
const TRIES = 4;
const ANSWER_TIMEOUT = 60_000; // milliseconds
const FILE_TIMEOUT = 300_000; // milliseconds
const LARGEST_ANSWER = 64 * 1024 * 1024; // bytes
const LARGEST_FILE = 1024 * 1024 * 1024; // bytes
const A_PAGE = 100; // as many as GitHub gives at once
/** GitHub takes 2,500 comments: a listing that has more than this never ends. */
const MOST_PAGES = 100;

/** What GitHub is asked. */
export interface Question<T> {
  /** Completes "GitHub did not let us …". */
  readonly doing: string;
  /** Default: GET. */
  readonly method?: Sent['method'];
  /** Below the repository, unless `from` says otherwise: `['issues', 7, 'comments']`. */
  readonly path: readonly (string | number)[];
  readonly from?: 'api';
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** It changes nothing, although it is a POST: it may be asked again. */
  readonly reads?: boolean;
  /** What an answer must look like; whatever else it holds is left out. Of a listing: one item. */
  readonly answer: z.ZodType<T>;
}

/** One repository at GitHub, or at a GitHub Enterprise server. */
export interface GitHub {
  readonly owner: string;
  readonly repo: string;
  ask<T>(question: Question<T>): Promise<T | GitHubProblem>;
  /** All items of a listing, page after page. */
  list<T>(question: Question<T>): Promise<readonly T[] | GitHubProblem>;
  /** A file, from wherever GitHub keeps it. */
  download(question: Pick<Question<never>, 'doing' | 'path'>): Promise<Buffer | GitHubProblem>;
}

export interface GitHubOptions {
  readonly owner: string;
  readonly repo: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly version: string;
  /** Told when we have to wait. */
  readonly log: (text: string) => void;
  /** Waits so many milliseconds. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/** Opens the repository; nothing is asked yet. */
export function openGitHub({ owner, repo, apiUrl, token, version, log, sleep = wait }: GitHubOptions): GitHub {
  const api = new URL(apiUrl);
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': `rulewright/${version}`,
    'x-github-api-version': '2022-11-28',
  };
  let waited = 0;

  /** The first answer that is no reason to try again, read by `read`. */
  const settled = async <R>(
    sent: Sent,
    { doing, reads }: { readonly doing: string; readonly reads: boolean },
    read: (answer: Answer) => R | GitHubProblem,
  ): Promise<R | GitHubProblem> => {
    for (let tried = 1; ; tried++) {
      const answer = await send(sent);
      const done = answer.status >= 200 && answer.status < 300 ? read(answer) : refused(doing, answer);
      if (!isGitHubProblem(done)) return done;
      const pause = pauseFor(answer, done, tried, reads);
      if (pause === undefined || tried >= TRIES || waited + pause > WAIT_AT_MOST) return done;
      waited += pause;
      if (pause >= 1000) log(`GitHub asks us to slow down: waiting ${Math.ceil(pause / 1000)} s.`);
      await sleep(pause);
    }
  };

  const sentFor = ({ method = 'GET', path, from, query = {}, body }: Omit<Question<unknown>, 'answer'>): Sent => {
    const url = urlOf(api, from === 'api' ? path : ['repos', owner, repo, ...path]);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return {
      method,
      url,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json; charset=utf-8' },
      authorization: token === '' ? '' : `token ${token}`,
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: ANSWER_TIMEOUT,
      mostBytes: LARGEST_ANSWER,
      elsewhere: false,
    };
  };

  const asked = <T>(question: Question<unknown>, sent: Sent, schema: z.ZodType<T>): Promise<Read<T> | GitHubProblem> =>
    settled(sent, { doing: question.doing, reads: question.reads ?? sent.method !== 'POST' }, (answer) => {
      const text = answer.bytes.toString('utf8');
      const result = schema.safeParse(parsedJson(text));
      if (result.success) return { value: result.data, link: answer.headers['link'] ?? '' };
      return strange(question.doing, api.host, whatIsStrange(text, result.error));
    });

  return {
    owner,
    repo,
    ask: async (question) => {
      const read = await asked(question, sentFor(question), question.answer);
      return isGitHubProblem(read) ? read : read.value;
    },
    list: async <T>(question: Question<T>) => {
      const items: T[] = [];
      let sent = sentFor({ ...question, query: { ...question.query, per_page: A_PAGE } });
      for (let page = 1; page <= MOST_PAGES; page++) {
        const read = await asked(question, sent, z.array(question.answer));
        if (isGitHubProblem(read)) return read;
        items.push(...read.value);
        const next = /<([^<>]+)>;\s*rel="next"/.exec(read.link)?.[1];
        if (next === undefined) return items;
        const url = withinApi(api, next);
        if (url === undefined) return strange(question.doing, api.host, `its next page lies elsewhere, at ${next}`);
        sent = { ...sent, url };
      }
      return strange(question.doing, api.host, `it has more than ${MOST_PAGES} pages`);
    },
    download: ({ doing, path }) => {
      const sent = { ...sentFor({ doing, path }), timeoutMs: FILE_TIMEOUT, mostBytes: LARGEST_FILE, elsewhere: true };
      const file = { ...sent, headers: { ...headers, accept: 'application/octet-stream' } };
      return settled(file, { doing, reads: true }, (answer) => answer.bytes);
    },
  };
}

interface Read<T> {
  readonly value: T;
  /** The `Link` header. */
  readonly link: string;
}

function urlOf(api: URL, path: readonly (string | number)[]): URL {
  const base = api.pathname.replace(/\/+$/, '');
  // An Enterprise server has its GraphQL beside its REST API, not in it.
  const home = path[0] === 'graphql' ? base.replace(/\/api\/v3$/, '/api') : base;
  return new URL(`${home}/${path.map((part) => encodeURIComponent(part)).join('/')}`, api);
}

/** A link of GitHub's, where it leads to the same API: the token goes nowhere else. */
function withinApi(api: URL, link: string): URL | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  const base = `${api.pathname.replace(/\/+$/, '')}/`;
  return url.origin === api.origin && url.pathname.startsWith(base) ? url : undefined;
}

/** Milliseconds to wait before the same is tried again; undefined: it would not help, or could do the thing twice. */
function pauseFor(answer: Answer, problem: GitHubProblem, tried: number, reads: boolean): number | undefined {
  if (isLimit(answer)) return limitSeconds(answer) * 1000;
  const passing = problem.kind === 'failed' && (answer.status < 300 || answer.status >= 500);
  return passing && reads ? 250 * tried : undefined;
}

/** What is wrong with the body of an answer that should have been fine. */
function whatIsStrange(text: string, error: z.ZodError): string {
  if (text.trim() === '') return 'it is empty';
  if (/^\s*</.test(text)) return 'it is a web page';
  if (parsedJson(text) === undefined) return 'it is no JSON, or broke off';
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'it' : `its \`${issue.path.join('.')}\``;
  return `${place} is not as described (${(issue?.message ?? 'unknown').replace(/^Invalid input: /, '')})`;
}
