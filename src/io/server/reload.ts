import { isServerProblem, type PlainAnswer, type Server } from './http.ts';
import { hasReloaded, type ReloadMark, readMark } from './mark.ts';
import type { ServerProblem } from './problem.ts';

export type { ReloadMark } from './mark.ts';

/**
 * What became of a reload.
 *
 * - `reloaded`: the server has read its files anew.
 * - `refused`: it could not, and holds what it held before.
 * - `lifecycle-off`: it takes no reloads over HTTP.
 * - `not-authorised`: it, or what stands before it, doesn't let us.
 * - `unreachable`: nobody answers, or it is no Prometheus.
 * - `timed-out`: it has taken the request and still loads; giving up doesn't stop it.
 * - `restarted`: it was started anew meanwhile, which reads its files too.
 */
export type ReloadResult =
  | 'reloaded'
  | 'refused'
  | 'lifecycle-off'
  | 'not-authorised'
  | 'unreachable'
  | 'timed-out'
  | 'restarted';

export interface ReloadOutcome {
  readonly result: ReloadResult;
  /** A sentence that names the server. */
  readonly message: string;
  readonly help?: string;
  /** How the server was before it was asked; `awaitReload` goes on from there. */
  readonly before: ReloadMark;
  readonly waitedMs: number;
}

export interface ReloadOptions {
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called now and then while it takes long. */
  readonly onWait?: ((waitedMs: number) => void) | undefined;
}

/** Milliseconds for one look at how the server is doing; it answers that while it loads, too. */
const LOOK_MS = 10_000;
const STEP_MS = 250;
const QUIET_MS = 1000;

/**
 * Asks a server to read its files anew, and waits until it has, up to the timeout. The request's own answer comes when the
 * load is done; where it gets lost on the way (a gateway gives up, the server goes away), the server is asked how it fares.
 */
export async function reload(server: Server, options: ReloadOptions): Promise<ReloadOutcome> {
  const { timeoutMs, now } = options;
  const started = now();
  const { mark: before, answered } = await readMark(server, Math.min(LOOK_MS, timeoutMs));
  const left = (): number => Math.max(1000, timeoutMs - (now() - started));
  const answer = await watched(server.plain('/-/reload', { method: 'POST', timeoutMs: left() }), started, options);
  const end = (outcome: Judged): ReloadOutcome => ({ ...outcome, before, waitedMs: now() - started });
  if (isServerProblem(answer)) {
    // A problem with the request alone: it was taken, and not answered in time.
    if (!answered && answer.scope === 'server') return end(unreachable(answer));
  } else if (!GATEWAY.has(answer.status)) {
    const judged = judge(server, answer);
    if (judged.result !== 'reloaded') return end(judged);
    const { mark } = await readMark(server, LOOK_MS);
    // Some that speak Prometheus' API say 200 to everything.
    return end(mark.successful === false ? refused(server, '') : judged);
  }
  const waited = await awaitReload(server, before, { ...options, timeoutMs: timeoutMs - (now() - started) });
  return { ...waited, waitedMs: now() - started };
}

/** Goes on waiting for a reload that had timed out: until the server's last reload is another than `before`. */
export async function awaitReload(
  server: Server,
  before: ReloadMark,
  { timeoutMs, now, sleep, onWait }: ReloadOptions,
): Promise<ReloadOutcome> {
  const started = now();
  for (;;) {
    const { mark, answered, problems } = await readMark(server, LOOK_MS);
    const waitedMs = now() - started;
    const outcome = compareMarks(server, before, mark);
    if (outcome) return { ...outcome, before, waitedMs };
    if (waitedMs >= timeoutMs) {
      const [problem] = problems;
      return { ...(!answered && problem ? unreachable(problem) : timedOut(server)), before, waitedMs };
    }
    onWait?.(waitedMs);
    await sleep(Math.min(STEP_MS * 4, Math.max(STEP_MS, timeoutMs - waitedMs)));
  }
}

type Judged = Pick<ReloadOutcome, 'result' | 'message' | 'help'>;

/** What gateways say when the server behind them takes long or is away. */
const GATEWAY = new Set([502, 503, 504]);

function compareMarks(server: Server, before: ReloadMark, mark: ReloadMark): Judged | undefined {
  if (before.startTime !== undefined && mark.startTime !== undefined && before.startTime !== mark.startTime) {
    const message = `${server.name} was restarted while it reloaded; it has read its files at its start.`;
    return { result: 'restarted', message };
  }
  if (hasReloaded(before, mark)) return reloaded(server);
  // While a load runs, the last one's success is told; so only a change tells of a failure.
  if (before.successful !== false && mark.successful === false) return refused(server, '');
  return undefined;
}

function judge(server: Server, answer: PlainAnswer): Judged {
  const { status, text } = answer;
  if (status >= 200 && status <= 299) return reloaded(server);
  if (status === 403 && /lifecycle api/i.test(text)) {
    const help =
      'Start it with --web.enable-lifecycle. Or reload it in another way (SIGHUP, `systemctl reload prometheus`) and set `prometheus.reload_enabled: false`.';
    return { result: 'lifecycle-off', message: `${server.name} takes no reloads over HTTP (status 403).`, help };
  }
  if (status === 500) return refused(server, text);
  const { message, help } = server.refusal('/-/reload', answer);
  const result = status === 401 || status === 403 || status === 407 ? 'not-authorised' : 'unreachable';
  return { result, message, ...(help !== undefined && { help }) };
}

const reloaded = (server: Server): Judged => ({
  result: 'reloaded',
  message: `${server.name} has read its rules anew.`,
});

function refused(server: Server, text: string): Judged {
  // The usual text names no cause, only that there was one; a broken configuration file is told.
  const said = text
    .trim()
    .replace(/^failed to reload config: /, '')
    .replace(/^one or more errors occurred while applying the new configuration.*$/s, '');
  const cause = said === '' ? '' : `: ${said.length > 500 ? `${said.slice(0, 500)}…` : said}`;
  return {
    result: 'refused',
    message: `${server.name} could not load its files, and goes on with what it had${cause}${/[.:]$/.test(cause) ? '' : '.'}`,
    help: 'Some file that it reads is wrong, and as long as it lies there the next start fails too. `promtool check config` on its machine, or its log, names the file.',
  };
}

function timedOut(server: Server): Judged {
  return {
    result: 'timed-out',
    message: `${server.name} is still loading its files. It goes on with that by itself; until it is through it holds what it had.`,
    help: '`rulewright status` tells when it is through. Many rules take long: 50,000 some half a minute; raise `prometheus.reload_timeout` (or PROMETHEUS_RELOAD_TIMEOUT).',
  };
}

function unreachable({ message, help }: ServerProblem): Judged {
  return { result: 'unreachable', message, ...(help !== undefined && { help }) };
}

/** Waits for an answer, and tells of it now and then. */
async function watched<T>(answer: Promise<T>, started: number, { now, sleep, onWait }: ReloadOptions): Promise<T> {
  let done = false;
  const marked = answer.finally(() => {
    done = true;
  });
  while (onWait) {
    await Promise.race([marked, sleep(STEP_MS)]);
    if (done) break;
    const waited = now() - started;
    if (waited >= QUIET_MS) onWait(waited);
  }
  return marked;
}
