import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import type { Problem } from '../problem.ts';

/** Milliseconds that all waiting for GitHub's rate limits may take together: a job that sleeps costs money. */
const WAIT_AT_MOST = 60_000;
const TRIES = 4;
const TIMEOUT = 60_000; // milliseconds for one answer

/** What GitHub refused or failed to do. */
export interface GitHubProblem extends Problem {
  /** `forbidden`: the token may not; `missing`: there is no such thing, or we may not see it; `invalid`: GitHub doesn't take it. */
  readonly kind: 'forbidden' | 'missing' | 'invalid' | 'limited' | 'failed';
}

const Kit = Octokit.plugin(paginateRest);
export type Kit = InstanceType<typeof Kit>;

/** One repository at GitHub, or at a GitHub Enterprise server. */
export interface GitHub {
  readonly owner: string;
  readonly repo: string;
  /** Runs calls; what goes wrong becomes a Problem. `doing` completes "GitHub did not let us …". */
  ask<T>(doing: string, calls: (kit: Kit) => Promise<T>): Promise<T | GitHubProblem>;
}

export interface GitHubOptions {
  readonly owner: string;
  readonly repo: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly version: string;
  /** Told when we have to wait. */
  readonly log: (text: string) => void;
}

/** Opens the repository; nothing is asked yet. */
export function openGitHub({ owner, repo, apiUrl, token, version, log }: GitHubOptions): GitHub {
  const kit = new Kit({
    ...(token === '' ? {} : { auth: token }),
    baseUrl: apiUrl,
    userAgent: `rulewright/${version}`,
    // Octokit's own words would go past the guard of our log; what they say comes back as an error anyway.
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  let waited = 0;
  kit.hook.wrap('request', async (request, options) => {
    for (let tried = 1; ; tried++) {
      try {
        return await request({ ...options, request: { ...options.request, signal: AbortSignal.timeout(TIMEOUT) } });
      } catch (error) {
        const wait = pause(error, tried, options.method ?? 'GET');
        if (wait === undefined || tried >= TRIES || waited + wait > WAIT_AT_MOST) throw error;
        waited += wait;
        if (wait >= 1000) log(`GitHub asks us to slow down: waiting ${Math.ceil(wait / 1000)} s.`);
        await sleep(wait);
      }
    }
  });
  return {
    owner,
    repo,
    ask: async (doing, calls) => {
      try {
        return await calls(kit);
      } catch (error) {
        return problemOf(doing, error);
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** What an error says of GitHub's answer; status 0 where there was none. */
function answerOf(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  const of = error as { status?: unknown; response?: { headers?: Answer['headers'] } };
  const answered = of.response !== undefined && typeof of.status === 'number';
  return { status: answered ? (of.status as number) : 0, message, headers: of.response?.headers ?? {} };
}

function isLimit({ status, message, headers }: Answer): boolean {
  if (status !== 403 && status !== 429) return false;
  return (
    status === 429 ||
    headers['retry-after'] !== undefined ||
    String(headers['x-ratelimit-remaining']) === '0' ||
    /rate limit/i.test(message)
  );
}

/** Seconds until GitHub listens again; undefined where it doesn't say. */
function limitSeconds({ headers }: Answer): number | undefined {
  const after = Number(headers['retry-after']);
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return Math.max(0, after);
  const reset = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-reset'] === undefined || !Number.isFinite(reset)) return undefined;
  return Math.max(0, reset - Date.now() / 1000);
}

/** Milliseconds to wait before the same is tried again; undefined: it would not help, or could do the thing twice. */
function pause(error: unknown, tried: number, method: string): number | undefined {
  const answer = answerOf(error);
  if (isLimit(answer)) return Math.ceil((limitSeconds(answer) ?? 5 * tried) * 1000);
  const passing = answer.status === 0 || answer.status >= 500;
  return passing && method !== 'POST' ? 250 * tried : undefined;
}

function problemOf(doing: string, error: unknown): GitHubProblem {
  const answer = answerOf(error);
  const { status } = answer;
  const said = answer.message.split('\n')[0]?.replace(/ - https:\/\/\S+$/, '') ?? '';
  const problem = (kind: GitHubProblem['kind'], why: string, help: string): GitHubProblem => ({
    code: 'environment',
    kind,
    message: `GitHub did not let us ${doing}: ${why}`,
    help,
  });
  if (isLimit(answer)) {
    const seconds = limitSeconds(answer);
    const until = seconds === undefined ? 'later' : `in ${minutes(seconds)}`;
    return problem('limited', `too many requests (${status}).`, `Run the job again ${until}.`);
  }
  if (status === 401) return problem('forbidden', 'it does not know the token (401).', 'Renew the `token` input.');
  if (status === 403) {
    const help = 'Give the job the permission that docs/action.md lists for this command, or another `token`.';
    return problem('forbidden', `the token may not (403: ${said})`, help);
  }
  if (status === 404 || status === 410) {
    return problem('missing', `it is not there, or the token may not see it (${status})`, 'Check the token’s rights.');
  }
  if (status === 422) return problem('invalid', `it does not accept it (422: ${said})`, 'Please report this.');
  const why = status === 0 ? `it can't be reached (${said}).` : `it failed (${status}: ${said}).`;
  return problem('failed', why, 'Run the job again.');
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/** Tells a Problem of GitHub's from an answer. */
export function isGitHubProblem<T>(value: T | GitHubProblem): value is GitHubProblem {
  return typeof value === 'object' && value !== null && 'kind' in value && 'code' in value && 'message' in value;
}
