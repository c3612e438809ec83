import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Fault, faultFor, giveFault } from './github-faults.ts';
import { answerFaults, example, operationOf, requestFaults } from './github-rules.ts';

/** A stand-in for GitHub's API: it keeps what it is told, and every request and answer is held against GitHub's description. */
export interface GitHubServer {
  readonly url: string;
  /** `operationId path` of every call, in order. */
  readonly calls: string[];
  /** What was not as GitHub describes it. A test expects none. */
  readonly faults: string[];
  /** What goes wrong: the first that fits a call. */
  readonly trouble: Fault[];
  readonly comments: Comment[];
  readonly pulls: PullRequest[];
  readonly statuses: { readonly deployment: number; readonly state: string; readonly description: string }[];
  /** Of commits. */
  readonly marks: {
    readonly sha: string;
    readonly state: string;
    readonly context: string;
    readonly description: string;
  }[];
  readonly deployments: { readonly id: number; readonly sha: string; readonly environment: string }[];
  readonly assets: {
    readonly id: number;
    readonly name: string;
    readonly bytes: Buffer;
    readonly digest: string | null;
  }[];
  /** Whose token is used, where it's a person's; else it's an app's, which can't ask the REST API who it is. */
  user: string | undefined;
  /** The app: that of every job's token, unless one has its own. */
  app: string;
  /** Asked before every call: an answer instead of the usual one. */
  instead: (operation: string) => Instead | undefined;
  /** The commit of a branch of the remote. */
  shaOf: (branch: string) => string | undefined;
}

export interface Instead {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly login: string;
  readonly type: 'Bot' | 'User';
}

export interface PullRequest {
  readonly number: number;
  /** `owner:branch` */
  readonly head: string;
  readonly base: string;
  readonly sha: () => string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
}

type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/** Starts a stand-in; it ends with the test. */
export async function startGitHub(): Promise<GitHubServer> {
  const github: GitHubServer = {
    url: '',
    calls: [],
    faults: [],
    trouble: [],
    marks: [],
    comments: [],
    pulls: [],
    statuses: [],
    deployments: [],
    assets: [],
    user: undefined,
    app: 'github-actions[bot]',
    instead: () => undefined,
    shaOf: () => undefined,
  };
  const server = createServer((request, response) => void serve(github, request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return Object.assign(github, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function serve(github: GitHubServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://github');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const known = operationOf(request.method ?? 'GET', url.pathname);
  github.calls.push(`${known?.id ?? request.method} ${url.pathname}`);
  const fault = (what: string): void => void github.faults.push(`${known?.id ?? url.pathname}: ${what}`);
  const trouble = faultFor(github.trouble, request.method ?? 'GET', url.pathname);
  if (trouble && !trouble.done) return giveFault(trouble, response);
  if (url.pathname === '/graphql') {
    answerGraphql(github, body, response, fault);
    return;
  }
  if (!known) {
    fault('GitHub has no such operation, or the cut lacks it');
    response.writeHead(404).end('{"message":"Not Found"}');
    return;
  }
  for (const wrong of requestFaults(known, url.searchParams, body)) fault(wrong);
  if (request.headers.authorization !== 'token the-token') fault('the token is missing');
  const instead = github.instead(known.id);
  const [status, answer, headers] = instead
    ? ([instead.status, { message: instead.message }, instead.headers] as const)
    : reply(github, known.id, known.values, url.searchParams, (body ?? {}) as Record<string, unknown>);
  if (trouble) return giveFault(trouble, response);
  if (!Buffer.isBuffer(answer) && status !== 204)
    for (const wrong of answerFaults(known, status, answer)) fault(`our answer: ${wrong}`);
  const type = Buffer.isBuffer(answer) ? 'application/octet-stream' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers });
  if (status === 204) response.end();
  else response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
}

function reply(
  github: GitHubServer,
  operation: string,
  values: Readonly<Record<string, string>>,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Reply {
  const tooLong: Reply = [422, { message: 'Validation Failed: body is too long (maximum is 65536 characters)' }];
  if (typeof body['body'] === 'string' && body['body'].length > 65_536) return tooLong;
  switch (operation) {
    case 'issues/list-comments': {
      const all = github.comments.filter((comment) => comment.issue === Number(values['issue_number']));
      return page(all.map(commentJson), query, `${github.url}/repos/o/r/issues/${values['issue_number']}/comments`);
    }
    case 'issues/create-comment': {
      const issue = Number(values['issue_number']);
      const type = github.user === undefined ? 'Bot' : 'User';
      const id = Math.max(1000, ...github.comments.map((one) => one.id)) + 1;
      const comment: Comment = { id, issue, body: String(body['body']), login: loginOf(github), type };
      github.comments.push(comment);
      return [201, commentJson(comment)];
    }
    case 'issues/update-comment': {
      const comment = github.comments.find((one) => one.id === Number(values['comment_id']));
      if (!comment) return [404, { message: 'Not Found' }];
      // An app may edit its own comments alone; a person who may write to the repository may edit anybody's.
      if (github.user === undefined && comment.login !== github.app) {
        return [403, { message: 'Resource not accessible by integration' }];
      }
      comment.body = String(body['body']);
      return [200, commentJson(comment)];
    }
    case 'issues/delete-comment': {
      const at = github.comments.findIndex((one) => one.id === Number(values['comment_id']));
      if (at < 0) return [404, { message: 'Not Found' }];
      github.comments.splice(at, 1);
      return [204, undefined];
    }
    case 'repos/create-commit-status': {
      const told = { state: String(body['state']), context: String(body['context']) };
      github.marks.push({ ...told, sha: String(values['sha']), description: String(body['description']) });
      return [201, { ...example('status'), ...told }];
    }
    case 'users/get-authenticated': {
      if (github.user === undefined) return [403, { message: 'Resource not accessible by integration' }];
      return [200, { ...example('private-user-response-with-public-profile-information'), login: github.user }];
    }
    case 'pulls/list': {
      const wanted = (one: PullRequest): boolean =>
        one.state === (query.get('state') ?? 'open') &&
        one.head === (query.get('head') ?? one.head) &&
        one.base === (query.get('base') ?? one.base);
      const found = github.pulls.filter(wanted).map((pull) => pullJson(pull, 'pull-request-simple-items'));
      return page(found, query, `${github.url}/repos/o/r/pulls`);
    }
    case 'pulls/create': {
      const branch = String(body['head']);
      if (github.shaOf(branch) === undefined) return [422, invalid({ field: 'head', code: 'invalid' })];
      if (github.pulls.some((one) => one.state === 'open' && one.head === `o:${branch}` && one.base === body['base'])) {
        return [422, invalid({ code: 'custom', message: `A pull request already exists for o:${branch}.` })];
      }
      const pull: PullRequest = {
        number: 40 + github.pulls.length,
        head: `o:${branch}`,
        base: String(body['base']),
        sha: () => github.shaOf(branch) ?? '0'.repeat(40),
        title: String(body['title']),
        body: String(body['body']),
        state: 'open',
      };
      github.pulls.push(pull);
      return [201, pullJson(pull, 'pull-request')];
    }
    case 'pulls/update': {
      const pull = github.pulls.find((one) => one.number === Number(values['pull_number']));
      if (!pull) return [404, { message: 'Not Found' }];
      Object.assign(pull, body);
      return [200, pullJson(pull, 'pull-request')];
    }
    case 'repos/list-deployments': {
      const { sha, environment } = Object.fromEntries(query);
      const found = github.deployments.filter((one) => one.sha === sha && one.environment === environment);
      return [200, found.map((one) => ({ ...example('deployment-items'), ...one }))];
    }
    case 'repos/create-deployment-status': {
      const told = { state: String(body['state']), description: String(body['description']) };
      github.statuses.push({ deployment: Number(values['deployment_id']), ...told });
      return [201, { ...example('deployment-status'), ...told }];
    }
    case 'repos/get-release-by-tag': {
      if (github.assets.length === 0) return [404, { message: 'Not Found' }];
      const assets = github.assets.map(({ id, name, bytes, digest }) => {
        return { ...example('release-asset'), id, name, size: bytes.length, digest };
      });
      return [200, { ...example('release'), assets }];
    }
    case 'repos/get-release-asset': {
      const asset = github.assets.find((one) => one.id === Number(values['asset_id']));
      return asset ? [200, asset.bytes] : [404, { message: 'Not Found' }];
    }
    default:
      return [500, { message: `the stand-in has no ${operation}` }];
  }
}

function loginOf({ user, app }: GitHubServer): string {
  return user ?? app;
}

/** What GitHub says of a pull request that it doesn't take. */
function invalid(error: object): object {
  return { message: 'Validation Failed', errors: [{ resource: 'PullRequest', ...error }] };
}

/** The one thing that we ask GitHub's other API. */
function answerGraphql(
  github: GitHubServer,
  body: unknown,
  response: ServerResponse,
  fault: (what: string) => void,
): void {
  if (JSON.stringify(body) !== '{"query":"query { viewer { login } }"}')
    fault(`no such question: ${JSON.stringify(body)}`);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ data: { viewer: { login: loginOf(github) } } }));
}

function page(all: readonly unknown[], query: URLSearchParams, url: string): Reply {
  const size = Number(query.get('per_page') ?? 30);
  const number = Number(query.get('page') ?? 1);
  const more = all.length > number * size;
  query.set('page', String(number + 1));
  const headers: Record<string, string> = more ? { link: `<${url}?${query}>; rel="next"` } : {};
  return [200, all.slice((number - 1) * size, number * size), headers];
}

function commentJson({ id, body, login, type }: Comment): Record<string, unknown> {
  const base = example('issue-comment');
  return { ...base, id, body, user: { ...(base['user'] as object), login, type } };
}

function pullJson(pull: PullRequest, from: string): Record<string, unknown> {
  const { number, title, body, state } = pull;
  // GitHub's example of a team lacks what its description asks of one.
  const base = { ...example(from), requested_teams: [] as unknown[] } as Record<string, unknown>;
  const head = { ...(base['head'] as object), label: pull.head, ref: pull.head.split(':')[1], sha: pull.sha() };
  const html_url = `https://github.com/o/r/pull/${number}`;
  return { ...base, number, title, body, state, html_url, head, base: { ...(base['base'] as object), ref: pull.base } };
}
