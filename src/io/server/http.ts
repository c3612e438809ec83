import { Agent, request } from 'undici';
import type { LabelSet } from '../../promql/region.ts';
import type { Problem } from '../problem.ts';
import { refusal, type ServerProblem, type Subject, serverProblem, transportProblem } from './problem.ts';

/** A connection to a Prometheus, or to what speaks its HTTP API. */
export interface Server {
  /** For people: the URL without user, password and query. */
  readonly name: string;
  /** Asks for a path of the API; `data` of the answer, or what went wrong. */
  ask(path: string, params: Params, options?: AskOptions): Promise<unknown | ServerProblem>;
  /** Asks for a path that is no part of the API, such as `/-/ready`: the answer as it is, whatever its status. */
  plain(path: string, options?: AskOptions): Promise<PlainAnswer | ServerProblem>;
  /** What an answer of `plain` means that isn't what was asked for. */
  refusal(path: string, answer: PlainAnswer): ServerProblem;
  close(): Promise<void>;
}

export type Params = readonly [name: string, value: string][];

export interface AskOptions {
  /** POST keeps long expressions out of the URL. */
  readonly method?: 'GET' | 'POST';
  /** An answer that has more is not read to its end. */
  readonly mostBytes?: number;
  /** Milliseconds for this one request, instead of the server's own. */
  readonly timeoutMs?: number;
}

export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
  /** The `Date` header: the server's clock, milliseconds since 1970. */
  readonly date: number | undefined;
  readonly location: string | undefined;
}

/** What we show a server of ourselves, read already. Texts are PEM. */
export interface Credentials {
  /** The whole `Authorization` header. */
  readonly authorization?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must have, where it isn't the URL's. */
  readonly serverName?: string;
}

/** Waiting longer for a connection alone is in vain. */
const CONNECT_MS = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;
/** A hundred thousand targets with all that was discovered of them. */
const MOST_BYTES_OF_TARGETS = 384 * 1024 * 1024;

/**
 * Opens a server by its URL, in which a user and a password may stand; `auth` wins over them. Nothing is sent yet.
 * A redirect is never followed, so that what proves who we are goes to no other place.
 */
export function openServer(
  url: string,
  options: { readonly timeoutMs: number; readonly auth?: Credentials | undefined },
): Server {
  const base = new URL(url);
  const name = shownUrl(url);
  const { timeoutMs, auth = {} } = options;
  const { ca, cert, key, serverName: servername } = auth;
  const tls = Object.fromEntries(Object.entries({ ca, cert, key, servername }).filter(([, v]) => v !== undefined));
  const agent = new Agent({ connections: 4, connect: { ...tls, timeout: Math.min(CONNECT_MS, timeoutMs) } });
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'rulewright' };
  if (auth.authorization !== undefined) headers['authorization'] = auth.authorization;
  else if (base.username !== '' || base.password !== '') {
    headers['authorization'] = basicAuth(decoded(base.username), decoded(base.password));
  }
  const noCertificate = base.protocol === 'https:' && cert === undefined;
  const subject = { name, sent: subjectOf(headers['authorization']), noCertificate };
  const send = async (
    path: string,
    params: Params,
    { method = 'GET', mostBytes = MOST_BYTES, timeoutMs: limit = timeoutMs }: AskOptions,
  ): Promise<PlainAnswer | ServerProblem> => {
    const form = new URLSearchParams(params);
    const target = new URL(base.origin + base.pathname.replace(/\/+$/, '') + path);
    // Some gateways tell their tenants apart by a query of the base URL.
    target.search = method === 'GET' ? joined(base.search, form.toString()) : base.search;
    try {
      const answer = await request(target, {
        dispatcher: agent,
        method,
        headers: method === 'POST' ? { ...headers, 'content-type': 'application/x-www-form-urlencoded' } : headers,
        body: method === 'POST' ? form.toString() : null,
        headersTimeout: limit,
        bodyTimeout: limit,
        // A server that sends a byte now and then would get round the other limits.
        signal: AbortSignal.timeout(limit),
      });
      const text = await readText(answer.body, mostBytes);
      if (text === undefined) return serverProblem('request', `${name} sent more than ${mebibytes(mostBytes)} MiB.`);
      const [date, location] = [headerOf(answer.headers['date']), headerOf(answer.headers['location'])];
      const clock = date === undefined ? Number.NaN : Date.parse(date);
      return { status: answer.statusCode, text, date: Number.isNaN(clock) ? undefined : clock, location };
    } catch (error) {
      return transportProblem({ ...subject, timeoutMs: limit }, error);
    }
  };
  const refused = (path: string, { status: code, text, location }: PlainAnswer): ServerProblem =>
    refusal({ ...subject, timeoutMs }, { code, location, path, text });
  return {
    name,
    close: () => agent.destroy(),
    plain: (path, plain = {}) => send(path, [], plain),
    refusal: refused,
    ask: async (path, params, ask = {}) => {
      const answer = await send(path, params, ask);
      return isServerProblem(answer) ? answer : (dataOf(answer.status, answer.text) ?? refused(path, answer));
    },
  };
}

/** The `Authorization` header of a user and a password. */
export function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

const subjectOf = (authorization: string | undefined): Subject['sent'] =>
  authorization === undefined ? 'nothing' : authorization.startsWith('Basic ') ? 'password' : 'token';

const headerOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** A URL for people and logs: without user, password, query and fragment. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return 'the server';
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** What is wrong with an answer that isn't data. */
export function isServerProblem(value: unknown): value is ServerProblem {
  return typeof value === 'object' && value !== null && 'scope' in value && 'message' in value;
}

/** The labels of every active target, as the server has them: behind relabelling, `job` and `instance` among them. */
export async function activeTargets(server: Server): Promise<readonly LabelSet[] | Problem> {
  const data = await server.ask('/api/v1/targets', [['state', 'active']], { mostBytes: MOST_BYTES_OF_TARGETS });
  if (isServerProblem(data)) return data;
  const list = isRecord(data) ? data['activeTargets'] : undefined;
  if (!Array.isArray(list)) return strange(server, '/api/v1/targets');
  return list.map((target: unknown) => labelSet(isRecord(target) ? target['labels'] : undefined));
}

/** The label sets that an expression gives now. */
export async function instantQuery(server: Server, expr: string): Promise<readonly LabelSet[] | ServerProblem> {
  const data = await server.ask('/api/v1/query', [['query', expr]], { method: 'POST' });
  if (isServerProblem(data)) return data;
  const rows = isRecord(data) && data['resultType'] === 'vector' ? data['result'] : undefined;
  if (!Array.isArray(rows)) return strange(server, '/api/v1/query');
  return rows.map((row: unknown) => labelSet(isRecord(row) ? row['metric'] : undefined));
}

/** The names of all labels that a metric's series have now or had in the last minutes, sorted. */
export async function labelNames(server: Server, selector: string): Promise<readonly string[] | ServerProblem> {
  return texts(server, '/api/v1/labels', [['match[]', selector]]);
}

/** The names of all metrics that the server knows, sorted. */
export async function allMetrics(server: Server): Promise<readonly string[] | ServerProblem> {
  return texts(server, '/api/v1/label/__name__/values', []);
}

async function texts(server: Server, path: string, params: Params): Promise<readonly string[] | ServerProblem> {
  const data = await server.ask(path, params);
  if (isServerProblem(data)) return data;
  if (!Array.isArray(data)) return strange(server, path);
  return data.filter((item): item is string => typeof item === 'string').sort();
}

function strange(server: Server, path: string): ServerProblem {
  const message = `${server.name} answered ${path} in a form that Prometheus doesn't use.`;
  return serverProblem('server', message, 'Check that the URL is that of a Prometheus.');
}

/** Labels without empty values (to Prometheus they are no labels) and without those that no series carries. */
function labelSet(value: unknown): LabelSet {
  if (!isRecord(value)) return new Map();
  const pairs = Object.entries(value).filter(([key]) => !key.startsWith('__'));
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== ''));
}

/** `data` of a successful answer; undefined where it is none. */
function dataOf(status: number, text: string): unknown {
  if (status < 200 || status > 299) return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && body['status'] === 'success' ? (body['data'] ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(body: AsyncIterable<Uint8Array>, most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

const joined = (a: string, b: string): string => (a === '' || b === '' ? a || b : `${a}&${b}`);

/** Percent signs of a password that nobody encoded stay as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
