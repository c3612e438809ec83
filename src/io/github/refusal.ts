import { z } from 'zod';
import type { Problem } from '../problem.ts';
import type { Answer } from './transport.ts';

/** What GitHub refused or failed to do. */
export interface GitHubProblem extends Problem {
  /**
   * `forbidden`: the token may not; `missing`: there is no such thing, or we may not see it; `invalid`: GitHub doesn't take it;
   * `failed`: nobody knows whether it was done.
   */
  readonly kind: 'forbidden' | 'missing' | 'invalid' | 'limited' | 'failed';
}

/** Seconds that GitHub asks for after too many requests at once, where it doesn't say how many. */
const SECONDARY_LIMIT = 60;

/** Tells a Problem of GitHub's from an answer. */
export function isGitHubProblem<T>(value: T | GitHubProblem): value is GitHubProblem {
  return typeof value === 'object' && value !== null && 'kind' in value && 'code' in value && 'message' in value;
}

/** An answer as a problem. `doing` completes "GitHub did not let us …". */
export function refused(doing: string, answer: Answer): GitHubProblem {
  const problem = (kind: GitHubProblem['kind'], why: string, help: string): GitHubProblem => ({
    code: 'environment',
    kind,
    message: `GitHub did not let us ${doing}: ${why}`,
    help,
  });
  const { status, broken, headers } = answer;
  const said = saidBy(answer);
  const quoted = said === '' ? `${status}` : `${status}: ${said}`;
  if (isLimit(answer)) {
    const help = `Run the job again in ${minutes(limitSeconds(answer))}.`;
    return problem('limited', `too many requests (${status}).`, help);
  }
  if (status === 0) return problem('failed', `it can’t be reached (${broken ?? 'no answer'}).`, 'Run the job again.');
  if (status < 300) return problem('failed', `it gave no answer (${status}).`, 'Run the job again.');
  if (status < 400) {
    const to = headers['location'] ?? '';
    const help = 'Check GITHUB_API_URL, and whether the repository was moved.';
    return problem('failed', `it points to another place, ${to || '?'} (${status}), which was not followed.`, help);
  }
  if (status === 401) return problem('forbidden', 'it does not know the token (401).', 'Renew the `token` input.');
  if (status === 403) {
    return problem('forbidden', `the token may not (${quoted}).`, helpFor(FORBIDDEN, said) ?? PERMISSION);
  }
  if (status === 404 || status === 410) {
    const help = 'Check that it is still there, and the token’s rights.';
    return problem('missing', `it is not there, or the token may not see it (${status}).`, help);
  }
  if (status === 422) {
    return problem('invalid', `it does not take it (${quoted}).`, helpFor(INVALID, said) ?? UNEXPLAINED);
  }
  return problem('failed', `it failed (${quoted}).`, 'Run the job again.');
}

const PERMISSION = 'Give the job the permission that docs/action.md lists for this command, or another `token`.';
const UNEXPLAINED = 'If GitHub’s words don’t explain it, report this to the project with them.';

/** What mends a refusal, by GitHub's words for it. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/locked/i, 'The conversation is locked: unlock it, then run the job again.'],
  [/archived/i, 'The repository is archived: nothing can be written to it.'],
  [/saml|single sign-on|\bsso\b/i, 'Authorize the token for the organization’s single sign-on.'],
  [/ip allow list/i, 'Put the runner’s address on the organization’s IP allow list.'],
  [/blocked/i, 'The token’s user is blocked there: use another `token`.'],
];
const INVALID: readonly (readonly [RegExp, string])[] = [
  [/no commits between/i, 'The branch holds nothing that is new, as after a merge at this moment. Run the job again.'],
  [/\bhead\b.*invalid/i, 'The branch is not there any more: somebody deleted it at this moment. Run the job again.'],
  [/\bbase\b.*invalid/i, 'Check the input `base`: it must name a branch that is there.'],
  [/already exists/i, 'Another run was faster. Run the job again.'],
];

function helpFor(table: readonly (readonly [RegExp, string])[], said: string): string | undefined {
  return table.find(([words]) => words.test(said))?.[1];
}

/** An answer of 2xx whose body is not what GitHub's API gives. */
export function strange(doing: string, host: string, what: string): GitHubProblem {
  return {
    code: 'environment',
    kind: 'failed',
    message: `GitHub did not let us ${doing}: what ${host} answered is not of GitHub’s API: ${what}.`,
    help: 'Does something answer in its place, such as a proxy or a login page? Check the way there, then run the job again.',
  };
}

/** Whether GitHub asks us to slow down. */
export function isLimit(answer: Answer): boolean {
  const { status, headers } = answer;
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit|abuse detection|submitted too quickly/i.test(saidBy(answer))
  );
}

/**
 * Seconds until GitHub listens again. The reset is that of the hour's quota, and says something only where the quota is used
 * up; too many requests at once are forgiven sooner.
 */
export function limitSeconds({ headers }: Answer): number {
  const after = wholeNumber(headers['retry-after']);
  if (after !== undefined) return after;
  const reset = wholeNumber(headers['x-ratelimit-reset']);
  if (reset === undefined || headers['x-ratelimit-remaining'] !== '0') return SECONDARY_LIMIT;
  // GitHub's own clock, for ours may be wrong.
  const now = Date.parse(headers['date'] ?? '');
  return Math.max(1, Math.ceil(reset - (Number.isNaN(now) ? Date.now() : now) / 1000));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

const Words = z.object({
  message: z.string(),
  errors: z
    .array(
      z.union([
        z.string(),
        z.object({ message: z.string().optional(), field: z.string().optional(), code: z.string().optional() }),
      ]),
    )
    .optional()
    .catch(undefined),
});

/** GitHub's own words for why it refuses, on one line. */
function saidBy({ bytes }: Answer): string {
  const text = bytes.subarray(0, 100_000).toString('utf8').trim();
  if (/^</.test(text)) return 'a web page instead of an answer';
  const words = Words.safeParse(parsedJson(text));
  if (!words.success) return '';
  const { message, errors = [] } = words.data;
  const details = errors.map((error) =>
    typeof error === 'string' ? error : (error.message ?? `${error.field ?? 'something'} ${error.code ?? 'is wrong'}`),
  );
  return [message, ...details].join('; ').replace(/\s+/g, ' ').slice(0, 300);
}

/** The value of a JSON text; undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
