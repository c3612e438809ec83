import { healthReport, type SickRule } from '../../core/deploy/health.ts';
import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { compareLoaded, type ReadBackGroup } from '../../core/deploy/read-back.ts';
import { isServerProblem } from '../../io/server/http.ts';
import { type ReloadOutcome, reload } from '../../io/server/reload.ts';
import { loadedRules } from '../../io/server/rules.ts';
import type { LoadedGroup } from '../../io/server/types.ts';
import { plural } from '../../report/text.ts';
import type { Asked } from './ask.ts';
import { refusalCauses } from './blocked.ts';
import { ownGroups } from './contents.ts';
import { differenceFrom } from './memory.ts';
import type { Session } from './session.ts';

/** What a server made of the files that were put before it. */
export type Verdict =
  | {
      readonly kind: 'holds';
      readonly warnings: readonly string[];
      readonly loaded: readonly LoadedGroup[] | undefined;
    }
  /** It still loads, beyond the time that we wait. */
  | { readonly kind: 'loading'; readonly message: string }
  /** Something said that it was loaded, and the server gives no sign of it. */
  | { readonly kind: 'unconfirmed'; readonly message: string; readonly help?: string | undefined }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly help?: string | undefined;
      readonly details: readonly string[];
      readonly fault: NonNullable<ServerOutcome['fault']>;
    };

/** What the server is to be held against. */
export interface Wanted {
  readonly groups: readonly ReadBackGroup[];
  readonly isOurs: (file: string) => boolean;
  /** A server proved these very files once: a rule of theirs that fails now is told, and speaks against nothing. */
  readonly proven?: boolean;
}

const MOST_DETAILS = 20;
/** Milliseconds. A shorter wait is not worth a line in a log. */
const QUICK = 1000;
/** Milliseconds. A server that reloads of its own accord looks at its files every 30 s by default. */
const AUTO_RELOAD = 90_000;

/** One reload, then the proof: memory equals release, and no rule fails that did not fail before. */
export async function reloadAndVerify(session: Session, asked: Asked, wanted: Wanted): Promise<Verdict> {
  const { name } = asked.connection;
  const auto = asked.state.lifecycle === false;
  if (!auto) {
    const outcome = await reloadOnce(session, asked);
    if (outcome.result === 'timed-out') return { kind: 'loading', message: outcome.message };
    if (outcome.result === 'unconfirmed' || outcome.unproven) return withoutSign(session, asked, wanted, outcome);
    if (outcome.result === 'refused') return refusedReload(session, asked, wanted, outcome);
    if (outcome.result !== 'reloaded' && outcome.result !== 'restarted') {
      return { kind: 'failed', message: outcome.message, help: outcome.help, details: [], fault: 'environment' };
    }
  }
  const patience = Math.max(session.prometheus.reloadTimeout * 1000, auto ? AUTO_RELOAD : 0);
  const read = await readBack(session, asked, wanted, patience, auto);
  if (!('loaded' in read)) return { kind: 'failed', details: [], fault: 'environment', ...read };
  if (read.wrong.length > 0) {
    // A reload that succeeds takes all files that `rule_files` lead to: where it took none, they lead elsewhere.
    const none = !read.loaded.some(({ file }) => wanted.isOurs(file));
    return {
      kind: 'failed',
      message: `${name} was reloaded, and does not hold what was released: ${plural(read.wrong.length, 'difference')}.`,
      help: none
        ? 'It loaded nothing of the rule path: its rule_files don’t lead there, or it sees another folder there. `rulewright doctor` finds out.'
        : 'If it loads another folder than the rule path (a volume mounted elsewhere), `rulewright doctor` finds out.',
      details: shorten(read.wrong),
      fault: none ? 'environment' : 'release',
    };
  }
  return awaitHealth(session, asked, wanted, read.loaded);
}

/** A memory that was another one before, and is the release's now, is a sign as well; that it is another still is none. */
async function withoutSign(
  session: Session,
  asked: Asked,
  wanted: Wanted,
  { message, help }: ReloadOutcome,
): Promise<Verdict> {
  const read = await readBack(session, asked, wanted, 0, false);
  const { evaluationInterval, losses, loaded } = asked;
  const before = compareLoaded(wanted.groups, loaded, { evaluationInterval, losses, isOurs: wanted.isOurs });
  if ('loaded' in read && read.wrong.length === 0 && before.length > 0) {
    return awaitHealth(session, asked, wanted, read.loaded);
  }
  return { kind: 'unconfirmed', message, help };
}

/** Asks for a reload and waits for its end, whoever asks to stop meanwhile: a load that runs can't be called back. */
export function reloadOnce(session: Session, asked: Asked): Promise<ReloadOutcome> {
  const { io, progress, interrupt, prometheus, server } = session;
  progress.show(`${server.name || 'deploy'}: reloading ${asked.connection.name}`);
  return reload(asked.connection, {
    timeoutMs: prometheus.reloadTimeout * 1000,
    now: io.now,
    sleep: interrupt.sleepOn,
    onWait: (ms) => progress.show(`${server.name || 'deploy'}: reloading ${asked.connection.name}, ${seconds(ms)}`),
  });
}

async function refusedReload(session: Session, asked: Asked, wanted: Wanted, outcome: ReloadOutcome): Promise<Verdict> {
  const { causes, byPromtool } = await refusalCauses(session, asked, wanted.isOurs);
  const [first] = causes;
  if (!first) {
    return { kind: 'failed', message: outcome.message, help: outcome.help, details: [], fault: 'release' };
  }
  const ours = causes.some((one) => one.ours);
  return {
    kind: 'failed',
    message: ours
      ? `${outcome.message} Its files give cause for ${plural(causes.length, 'complaint')}.`
      : `${outcome.message} The cause is${byPromtool ? '' : ', as far as can be told without promtool,'} not this release but ${first.path}, which rulewright does not own: until it is mended, no reload of this server can succeed, and neither can its next start.`,
    help: ours ? outcome.help : `Mend or remove ${first.path}, then run this again.`,
    details: shorten(causes.map(({ path, message }) => `${path}: ${message}`)),
    fault: ours ? 'release' : 'environment',
  };
}

type Read =
  | { readonly loaded: readonly LoadedGroup[]; readonly wrong: readonly string[] }
  | { readonly message: string; readonly help?: string };

/** Reads what the server holds; one that starts anew, or reloads in its own time, gets some. */
async function readBack(
  session: Session,
  asked: Asked,
  wanted: Wanted,
  patience: number,
  auto: boolean,
): Promise<Read> {
  const { io, interrupt, progress, server } = session;
  const { connection, evaluationInterval, losses } = asked;
  const deadline = io.now() + patience;
  for (;;) {
    progress.show(`${server.name || 'deploy'}: reading back from ${connection.name}`);
    const loaded = await loadedRules(connection);
    const late = io.now() >= deadline || interrupt.signal !== undefined;
    if (isServerProblem(loaded)) {
      if (late) return loaded;
    } else {
      const wrong = compareLoaded(wanted.groups, loaded, { evaluationInterval, losses, isOurs: wanted.isOurs });
      if (wrong.length === 0 || !auto || late) return { loaded, wrong: wrong.map(differenceFrom) };
    }
    await interrupt.sleep(500);
  }
}

/** Waits until every rule was evaluated once, as long as was asked for; a rule that fails now and did not before is one too many. */
async function awaitHealth(
  session: Session,
  asked: Asked,
  wanted: Wanted,
  first: readonly LoadedGroup[],
): Promise<Verdict> {
  const { io, interrupt, progress, settings, server } = session;
  // The way out where a rule fails for what the data are just now, and the release must go out all the same.
  if (settings.waitMs === 0) return { kind: 'holds', warnings: [], loaded: first };
  const before = ownGroups(asked.loaded, wanted.isOurs);
  const started = io.now();
  let loaded = first;
  let noted = false;
  for (let pause = 200; ; pause = Math.min(pause * 2, 5000)) {
    const report = healthReport(before, ownGroups(loaded, wanted.isOurs));
    if (report.sick.length > 0 && !wanted.proven) return sickVerdict(asked, report.sick);
    const warnings = [
      ...report.sick.map(sickText),
      ...report.stillSick.map((rule) => `${sickText(rule)} (it failed before this release, too)`),
    ];
    const waited = io.now() - started;
    if (report.unknown === 0) return { kind: 'holds', warnings: shorten(warnings), loaded };
    if (waited >= settings.waitMs || interrupt.signal !== undefined) {
      const rest = `${plural(report.unknown, 'rule')} not evaluated yet (every ${report.longest} s): whether they work will show then.`;
      return { kind: 'holds', warnings: [...shorten(warnings), rest], loaded };
    }
    if (!noted && waited > QUICK) {
      noted = true;
      const name = server.name === '' ? '' : `${server.name}: `;
      const left = seconds(settings.waitMs);
      progress.note(`${name}waiting up to ${left} for the first evaluation of ${plural(report.unknown, 'rule')} …`);
    }
    progress.show(
      `${server.name || 'deploy'}: waiting for the first evaluation of ${plural(report.unknown, 'rule')}, ${seconds(waited)}`,
    );
    await interrupt.sleep(Math.min(pause, settings.waitMs - waited));
    const asking = io.now();
    const next = await loadedRules(asked.connection);
    // A server that is gone for a moment takes nothing back of what was proven; the time that we wait has an end.
    if (!isServerProblem(next)) loaded = next;
    // A long answer must not be asked for without a pause.
    pause = Math.max(pause, io.now() - asking);
  }
}

function sickVerdict({ connection }: Asked, sick: readonly SickRule[]): Verdict {
  const are = sick.length === 1 ? 'fails' : 'fail';
  return {
    kind: 'failed',
    message: `${connection.name} loaded the release, but ${plural(sick.length, 'rule')} ${are} at the first evaluation; what fails never fires.`,
    help: 'Mend the expressions, build, and deploy again; if it is the data that are wrong, --wait 0 deploys without looking at evaluations.',
    details: shorten(sick.map(sickText)),
    fault: 'release',
  };
}

const sickText = ({ fileName, group, rule, error }: SickRule): string =>
  `${fileName}: rule group ${group}, rule ${rule}: ${error}`;

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_DETAILS) return lines;
  return [...lines.slice(0, MOST_DETAILS), `… and ${lines.length - MOST_DETAILS} more`];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
