import { environmentProblem, type Problem } from '../problem.ts';

/** What happened, and where we are. Everything that a contributor can choose (branch names above all) is checked or only shown. */
export interface ActionEvent {
  /** `pull_request`, `push`, … */
  readonly name: string;
  readonly owner: string;
  readonly repo: string;
  /** The commit of the workflow's run, 40 or 64 hexadecimal digits; "" where unknown. */
  readonly sha: string;
  /** `refs/heads/main`, `refs/pull/7/merge`, … */
  readonly ref: string;
  /** Absolute. */
  readonly workspace: string;
  /** Without a slash at its end. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** The page of this run. */
  readonly runUrl: string;
  readonly defaultBranch: string | undefined;
  readonly pull: PullEvent | undefined;
  readonly run: RunEvent | undefined;
  readonly deploymentId: number | undefined;
}

/** Of `pull_request` events. */
export interface PullEvent {
  readonly number: number;
  readonly baseSha: string;
  readonly headSha: string;
  /** The branch, as its author named it. */
  readonly headRef: string;
  /** From another repository: the token may only read. */
  readonly fork: boolean;
}

/** Of `workflow_run` events: the run that has ended. */
export interface RunEvent {
  readonly event: string;
  readonly headSha: string;
  readonly headOwner: string;
  readonly headBranch: string;
  readonly conclusion: string;
  readonly url: string;
}

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads the runner's environment and the event's payload. */
export function readEvent(
  env: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
): ActionEvent | Problem {
  const [owner = '', repo = '', ...more] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
  const workspace = env['GITHUB_WORKSPACE'] ?? '';
  if (owner === '' || repo === '' || more.length > 0 || workspace === '') {
    return environmentProblem(
      'This is no job of GitHub Actions: GITHUB_REPOSITORY or GITHUB_WORKSPACE is not set.',
      'Elsewhere use the command line: `rulewright diff`, `rulewright check`, `rulewright deploy`.',
    );
  }
  let payload: unknown = {};
  const path = env['GITHUB_EVENT_PATH'] ?? '';
  if (path !== '') {
    try {
      payload = JSON.parse(readText(path));
    } catch {
      return environmentProblem(`The event that GITHUB_EVENT_PATH names (${path}) can't be read as JSON.`);
    }
  }
  const apiUrl = (env['GITHUB_API_URL'] || 'https://api.github.com').replace(/\/+$/, '');
  if (!/^https?:\/\//.test(apiUrl) || !URL.canParse(apiUrl)) {
    return environmentProblem(`GITHUB_API_URL is no URL of HTTP: ${apiUrl}`);
  }
  const serverUrl = (env['GITHUB_SERVER_URL'] || 'https://github.com').replace(/\/+$/, '');
  const runId = env['GITHUB_RUN_ID'] ?? '';
  return {
    name: env['GITHUB_EVENT_NAME'] ?? '',
    owner,
    repo,
    sha: sha(env['GITHUB_SHA']),
    ref: env['GITHUB_REF'] ?? '',
    workspace,
    serverUrl,
    apiUrl,
    runUrl: runId === '' ? '' : `${serverUrl}/${owner}/${repo}/actions/runs/${runId}`,
    defaultBranch: text(at(payload, 'repository', 'default_branch')),
    pull: pullEvent(at(payload, 'pull_request'), `${owner}/${repo}`),
    run: runEvent(at(payload, 'workflow_run')),
    deploymentId: whole(at(payload, 'deployment', 'id')),
  };
}

function pullEvent(pull: unknown, ours: string): PullEvent | undefined {
  const number = whole(at(pull, 'number'));
  if (number === undefined) return undefined;
  return {
    number,
    baseSha: sha(at(pull, 'base', 'sha')),
    headSha: sha(at(pull, 'head', 'sha')),
    headRef: text(at(pull, 'head', 'ref')) ?? '',
    fork: text(at(pull, 'head', 'repo', 'full_name'))?.toLowerCase() !== ours.toLowerCase(),
  };
}

function runEvent(run: unknown): RunEvent | undefined {
  if (typeof run !== 'object' || run === null) return undefined;
  return {
    event: text(at(run, 'event')) ?? '',
    headSha: sha(at(run, 'head_sha')),
    headOwner: text(at(run, 'head_repository', 'owner', 'login')) ?? '',
    headBranch: text(at(run, 'head_branch')) ?? '',
    conclusion: text(at(run, 'conclusion')) ?? '',
    url: text(at(run, 'html_url')) ?? '',
  };
}

/** What lies at a path of keys; undefined where there is nothing. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function sha(value: unknown): string {
  return typeof value === 'string' && SHA.test(value) ? value : '';
}
