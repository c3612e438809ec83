import { isServerProblem, type PlainAnswer, type Server } from './http.ts';
import { hasReloaded, isFresh, type ReloadMark, readMark } from './mark.ts';
import type { ServerProblem } from './problem.ts';

export type { ReloadMark } from './mark.ts';

/**
 * What became of a reload.
 *
 * - `reloaded`: the server has read its files anew.
 * - `unconfirmed`: something answered that it has, and the server's last reload is still the one of before.
 * - `refused`: it could not, and holds what it held before.
 * - `lifecycle-off`: it takes no reloads over HTTP.
 * - `not-authorised`: it, or what stands before it, doesn't let us.
 * - `unreachable`: nobody answers, or it is no Prometheus.
 * - `timed-out`: it has taken the request and still loads; giving up doesn't stop it.
 * - `restarted`: it was started anew meanwhile, which reads its files too.
 */
export type ReloadResult =
  | 'reloaded'
  | 'unconfirmed'
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
  /** That it refused is told by its last reload alone, and nothing tells that from one of before. */
  readonly unproven?: boolean;
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
/** A server tells of its reload as soon as it has answered; what hands a request on and answers itself gets some time. */
const SIGN_MS = 5000;
/** Where only whole seconds are told, two reloads within one can't be told apart. */
const SECOND_MS = 1000;

/**
 * Asks a server to read its files anew, and waits until it has, up to the timeout. The request's own answer comes when the
 * load is done; where it gets lost on the way (a gateway gives up, the server goes away), the server is asked how it fares.
 */
export async function reload(server: Server, options: ReloadOptions): Promise<ReloadOutcome> {
  const { timeoutMs, now } = options;
  const started = now();
  const { mark: before, answered, date } = await readMark(server, Math.min(LOOK_MS, timeoutMs));
  if (isFresh(before, date ?? now())) await options.sleep(SECOND_MS);
  const left = (): number => Math.max(1000, timeoutMs - (now() - started));
  const answer = await watched(server.plain('/-/reload', { method: 'POST', timeoutMs: left() }), started, options);
  const end = (outcome: Judged): ReloadOutcome => ({ ...outcome, before, waitedMs: now() - started });
  if (isServerProblem(answer)) {
    // A problem with the request alone: it was taken, and not answered in time.
    if (!answered && answer.scope === 'server') return end(unreachable(answer));
  } else if (!GATEWAY.has(answer.status)) {
    if (answer.status < 200 || answer.status > 299) return end(judge(server, answer));
    return end(await signOf(server, before, answer, options));
  }
  const waited = await awaitReload(server, before, { ...options, timeoutMs: timeoutMs - (now() - started) });
  return { ...waited, waitedMs: now() - started };
}

/**
 * Whether a server gives the sign of a reload that something said yes to: a login page, or a gateway, says yes as well,
 * and some that speak Prometheus' API say so to everything.
 */
async function signOf(
  server: Server,
  before: ReloadMark,
  answer: PlainAnswer,
  options: ReloadOptions,
): Promise<Judged> {
  const { now, sleep, timeoutMs } = options;
  const started = now();
  // Prometheus itself says yes by an empty answer.
  const patience = answer.text.trim() === '' ? Math.min(SIGN_MS, timeoutMs) : 0;
  for (;;) {
    const { mark } = await readMark(server, LOOK_MS);
    const outcome = compareMarks(server, before, mark);
    if (outcome) return outcome;
    if (patience > 0 && mark.successful === false) return { ...refused(server, ''), unproven: true };
    if (now() - started >= patience) return unconfirmed(server, before, mark, answer);
    await sleep(STEP_MS);
  }
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

type Judged = Pick<ReloadOutcome, 'result' | 'message' | 'help' | 'unproven'>;

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
    help: 'Some file that it reads is wrong, and as long as it lies there the next start fails too. `rulewright doctor` looks for it; `promtool check config` on its machine, or its log, names it.',
  };
}

function unconfirmed(server: Server, before: ReloadMark, { at, successful }: ReloadMark, answer: PlainAnswer): Judged {
  const page = /^\s*</.test(answer.text) ? ', with a page such as a login has,' : '';
  const since = at === undefined ? '' : ` of ${new Date(at * 1000).toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const sign =
    before.at === undefined || at === undefined
      ? 'does not tell when it last reloaded'
      : `gives no sign of it: its last ${successful === false ? 'successful ' : ''}reload is still that${since}`;
  return {
    result: 'unconfirmed',
    message: `Something at ${server.name} answered the reload with status ${answer.status}${page} but the server ${sign}. Whether it has read its files is not known.`,
    help: `Look what stands before it (a proxy, a login), and whether \`curl -si -X POST ${server.name}/-/reload\` reaches Prometheus itself, which answers with an empty body; or set PROMETHEUS_URL to the server's own address.`,
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
